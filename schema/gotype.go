package schema

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema/internal/validator"
)

// Unfilled compares a Go type with the schema and returns the fields that stay
// empty when encoding/json decodes an instance into it, because the schema
// declares members and none of that name, in any of its branches. Nearest has the
// declared members with a similar name that no field of the type is for: where it is
// not empty the name is misspelt.
//
// The rules are those of encoding/json: json tags, the names of fields without one,
// regardless of case, "-", embedded structs. It looks into structs, pointers, slices,
// arrays and the values of maps, into recursive types once. It says nothing of what
// decodes itself (json.Unmarshaler, encoding.TextUnmarshaler), of interfaces, and of
// places where the schema allows members that it does not name. Where the schema has
// arrays, pointers have "0" for the items.
//
// The work is that of the type's size. Callers that ask often keep the result.
//
// The branches of all unions count as one set of members: a field that any branch fills
// is not unfilled. The other direction, members that no field is for, is not a mistake: a
// program reads what it needs.
func (s *Schema) Unfilled(t reflect.Type) []Misspelling {
	if t == nil {
		return nil
	}
	c := typeCheck{doc: s.doc, seen: make(map[typeAt]bool)}
	c.check(t, []schemaAt{{s.text, s.pointer}}, "")
	return c.found
}

// maxTypePlaces bounds how many pairs of a type and a place of the schema are
// compared: types and schemas may both be recursive.
const maxTypePlaces = 10_000

// typeCheck compares a Go type with schema objects.
//
// It walks the type and the schema side by side. Termination depends on seen: a pair of a
// type and a place is entered once, and both sides have finitely many.
type typeCheck struct {
	doc   *Document
	seen  map[typeAt]bool
	found []Misspelling
}

// typeAt is a type with one of the schema objects that it was compared with.
type typeAt struct {
	t  reflect.Type
	at Pointer
}

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// check compares a type with the schema objects that a value of it may be an instance
// of.
//
// encoding/json asks the pointer to a value for its methods, whether or not the field is a
// pointer; so does this. A type that decodes itself may take any JSON.
func (c *typeCheck) check(t reflect.Type, places []schemaAt, at Pointer) {
	if len(c.seen) > maxTypePlaces {
		return
	}
	for t.Kind() == reflect.Pointer {
		if t.Implements(unmarshaler) || t.Implements(textUnmarshaler) {
			return
		}
		t = t.Elem()
	}
	if to := reflect.PointerTo(t); to.Implements(unmarshaler) || to.Implements(textUnmarshaler) {
		return
	}
	readings := c.readings(t, places)
	if len(readings) == 0 {
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		c.fields(t, readings, at)
	case reflect.Slice, reflect.Array:
		if items := itemsOf(readings); items != nil {
			c.check(t.Elem(), items, at.Append("0"))
		}
	case reflect.Map:
		if others := othersOf(readings); others != nil {
			c.check(t.Elem(), others, at.Append("*"))
		}
	}
}

// readings returns the readings of the places and of the branches of their unions,
// without those that the type has been compared with before. It is empty where one of
// them may be anything.
//
// All readings of the places are returned as soon as one of them is new. A member may be
// declared by a branch that was seen before, in another union; without it the field would
// count as unfilled.
func (c *typeCheck) readings(t reflect.Type, places []schemaAt) []*reading {
	var found []*reading
	var seen []Pointer
	fresh := false
	for len(places) > 0 {
		place := places[0]
		places = places[1:]
		r := c.doc.read(place)
		if slices.Contains(seen, r.at) && r.at != "" {
			continue
		}
		seen = append(seen, r.at)
		if known := (typeAt{t, r.at}); !c.seen[known] {
			c.seen[known], fresh = true, true
		}
		found = append(found, r)
		for _, v := range r.variants {
			places = append(places, v.schemaAt)
		}
	}
	if !fresh {
		return nil
	}
	return found
}

