package internal_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// FuzzInstances makes instances of whatever schema a document may hold: what
// comes out is valid and the same twice, everything else is an *Error.
func FuzzInstances(f *testing.F) {
	for _, seed := range []string{
		`{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/components/schemas/X"}}}`,
		`{"oneOf":[{"type":"integer","minimum":1e400},{"const":null}],"discriminator":{"propertyName":"a","mapping":{"b":1}}}`,
		`{"type":"string","pattern":"(a|b*)+[^\\x00-\\x{10ffff}]?$","minLength":7,"maxLength":8}`,
		`{"type":["array",1],"items":[true,{"$recursiveRef":"#"}],"additionalItems":false,"uniqueItems":true,"minItems":2,"contains":{}}`,
		`{"nullable":true,"allOf":[{"nullable":true},{"exclusiveMaximum":true,"maximum":3}],"x-opcall-patch":{"allOf":null,"multipleOf":0.1}}`,
		`{"if":{"minProperties":2},"then":{"propertyNames":{"maxLength":1}},"else":false,"dependentSchemas":{"a":{"not":{}}},"patternProperties":{"^.$":{}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{},"paths":{},"components":{"schemas":{"X":` + text + `}}}`))
		if err != nil {
			t.Skip()
		}
		s, err := doc.Component("X")
		if err != nil {
			t.Skip()
		}
		for _, make := range []func(*schema.Schema) (json.RawMessage, error){sample.Minimal, sample.Full} {
			got, err := make(s)
			var sampleErr *sample.Error
			if err != nil && !errors.As(err, &sampleErr) {
				t.Errorf("%s: got a %T, want *sample.Error", text, err)
			}
			if err == nil && s.Validate(got) != nil {
				t.Errorf("%s: got %s, which is not valid", text, got)
			}
			again, errAgain := make(s)
			if string(again) != string(got) || (err == nil) != (errAgain == nil) {
				t.Errorf("%s: got %s and %s", text, got, again)
			}
		}
	})
}
