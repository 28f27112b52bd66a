package schema

import (
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
	text, ok := d.schemas[name]
	if !ok {
		return nil, &UnknownComponentError{Name: name, Nearest: nearest(name, d.names, 3)}
	}
	at := componentPointer(name)
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
	if tokens := s.pointer.Tokens(); len(tokens) == 3 && tokens[0] == "components" && tokens[1] == "schemas" {
		return tokens[2]
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
