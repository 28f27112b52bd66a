package schema

import (
	"slices"
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
)

// unknownKeyword marks, in a compiled schema's location, that a field failed
// because nothing declares it.
const unknownKeyword = "unevaluatedProperties"

// declaration is the set of fields that a schema declares, through references,
// allOf and the branches that may fit.
type declaration struct {
	compiler *compiler
	names    []string
	open     bool // any other field is allowed too
}

func (d *declaration) has(name string) bool { return slices.Contains(d.names, name) }

// add collects from one schema object. With an object at hand only the
// branches that it may fit count; with nil all do.
func (d *declaration) add(text string, at Pointer, object map[string]any, depth int) {
	if depth > maxReferences || text == "" || text[0] != '{' {
		return
	}
	text = d.compiler.prepare(text, at)
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "properties":
			for name := range jsonscan.Members(value) {
				if !d.has(name) {
					d.names = append(d.names, name)
				}
			}
		case "required":
			for _, name := range jsonscan.Strings(value) {
				if !d.has(name) {
					d.names = append(d.names, name)
				}
			}
		case "additionalProperties":
			d.open = d.open || value != "false"
		case "patternProperties":
			d.open = true
		case "$ref":
			if target, pointer, err := d.compiler.doc.resolve(jsonscan.String(value), at); err == nil {
				d.add(target, pointer, object, depth+1)
			}
		case "allOf":
			for i, item := range jsonscan.Items(value) {
				d.add(item, at.Append(key).Append(strconv.Itoa(i)), object, depth+1)
			}
		case "then", "else":
			d.add(value, at.Append(key), object, depth+1)
		case "anyOf", "oneOf":
			d.addUnion(text, key, at, object, depth)
		}
	}
}

// addUnion adds the branches that the object may fit. Where there is none, a
// mistake in the tag hides what was meant, and with it which fields are known.
func (d *declaration) addUnion(text, keyword string, at Pointer, object map[string]any, depth int) {
	u := newUnion(d.compiler, keyword, text, at)
	u.prepare()
	branches := u.branches
	if object != nil {
		if branches = u.candidates(object); len(branches) == 0 {
			d.open = true
		}
	}
	for _, b := range branches {
		d.add(b.text, b.at, object, depth+1)
	}
}
