package schema

import (
	"slices"
	"strings"
)

// definitions compares the schemas that both keep for themselves under a name. One
// that only one has shows where it is referred to.
// Definitions are not part of what a schema accepts until something refers to them (JSON
// Schema 2020-12 §8.2.4). They are compared nevertheless, because a reference that leads to
// the same place on both sides is not followed.
func (c *comparison) definitions(a, b *sketch, place []string, label string) {
	for _, f := range a.definitions {
		for _, g := range b.definitions {
			if f.name == g.name {
				c.schemas(f.schemaAt, g.schemaAt, place, label+"$defs "+shown(f.name, maxName)+": ")
				break
			}
		}
	}
}

// fields compares the fields of objects by name. One that is gone breaks who sends it
// and who reads it. One that is new is safe as long as it may be left out; in responses
// always, since a program that does not know it does not read it.
//
// By the letter a field that is new restricts requests: without additionalProperties an
// object may have any member with any value, so the name was free. It is called safe all
// the same. Descriptions leave the keyword out nearly everywhere, and no program sends a
// field that nobody has declared yet. Where a schema applied to the name before, such as that
// of the keyword, of a pattern or of a part of an allOf behind a reference, the change is
// unknown; and where an object declares nothing, programs do send what they like.
func (c *comparison) fields(a, b *sketch, place []string) {
	for _, f := range a.fields {
		// The capacity is cut so that append copies: the places of two fields must not share
		// the memory behind their common beginning.
		at := append(place[:len(place):len(place)], f.name)
		g, ok := b.field(f.name)
		if !ok {
			c.note(ChangeFieldRemoved, at, f.at, breaking, "field removed")
			continue
		}
		c.schemas(f.schemaAt, g.schemaAt, at, "")
	}
	for _, g := range b.fields {
		if _, ok := a.field(g.name); ok {
			continue
		}
		at := append(place[:len(place):len(place)], g.name)
		e, need := harmless, "optional"
		if b.required[g.name] {
			e, need = narrower, "required"
		}
		if a.describesOthers() {
			e = effect{max(e.request, SeverityUnknown), SeverityUnknown} // the name was possible, with another schema
		}
		if a.isFree() || a.namesFields() || c.declaredBehind(a, g.name) {
			e.request = max(e.request, SeverityUnknown)
		}
		// required applies to names that no property declares (JSON Schema Validation §6.5.3), so
		// that a reader could rely on the field before it was declared.
		if a.required[g.name] && !b.required[g.name] {
			e.response = SeverityBreaking
			need = "no longer required"
		}
		c.note(ChangeFieldAdded, at, g.at, e, "new %s field: %s", need, c.new.exprAt(g.schemaAt))
	}
	c.required(a, b, place)
	c.otherFields(a, b, place)
}

// required compares which fields must be there, those that are new or gone left
// out: they are reported as such.
//
// A name that is required and declared nowhere is compared like the others; branches of
// unions often are nothing but such a list.
func (c *comparison) required(a, b *sketch, place []string) {
	for _, name := range sortedNames(a.required, b.required) {
		_, had := a.field(name)
		_, has := b.field(name)
		if had != has || a.required[name] == b.required[name] {
			continue
		}
		at := append(place[:len(place):len(place)], name)
		if b.required[name] {
			c.note(ChangeRequired, at, b.at, narrower, "required now")
		} else {
			c.note(ChangeRequired, at, b.at, foreign, "optional now")
		}
	}
}

