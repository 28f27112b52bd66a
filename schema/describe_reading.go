package schema

import (
	"slices"
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema/internal/validator"
)

// reading is a schema object as people think of it: what it refers to and its allOf
// merged in, null a flag instead of a branch, unions in unions flattened. Describe uses
// it; validation does not. Validation has to keep apart what this merges: two branches
// that both say type, or a field that two parts of an allOf restrict, are one thing to
// a reader and two rules to an instance.
//
// So a reading may say more than an instance may be, never less: of what several parts
// say about one field the first is shown, and keywords that tie fields together (if,
// dependentRequired, not) are not shown at all.
//
// Errata are applied, other than in the sketch of Diff, which has the same form for the
// opposite purpose: a reading says what a program has to expect, a sketch what the
// document says.
type reading struct {
	at         Pointer // behind references
	component  string  // the last one on the way there
	title      string
	text       string // description: that of the object itself, else of what it refers to
	types      jsonvalue.Kinds
	nullable   bool
	enum       []string // JSON texts, null left out
	format     string
	pattern    string
	initial    string // default, JSON text
	bounds     []bound
	deprecated bool
	required   map[string]bool
	fields     []fieldAt
	items      *schemaAt
	other      *schemaAt  // of fields that are not declared
	variants   []*variant // of anyOf and oneOf, at least two
	by         string     // the property whose value selects a variant

	discriminator string
	declared      map[string]bool // names of fields
	seen          []Pointer
}

// schemaAt is a schema object that has not been read: its text, and where it stands.
type schemaAt struct {
	text string
	at   Pointer
}

func (s schemaAt) place() validator.Place { return validator.Place{Text: s.text, At: string(s.at)} }

// variant is a branch of a union, and what the validator knows of it at a glance: the
// types that it accepts, its name, the values of its tags.
// Facts are read without reading the branch itself, so that a union of many item types
// is cheap to list.
type variant struct {
	validator.Facts
	schemaAt
}

type fieldAt struct {
	name string
	schemaAt
}

type bound struct{ keyword, value string }

// read returns a schema object's reading. It is made anew each time: a description is
// asked for by a person, and keeping readings would cost every program memory.
func (d *Document) read(s schemaAt) *reading {
	r := &reading{types: jsonvalue.Any}
	r.merge(d, s, true)
	r.fold(d)
	return r
}

// merge adds what a schema object says. One that is named gives the reading its place,
// component and title: that is the object itself, what it refers to, and the only part
// of an allOf that has no fields beside it. Of several parts none can give its name to
// the whole.
//
// What has been merged is not merged again, so that a circle ends, and there are at
// most 256 objects. The text is read as the Standard tier reads it, with errata: a
// description that shows what validation then refuses helps nobody.
func (r *reading) merge(d *Document, s schemaAt, named bool) {
	if slices.Contains(r.seen, s.at) || len(r.seen) > 256 {
		return
	}
	outermost := len(r.seen) == 0
	r.seen = append(r.seen, s.at)
	if s.text == "" || s.text[0] != '{' {
		return
	}
	if named {
		r.at = s.at
		if name, ok := wholeComponent(s.at); ok {
			r.component, r.title = name, ""
		}
	}
	// Behind errata and repairs: the reading is of what validation goes by.
	s.text = d.closed().Read(s.place())
	for key, value := range jsonscan.Members(s.text) {
		at := s.at.Append(key)
		switch key {
		case "$ref":
			if target, pointer, err := d.resolve(jsonscan.String(value), s.at); err == nil {
				r.merge(d, schemaAt{target, pointer}, named)
			}
		case "allOf":
			list := jsonscan.List(value)
			// A part of an allOf is the whole under another name where it is the only
			// one and nothing is declared beside it: a reference with a description, as
			// documents of 3.0 have to write it.
			_, own := jsonscan.Member(s.text, "properties")
			for i, item := range list {
				r.merge(d, schemaAt{item, at.Append(strconv.Itoa(i))}, named && len(list) == 1 && !own)
			}
		case "anyOf", "oneOf":
			for i, item := range jsonscan.Items(value) {
				r.addVariant(d, schemaAt{item, at.Append(strconv.Itoa(i))})
			}
		case "discriminator":
			name, _ := jsonscan.Member(value, "propertyName")
			r.discriminator = jsonscan.String(name)
		case "title":
			// The title of a part is not the title of the whole.
			if r.title == "" && named {
				r.title = jsonscan.String(value)
			}
		case "description":
			// Beside a reference it says what the value means here.
			if outermost || r.text == "" && named {
				r.text = jsonscan.String(value)
			}
		case "type":
			// Parts of an allOf restrict each other.
			r.types &= jsonvalue.ParseKinds(value)
		case "properties":
			for name, item := range jsonscan.Members(value) {
				r.addField(fieldAt{name, schemaAt{item, at.Append(name)}})
			}
		case "required":
			for _, name := range jsonscan.Strings(value) {
				r.require(name)
			}
		case "items":
			r.items = &schemaAt{value, at}
		case "additionalProperties":
			if value != "false" {
				r.other = &schemaAt{value, at}
			}
		default:
			r.keyword(key, value)
		}
	}
}

