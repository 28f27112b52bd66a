package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

// placesOfStrictSchemas are the components that may hold a model to a schema.
var placesOfStrictSchemas = map[string]struct{ component, instance, at string }{
	"chat tool":        {"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","strict":STRICT,"parameters":SCHEMA}}]}`, "/tools/0/function/parameters"},
	"chat format":      {"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"f","strict":STRICT,"schema":SCHEMA}}}`, "/response_format/json_schema/schema"},
	"responses tool":   {"CreateResponse", `{"model":"m","input":"x","tools":[{"type":"function","name":"f","strict":STRICT,"parameters":SCHEMA}]}`, "/tools/0/parameters"},
	"responses format": {"CreateResponse", `{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"f","strict":STRICT,"schema":SCHEMA}}}`, "/text/format/schema"},
	"beta tool":        {"BetaCreateResponse", `{"model":"m","input":"x","tools":[{"type":"function","name":"f","strict":STRICT,"parameters":SCHEMA}]}`, "/tools/0/parameters"},
	"socket":           {"ResponsesClientEvent", `{"type":"response.create","model":"m","input":"x","tools":[{"type":"function","name":"f","strict":STRICT,"parameters":SCHEMA}]}`, "/tools/0/parameters"},
	"assistant":        {"CreateAssistantRequest", `{"model":"m","tools":[{"type":"function","function":{"name":"f","strict":STRICT,"parameters":SCHEMA}}]}`, "/tools/0/function/parameters"},
	"batch line": {
		schema.BatchRequestInput,
		`{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","strict":STRICT,"parameters":SCHEMA}}]}}`,
		"/body/tools/0/function/parameters",
	},
}

const openObject = `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`

// validateIn validates an instance of a component; a batch line as a file has it.
func validateIn(doc *schema.Document, component, instance string) error {
	if component != schema.BatchRequestInput {
		return doc.Validate(component, instance)
	}
	for line, err := range doc.ValidateLines(component, strings.NewReader(instance)) {
		if err != nil {
			return err
		}
		return line.Err
	}
	return nil
}

