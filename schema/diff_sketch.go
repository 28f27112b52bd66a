package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema/internal/validator"
)

// sketch is a schema object as Diff compares it: the members of allOf that stand
// in place merged in, references kept by where they lead, null a flag.
//
// Documents say the same in many ways: nullable, a list of types, and anyOf with null;
// const and enum; properties in place, behind a reference, or spread over allOf. A
// newer description often changes from one way to another, as its generator does, and
// that is not a change for anybody. So the ways are made one here, before anything is
// compared.
//
// It is less than the schema says where allOf restricts one thing twice. Then
// rest has the text of what is left out, so that a difference there is found,
// if not understood.
//
// The schema is read by the letter, without errata: what the description says is
// compared, not what this library has found out about the server.
//
// A sketch is shallow: it has the texts of its fields, items and branches, and not their
// sketches. Those are made when a difference of the texts asks for them, so that equal
// parts of two documents are never read.
type sketch struct {
	doc      *Document
	at       Pointer
	refs     []Pointer // that apply as a whole
	types    jsonvalue.Kinds
	null     bool     // a union has null as a branch
	enum     []string // JSON texts without null
	hasEnum  bool
	enumNull bool
	fields   []fieldAt
	byName   map[string]int
	declares bool // properties are there, were it an empty object
	required map[string]bool
	items    *schemaAt
	other    *schemaAt  // additionalProperties; nil where it is absent
	closed   bool       // additionalProperties is false
	parts    []openPart // those of allOf that have additionalProperties
	branches []schemaAt
	union    string            // "anyOf" or "oneOf" where there are branches
	keywords map[string]string // every other one
	rest     []string

	definitions []fieldAt // under $defs
	prose       map[string]string

	deprecated bool
	expanded   []Pointer
}

// openPart is an object, one of an allOf, that has additionalProperties: which fields those are
// depends on the properties beside the keyword, and not on those of the other parts (JSON
// Schema 2020-12 §10.3.2.3).
type openPart struct {
	other string
	names map[string]bool
}

// maxSketch bounds the objects that are merged into one sketch.
// What exceeds it is not merged, and compared as text. That takes an allOf, or a chain of
// references, of hundreds of objects; the work of merging them again at every place that
// refers to them would not be linear.
const maxSketch = 256

// sketch reads a schema object.
func (d *Document) sketch(s schemaAt) *sketch {
	k := &sketch{doc: d, at: s.at, types: jsonvalue.Any}
	k.merge(s)
	return k
}

// merge adds a schema object, as allOf does: all that is merged applies to the same
// value. Booleans are schemas too (JSON Schema 2020-12 §4.3.2): false accepts nothing.
//
// Members of both versions of OpenAPI are read by the rules of 3.1, for the
// dialect has made nullable a type before the text gets here.
func (k *sketch) merge(s schemaAt) {
	if s.text == "" {
		return
	}
	if len(k.expanded) > maxSketch {
		k.rest = append(k.rest, s.text)
		return
	}
	if s.text[0] != '{' {
		if s.text == "false" {
			k.types = 0
		}
		return
	}
	// Of this object alone, and not of the sketch: additionalProperties sees the properties
	// beside it only.
	var own openPart
	for key, value := range jsonscan.Members(dialect.ByTheLetter(s.text, string(s.at))) {
		at := s.at.Append(key)
		switch key {
		case "$ref":
			k.refer(jsonscan.String(value), s.at)
		case "allOf":
			for i, item := range jsonscan.Items(value) {
				k.merge(schemaAt{item, at.Append(strconv.Itoa(i))})
			}
		case "anyOf", "oneOf":
			k.mergeUnion(key, value, at)
		// All that is merged applies, so that the types restrict each other.
		case "type":
			k.types &= jsonvalue.ParseKinds(value)
		case "enum":
			k.addEnum(jsonscan.List(value))
		case "const":
			// An enum of one value (JSON Schema Validation §6.1.3).
			k.addEnum([]string{value})
		case "properties":
			k.declares = true
			k.mergeFields(value, at)
			own.names = make(map[string]bool)
			for name := range jsonscan.Members(value) {
				own.names[name] = true
			}
		case "required":
			k.require(jsonscan.Strings(value))
		case "items":
			k.set(&k.items, "items", schemaAt{value, at})
		case "additionalProperties":
			own.other = value
			if value == "false" {
				k.closed = true
			} else {
				k.set(&k.other, "additionalProperties", schemaAt{value, at})
			}
		case "$defs", "definitions":
			k.define(value, at)
		case "deprecated":
			// Any part that says so is enough (JSON Schema Validation §9.3).
			k.deprecated = k.deprecated || value == "true"
		case "title", "description", "example", "examples", "externalDocs", "$comment":
			if k.prose == nil {
				k.prose = make(map[string]string)
			}
			// Added up, so that a text which moves from one part of an allOf to another is
			// seen, as a change of texts.
			k.prose[key] += value
		default:
			k.keyword(key, value)
		}
	}
	if own.other != "" && !isAnything(own.other) {
		k.parts = append(k.parts, own)
	}
}