// sortedNames returns the names of both sets, sorted, so that the list of changes is the
// same in every run.
func sortedNames(a, b map[string]bool) []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if !a[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// otherFields compares what applies to fields that are not declared (JSON Schema 2020-12
// §10.3.2.3). Where the keyword is absent any field is possible, by the letter.
//
// A side that cannot be an object is left out. There the change of type is reported, and to
// say of a string that it may have other fields now would be noise. true and {} restrict
// nothing, and equal the absent keyword.
func (c *comparison) otherFields(a, b *sketch, place []string) {
	if !a.isObject() || !b.isObject() {
		return
	}
	restricted := func(k *sketch) bool { return k.other != nil && !isAnything(k.other.text) }
	switch {
	case a.closed && b.closed:
	case b.closed:
		c.note(ChangeUnknownFields, place, b.at, narrower, "other fields are no longer possible")
	case a.closed:
		c.note(ChangeUnknownFields, place, b.at, wider, "other fields are possible now")
	case a.other != nil && b.other != nil:
		c.schemas(*a.other, *b.other, place, "other fields: ")
	// A schema where there was none restricts fields of which nobody knows whether they are sent:
	// unknown, in either direction.
	case restricted(b):
		c.note(ChangeUnknownFields, place, b.other.at, unsure, "other fields have a schema now")
	case restricted(a):
		c.note(ChangeUnknownFields, place, b.at, unsure, "other fields no longer have a schema")
	}
}

// describesOthers reports whether there is a schema for fields that no property declares.
// additionalProperties: false does not count, as closed has it. unevaluatedProperties: false does: what
// it leaves over depends on every part that applies (JSON Schema 2020-12 §11.3), which a
// sketch does not have.
func (k *sketch) describesOthers() bool {
	_, byPattern := k.keywords["patternProperties"]
	_, left := k.keywords["unevaluatedProperties"]
	return byPattern || left || k.other != nil && !isAnything(k.other.text)
}

// isFree reports whether an object declares no field at all, here or elsewhere.
// To programs such an object is a map, in which any name may be in use already.
func (k *sketch) isFree() bool {
	return !k.declares && !k.closed && len(k.refs) == 0 && k.union == "" && k.isObject()
}

// namesFields reports whether another keyword may apply to a field that no property declares.
// propertyNames may refuse the name, the others may require or refuse a field of that name (JSON
// Schema 2020-12 §10.3.2.4, §10.2.2, §10.2.1.4), and what allOf has left over may do either.
func (k *sketch) namesFields() bool {
	for _, key := range []string{"propertyNames", "dependentSchemas", "if", "then", "else", "not"} {
		if _, ok := k.keywords[key]; ok {
			return true
		}
	}
	return len(k.rest) > 0
}

// maxBehind bounds the schema objects in which a field is looked for.
// Every new field asks, so that without a bound the work would be the number of new fields times
// that of the objects.
const maxBehind = 64

// declaredBehind reports whether a reference or a branch of a sketch, which stays as it is,
// declares a field. It says so, too, where there is too much to look at.
//
// What has been seen is not remembered: a schema that refers to itself ends at the bound, with
// the result that proves nothing.
func (c *comparison) declaredBehind(k *sketch, name string) bool {
	var stack []schemaAt
	look := func(at Pointer) {
		text, _ := k.doc.Lookup(at)
		stack = append(stack, schemaAt{text, at})
	}
	for _, at := range k.refs {
		look(at)
	}
	stack = append(stack, k.branches...)
	for n := 0; len(stack) > 0; n++ {
		if n == maxBehind {
			return true
		}
		s := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		// It counts as work, since every new field of every subject may look here again.
		c.work -= len(s.text)
		inner := k.doc.sketch(s)
		if _, ok := inner.field(name); ok || inner.required[name] || inner.describesOthers() || inner.namesFields() {
			return true
		}
		for _, at := range inner.refs {
			look(at)
		}
		stack = append(stack, inner.branches...)
	}
	return false
}

// texts compares what is written for people, and deprecation. The first is one change for
// all keywords of a schema: of a description that was rewritten it is enough to know
// where.
// Deprecation is not among the texts although it restricts nothing either: it announces
// that something will be removed, and a program wants to know.
func (c *comparison) texts(a, b *sketch, place []string) {
	if a.deprecated != b.deprecated {
		c.deprecation(b.deprecated, place, b.at)
	}
	if keys := unionOf(a.prose, b.prose); len(keys) > 0 {
		keys = slices.DeleteFunc(keys, func(key string) bool { return a.prose[key] == b.prose[key] })
		if len(keys) > 0 {
			c.note(ChangeProse, place, b.at, harmless, "%s", strings.Join(keys, ", "))
		}
	}
}

// deprecation reports a member deprecated. It changes nothing yet, and is safe.
func (c *comparison) deprecation(now bool, place []string, at Pointer) {
	if now {
		c.note(ChangeDeprecation, place, at, harmless, "deprecated now")
	} else {
		c.note(ChangeDeprecation, place, at, harmless, "no longer deprecated")
	}
}
