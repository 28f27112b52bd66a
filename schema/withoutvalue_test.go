package schema_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

func TestProblemsWithoutValuesQuoteNothing(t *testing.T) {
	doc, err := schema.Load([]byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {
		"S": {"type": "object", "required": ["must"], "additionalProperties": false, "properties": {
			"must": {"type": "string"}, "n": {"type": "integer", "maximum": 5}, "e": {"enum": ["a", "b"]}, "p": {"type": "string", "pattern": "^x$"},
			"u": {"oneOf": [{"type": "object", "required": ["type"], "properties": {"type": {"const": "one"}}}, {"type": "object", "required": ["type"], "properties": {"type": {"const": "two"}}}]},
			"l": {"type": "array", "maxItems": 1, "uniqueItems": true, "items": {"type": "string"}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ instance, want string }{
		"type":          {`{"must": "x", "n": "SECRET"}`, "S: /n: invalid by type, want integer (S)"},
		"bound":         {`{"must": "x", "n": 98765}`, "/n: invalid by maximum"},
		"enum":          {`{"must": "x", "e": "SECRET"}`, `/e: invalid by enum, want "a"`},
		"pattern":       {`{"must": "x", "p": "SECRET"}`, "/p: invalid by pattern"},
		"tag":           {`{"must": "x", "u": {"type": "SECRET"}}`, "/u/type: invalid by"},
		"items":         {`{"must": "x", "l": ["SECRET", "SECRET"]}`, "/l: invalid by"},
		"missing":       {`{}`, `missing property "must"`},
		"unknown field": {`{"must": "x", "SECRET": 1}`, "/: unknown field"},
		"near a field":  {`{"must": "x", "mustSECRET": 1}`, "/: unknown field"},
		"not JSON":      {`{"must": SECRET}`, "/: invalid"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			err := doc.Validate("S", []byte(tt.instance))
			var invalid *schema.ValidationError
			if !errors.As(err, &invalid) {
				t.Fatalf("got %v, want a *ValidationError", err)
			}
			plain := invalid.WithoutValues()
			if got := plain.Error(); !strings.Contains(got, tt.want) || strings.Contains(got, "SECRET") || strings.Contains(got, "98765") {
				t.Errorf("got %q of %q, want %q and no value", got, err, tt.want)
			}
			for _, p := range plain.Problems {
				if p.Got != "" || p.Nearest != nil {
					t.Errorf("got %+v, want no value", p)
				}
			}
			if plain.Err != nil {
				t.Errorf("got the cause %v", plain.Err)
			}
		})
	}
}