// require adds names to those that are required.
func (k *sketch) require(names []string) {
	if k.required == nil && len(names) > 0 {
		k.required = make(map[string]bool)
	}
	for _, name := range names {
		k.required[name] = true
	}
}

// define adds definitions: a bounded number of them, as those of both sides are paired by a
// search.
func (k *sketch) define(object string, at Pointer) {
	for name, item := range jsonscan.Members(object) {
		if len(k.definitions) < maxSketch {
			k.definitions = append(k.definitions, fieldAt{name, schemaAt{item, at.Append(name)}})
		}
	}
}

// isAnything reports whether a schema accepts everything (JSON Schema 2020-12 §4.3.2).
func isAnything(text string) bool { return text == "true" || text == "{}" }

// leftOver returns what is compared as text, because allOf restricts one thing twice: what
// was left out when the parts were merged, and additionalProperties which apply to fields
// that another part declares.
func (k *sketch) leftOver() []string {
	list := slices.Clone(k.rest)
	for _, p := range k.parts {
		var others []string
		for _, f := range k.fields {
			if !p.names[f.name] {
				others = append(others, f.name)
			}
		}
		if len(others) > 0 {
			slices.Sort(others)
			list = append(list, p.other+" for "+strings.Join(others, "\x00"))
		}
	}
	slices.Sort(list)
	return list
}

// refer notes a reference, and leaves out one that leads nowhere.
// Twice the same is once. A reference that leads nowhere is a mistake which both documents
// may have; its text is kept to be compared, as it has no place to look at.
func (k *sketch) refer(ref string, from Pointer) {
	_, at, err := k.doc.resolve(ref, from)
	switch {
	case err != nil:
		k.rest = append(k.rest, ref)
	case !slices.Contains(k.refs, at):
		k.refs = append(k.refs, at)
	}
}

// set notes a subschema; a second one of an allOf is left out.
// To intersect two schemas would need a new schema object that stands nowhere, and a
// change must have a place in the document.
func (k *sketch) set(place **schemaAt, key string, s schemaAt) {
	if *place != nil {
		k.rest = append(k.rest, key+s.text)
		return
	}
	*place = &s
}

// mergeFields adds declared fields. Of a field that two members of allOf declare the
// first is compared; both apply, which is why the other one is left over.
func (k *sketch) mergeFields(text string, at Pointer) {
	for name, item := range jsonscan.Members(text) {
		if _, ok := k.byName[name]; ok {
			k.rest = append(k.rest, name+item)
			continue
		}
		if k.byName == nil {
			k.byName = make(map[string]int)
		}
		k.byName[name] = len(k.fields)
		k.fields = append(k.fields, fieldAt{name, schemaAt{item, at.Append(name)}})
	}
}

// field returns the field of that name.
func (k *sketch) field(name string) (fieldAt, bool) {
	i, ok := k.byName[name]
	if !ok {
		return fieldAt{}, false
	}
	return k.fields[i], true
}

// mergeUnion adds the branches of a union. Null becomes a flag; a single branch applies as
// allOf would, as in anyOf: [X, null]. A second union of the same value, which allOf can
// bring about, is left over.
//
// A single branch beside another union is left over as well: what it says may be a union
// again, which would be the second one.
func (k *sketch) mergeUnion(key, text string, at Pointer) {
	var branches []schemaAt
	null := false
	for i, item := range jsonscan.Items(text) {
		if isNullSchema(item) {
			null = true
			continue
		}
		branches = append(branches, schemaAt{item, at.Append(strconv.Itoa(i))})
	}
	switch {
	case len(branches) == 1 && k.union == "":
		k.null = k.null || null
		// Null as a branch widens what the other branch accepts, and the types beside the union
		// restrict both. So these are put aside until the branch and null are one.
		beside := k.types
		k.types = jsonvalue.Any
		k.merge(branches[0])
		if null {
			k.types |= jsonvalue.Null // the branch may exclude it, a type beside the union may, too
			// Null fits two branches then, which oneOf refuses (JSON Schema 2020-12 §10.2.1.3). No
			// flag says so; a text that is left over makes every difference there unknown.
			if key == "oneOf" && k.doc.closed().Facts(branches[0].place()).Kinds.Has(jsonvalue.Null) {
				k.rest = append(k.rest, "oneOf with null in two branches")
			}
		}
		k.types &= beside
	case k.union != "":
		k.rest = append(k.rest, key+text)
	default:
		k.null = k.null || null
		k.union, k.branches = key, branches
	}
}

