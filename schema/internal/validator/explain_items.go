package validator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// wrongKind says that a value is of another type than those that a schema object accepts.
// An array of wrong items asks for the same types again and again, so the last ones are
// kept.
func (x *explainer) wrongKind(f failed, p *Problem, kinds jsonvalue.Kinds) {
	// A union that accepts several types is at one place with them, and a type at another:
	// the object and the types tell apart what is asked for.
	if w := &x.wanted; w.kinds != kinds || w.object != f.object {
		want := kinds.String()
		*w = wanted{f.object, kinds, want, want}
		if kinds.Has(jsonvalue.Array) {
			w.said = x.wantArray(f.object, want)
		}
	}
	p.Got, p.Want = x.say(x.line.describe(x.tree, f.value)), x.wanted.want
	p.Message = x.say(x.line.text("got ", p.Got, ", want ", x.wanted.said))
}

// wanted is how the types that a schema object accepts are written.
type wanted struct {
	object Place
	kinds  jsonvalue.Kinds
	want   string // for Problem.Want
	said   string // for a message
}

// wantArray completes the types that a schema object accepts, for a message: "array"
// alone does not say what to put in it, which is what somebody who sent one value in
// place of a list has to know.
func (x *explainer) wantArray(p Place, kinds string) string {
	// Several schemas may apply to the array, as references and parts of allOf; they have to
	// agree.
	items := x.itemNames(p, 0, nil)
	if len(items) != 1 || items[0] == "" {
		return kinds // nothing is said, or several things are
	}
	// "string or array" becomes "string or array of Tool".
	words := strings.Fields(kinds)
	for i, word := range words {
		if word == "array" || word == "array," {
			words[i] = "array of " + items[0] + word[len("array"):]
		}
	}
	return strings.Join(words, " ")
}

// itemNames adds what a schema object calls the items of an array, once each: by the
// component, or else by their type. It looks through references and combinations to a
// bounded depth: an array that is described deeper than that is called an array only.
func (x *explainer) itemNames(p Place, depth int, names []string) []string {
	if depth > maxAllowedDepth {
		return names
	}
	o := x.graph.object(p)
	for key, value := range jsonscan.Members(o.text) {
		switch key {
		case "items":
			names = appendNew(names, x.itemName(o.below(value, key)))
		case "$ref":
			if target, err := x.graph.Resolve(jsonscan.String(value), o.at); err == nil {
				names = x.itemNames(target, depth+1, names)
			}
		case "allOf", "anyOf", "oneOf":
			for i, item := range jsonscan.Items(value) {
				names = x.itemNames(o.below(item, key, strconv.Itoa(i)), depth+1, names)
			}
		}
	}
	return names
}

// itemName names the schema of items, "" where it has no name and not one type. The plural
// of a type is its name with an s, which holds for all seven types but null, of which
// nobody makes arrays.
func (x *explainer) itemName(p Place) string {
	target, read, _ := x.graph.behind(p)
	if name, whole := componentOf(target.At); whole {
		return printable(bounded(name, maxShown))
	}
	kind, _ := jsonscan.Member(read, "type")
	if kind == "" {
		return ""
	}
	if names := jsonvalue.ParseKinds(kind).Names(); len(names) == 1 {
		return names[0] + "s"
	}
	return ""
}

// appendNew appends a value that the list does not have. An empty name counts as one: items
// that cannot be named in one of two places cannot be named in the message.
func appendNew(list []string, value string) []string {
	if slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}
