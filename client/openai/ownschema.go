package openai

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// ownSchema is a JSON Schema that the caller brings, for the arguments of a tool or
// the text of a format: as it is sent, and as what comes back is validated.
type ownSchema struct {
	text    string // without white space at its ends
	compile func() (*schema.Schema, error)
}

// SchemaError reports a JSON Schema of the caller's that cannot be used.
type SchemaError struct {
	Reason string
	Err    error // the cause, when there is one
}

func (e *SchemaError) Error() string { return "JSON Schema: " + e.Reason }

// Unwrap returns the cause.
func (e *SchemaError) Unwrap() error { return e.Err }

// maxSchemaDepth is how deeply a schema may be nested.
const maxSchemaDepth = 200

// newOwnSchema takes the text of a schema, which is compiled when it is first
// used.
func newOwnSchema(text string) (*ownSchema, error) {
	text = strings.TrimSpace(text)
	if err := jsonscan.CheckUnique(text, maxSchemaDepth); err != nil {
		return nil, &SchemaError{err.Error(), err}
	}
	if text[0] != '{' {
		return nil, &SchemaError{fmt.Sprintf("got %.40s, want an object", text), nil}
	}
	return &ownSchema{text: text, compile: sync.OnceValues(func() (*schema.Schema, error) { return compileOwn(text) })}, nil
}

// ownSchemaOf takes a schema in any form that marshals to one.
func ownSchemaOf(value any) (*ownSchema, error) {
	if own, ok := value.(*ownSchema); ok {
		return own, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, &SchemaError{"it cannot be written: " + err.Error(), err}
	}
	return newOwnSchema(string(text))
}

// MarshalJSON writes the schema as it is.
func (s *ownSchema) MarshalJSON() ([]byte, error) { return []byte(s.text), nil }

// validate validates an instance by the letter of JSON Schema 2020-12. The error is
// a *schema.ValidationError, or a *SchemaError.
func (s *ownSchema) validate(subject, instance string) error {
	compiled, err := s.compile()
	if err != nil {
		return err
	}
	return compiled.Validate(instance, schema.WithTier(schema.Strict), schema.WithSubject(subject))
}

// The document that a schema is made a component of, and where it is there.
const (
	around   = `{"openapi":"3.1.0","info":{"title":"","version":""},"paths":{},"components":{"schemas":{"` + ownName + `":`
	ownName  = "schema"
	ownPlace = "#/components/schemas/" + ownName
)

// compileOwn makes a schema the component of a document, in which its references
// lead to the same places.
func compileOwn(text string) (*schema.Schema, error) {
	moved := dialect.Rewrite(around+text+`}}}`, func(_, object string) string {
		ref, ok := jsonscan.Member(object, "$ref")
		if !ok || !strings.HasPrefix(ref, `"#`) {
			return object
		}
		place := jsonscan.String(ref)
		if len(place) > 1 && place[1] != '/' { // an anchor, which is found wherever it is
			return object
		}
		changed := jsonscan.ReadObject(object)
		changed.Set("$ref", quote(ownPlace+place[1:]))
		return changed.String()
	})
	document, err := schema.Load([]byte(moved))
	if err != nil {
		return nil, &SchemaError{err.Error(), err}
	}
	compiled, err := document.Component(ownName)
	if err != nil {
		return nil, &SchemaError{err.Error(), err}
	}
	return compiled, nil
}