// keyword merges what concerns the value itself. Of format, pattern and default the
// last one that is read stays: the parts of an allOf hardly ever say two.
func (r *reading) keyword(key, value string) {
	switch key {
	case "const":
		r.addEnum([]string{value})
	case "enum":
		r.addEnum(jsonscan.List(value))
	case "format":
		r.format = jsonscan.String(value)
	case "pattern":
		r.pattern = jsonscan.String(value)
	case "default":
		r.initial = value
	case "deprecated":
		r.deprecated = r.deprecated || value == "true"
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
		"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		// Of two bounds the stricter applies to an instance. The first is shown: that
		// parts of an allOf both bound one value is rare, and then often by the same
		// number.
		if slices.ContainsFunc(r.bounds, func(b bound) bool { return b.keyword == key }) || !validator.IsBound(value) {
			return
		}
		r.bounds = append(r.bounds, bound{key, value})
	}
}

// addEnum restricts the values; where several parts do, the first counts. null among
// them is the flag, for "null" in a list of words would look like one of them.
func (r *reading) addEnum(values []string) {
	if r.enum != nil {
		return
	}
	var types jsonvalue.Kinds
	for _, v := range values {
		// An enum says the type, also where no keyword type does.
		types |= validator.KindsOfValues(v)
		if v == "null" {
			r.nullable = true
		} else {
			r.enum = append(r.enum, v)
		}
	}
	r.types &= types
}

// addField adds a field; of one that several parts declare, the first counts. The order
// is that in which they are declared, an allOf before or behind the properties as it
// stands in the document.
func (r *reading) addField(f fieldAt) {
	if r.declared == nil {
		r.declared = make(map[string]bool)
	}
	if !r.declared[f.name] {
		r.declared[f.name] = true
		r.fields = append(r.fields, f)
	}
}

func (r *reading) require(name string) {
	if r.required == nil {
		r.required = make(map[string]bool)
	}
	r.required[name] = true
}

// addVariant adds a branch of a union; null and branches that only ask for
// fields declared elsewhere are not branches to a reader.
//
// anyOf and oneOf are one thing here. Whether an instance may be valid against two
// branches decides about validation and not about what one writes.
func (r *reading) addVariant(d *Document, s schemaAt) {
	v := &variant{d.closed().Facts(s.place()), s}
	switch {
	// "null" as a branch is how OpenAPI 3.1 writes nullable; to a reader it is the
	// flag.
	case v.Kinds == jsonvalue.Null:
		r.nullable = true
	case v.Kinds == jsonvalue.Any && v.Name == "" && onlyRequires(s.text):
	default:
		r.variants = append(r.variants, v)
	}
}

// onlyRequires reports whether a branch only asks for fields that the object around the
// union declares, as in anyOf: [{required: [a]}, {required: [b]}]. To a reader this is
// not a choice between two things, but one thing with a condition.
func onlyRequires(text string) bool {
	for key := range jsonscan.Members(text) {
		if key != "required" && key != "not" && key != "description" {
			return false
		}
	}
	return true
}

// fold flattens unions in unions, makes a union of one branch that branch, and null a
// flag. Branches of named unions stay together: their name says what they have in
// common. The tag is chosen as the validator chooses it, after all branches are known.
//
// Documents write one and the same type in several of these ways; after fold they read
// the same.
//
// It runs once, behind merge: a union can come from several parts of an allOf, and only
// when all are there can be said whether one branch is left.
func (r *reading) fold(d *Document) {
	// A union of one branch may be within another one; the bound is for circles.
	for range maxReferences {
		if len(r.variants) != 1 {
			break
		}
		only := r.variants[0]
		r.variants = nil
		r.merge(d, only.schemaAt, true)
	}
	var flat []*variant
	for _, v := range r.variants {
		if isBareUnion(v.text) {
			inner := d.read(v.schemaAt)
			// A union with a name is a thing of its own, "InputItem", and stays a
			// branch.
			if inner.component == "" && len(inner.variants) > 0 {
				flat = append(flat, inner.variants...)
				r.nullable = r.nullable || inner.nullable
				continue
			}
		}
		flat = append(flat, v)
	}
	r.variants = flat
	var facts []*validator.Facts
	for _, v := range flat {
		facts = append(facts, &v.Facts)
	}
	r.by = validator.ChooseTag(facts, r.discriminator)
	if len(flat) > 0 {
		var union jsonvalue.Kinds
		for _, v := range flat {
			union |= v.Kinds
		}
		// What no branch accepts is not a type of the whole.
		r.types &= union
	}
	if r.types.Has(jsonvalue.Null) && r.types != jsonvalue.Null && r.types != jsonvalue.Any {
		r.types &^= jsonvalue.Null
		r.nullable = true
	}
}

// isBareUnion reports whether a schema object is a union and nothing else.
func isBareUnion(text string) bool {
	union := false
	for key := range jsonscan.Members(text) {
		switch key {
		case "anyOf", "oneOf":
			union = true
		// None of these changes what the branches accept.
		case "discriminator", "title", "description", "default", "nullable":
		default:
			return false
		}
	}
	return union
}

// isScalar reports whether the value is neither array nor object.
func (r *reading) isScalar() bool {
	return !r.types.Has(jsonvalue.Array | jsonvalue.Object)
}
