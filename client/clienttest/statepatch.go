package clienttest

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// changed returns an object as a request changes it: PUT replaces it, a merge patch (RFC 7396)
// takes away what it has null for, every other request sets the members that it names.
func (s *Server) changed(op *schema.Operation, req *Request, text string, f form) (string, error) {
	mediaType, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	switch {
	case mediaType == "application/json-patch+json":
		return f.patched(text, string(req.whole))
	case mediaType == "application/merge-patch+json" || mediaType == "application/vnd.api+json" && op.Method == http.MethodPatch:
		return f.mergePatched(text, string(req.whole)), nil
	case op.Method == http.MethodPut:
		text = s.replaced(op, req, text, f)
	}
	return f.echo(text, req.withQuery(op)), nil
}

// withQuery is a request that says in its query what an object is to be, as its operation has
// no body, as one that says it in the body.
func (r *Request) withQuery(op *schema.Operation) *Request {
	if op.RequestBody != nil {
		return r
	}
	var body jsonscan.Object
	for _, p := range r.Parameters {
		if p.In == "query" {
			body.Set(p.Name, string(p.Value))
		}
	}
	changed := *r
	changed.whole = []byte(body.String())
	return &changed
}

// replaced returns an object without what a request could have said of it and did not, as far
// as it is valid without.
func (s *Server) replaced(op *schema.Operation, req *Request, text string, f form) string {
	if op.RequestBody == nil {
		return text
	}
	given := jsonscan.ReadObject(string(req.whole))
	for _, media := range op.RequestBody.Content {
		for name := range s.declared(media) {
			if own[name] || given.Has(name) {
				continue
			}
			if without := removeAt(text, []string{name}); f.valid(without) {
				text = without
			}
		}
	}
	return text
}

// mergePatched applies a JSON Merge Patch: whole where that is valid, else member by member.
func (f form) mergePatched(text, patch string) string {
	o := slices.DeleteFunc(jsonscan.ReadObject(patch), func(m jsonscan.Field) bool {
		return own[m.Name] || !f.has(m.Name)
	})
	if changed := mergePatch(text, o.String(), 0); f.valid(changed) {
		return changed
	}
	for _, m := range o[:min(len(o), maxSingly)] {
		if changed := mergePatch(text, `{`+quoted(m.Name)+`:`+m.Text+`}`, 0); f.valid(changed) {
			text = changed
		}
	}
	return text
}

// maxMerged is the depth to which objects are merged; what is deeper is replaced.
const maxMerged = 64

// mergePatch is MergePatch of RFC 7396 §2.
func mergePatch(target, patch string, depth int) string {
	if !strings.HasPrefix(patch, "{") || depth > maxMerged {
		return patch
	}
	if !strings.HasPrefix(target, "{") {
		target = "{}"
	}
	o := jsonscan.ReadObject(target)
	for name, value := range jsonscan.Members(patch) {
		if value == "null" {
			o = slices.DeleteFunc(o, func(m jsonscan.Field) bool { return m.Name == name })
			continue
		}
		before, _ := o.Get(name)
		o.Set(name, mergePatch(before, value, depth+1))
	}
	return o.String()
}
