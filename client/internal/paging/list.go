package paging

import (
	"strings"

	"github.com/opcall/opcall/client/internal/outline"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

// response returns the schema of the operation's first successful JSON response, nil
// where the document has none.
func response(op *schema.Operation) *schema.Schema {
	var fallback *schema.Schema
	for _, r := range op.Responses {
		success := strings.HasPrefix(r.Status, "2")
		if !success && r.Status != "default" {
			continue
		}
		for _, m := range r.Content {
			switch {
			case m.Schema == nil || !schema.IsJSON(m.Name):
			case success:
				return m.Schema
			case fallback == nil:
				fallback = m.Schema
			}
		}
	}
	return fallback
}

// place is a member of the response, however deep.
type place struct {
	path    string // as schema.Value.Get takes it
	names   []string
	folded  string // the last of names
	outline outline.Outline
	need    bool // it and all around it are required
}

// maxPlaces bounds what is looked at in a response.
const maxPlaces = 300

// places returns the members of an object and of the objects in it, to a depth of
// three, outer ones first.
func places(o outline.Outline) (all []place) {
	level := []place{{outline: o, need: true}}
	for range 3 {
		var inner []place
		for _, p := range level {
			if p.outline.Kinds()&jsonvalue.Array != 0 || len(p.names) > 0 && !p.outline.Kinds().Has(jsonvalue.Object) {
				continue
			}
			for _, m := range p.outline.Members() {
				if len(all)+len(inner) >= maxPlaces {
					return append(all, inner...)
				}
				names := append(append([]string(nil), p.names...), m.Name)
				inner = append(inner, place{
					path: join(names), names: names, folded: fold(m.Name), outline: m.Outline, need: p.need && m.Required,
				})
			}
		}
		all = append(all, inner...)
		level = inner
	}
	return all
}

// join makes a path of names.
func join(names []string) string {
	escaped := make([]string, len(names))
	for i, name := range names {
		escaped[i] = strings.ReplaceAll(strings.ReplaceAll(name, `\`, `\\`), ".", `\.`)
	}
	return strings.Join(escaped, ".")
}

// contained reports whether all that is around a place is there to hold what says how
// to go on.
func (p place) contained() bool {
	for _, name := range p.names[:len(p.names)-1] {
		if !is(fold(name), containerNames) {
			return false
		}
	}
	return true
}

// isAddress reports whether a place has a URL, as what stands among links does.
func (p place) isAddress() bool {
	if format, _ := p.outline.Keyword("format"); strings.Contains(format, "uri") {
		return true
	}
	return len(p.names) > 1 && is(fold(p.names[len(p.names)-2]), "links link")
}

// isArray reports whether a place is an array, null aside.
func (p place) isArray() bool {
	kinds := p.outline.Kinds() &^ jsonvalue.Null
	return kinds == jsonvalue.Array
}

// findList returns the place of the list among those of a response: under a usual name,
// under the last name of the operation's path, or the only array that there is. sure is
// false for the last.
func findList(op *schema.Operation, all []place) (list place, sure, found bool) {
	for depth := 1; depth <= 2; depth++ {
		var arrays []place
		for _, p := range all {
			if len(p.names) == depth && p.isArray() {
				arrays = append(arrays, p)
			}
		}
		for _, name := range strings.Fields(listNames) {
			for _, p := range arrays {
				if p.folded == name {
					return p, true, true
				}
			}
		}
		last := fold(lastSegment(op.Path))
		for _, p := range arrays {
			if last != "" && p.folded == last {
				return p, true, true
			}
		}
		if len(arrays) == 1 {
			return arrays[0], false, true
		}
		var objects []place
		for _, p := range arrays {
			if p.outline.Items().Kinds().Has(jsonvalue.Object) {
				objects = append(objects, p)
			}
		}
		if len(objects) == 1 {
			return objects[0], false, true
		}
	}
	return place{}, false, false
}

// lastSegment returns the last part of a path that is not a parameter: what an operation
// lists.
func lastSegment(path string) string {
	for path != "" {
		at := strings.LastIndexByte(path, '/')
		segment := path[at+1:]
		if segment != "" && segment[0] != '{' {
			if dot := strings.IndexByte(segment, '.'); dot >= 0 { // conversations.list
				segment = segment[:dot]
			}
			return segment
		}
		if at < 0 {
			return ""
		}
		path = path[:at]
	}
	return ""
}
