package schema_test

import "testing"

// Which fields a schema declares, in the Standard tier. The instance has fields
// a to h; the ones listed are unknown.
func TestFieldsThatNoSchemaDeclaresAreUnknown(t *testing.T) {
	t.Parallel()
	const all = `{"a":1,"b":1,"c":1,"d":1}`
	unknown := func(names string) string {
		text := ""
		for i, name := range names {
			if i > 0 {
				text += "\n"
			}
			text += "/" + string(name) + `: unknown field "` + string(name) + `" (X)`
		}
		return text
	}
	tests := map[string]struct{ text, instance, want string }{
		"declared":                                {`{"type":"object","properties":{"a":{},"b":{}}}`, `{"a":1,"b":1}`, ``},
		"not declared":                            {`{"type":"object","properties":{"a":{},"b":{}}}`, all, unknown("cd")},
		"free-form":                               {`{"type":"object"}`, all, ``},
		"free-form by nothing":                    {`{}`, all, ``},
		"free-form by properties of none":         {`{"type":"object","properties":{}}`, all, ``},
		"free-form that asks for fields":          {`{"type":"object","required":["a"],"minProperties":1}`, all, ``},
		"free-form behind a reference":            {`{"$ref":"#/components/schemas/Free"}`, all, ``},
		"free-form in allOf":                      {`{"allOf":[{"type":"object"}]}`, all, ``},
		"free-form in a union":                    {`{"anyOf":[{"type":"string"},{"type":"object"}]}`, all, ``},
		"free-form beside a branch with fields":   {`{"anyOf":[{"type":"object","required":["e"],"properties":{"e":{}}},{"type":"object"}]}`, all, ``},
		"map":                                     {`{"type":"object","additionalProperties":{"type":"integer"}}`, all, ``},
		"map beside properties":                   {`{"type":"object","properties":{"a":{}},"additionalProperties":{"type":"integer"}}`, all, ``},
		"additionalProperties true":               {`{"type":"object","properties":{"a":{}},"additionalProperties":true}`, all, ``},
		"additionalProperties {}":                 {`{"type":"object","properties":{"a":{}},"additionalProperties":{}}`, all, ``},
		"additionalProperties false":              {`{"type":"object","properties":{"a":{},"b":{}},"additionalProperties":false}`, all, unknown("cd")},
		"additionalProperties false beside allOf": {`{"allOf":[{"properties":{"a":{}}}],"properties":{"b":{}},"additionalProperties":false}`, `{"a":1,"b":1,"c":1}`, unknown("c")},
		"unevaluatedProperties false":             {`{"allOf":[{"properties":{"a":{}}}],"properties":{"b":{}},"unevaluatedProperties":false}`, all, unknown("cd")},
		"unevaluatedProperties of a kind":         {`{"properties":{"b":{}},"unevaluatedProperties":{"type":"integer"}}`, all, ``},
		"patternProperties":                       {`{"type":"object","properties":{"a":{}},"patternProperties":{"^[bc]$":{}}}`, all, unknown("d")},
		"required but not declared":               {`{"type":"object","required":["b"],"properties":{"a":{}}}`, all, unknown("cd")},

		"allOf":                    {`{"allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}},{"type":"object"},{"required":["a"]}]}`, all, unknown("cd")},
		"allOf of references":      {`{"allOf":[{"$ref":"#/components/schemas/B"},{"type":"object","properties":{"a":{}}}]}`, all, unknown("cd")},
		"allOf beside properties":  {`{"type":"object","properties":{"a":{}},"allOf":[{"$ref":"#/components/schemas/B"}]}`, all, unknown("cd")},
		"allOf with a free one":    {`{"allOf":[{"$ref":"#/components/schemas/Free"},{"properties":{"a":{}}}]}`, all, ``},
		"allOf of a base":          {`{"allOf":[{"$ref":"#/components/schemas/Base"},{"properties":{"a":{}}}]}`, all, ``},
		"$ref with properties":     {`{"$ref":"#/components/schemas/B","properties":{"a":{}}}`, all, unknown("cd")},
		"$ref with a description":  {`{"$ref":"#/components/schemas/B","description":"d"}`, `{"b":1,"c":1}`, "/c: unknown field \"c\" (B)"},
		"then and else":            {`{"properties":{"a":{}},"if":{"required":["b"]},"then":{"properties":{"b":{}}},"else":{"properties":{"c":{}}}}`, all, unknown("cd")},
		"if names fields too":      {`{"properties":{"a":{}},"if":{"properties":{"b":{"const":1}}},"then":{"properties":{"c":{}}}}`, all, unknown("d")},
		"dependentSchemas":         {`{"properties":{"a":{}},"dependentSchemas":{"a":{"properties":{"b":{}}},"e":{"properties":{"c":{}}}}}`, all, unknown("cd")},
		"not names none":           {`{"properties":{"a":{}},"not":{"properties":{"b":{"type":"string"}},"required":["b"]}}`, `{"a":1,"b":1}`, unknown("b")},
		"not knows unknown fields": {`{"properties":{"a":{"type":"object"}},"not":{"properties":{"a":{"properties":{"x":{}}}}}}`, `{"a":{"y":1}}`, `/: got an object, want a value that does not match the schema under not (X)`},
		"contains knows them, too": {`{"type":"array","items":{"type":"object","properties":{"a":{},"b":{}}},"contains":{"type":"object","required":["a"],"properties":{"a":{}}}}`, `[{"a":1,"b":1}]`, ``},

		"anyOf, the branch taken":       {`{"anyOf":[{"type":"object","required":["a"],"properties":{"a":{}}},{"type":"object","required":["e"],"properties":{"e":{},"b":{}}}]}`, `{"a":1,"b":1}`, unknown("b")},
		"anyOf, both branches fit":      {`{"anyOf":[{"type":"object","properties":{"a":{}}},{"type":"object","properties":{"a":{},"b":{}}}]}`, `{"a":1,"b":1}`, ``},
		"anyOf, fields over both":       {`{"anyOf":[{"type":"object","properties":{"a":{},"b":{}}},{"type":"object","properties":{"c":{},"d":{}}}]}`, all, ``},
		"anyOf, the other does not fit": {`{"anyOf":[{"type":"object","properties":{"a":{}}},{"type":"object","required":["e"],"properties":{"a":{},"b":{},"e":{}}}]}`, `{"a":1,"b":1}`, unknown("b")},
		"oneOf beside properties":       {`{"type":"object","properties":{"a":{}},"oneOf":[{"required":["a"]},{"properties":{"b":{}},"required":["e"]}]}`, `{"a":1,"b":1}`, unknown("b")},
		"oneOf of required only":        {`{"type":"object","properties":{"a":{},"b":{}},"oneOf":[{"required":["a"]},{"required":["e"]}]}`, `{"a":1,"c":1}`, unknown("c")},
		"oneOf that only asks":          {`{"type":"object","oneOf":[{"required":["a"]},{"required":["e"]}]}`, all, ``},
		"nested unions":                 {`{"anyOf":[{"anyOf":[{"type":"object","required":["a"],"properties":{"a":{}}},{"type":"string"}]},{"type":"null"}]}`, `{"a":1,"c":1}`, unknown("c")},
		"union in allOf":                {`{"allOf":[{"properties":{"a":{}}},{"oneOf":[{"required":["b"],"properties":{"b":{}}},{"required":["e"],"properties":{"e":{},"c":{}}}]}]}`, `{"a":1,"b":1,"c":1}`, unknown("c")},
		"wrong tag hides the fields":    {`{"oneOf":[{"type":"object","required":["a"],"properties":{"a":{"const":"x"}}},{"type":"object","required":["a"],"properties":{"a":{"const":"y"},"b":{}}}]}`, `{"a":"z","b":1}`, `/a: got "z", want one of "x", "y" (X)`},
		"beside another mistake":        {`{"type":"object","properties":{"a":{"type":"string"},"b":{}}}`, all, "/a: got number 1, want string (X)\n" + unknown("cd")},
		"known to what failed":          {`{"allOf":[{"$ref":"#/components/schemas/B"},{"properties":{"a":{}}}]}`, `{"a":1,"b":"x"}`, `/b: got string "x", want integer (B)`},

		"in an item":                    {`{"type":"array","items":{"type":"object","properties":{"a":{}}}}`, `[{"a":1},{"b":1}]`, `/1/b: unknown field "b" (X)`},
		"in a field":                    {`{"type":"object","properties":{"a":{"type":"object","properties":{"b":{}}}}}`, `{"a":{"c":1}}`, `/a/c: unknown field "c" (X)`},
		"in a value of a map":           {`{"type":"object","additionalProperties":{"$ref":"#/components/schemas/B"}}`, `{"x":{"c":1}}`, `/x/c: unknown field "c" (B)`},
		"in an item of a tuple":         {`{"type":"array","prefixItems":[{"$ref":"#/components/schemas/B"}]}`, `[{"c":1}]`, `/0/c: unknown field "c" (B)`},
		"misspelt and missing":          {`{"type":"object","required":["colour"],"properties":{"colour":{},"name":{}}}`, `{"color":1}`, `/color: unknown field "color"; did you mean "colour"? (X)`},
		"taken names are not suggested": {`{"type":"object","properties":{"name":{},"named":{}}}`, `{"name":1,"names":1}`, `/names: unknown field "names"; did you mean "named"? (X)`},
		"odd names":                     {`{"type":"object","properties":{"a":{}}}`, `{"b/c~d \u0007%41":1}`, `/b~1c~0d \a%41: unknown field "b/c~d \a%41" (X)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, with(`{"X":`+tt.text+`,"B":{"type":"object","properties":{"b":{"type":"integer"}}},"Free":{"type":"object"},"Base":{"type":"object","required":["b"],"properties":{"b":{}},"discriminator":{"propertyName":"b"}}}`))
			if got := verdict(t, doc, "X", tt.instance); got != tt.want {
				t.Errorf("%s of %s:\n got %s\nwant %s", tt.text, tt.instance, got, tt.want)
			}
		})
	}
}
