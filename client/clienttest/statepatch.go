package clienttest

import (
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// changed returns an object as a request changes it: PUT replaces it, a merge patch (RFC 7396)
// removes the members that are null in it, every other request sets the members that it names.
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

// withQuery returns the request with the parameters of its query as its body, where its operation
// takes no body.
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

// replaced returns an object without the members that a request could have named and did not,
// where it is valid without them.
func (s *Server) replaced(op *schema.Operation, req *Request, text string, f form) string {
	if op.RequestBody == nil {
		return text
	}
	given := jsonscan.ReadObject(string(req.whole))
	for _, media := range op.RequestBody.Content {
		for _, name := range slices.Sorted(maps.Keys(s.declared(media))) { // in an order: one may be needed if another is not there
			if _, has := jsonscan.Member(text, name); !has || own[name] || given.Has(name) {
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
	for _, m := range singly(o, text) {
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
	all := tableOf(jsonscan.ReadObject(target))
	for name, value := range jsonscan.Members(patch) {
		if value == "null" {
			all.Set(name, "") // no value has this text
			continue
		}
		all.Set(name, mergePatch(all.Text(name), value, depth+1))
	}
	return slices.DeleteFunc(objectOf(all), func(m jsonscan.Field) bool { return m.Text == "" }).String()
}
