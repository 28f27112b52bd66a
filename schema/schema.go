package schema

import (
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema/internal/validator"
)

// Schema is a schema object of a document, at the place where it stands. It is compiled
// when first used and is safe for concurrent use. It holds nothing but the place: two
// Schemas of one place share what is compiled.
type Schema struct {
	doc     *Document
	pointer Pointer
	text    string
}

func (d *Document) schemaAt(at Pointer, text string) *Schema {
	return &Schema{doc: d, pointer: at, text: text}
}

func (s *Schema) place() validator.Place { return validator.Place{Text: s.text, At: string(s.pointer)} }

// Component returns the component schema of that name; the error is an
// *UnknownComponentError with the nearest names, or a *DocumentError where the
// document has an error in what the component uses.
func (d *Document) Component(name string) (*Schema, error) {
	text, ok := d.schemas.Get(name)
	if !ok {
		return nil, &UnknownComponentError{Name: name, Nearest: nearest(name, d.schemas.Names(), 3)}
	}
	at := componentPointer(name)
	// Refused here and not when it validates: what it refers to may be broken far away, and a
	// validation that passes it over would be wrong in silence.
	if docErr := d.refusedAt(at); docErr != nil {
		return nil, docErr
	}
	return d.schemaAt(at, text), nil
}

// Pointer returns where the schema stands in its document.
func (s *Schema) Pointer() Pointer { return s.pointer }

// Document returns the document that the schema belongs to.
func (s *Schema) Document() *Document { return s.doc }

// JSON returns the schema object's text as it stands in the document.
func (s *Schema) JSON() string { return s.text }

// Name returns the component's name, also that of a reference to one, else the schema's
// title, else its pointer. It is for messages and need not be unique: several schemas
// may have one title.
func (s *Schema) Name() string {
	if name, ok := wholeComponent(s.pointer); ok {
		return name
	}
	if ref, ok := jsonscan.Member(s.text, "$ref"); ok {
		if pointer, err := localPointer(jsonscan.String(ref)); err == nil {
			if name, ok := componentName(pointer); ok {
				return name
			}
		}
	}
	if title, ok := jsonscan.Member(s.text, "title"); ok {
		return jsonscan.String(title)
	}
	return string(s.pointer)
}

// Fields returns the names of the members that the schema declares for objects, in any
// of its parts and branches, and whether it accepts others: by a pattern, or because
// it says so.
func (s *Schema) Fields() (names []string, open bool) {
	return s.doc.closed().Node(s.place()).Declared()
}

// IsObject reports whether objects alone are meant: where the type says so, or where there
// is no type and properties are declared. By the letter those restrict nothing but objects
// (JSON Schema 2020-12 Core §10.3.2.1), so that Validate lets a list through.
func (s *Schema) IsObject() bool {
	looks := maxSchemaLooks
	return s.doc.isObject(s.text, s.pointer, &looks)
}

// maxSchemaLooks bounds how many schemas are looked at for the type of one: they may refer to
// each other, and to themselves. What is not found by then is not said to be an object.
const maxSchemaLooks = 200

// isObject is IsObject of a text. Of a reference the target alone is asked: what stands beside it
// restricts the values further (JSON Schema 2020-12 §8.2.3.1). looks is shared by all branches, so
// that branches within branches do not multiply.
func (d *Document) isObject(text string, at Pointer, looks *int) bool {
	if *looks--; *looks < 0 {
		return false
	}
	text, at, err := d.follow(text, at)
	if err != nil {
		return false
	}
	object := false
	for name, value := range jsonscan.Members(text) {
		switch name {
		case "type":
			// With null in the list an object is not all that is meant.
			if value != `"object"` && value != `["object"]` {
				return false
			}
			object = true
		case "items", "prefixItems", "enum", "const", "nullable":
			return false // lists, or values of some other kind, are meant as well
		// required, too, applies to objects alone (JSON Schema Validation §6.5.3).
		case "properties", "additionalProperties", "required":
			object = true
		case "allOf":
			// One part is enough, as all of them apply (JSON Schema 2020-12 §10.2.1.1).
			for i, member := range jsonscan.Items(value) {
				object = d.isObject(member, at.Append("allOf").Append(strconv.Itoa(i)), looks) || object
			}
		case "anyOf", "oneOf":
			// Any branch may be the one that a value takes (§10.2.1.2, §10.2.1.3), so that
			// all have to be.
			for i, member := range jsonscan.Items(value) {
				if !d.isObject(member, at.Append(name).Append(strconv.Itoa(i)), looks) {
					return false
				}
				object = true
			}
		}
	}
	return object
}
