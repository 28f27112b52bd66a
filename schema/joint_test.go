package schema_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

func TestPropertyThatMembersOfAllOfShareIsKnownFromAll(t *testing.T) {
	t.Parallel()
	const base = `"Base":{"type":"object","properties":{"at":{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}}}`
	tests := map[string]struct {
		schemas   string
		instances map[string]validity
		unknown   string // the field that the last instance has too many
		bad       string
	}{
		"a base and an extension": {
			base + `,"X":{"allOf":[{"$ref":"#/components/schemas/Base"},{"type":"object","properties":{"at":{"type":"object","properties":{"b":{"type":"integer"}}}}}]}`,
			map[string]validity{`{"at":{"a":1,"b":2}}`: both, `{"at":{"b":2}}`: neither, `{"at":{"a":1,"b":"2"}}`: neither},
			"bb", `{"at":{"a":1,"bb":2}}`,
		},
		"properties beside allOf": {
			base + `,"X":{"allOf":[{"$ref":"#/components/schemas/Base"}],"properties":{"at":{"properties":{"b":{}}}}}`,
			map[string]validity{`{"at":{"a":1,"b":2}}`: both},
			"c", `{"at":{"a":1,"c":2}}`,
		},
		"beside $ref": {
			base + `,"X":{"$ref":"#/components/schemas/Base","properties":{"at":{"properties":{"b":{}}}}}`,
			map[string]validity{`{"at":{"a":1,"b":2}}`: both},
			"c", `{"at":{"a":1,"c":2}}`,
		},
		"beside a union": {
			`"X":{"type":"object","properties":{"at":{"properties":{"b":{}}}},"anyOf":[{"properties":{"k":{"const":1},"at":{"properties":{"a":{}}}},"required":["k"]},{"properties":{"k":{"const":2},"at":{"properties":{"c":{}}}},"required":["k"]}]}`,
			map[string]validity{`{"k":1,"at":{"a":1,"b":2}}`: both, `{"k":2,"at":{"b":1,"c":2}}`: both},
			"c", `{"k":1,"at":{"c":1}}`,
		},
		"two levels down": {
			`"X":{"allOf":[{"properties":{"p":{"properties":{"q":{"properties":{"a":{}}}}}}},{"properties":{"p":{"properties":{"q":{"properties":{"b":{}}}}}}}]}`,
			map[string]validity{`{"p":{"q":{"a":1,"b":2}}}`: both},
			"c", `{"p":{"q":{"a":1,"c":2}}}`,
		},
		"items": {
			`"X":{"allOf":[{"properties":{"l":{"type":"array","items":{"properties":{"a":{}}}}}},{"properties":{"l":{"items":{"properties":{"b":{}}}}}}]}`,
			map[string]validity{`{"l":[{"a":1},{"a":1,"b":2}]}`: both},
			"c", `{"l":[{"a":1},{"c":2}]}`,
		},
		"an allOf in the property": {
			base + `,"Ext":{"properties":{"b":{}}},"X":{"allOf":[{"$ref":"#/components/schemas/Base"},{"properties":{"at":{"allOf":[{"$ref":"#/components/schemas/Ext"}]}}}]}`,
			map[string]validity{`{"at":{"a":1,"b":2}}`: both},
			"c", `{"at":{"a":1,"c":2}}`,
		},
		"a pattern": {
			`"X":{"allOf":[{"properties":{"pa":{"properties":{"a":{}}}}},{"patternProperties":{"^p":{"properties":{"b":{}}}}}]}`,
			map[string]validity{`{"pa":{"a":1,"b":2}}`: both},
			"c", `{"pa":{"a":1,"c":2}}`,
		},
		"additionalProperties of a member": {
			`"X":{"allOf":[{"properties":{"p":{"properties":{"a":{}}}}},{"additionalProperties":{"type":"object","properties":{"b":{}}}}]}`,
			map[string]validity{`{"p":{"a":1,"b":2}}`: both},
			"c", `{"p":{"a":1,"c":2}}`,
		},
		"a property that is open in one": {
			`"X":{"allOf":[{"properties":{"p":{"properties":{"a":{}}}}},{"properties":{"p":{"type":"object","additionalProperties":true}}}],"properties":{"q":{}}}`,
			map[string]validity{`{"p":{"a":1,"z":2}}`: both},
			"z", `{"z":1}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := componentsOf(t, "3.1.0", `{`+tt.schemas+`}`)
			for instance, v := range tt.instances {
				v.check(t, doc, instance)
			}
			wantUnknown(t, doc, tt.bad, tt.unknown)
			if err := doc.Validate("X", tt.bad, schema.WithTier(schema.Strict)); err != nil {
				t.Errorf("Strict, %s: %v", tt.bad, err)
			}
		})
	}
}

// wantUnknown checks that the unknown fields of an instance are those.
func wantUnknown(t *testing.T, doc *schema.Document, instance string, fields ...string) {
	t.Helper()
	err := doc.Validate("X", instance)
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Problems) != len(fields) {
		t.Fatalf("%s: got %v, want the unknown fields %q", instance, err, fields)
	}
	for i, field := range fields {
		if !strings.Contains(invalid.Problems[i].Message, `unknown field "`+field+`"`) {
			t.Errorf("%s: got %v, want the unknown field %q", instance, invalid.Problems[i], field)
		}
	}
}

func TestClosedMembersOfAllOfAreClosedAsAWhole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		schemas   string
		instances map[string]validity
		bad       string
		at        schema.Pointer // of a repair
	}{
		"two closed members": {
			`"X":{"allOf":[{"properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false},{"properties":{"b":{}},"additionalProperties":false}]}`,
			map[string]validity{`{"a":1,"b":2}`: standardOnly, `{"a":"x","b":2}`: neither, `{"b":2}`: neither},
			`{"a":1,"z":2}`, "/components/schemas/X/allOf/0",
		},
		"closed around a reference": {
			`"T":{"type":"object","properties":{"a":{}}},"X":{"type":"object","additionalProperties":false,"allOf":[{"$ref":"#/components/schemas/T"}]}`,
			map[string]validity{`{"a":1}`: standardOnly, `{}`: both},
			`{"a":1,"z":2}`, "/components/schemas/X",
		},
		"closed components": {
			`"A":{"properties":{"a":{}},"additionalProperties":false},"X":{"allOf":[{"$ref":"#/components/schemas/A"},{"properties":{"b":{}}}]}`,
			map[string]validity{`{"a":1,"b":1}`: standardOnly},
			`{"a":1,"z":2}`, "/components/schemas/A",
		},
		"a closed property of two members": {
			`"X":{"allOf":[{"properties":{"p":{"properties":{"a":{}},"additionalProperties":false}}},{"properties":{"p":{"properties":{"b":{}},"additionalProperties":false}}}]}`,
			map[string]validity{`{"p":{"a":1,"b":1}}`: standardOnly},
			`{"p":{"a":1,"z":2}}`, "/components/schemas/X/allOf/0/properties/p",
		},
		"a closed property of components that refer to themselves": {
			`"A":{"properties":{"p":{"$ref":"#/components/schemas/A"}},"additionalProperties":false},"B":{"properties":{"p":{"$ref":"#/components/schemas/B"},"b":{}},"additionalProperties":false},
			"X":{"properties":{"q":{"$ref":"#/components/schemas/A"}},"allOf":[{"properties":{"q":{"$ref":"#/components/schemas/B"}}}]}`,
			map[string]validity{`{"q":{"b":1}}`: standardOnly, `{"q":{"p":{"p":{"b":1}}}}`: standardOnly},
			`{"q":{"p":{"p":{"z":1}}}}`, "/components/schemas/A",
		},
		"in a branch": {
			`"X":{"anyOf":[{"type":"string"},{"allOf":[{"properties":{"a":{}},"additionalProperties":false},{"properties":{"b":{}},"additionalProperties":false}]}]}`,
			map[string]validity{`{"a":1,"b":1}`: standardOnly, `"s"`: both},
			`{"a":1,"z":2}`, "/components/schemas/X/anyOf/1/allOf/0",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := componentsOf(t, "3.1.0", `{`+tt.schemas+`}`)
			for instance, v := range tt.instances {
				v.check(t, doc, instance)
			}
			if err := doc.Validate("X", tt.bad); err == nil || !strings.Contains(err.Error(), `unknown field "z"`) || strings.Contains(err.Error(), `unknown field "a"`) {
				t.Errorf("%s: got %v, want the unknown field z", tt.bad, err)
			}
			if got := repairsAt(doc, tt.at); tt.at != "" && !strings.Contains(got, "allOf") {
				t.Errorf("got repairs %q at %s, want one about allOf", got, tt.at)
			}
		})
	}
}

// What an author closes alone stays closed: a union beside it is not an allOf, and a test asks
// about its own schema.
func TestClosedSchemaAloneStaysClosed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a union beside": `{"properties":{"k":{}},"additionalProperties":false,"anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}`,
		"a test":         `{"properties":{"k":{}},"allOf":[{"properties":{"a":{}}}],"if":{"properties":{"k":{}},"additionalProperties":false},"else":false}`,
	} {
		doc := componentsOf(t, "3.1.0", `{"X":`+text+`}`)
		t.Run(name, func(t *testing.T) { neither.check(t, doc, `{"k":1,"a":1}`) })
		for _, r := range doc.Repairs() {
			t.Errorf("%s: got repair %v", name, r)
		}
	}
}

// A base that lists its subtypes, each an allOf of the base.
func TestBaseMayListItsOwnSubtypes(t *testing.T) {
	t.Parallel()
	const text = `{"X":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"}},
		"oneOf":[{"$ref":"#/components/schemas/Circle"},{"$ref":"#/components/schemas/Square"}]%s},
		"Circle":{"allOf":[{"$ref":"#/components/schemas/X"},{"type":"object","required":["radius"],"properties":{"radius":{"type":"number"}}}]},
		"Square":{"allOf":[{"$ref":"#/components/schemas/X"},{"type":"object","required":["side"],"properties":{"side":{"type":"number"}}}]}}`
	for name, discriminator := range map[string]string{
		"without discriminator": "",
		"with discriminator":    `,"discriminator":{"propertyName":"kind","mapping":{"circle":"#/components/schemas/Circle","square":"#/components/schemas/Square"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := componentsOf(t, "3.0.3", strings.Replace(text, "%s", discriminator, 1))
			for instance, v := range map[string]validity{
				`{"kind":"circle","radius":1}`:   both,
				`{"kind":"square","side":1}`:     both,
				`{"kind":"circle","radius":"1"}`: neither,
				`{"kind":"circle"}`:              neither,
				`{"radius":1}`:                   neither,
			} {
				v.check(t, doc, instance)
			}
			wantUnknown(t, doc, `{"kind":"circle","radius":1,"z":1}`, "z")
			for _, tier := range []schema.Tier{schema.Standard, schema.Strict} {
				if err := doc.Validate("Circle", `{"kind":"circle","radius":1}`, schema.WithTier(tier)); err != nil {
					t.Errorf("Circle, %v: %v", tier, err)
				}
				if err := doc.Validate("Square", `{"kind":"square","radius":1}`, schema.WithTier(tier)); err == nil {
					t.Errorf("Square, %v: a value without side is valid", tier)
				}
			}
		})
	}
}
