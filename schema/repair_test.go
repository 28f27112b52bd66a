package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// of is a document with the component schema X, and B to refer to.
func of(text string) string {
	return `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{"X":` + text + `,"B":{"type":"object","properties":{"b":{"type":"string"}}}}}}`
}

func TestRepairSaysWhatItMadeOfASchema(t *testing.T) {
	t.Parallel()
	const toB = `{"$ref":"#/components/schemas/B"}`
	const null = `{"type":"null"}`
	tests := map[string]struct {
		text, want string
		repairs    []string // without the pointer of X
	}{
		"nothing to mend": {`{"type":["string","null"],"required":["a","b"],"exclusiveMinimum":1}`, "", nil},

		"nullable beside type":         {`{"type":"string","nullable":true}`, `{"type":["string","null"]}`, []string{`: nullable: a keyword of OpenAPI 3.0; read as type ["string","null"]`}},
		"nullable beside types":        {`{"type":["string","integer"],"nullable":true}`, `{"type":["string","integer","null"]}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable beside null":         {`{"type":["string","null"],"nullable":true}`, `{"type":["string","null"]}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable beside enum":         {`{"type":"string","enum":["a"],"nullable":true}`, `{"type":["string","null"],"enum":["a",null]}`, []string{`: nullable: a keyword of OpenAPI 3.0; read as type ["string","null"]`}},
		"nullable beside enum of null": {`{"enum":[null, "a"],"nullable":true}`, `{"enum":[null,"a"]}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable beside empty enum":   {`{"enum":[],"nullable":true}`, `{"enum":[null]}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable beside const":        {`{"const":"a","nullable":true}`, `{"enum":["a",null]}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable beside $ref":         {`{"$ref":"#/components/schemas/B","nullable":true,"description":"d"}`, `{"description":"d","anyOf":[` + toB + `,` + null + `]}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable beside anyOf":        {`{"anyOf":[` + toB + `,{"type":"string"}],"nullable":true}`, `{"anyOf":[` + toB + `,{"type":"string"},` + null + `]}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable beside oneOf":        {`{"oneOf":[` + toB + `],"discriminator":{"propertyName":"b"},"nullable":true}`, `{"anyOf":[{"oneOf":[` + toB + `],"discriminator":{"propertyName":"b"}},` + null + `]}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable beside allOf":        {`{"allOf":[` + toB + `],"nullable":true}`, `{"anyOf":[{"allOf":[` + toB + `]},` + null + `]}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable beside all of them":  {`{"type":"object","$ref":"#/components/schemas/B","anyOf":[{}],"allOf":[{}],"nullable":true}`, `{"type":["object","null"],"anyOf":[{"$ref":"#/components/schemas/B","allOf":[{}],"anyOf":[{}]},` + null + `]}`, []string{`: nullable: a keyword of OpenAPI 3.0; read as type ["object","null"]`}},
		"nullable false":               {`{"type":"string","nullable":false}`, `{"type":"string"}`, []string{": nullable: a keyword of OpenAPI 3.0 that says nothing here; dropped"}},
		"nullable alone":               {`{"nullable":true}`, `{}`, []string{": nullable: a keyword of OpenAPI 3.0; read as: or null"}},
		"nullable in allOf":            {`{"allOf":[` + toB + `,{"nullable":true,"description":"d"}]}`, `{"anyOf":[{"allOf":[` + toB + `]},` + null + `]}`, []string{"/allOf/1: nullable: a member of allOf; read as: or null"}},
		"nullable alone in allOf":      {`{"type":"string","allOf":[{"nullable":true}]}`, `{"type":["string","null"]}`, []string{"/allOf/0: nullable: a member of allOf; read as: or null"}},
		"nullable in allOf by anyOf":   {`{"allOf":[` + toB + `,{"nullable":true}],"anyOf":[{"minProperties":1}]}`, `{"anyOf":[{"allOf":[` + toB + `],"anyOf":[{"minProperties":1}]},` + null + `]}`, []string{"/allOf/1: nullable: a member of allOf; read as: or null"}},
		"nullable with a say in allOf": {`{"allOf":[{"type":"string","nullable":true}]}`, `{"allOf":[{"type":["string","null"]}]}`, []string{`/allOf/0: nullable: a keyword of OpenAPI 3.0; read as type ["string","null"]`}},

		"exclusiveMinimum true":       {`{"minimum":1,"exclusiveMinimum":true}`, `{"exclusiveMinimum":1}`, []string{": exclusiveMinimum: the boolean of OpenAPI 3.0; read as exclusiveMinimum: 1"}},
		"exclusiveMaximum true":       {`{"exclusiveMaximum":true,"maximum":2.50}`, `{"exclusiveMaximum":2.50}`, []string{": exclusiveMaximum: the boolean of OpenAPI 3.0; read as exclusiveMaximum: 2.50"}},
		"exclusiveMinimum false":      {`{"minimum":1,"exclusiveMinimum":false}`, `{"minimum":1}`, []string{": exclusiveMinimum: the boolean of OpenAPI 3.0 that bounds nothing here; dropped"}},
		"exclusiveMinimum of nothing": {`{"exclusiveMinimum":true}`, `{}`, []string{": exclusiveMinimum: the boolean of OpenAPI 3.0 that bounds nothing here; dropped"}},

		"$recursiveRef": {
			`{"$recursiveAnchor":true,"properties":{"x":{"$recursiveRef":"#"}}}`, `{"properties":{"x":{"$ref":"#/components/schemas/X"}}}`,
			[]string{
				": $recursiveAnchor: a keyword of JSON Schema 2019-09; dropped, the reference is a plain one",
				`/properties/x: $recursiveRef: a keyword of JSON Schema 2019-09; read as $ref "#/components/schemas/X"`,
			},
		},
		"required twice":    {`{"required":["a","b","a"]}`, `{"required":["a","b"]}`, []string{": required: a name is there twice; read once"}},
		"required of 2.0":   {`{"type":"string","required":true}`, `{"type":"string"}`, []string{": required: got true, want a list of names; dropped"}},
		"tuple":             {`{"items":[{"type":"string"},{}],"additionalItems":false}`, `{"prefixItems":[{"type":"string"},{}],"items":false}`, []string{": items: a list of schemas, as before JSON Schema 2020-12; read as prefixItems"}},
		"tuple without end": {`{"items":[{"type":"string"}]}`, `{"prefixItems":[{"type":"string"}]}`, []string{": items: a list of schemas, as before JSON Schema 2020-12; read as prefixItems"}},

		"pattern":           {`{"type":"string","pattern":"^(?!x)"}`, "", []string{`: pattern: "^(?!x)" is not a regular expression that Go reads; not checked`}},
		"patternProperties": {`{"patternProperties":{"^(?<!a)b$":{},"^x":{}},"additionalProperties":false}`, "", []string{`/patternProperties: patternProperties: "^(?<!a)b$" is not a regular expression that Go reads; not checked, and any other field is allowed for it`}},
		"several, and deeper": {
			`{"type":"object","nullable":true,"required":["a","a"],"properties":{"a":{"type":"integer","minimum":0,"exclusiveMinimum":true,"nullable":true}}}`,
			`{"type":["object","null"],"required":["a"],"properties":{"a":{"type":["integer","null"],"exclusiveMinimum":0}}}`,
			[]string{
				": required: a name is there twice; read once",
				`: nullable: a keyword of OpenAPI 3.0; read as type ["object","null"]`,
				"/properties/a: exclusiveMinimum: the boolean of OpenAPI 3.0; read as exclusiveMinimum: 0",
				`/properties/a: nullable: a keyword of OpenAPI 3.0; read as type ["integer","null"]`,
			},
		},
		"data is not a schema":   {`{"default":{"nullable":true},"example":{"required":true},"enum":[{"nullable":true}],"x-y":{"nullable":true}}`, "", nil},
		"names are not keywords": {`{"properties":{"nullable":{"type":"string"},"required":{"type":"string"},"items":{"type":"string"}}}`, "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, of(tt.text))
			var repairs []string
			for _, r := range doc.Repairs() {
				repairs = append(repairs, strings.TrimPrefix(r.String(), "/components/schemas/X"))
			}
			if diff := cmp.Diff(tt.repairs, repairs); diff != "" {
				t.Errorf("repairs of %s (-want +got):\n%s", tt.text, diff)
			}
			if tt.want == "" {
				tt.want = tt.text
			}
			again := open(t, dialect.Rewrite(string(doc.JSON()), func(at, text string) string { return dialect.ByTheLetter(text, at) }))
			got, _ := again.Lookup("/components/schemas/X")
			if err := jsonscan.Check(got, 100); err != nil || compact(got) != compact(tt.want) {
				t.Errorf("%s repaired:\n got %s %v\nwant %s", tt.text, got, err, tt.want)
			}
			for _, r := range again.Repairs() {
				if !strings.Contains(r.Reason, "not a regular expression") {
					t.Errorf("%s, repaired, needs %s", got, r)
				}
			}
		})
	}
}

// compact drops the spaces of a text that has none in strings.
func compact(text string) string { return strings.ReplaceAll(text, " ", "") }

// What a repaired schema accepts: what its author intended.
func TestRepairedSchemasAcceptWhatTheirAuthorIntended(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text         string
		valid, wrong []string
	}{
		"nullable string":      {`{"type":"string","nullable":true}`, []string{`"a"`, `null`}, []string{`1`}},
		"nullable enum":        {`{"type":"string","enum":["a"],"nullable":true}`, []string{`"a"`, `null`}, []string{`"b"`}},
		"nullable reference":   {`{"$ref":"#/components/schemas/B","nullable":true}`, []string{`{"b":"x"}`, `null`}, []string{`{"b":1}`, `"x"`}},
		"nullable oneOf":       {`{"oneOf":[{"$ref":"#/components/schemas/B"},{"type":"string"}],"nullable":true}`, []string{`{"b":"x"}`, `"x"`, `null`}, []string{`{"b":1}`, `1`}},
		"nullable with a type": {`{"type":"object","allOf":[{"$ref":"#/components/schemas/B"}],"nullable":true}`, []string{`{"b":"x"}`, `null`}, []string{`{"b":1}`, `1`}},
		"nullable member":      {`{"allOf":[{"$ref":"#/components/schemas/B"},{"nullable":true}]}`, []string{`{"b":"x"}`, `null`}, []string{`{"b":1}`}},
		"exclusive bounds":     {`{"type":"number","minimum":1,"exclusiveMinimum":true,"maximum":2,"exclusiveMaximum":true}`, []string{`1.5`}, []string{`1`, `2`}},
		"recursion":            {`{"type":"object","properties":{"x":{"$recursiveRef":"#"}},"$recursiveAnchor":true}`, []string{`{"x":{"x":{}}}`}, []string{`{"x":{"x":1}}`}},
		"tuple":                {`{"type":"array","items":[{"type":"string"},{"type":"integer"}],"additionalItems":false}`, []string{`["a",1]`, `[]`}, []string{`[1]`, `["a",1,2]`}},
		"unreadable pattern":   {`{"type":"string","pattern":"^(?!x)","maxLength":2}`, []string{`"xx"`}, []string{`"xxx"`, `1`}},
		"unreadable name":      {`{"type":"object","properties":{"a":{"type":"string"}},"patternProperties":{"^(?!x)":{},"^n":{"type":"integer"}},"additionalProperties":false}`, []string{`{"a":"b","whatever":1,"n1":2}`}, []string{`{"a":1}`, `{"n1":"x"}`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := open(t, of(tt.text))
			for _, tier := range []schema.Tier{schema.Strict, schema.Standard} {
				for _, instance := range tt.valid {
					if err := doc.Validate("X", instance, schema.WithTier(tier)); err != nil {
						t.Errorf("%s, %s: %s: got %v, want it valid", tier, tt.text, instance, err)
					}
				}
				for _, instance := range tt.wrong {
					if doc.Validate("X", instance, schema.WithTier(tier)) == nil {
						t.Errorf("%s, %s: %s is valid, want an error", tier, tt.text, instance)
					}
				}
			}
		})
	}
}

func TestOfficialDocumentsNeedKnownRepairsAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]map[string]int{
		"openapi.yaml": {
			"nullable": 112, "exclusiveMinimum": 7, "$recursiveRef": 2, "$recursiveAnchor": 2, "required": 1,
		},
		"openapi-2025-04-29.yaml": {
			"nullable": 277, "exclusiveMinimum": 5, "$recursiveRef": 1, "$recursiveAnchor": 1, "parameters": 7,
		},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name != "openapi.yaml" {
				t.Skip("the newest description is enough for -short")
			}
			got := make(map[string]int)
			for _, r := range official(t, name).Repairs() {
				got[r.Keyword]++
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("repairs by keyword (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("built-in", func(t *testing.T) {
		t.Parallel()
		if got := builtin(t).Repairs(); len(got) > 0 {
			t.Errorf("got %d repairs, want none, as the derivation has made them: %v …", len(got), fmt.Sprint(got[0]))
		}
	})
}

// Operations that are left out are told of, in a path item and in one that it refers to.
func TestOperationsOfOpenAPI32AreNotDroppedInSilence(t *testing.T) {
	doc, err := schema.Load([]byte(`{"openapi":"3.2.0","info":{"title":"t","version":"1"},"paths":{
		"/a":{"query":{"operationId":"q","responses":{}},"get":{"operationId":"g","responses":{"200":{"description":""}}}},
		"/b":{"$ref":"#/components/pathItems/B"},"/c":{"$ref":"#/components/pathItems/C"},"/d":{"$ref":"#/components/pathItems/C"}},
		"components":{"pathItems":{"B":{"additionalOperations":{"COPY":{"responses":{}}},"get":{"operationId":"b","responses":{"200":{"description":""}}}},
		"C":{"query":{"responses":{}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range doc.Repairs() {
		got = append(got, string(r.Pointer))
	}
	if want := []string{"/paths/~1a/query", "/components/pathItems/B/additionalOperations", "/components/pathItems/C/query"}; !slices.Equal(got, want) {
		t.Errorf("got repairs at %q, want %q", got, want)
	}
	for _, id := range []string{"g", "b"} {
		if _, err := doc.Operation(id); err != nil {
			t.Error(err)
		}
	}
}
