package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// In OpenAPI 3.0 a required property that is readOnly is required of responses alone, one
// that is writeOnly of requests alone (3.0.3 §4.7.24.2), wherever the schema is and however
// the two keywords meet. In 3.1 both are annotations.
func TestReadOnlyIsRequiredOfResponsesAlone(t *testing.T) {
	t.Parallel()
	const id, secret = `"id": {"type": "string", "readOnly": true}`, `"secret": {"type": "string", "writeOnly": true}`
	const object = `{"type": "object", "required": ["id", "name", "secret"], "properties": {` + id + `, "name": {"type": "string"}, ` + secret + `}}`
	const properties = `{"type": "object", "properties": {` + id + `, "name": {"type": "string"}, ` + secret + `}}`
	const required = `{"required": ["id", "name", "secret"]}`
	tests := map[string]struct{ schema, around string }{ // around is what stands around an instance
		"itself":                      {object, `%s`},
		"behind a reference":          {`{"$ref": "#/components/schemas/Object"}`, `%s`},
		"required beside allOf":       {`{"required": ["id", "name", "secret"], "allOf": [{"$ref": "#/components/schemas/Properties"}]}`, `%s`},
		"required in another member":  {`{"allOf": [` + properties + `, ` + required + `]}`, `%s`},
		"required before the other":   {`{"allOf": [` + required + `, {"$ref": "#/components/schemas/Properties"}]}`, `%s`},
		"required in a nested member": {`{"allOf": [{"allOf": [` + required + `]}], "properties": {` + id + `, ` + secret + `, "name": {}}}`, `%s`},
		"in a branch":                 {`{"oneOf": [{"$ref": "#/components/schemas/Object"}, {"type": "string"}]}`, `%s`},
		"in a list":                   {`{"type": "array", "items": ` + object + `}`, `[%s]`},
		"in a map":                    {`{"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Object"}}`, `{"a": %s}`},
		"in a property":               {`{"type": "object", "properties": {"a": {"anyOf": [` + object + `, {"type": "integer"}]}}}`, `{"a": %s}`},
		"property is a reference":     {`{"type": "object", "required": ["id", "name", "secret"], "properties": {"id": {"$ref": "#/components/schemas/ID"}, "name": {}, "secret": {"allOf": [{"$ref": "#/components/schemas/Secret"}]}}}`, `%s`},
	}
	for name, tt := range tests {
		for _, version := range []string{"3.0.3", "3.1.0"} {
			t.Run(name+", "+version, func(t *testing.T) {
				t.Parallel()
				doc, err := schema.Load([]byte(`{"openapi": "` + version + `", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {
					"A": ` + tt.schema + `, "Object": ` + object + `, "Properties": ` + properties + `, "ID": {"type": "string", "readOnly": true}, "Secret": {"type": "string", "writeOnly": true}}}}`))
				if err != nil {
					t.Fatal(err)
				}
				for what, way := range map[string]struct {
					direction schema.Direction
					instance  string
					missing   string // in 3.0
				}{
					"request":                   {schema.DirectionRequest, `{"name": "n", "secret": "s"}`, ""},
					"request without secret":    {schema.DirectionRequest, `{"name": "n"}`, "secret"},
					"response":                  {schema.DirectionResponse, `{"name": "n", "id": "i"}`, ""},
					"response without id":       {schema.DirectionResponse, `{"name": "n"}`, "id"},
					"response without name":     {schema.DirectionResponse, `{"id": "i"}`, "name"},
					"request, both are allowed": {schema.DirectionRequest, `{"id": "i", "name": "n", "secret": "s"}`, ""},
				} {
					instance := fmt.Sprintf(tt.around, way.instance)
					for _, tier := range []schema.Tier{schema.Standard, schema.Strict} {
						err := doc.Validate("A", instance, schema.WithDirection(way.direction), schema.WithTier(tier))
						wants := way.missing != "" || version != "3.0.3" && what != "request, both are allowed"
						if (err != nil) != wants || way.missing != "" && name != "in a branch" && !strings.Contains(fmt.Sprint(err), `"`+way.missing+`"`) {
							t.Errorf("%s, %v: got %v for %s, want an error: %t, about %q", what, tier, err, instance, wants, way.missing)
						}
					}
				}
			})
		}
	}
}
