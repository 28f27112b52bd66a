package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// turnedKeywords have a schema whose acceptance decides the other way round, or both ways:
// what makes the schema accept more may make the whole accept less (JSON Schema 2020-12
// §10.2.1.4, §10.2.2.1, §10.3.1.3).
//
// contains is one of them because of maxContains (Validation §6.4.4): an item more that matches
// may be one too many. then and else are not: the whole accepts more where they do.
var turnedKeywords = []string{"not", "if", "contains"}

// isTurned reports whether data of a component are read behind such a keyword, or as a
// branch of a oneOf whose branches overlap, in either document. Nothing is proven by what
// the component accepts more or less then.
//
// Both documents are searched when the first component asks; where none has changed, none
// does.
func (d *differ) isTurned(component string) bool {
	if d.turned == nil {
		d.turned = make(map[string]bool)
		for doc, r := range map[*Document]*references{d.old: d.before, d.new: d.now} {
			for i, marked := range r.turned(doc) {
				if marked {
					d.turned[r.names[i]] = true
				}
			}
		}
	}
	return d.turned[component]
}

// turned marks the components that stand behind a keyword of turnedKeywords or in a oneOf
// whose branches overlap, and those to which they refer.
//
// The schema objects of the whole document are visited, those in operations too: a component is
// compared once, so that one use of that kind is enough to prove nothing about it.
func (r *references) turned(d *Document) []bool {
	marked := make([]bool, len(r.names))
	// A text without any of the keywords is not walked. One that has the word elsewhere, as a
	// value of an enum, is walked in vain, and that is all it costs.
	keys := slices.DeleteFunc(append([]string{"oneOf"}, turnedKeywords...), func(key string) bool { return !strings.Contains(d.text, `"`+key+`"`) })
	if len(keys) == 0 {
		return marked
	}
	// Nothing is rewritten: this is the walk that knows where schema objects are, and an example
	// with a member "not" is not one.
	dialect.Rewrite(d.text, func(at, text string) string {
		for key, value := range jsonscan.Members(text) {
			if !slices.Contains(keys, key) {
				continue
			}
			names := r.named(value)
			if len(names) == 0 || key == "oneOf" && d.isExclusive(text, value, Pointer(at)) {
				continue
			}
			r.mark(marked, names)
		}
		return text
	})
	return marked
}

// isExclusive reports whether no value fits two branches of a oneOf.
//
// Types and tags alone are asked, and a type beside the oneOf is left out. So a oneOf whose
// branches do not overlap may be said to overlap, which makes changes unknown, never safe.
func (d *Document) isExclusive(text, branches string, at Pointer) bool {
	var list []schemaAt
	for i, item := range jsonscan.Items(branches) {
		list = append(list, schemaAt{item, at.Append("oneOf").Append(strconv.Itoa(i))})
	}
	declared := ""
	if discriminator, ok := jsonscan.Member(text, "discriminator"); ok {
		name, _ := jsonscan.Member(discriminator, "propertyName")
		declared = jsonscan.String(name)
	}
	return newSide(d, list, jsonvalue.Any, declared).exclusive()
}

// strays compares the schema objects that are referred to and belong to no component: those
// of an extension of the root, of a parameter, of another operation's body. Where both
// documents refer to such a place its users have the same text, so that the place itself must
// be looked at.
//
// On which ways its data travel is not known, and the worse half of every effect counts.
//
// A place to which one document alone refers is left out: the reference is then a difference of
// the schema that has it.
func (d *differ) strays() {
	now := d.new.strayReferences()
	for _, at := range d.old.strayReferences() {
		if !slices.Contains(now, at) {
			continue
		}
		was, ok := d.old.Lookup(at)
		is, ok2 := d.new.Lookup(at)
		if ok && ok2 {
			c := d.subject("", "document", ways{true, true})
			c.schemas(schemaAt{was, at}, schemaAt{is, at}, []string{string(at)}, "")
			d.keep(c)
		}
	}
}

// strayReferences returns the places of schema objects outside of the component schemas to
// which the document refers, each once, a bounded number of them.
//
// It searches the text and does not walk it, so that a string of an example counts as well. At
// worst two schema objects are compared then to which nobody refers. What is behind a pointer
// into a component schema is compared with that component.
func (d *Document) strayReferences() []Pointer {
	// Each place costs a search in the list of the other document: without a bound the time would
	// be quadratic.
	const maxStrays = 1000
	var list []Pointer
	seen := make(map[string]bool)
	for text := d.text; len(list) < maxStrays; {
		i := strings.Index(text, `"#/`)
		if i < 0 {
			break
		}
		end := jsonscan.Skip(text, i)
		literal := text[i:end]
		text = text[end:]
		if strings.HasPrefix(literal, `"#`+componentsAt) || seen[literal] {
			continue
		}
		seen[literal] = true
		if at, err := localPointer(jsonscan.String(literal)); err == nil && isSchemaPlace(at.Tokens()) {
			list = append(list, at)
		}
	}
	return list
}

// isSchemaPlace reports whether a schema object stands at a place, as far as the place
// says: what an extension of the root has may be anything, and is taken for one.
//
// A keyword with one schema is the last token, a keyword with several the one before a name or
// an index (JSON Schema 2020-12 §10). Of the rare ones, such as contains, nothing is looked for.
func isSchemaPlace(tokens []string) bool {
	n := len(tokens)
	if n < 2 {
		return false
	}
	switch tokens[0] {
	case "components", "paths", "webhooks":
	default:
		return true
	}
	switch tokens[n-1] {
	case "schema", "items", "additionalProperties", "not":
		return true
	}
	switch tokens[n-2] {
	case "properties", "patternProperties", "allOf", "anyOf", "oneOf", "prefixItems", "$defs", "definitions":
		return true
	}
	return false
}
