package sample

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema"
)

// Typical returns an instance such as a server responds with when all is well. It
// differs from Minimal in this:
//
//   - A list has an item, down to 8 levels.
//   - An object that requires no field has all of its fields, down to 4 levels and
//     for the first 500 values; the instance itself also has its lists of objects
//     where no field that it requires is a list or an object.
//   - What may be null is null if it is an object, a time, or is called an error.
//     Of an object whose fields would all be null, the first is not.
//   - A field status or state has a value that says that something is finished, and
//     a field index the place of its object in the list.
//   - A writeOnly field is absent (OpenAPI 3.0.3 §4.7.24.2), unless it is required
//     in a document of 3.1, where writeOnly does not change that.
//   - What x-opcall-sample says of a schema object is followed as far as it is
//     valid: a value, or for an object the values of some of its fields. Fields
//     that it names are there, whether they are required or not.
func Typical(s *schema.Schema) (json.RawMessage, error) { return search(s, typical) }

const (
	hintKeyword = "x-opcall-sample"

	maxListDepth   = 8
	maxObjectDepth = 4
	maxTypical     = 500 // values from which on it goes on as Minimal
)

// finished are values of a status that say that nothing is left to wait for, best
// first.
var finished = []string{"completed", "succeeded", "success", "processed", "finished", "done", "ready", "active", "available", "ok"}

// isError reports whether a field's name says that something went wrong.
func isError(name string) bool { return strings.Contains(strings.ToLower(name), "error") }

// isStatus reports whether a field says how far something is.
func isStatus(name string) bool { return name == "status" || name == "state" }

// finishedFirst moves the value that says best that something is finished to the
// front of an enum.
func finishedFirst(values []string) []string {
	for _, word := range finished {
		if i := slices.Index(values, quote(word)); i >= 0 {
			return append([]string{values[i]}, slices.Delete(slices.Clone(values), i, i+1)...)
		}
	}
	return values
}

// preview returns what schemas say together when each union takes its first
// branch.
func (g *generator) preview(places ...place) *conjunction {
	c := newConjunction()
	for _, p := range places {
		c.add(g.doc, p)
	}
	g.settle(c)
	return c
}

// settle takes the first branch of each union.
func (g *generator) settle(c *conjunction) {
	for range maxListDepth {
		if len(c.unions) == 0 {
			break
		}
		branches := c.unions[0].branches
		c.unions = c.unions[1:]
		if len(branches) > 0 {
			c.add(g.doc, branches[0])
		}
	}
}

// prefersNull reports whether a location that may be null, and otherwise is what
// c says, is typically null.
func (g *generator) prefersNull(l location, c *conjunction) bool {
	if !g.typical || l.present {
		return false
	}
	if isError(l.name) || c.format == "unixtime" || c.format == "date-time" {
		return true
	}
	kinds := c.kinds()
	return len(kinds) > 0 && kinds[0] == jsonvalue.Object && len(c.enums) == 0
}

// nullFirst orders the branches of a union: null, which is the last, comes first
// where it is typical.
func (g *generator) nullFirst(l location, c *conjunction, u union) []place {
	last := len(u.branches) - 1
	if last < 1 || u.branches[last].text != dialect.NullSchema || !g.typical {
		return u.branches
	}
	d := c.clone()
	g.settle(d)
	if !g.prefersNull(l, d) {
		return u.branches
	}
	return append([]place{u.branches[last]}, u.branches[:last]...)
}

// wanted returns the optional fields that a typical object has.
func (g *generator) wanted(l location, c *conjunction) []string {
	if hint := hintOf(l, c); hint != "" {
		var names []string
		for name := range jsonscan.Members(hint) {
			names = append(names, name)
		}
		return names
	}
	optional := slices.DeleteFunc(c.declared(), func(name string) bool {
		return slices.Contains(c.required, name) || isError(name)
	})
	switch {
	case g.nodes > maxTypical:
		return nil
	case len(c.required) == 0 && l.depth < maxObjectDepth:
		return optional
	case l.depth > 0 || slices.ContainsFunc(c.required, func(name string) bool { return g.isStructured(c, name) }):
		return nil
	}
	return slices.DeleteFunc(optional, func(name string) bool { return !g.isListOfObjects(c, name) })
}

// WriteOnly returns the fields of an object that a server does not respond with, of a union
// those of its first branch.
func WriteOnly(s *schema.Schema) []string {
	g := generator{doc: s.Document(), typical: true}
	return g.writeOnly(g.preview(place{text: s.JSON(), component: dialect.Component(string(s.Pointer()))}))
}

// writeOnly returns the fields that a server does not respond with.
func (g *generator) writeOnly(c *conjunction) []string {
	old := strings.HasPrefix(g.doc.OpenAPI(), "3.0.")
	return slices.DeleteFunc(c.declared(), func(name string) bool {
		return !old && slices.Contains(c.required, name) || !g.preview(c.field(name)...).writeOnly
	})
}

func (g *generator) isStructured(c *conjunction, name string) bool {
	kinds := g.preview(c.field(name)...).kinds()
	return len(kinds) > 0 && kinds[0].Has(jsonvalue.Object|jsonvalue.Array)
}

func (g *generator) isListOfObjects(c *conjunction, name string) bool {
	list := g.preview(c.field(name)...)
	if kinds := list.kinds(); len(kinds) == 0 || kinds[0] != jsonvalue.Array {
		return false
	}
	kinds := g.preview(list.item(0)...).kinds()
	return len(kinds) > 0 && kinds[0] == jsonvalue.Object
}

// hintOf returns what is said of the parts of the value at a location: in the
// schema of the object around it, else in its own. "" is nothing.
func hintOf(l location, c *conjunction) string {
	hint := cmp.Or(l.hint, c.hint)
	if hint == "" || hint[0] != '{' {
		return ""
	}
	return hint
}

// hinted makes a value as the hint has it. An object is a hint for its fields or,
// in a list, for those of its items.
func (g *generator) hinted(l location, hint string, otherwise func(location) (string, bool)) (text string, ok bool) {
	if hint == "" || hint[0] == '{' || !g.typical {
		return otherwise(l)
	}
	ok = g.choose(l, 2, func(i int) bool {
		if i == 0 {
			text, ok = hint, true
			return true
		}
		rest := l
		rest.hint = ""
		text, ok = otherwise(rest)
		return ok
	})
	return text, ok
}