// isNullSchema reports whether a schema accepts null and nothing else.
// enum: [null], which is legal and rare, is left a branch.
func isNullSchema(text string) bool {
	if !strings.HasPrefix(text, "{") {
		return false
	}
	if value, ok := jsonscan.Member(text, "type"); ok && jsonvalue.ParseKinds(value) == jsonvalue.Null {
		return true
	}
	value, ok := jsonscan.Member(text, "const")
	return ok && value == "null"
}

// addEnum adds the values of an enum, null apart. A second enum restricts the first, and
// is left over.
//
// For null see nullable: an enum without null excludes it even where the type has it.
func (k *sketch) addEnum(values []string) {
	if k.hasEnum {
		k.rest = append(k.rest, "enum"+strings.Join(values, ","))
		return
	}
	k.hasEnum = true
	for _, v := range values {
		if v == "null" {
			k.enumNull = true
		} else {
			k.enum = append(k.enum, v)
		}
	}
}

// keyword notes everything else but extensions and the name of the dialect. One that
// is there twice, as allOf allows, keeps both texts.
//
// Extensions say nothing about the values (OpenAPI 3.1 §4.9), and $schema only names
// the dialect (JSON Schema 2020-12 §8.1.1).
func (k *sketch) keyword(key, value string) {
	if strings.HasPrefix(key, "x-") || key == "$schema" {
		return
	}
	if k.keywords == nil {
		k.keywords = make(map[string]string)
	}
	if before, ok := k.keywords[key]; ok && before != value {
		k.rest = append(k.rest, key+value)
		return
	}
	k.keywords[key] = value
}

// expand merges in what some of the references lead to, and returns how much text
// that was. Each is merged once: a schema that refers to itself would not end.
//
// A reference that leads to one that has been merged already is taken out at the end, or
// align would ask for it again and again.
func (k *sketch) expand(refs []Pointer) (size int) {
	k.refs = slices.DeleteFunc(k.refs, func(at Pointer) bool { return slices.Contains(refs, at) })
	for _, at := range refs {
		if slices.Contains(k.expanded, at) || len(k.expanded) > maxSketch {
			continue
		}
		k.expanded = append(k.expanded, at)
		if text, ok := k.doc.Lookup(at); ok {
			size += len(text)
			k.merge(schemaAt{text, at})
		}
	}
	k.refs = slices.DeleteFunc(k.refs, func(at Pointer) bool { return slices.Contains(k.expanded, at) })
	return size
}

// kinds returns the kinds of values that are accepted, null left out, as far as the
// object itself says: what references and unions accept is compared with them.
func (k *sketch) kinds() jsonvalue.Kinds {
	types := k.types
	if k.hasEnum {
		types &= validator.KindsOfValues(k.enum...)
	}
	return types &^ jsonvalue.Null
}

// nullable reports whether null is accepted. A schema without a type accepts it, unless
// something else decides. That it says so of a reference to a component that accepts
// null does no harm: the component is the same on both sides, or compared.
//
// It is asked about both sides in the same way, so that what it cannot know cancels out:
// only a difference is reported.
func (k *sketch) nullable() bool {
	switch {
	case !k.types.Has(jsonvalue.Null):
		return false
	case k.hasEnum:
		return k.null || k.enumNull
	case k.types == jsonvalue.Any:
		return k.null || len(k.refs) == 0 && k.union == ""
	}
	return true
}

// isNothing reports whether no value is accepted.
// By its types and enum, that is; a minimum above a maximum is not seen.
func (k *sketch) isNothing() bool { return k.kinds() == 0 && !k.nullable() }

// isBareUnion reports whether nothing but the union, and a type beside it,
// describes the value. Such a union is a list of alternatives to which a schema without
// a union is one more alternative; a union beside fields is a restriction of them.
//
// A description, a discriminator or a default beside it does not matter; required does,
// as it restricts every branch, and so does any other keyword.
func (k *sketch) isBareUnion() bool {
	for key := range k.keywords {
		if !besideUnion[key] {
			return false
		}
	}
	return k.union != "" && len(k.refs) == 0 && len(k.fields) == 0 && !k.closed && k.other == nil &&
		!k.hasEnum && k.items == nil && len(k.required) == 0 && len(k.rest) == 0
}

// besideUnion has the keywords that restrict no branch.
var besideUnion = map[string]bool{"discriminator": true, "default": true, "readOnly": true, "writeOnly": true}

// isObject reports whether the value may be an object.
func (k *sketch) isObject() bool { return k.kinds().Has(jsonvalue.Object) }