// fields compares the fields of a struct.
//
// Only schemas that are closed, as the Standard tier reads them, can say that a member
// never comes. One open branch makes any name possible (JSON Schema 2020-12 §10.3.2.3),
// and nothing is reported.
func (c *typeCheck) fields(t reflect.Type, readings []*reading, at Pointer) {
	var declared []string
	for _, r := range readings {
		if !r.types.Has(jsonvalue.Object) {
			continue
		}
		names, open := c.doc.closed().Node(schemaAt{c.textAt(r.at), r.at}.place()).Declared()
		if open {
			return
		}
		declared = append(declared, names...)
	}
	if len(declared) == 0 {
		return
	}
	slices.Sort(declared)
	declared = slices.Compact(declared)
	fields := jsonFields(t)
	free := slices.DeleteFunc(slices.Clone(declared), func(name string) bool {
		return slices.ContainsFunc(fields, func(f jsonField) bool { return strings.EqualFold(f.name, name) })
	})
	for _, f := range fields {
		name := member(declared, f.name)
		if name == "" {
			c.found = append(c.found, Misspelling{Pointer: at, Name: f.name, Nearest: validator.Nearest(f.name, free)})
			continue
		}
		var places []schemaAt
		for _, r := range readings {
			for _, of := range r.fields {
				if of.name == name {
					places = append(places, of.schemaAt)
				}
			}
		}
		c.check(f.t, places, at.Append(name))
	}
}

// textAt returns the schema object at a pointer.
func (c *typeCheck) textAt(at Pointer) string {
	text, _ := c.doc.Lookup(at)
	return text
}

// member returns the member that encoding/json decodes into a field.
// An exact name takes precedence over one in another case, as in encoding/json. Here the
// question is asked from the other end: which member would be decoded into the field.
func member(declared []string, name string) string {
	if slices.Contains(declared, name) {
		return name
	}
	if i := slices.IndexFunc(declared, func(d string) bool { return strings.EqualFold(d, name) }); i >= 0 {
		return declared[i]
	}
	return ""
}

// itemsOf returns the schemas of items, nothing where one of the readings has an array
// of anything.
func itemsOf(readings []*reading) []schemaAt {
	var items []schemaAt
	for _, r := range readings {
		switch {
		case r.items != nil:
			items = append(items, *r.items)
		case r.types.Has(jsonvalue.Array) && len(r.variants) == 0:
			return nil
		}
	}
	return items
}

// othersOf returns the schemas of the values of an object that is read as a map.
//
// A map takes declared fields as well as those of any name, so that the schemas of both are
// possible for its values.
func othersOf(readings []*reading) []schemaAt {
	var others []schemaAt
	for _, r := range readings {
		for _, f := range r.fields {
			others = append(others, f.schemaAt)
		}
		switch {
		case r.other != nil:
			others = append(others, *r.other)
		case r.types.Has(jsonvalue.Object) && len(r.variants) == 0 && len(r.fields) == 0:
			return nil
		}
	}
	return others
}

// jsonField is a field of a struct by its name in JSON.
type jsonField struct {
	name string
	t    reflect.Type
}

// jsonFields returns the fields that encoding/json decodes into, those of embedded
// structs among them; of several with one name the one that is embedded least deep.
//
// Two fields of one name at the same depth cancel each other in encoding/json, unless a
// single one has a tag. Here the first stays: vet reports such a type, and it is a mistake of
// another kind. Embedded structs are searched even if they are not
// exported: their exported fields are promoted.
func jsonFields(t reflect.Type) []jsonField {
	var fields []jsonField
	level, seen := []reflect.Type{t}, map[reflect.Type]bool{t: true}
	for len(level) > 0 {
		var next []reflect.Type
		for _, s := range level {
			for i := range s.NumField() {
				f := s.Field(i)
				name, tagged := jsonName(f)
				inner := f.Type
				if inner.Kind() == reflect.Pointer && inner.Name() == "" {
					inner = inner.Elem()
				}
				switch {
				case name == "":
				case f.Anonymous && !tagged && inner.Kind() == reflect.Struct:
					if !seen[inner] {
						seen[inner] = true
						next = append(next, inner)
					}
				case !f.IsExported():
				case !slices.ContainsFunc(fields, func(of jsonField) bool { return of.name == name }):
					fields = append(fields, jsonField{name, f.Type})
				}
			}
		}
		level = next
	}
	return fields
}

// jsonName returns the name of a field in JSON, "" where it has none, and whether a tag
// gives it.
// A tag whose name has quotation marks or backslashes is ignored there, and so it is here.
func jsonName(f reflect.StructField) (name string, tagged bool) {
	tag := f.Tag.Get("json")
	if tag == "-" {
		return "", true
	}
	name, _, _ = strings.Cut(tag, ",")
	if name == "" || strings.ContainsAny(name, "\"'\\`") {
		return f.Name, false
	}
	return name, true
}