func TestStrictSchemaIsCheckedInEveryPlace(t *testing.T) {
	doc := builtin(t)
	for name, place := range placesOfStrictSchemas {
		t.Run(name, func(t *testing.T) {
			with := func(strict, s string) error {
				return validateIn(doc, place.component, strings.NewReplacer("STRICT", strict, "SCHEMA", s).Replace(place.instance))
			}
			for _, strict := range []string{"false", "null"} {
				if err := with(strict, openObject); err != nil {
					t.Errorf("strict %s: %v", strict, err)
				}
			}
			if err := with("true", strings.TrimSuffix(openObject, "}")+`,"additionalProperties":false}`); err != nil {
				t.Errorf("a strict schema: %v", err)
			}
			want := []string{place.at + `: missing "additionalProperties": false, which every object of a strict schema has (strict JSON Schema)`}
			if diff := cmp.Diff(want, problemTexts(t, with("true", openObject))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// object is a strict object with a property a of a schema.
func strictObject(a string) string {
	return `{"type":"object","properties":{"a":` + a + `},"required":["a"],"additionalProperties":false}`
}

func TestSchemaOutsideTheStrictSubsetIsReported(t *testing.T) {
	doc := builtin(t)
	nested := func(levels int) string {
		s := `{"type":"string"}`
		for range levels {
			s = strictObject(s)
		}
		return strictObject(s)
	}
	many := func(n int, each func(i int) string) string {
		texts := make([]string, n)
		for i := range texts {
			texts[i] = each(i)
		}
		return strings.Join(texts, ",")
	}
	wide := func(n int, name string) string {
		return `{"type":"object","additionalProperties":false,"properties":{` + many(n, func(i int) string { return fmt.Sprintf(`"%s%d":{"type":"null"}`, name, i) }) +
			`},"required":[` + many(n, func(i int) string { return fmt.Sprintf(`"%s%d"`, name, i) }) + `]}`
	}
	enum := func(n, size int) string {
		return strictObject(`{"type":"string","enum":[` + many(n, func(i int) string { return fmt.Sprintf(`"%0*d"`, size, i) }) + `]}`)
	}
	for name, c := range map[string]struct {
		schema string
		want   string // the problems below the parameters, "" for none
	}{
		"no properties":         {`{"type":"object","properties":{},"required":[],"additionalProperties":false}`, ""},
		"nothing but closed":    {`{"type":"object","additionalProperties":false}`, ""},
		"every type":            {strictObject(`{"anyOf":[{"type":"string","pattern":"a","format":"email"},{"type":["integer","null"],"minimum":1,"multipleOf":2},{"type":"array","items":{"type":"boolean"},"minItems":1},{"type":"null"}]}`), ""},
		"recursion":             {`{"type":"object","properties":{"a":{"$ref":"#/$defs/b"},"c":{"$ref":"#"}},"required":["c","a"],"additionalProperties":false,"$defs":{"b":{"type":"string","enum":["x"]}}}`, ""},
		"described":             {strictObject(`{"type":"string","description":"d","title":"t","const":"x"}`), ""},
		"names of keywords":     {`{"type":"object","properties":{"oneOf":{"type":"string"},"$ref":{"type":"string"},"default":{"type":"string"}},"required":["oneOf","$ref","default"],"additionalProperties":false}`, ""},
		"ten levels":            {nested(10), ""},
		"most properties":       {wide(5000, "p"), ""},
		"most enum values":      {enum(1000, 5), ""},
		"large enum, short":     {enum(300, 50), ""},
		"an enum of long texts": {enum(250, 100), ""},

		"nothing that is a schema":           {`{"foo":"bar","n":1}`, ""},
		"a property outside of properties":   {`{"city":{"type":"string"}}`, `: got no type, want "object" at the root of a strict schema; put other types into a property`},
		"nothing but a description":          {`{"description":"x"}`, `: got no type, want "object" at the root of a strict schema; put other types into a property`},
		"a list at the root":                 {`{"type":"array","items":{"type":"string"}}`, `: got type "array", want "object" at the root of a strict schema; put other types into a property`},
		"anyOf at the root":                  {`{"anyOf":[` + strictObject(`{"type":"string"}`) + `]}`, `: got keyword "anyOf" at the root of a strict schema; put it into a property`},
		"a reference at the root":            {`{"$ref":"#/$defs/a","$defs":{"a":` + strictObject(`{"type":"string"}`) + `}}`, ""},
		"a reference at the root, to a list": {`{"$ref":"#/$defs/a","$defs":{"a":{"type":"array","items":{"type":"string"}}}}`, `: got type "array", want "object" at the root of a strict schema; put other types into a property`},
		"a reference at the root, to itself": {`{"$ref":"#"}`, `: got no type, want "object" at the root of a strict schema; put other types into a property`},
		"optional":                           {`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"],"additionalProperties":false}`, `: property "b" is not required, want all properties in required of a strict schema; what is optional is null`},
		"required, unknown":                  {`{"type":"object","properties":{"a":{"type":"string"}},"required":["a","b"],"additionalProperties":false}`, `: required has "b", which is not a property; remove it`},
		"no required":                        {`{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}`, `: property "a" is not required, want all properties in required of a strict schema; what is optional is null`},
		"open inside":                        {strictObject(`{"type":"array","items":{"type":"object","properties":{},"additionalProperties":true}}`), `/properties/a/items: got another additionalProperties than false, which every object of a strict schema has`},
		"a map":                              {strictObject(`{"type":"object","additionalProperties":{"type":"string"}}`), `/properties/a: got another additionalProperties than false, which every object of a strict schema has; use a list of objects with a key and a value, or set strict to false`},
		"oneOf":                              {strictObject(`{"oneOf":[{"type":"string"}],"type":"string"}`), `/properties/a: got keyword "oneOf", which a strict schema does not have; use anyOf`},
		"allOf, in $defs":                    {`{"type":"object","properties":{"a":{"$ref":"#/$defs/b"}},"required":["a"],"additionalProperties":false,"$defs":{"b":{"type":"string","allOf":[]}}}`, `/$defs/b/allOf: got 0 items, want at least 1`},
		"default":                            {strictObject(`{"type":"string","default":"x"}`), `/properties/a: got keyword "default", which a strict schema does not have; remove it, as all properties are required`},
		"uniqueItems":                        {strictObject(`{"type":"array","items":{"type":"string"},"uniqueItems":true}`), `/properties/a: got keyword "uniqueItems", which a strict schema does not have; describe it in words`},
		"a format":                           {strictObject(`{"type":"string","format":"uri"}`), `/properties/a: got format "uri", which a strict schema does not have; there are "date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6" or "uuid"`},
		"anything":                           {strictObject(`{}`), `/properties/a: got a schema without a type, which a strict schema says of everything; want "type", "$ref" or "anyOf"`},
		"true":                               {strictObject(`true`), `/properties/a: got true, want a schema with a type: a strict schema says the type of everything`},
		"a bare constant":                    {strictObject(`{"const":"x"}`), `/properties/a: got a schema without a type, which a strict schema says of everything; want "type", "$ref" or "anyOf"`},
		"a list of anything":                 {strictObject(`{"type":"array"}`), `/properties/a: missing keyword "items", which a strict schema of type "array" has`},
		"beside a reference":                 {`{"type":"object","properties":{"a":{"$ref":"#","description":"d"}},"required":["a"],"additionalProperties":false}`, `/properties/a: got "$ref" beside other keywords, want it alone in a strict schema; put it into anyOf with one item`},
		"eleven levels":                      {nested(11), `: got 11 levels of objects, want at most 10 in a strict schema; split it, or set strict to false`},
		"too many properties":                {wide(5001, "p"), `: got 5001 properties, want at most 5000 in a strict schema; split it, or set strict to false`},
		"too many values":                    {enum(1001, 5), `: got 1001 values of enum, want at most 1000 in a strict schema; split it, or set strict to false`},
		"a large enum, long":                 {enum(251, 60), `/properties/a: got 251 values of 15060 characters, want at most 15000 characters in a strict schema; shorten them, or take a string and describe it`},
		"too many characters":                {wide(1000, strings.Repeat("n", 120)), `: got 122890 characters in names and values, want at most 120000 in a strict schema; split it, or set strict to false`},
	} {
		t.Run(name, func(t *testing.T) {
			err := doc.Validate("FunctionObject", `{"name":"f","strict":true,"parameters":`+c.schema+`}`)
			var got []string
			for _, text := range problemTexts(t, err) {
				got = append(got, strings.TrimSuffix(strings.TrimPrefix(text, "/parameters"), " (strict JSON Schema)"))
			}
			if c.want == "" && got == nil {
				return
			}
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// The problems of one schema are counted, not listed without end.
func TestStrictSubsetReportsSomeProblems(t *testing.T) {
	properties := make([]string, 1000)
	for i := range properties {
		properties[i] = fmt.Sprintf(`"p%d":{}`, i)
	}
	err := builtin(t).Validate("FunctionObject", `{"name":"f","strict":true,"parameters":{"type":"object","properties":{`+strings.Join(properties, ",")+`}}}`)
	if got := problemTexts(t, err); len(got) == 0 || len(got) > 30 {
		t.Errorf("got %d problems", len(got))
	}
}

// A document without rules for strict schemas has none, and the Strict tier reads the
// letter.
func TestStrictSubsetIsDataOfTheDocument(t *testing.T) {
	const doc = `{"openapi":"3.1.0","info":{"title":"","version":""},"paths":{},%s"components":{"schemas":{"T":{"type":"object",
		"x-opcall-schema":{"s":{"strict":"held"}},"properties":{"held":{"type":"boolean"},"s":{"type":"object"}}}}}}`
	const instance = `{"held":true,"s":{"type":"object","oneOf":[{}]}}`
	for name, c := range map[string]struct{ rules, want string }{
		"no rules":  {"", ""},
		"one rule":  {`"x-opcall-strict":{"refuses":{"oneOf":"use another"}},`, `/s: got keyword "oneOf", which a strict schema does not have; use another (strict JSON Schema)`},
		"no object": {`"x-opcall-strict":5,`, ""},
	} {
		loaded, err := schema.Load(fmt.Appendf(nil, doc, c.rules))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(problemTexts(t, loaded.Validate("T", instance)), "\n"); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
		if err := loaded.Validate("T", instance, schema.WithTier(schema.Strict)); err != nil {
			t.Errorf("%s, Strict tier: %v", name, err)
		}
	}
}
