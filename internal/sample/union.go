package sample

import (
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// union is a choice between schemas: anyOf, oneOf, if with then and else.
type union struct {
	branches []place
	tag      string           // discriminator.propertyName
	mapping  []jsonscan.Field // from what the tag says to a component or reference
}

// newUnion reads a list of branches of the schema object text. Null comes
// last: it is the least that an instance can say.
func newUnion(text, list, component string) union {
	var u union
	discriminator, _ := jsonscan.Member(text, "discriminator")
	for key, value := range jsonscan.Members(discriminator) {
		switch key {
		case "propertyName":
			u.tag = jsonscan.String(value)
		case "mapping":
			u.mapping = jsonscan.ReadObject(value)
		}
	}
	var null []place
	for _, item := range jsonscan.Items(list) {
		if item == dialect.NullSchema {
			null = append(null, place{item, component})
			continue
		}
		u.branches = append(u.branches, place{item, component})
	}
	u.branches = append(u.branches, null...)
	return u
}

// newConditional reads if as a choice: both it and then, or else. That the
// second does not satisfy the first is for the verdict to see.
func newConditional(text, condition, component string) union {
	if then, ok := jsonscan.Member(text, "then"); ok {
		condition += "," + then
	}
	otherwise, ok := jsonscan.Member(text, "else")
	if !ok {
		otherwise = "true"
	}
	return union{branches: []place{{`{"allOf":[` + condition + `]}`, component}, {otherwise, component}}}
}

// tagValue returns what the tag says in an instance of a branch: what the mapping
// has for it, else the component's name (OpenAPI 3.1 §4.8.25), "" for a branch
// that stands in place.
func (u union) tagValue(branch place) string {
	ref, ok := jsonscan.Member(branch.text, "$ref")
	if !ok {
		return ""
	}
	target := jsonscan.String(ref)
	name := componentName(strings.TrimPrefix(target, "#"))
	for _, m := range u.mapping {
		if to := jsonscan.String(m.Text); to == target || to == name {
			return m.Name
		}
	}
	return name
}

// componentName returns the name of the component that a pointer leads to or
// into, "" for none.
func componentName(pointer string) string {
	component := dialect.Component(pointer)
	return jsonscan.UnescapeToken(component[strings.LastIndexByte(component, '/')+1:])
}
