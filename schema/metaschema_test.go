package schema_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/schema"
)

// chatWithTool is a chat completion with a tool of these parameters.
func chatWithTool(parameters string) string {
	return `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":` + parameters + `}}]}`
}

// placesOfSchemas are the components that take a JSON Schema from the caller, each as
// an instance with SCHEMA for it.
var placesOfSchemas = map[string]struct{ component, instance, at string }{
	"chat tool":             {"CreateChatCompletionRequest", chatWithTool("SCHEMA"), "/tools/0/function/parameters"},
	"chat function":         {"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":"x"}],"functions":[{"name":"f","parameters":SCHEMA}]}`, "/functions/0/parameters"},
	"chat format":           {"CreateChatCompletionRequest", `{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"f","schema":SCHEMA}}}`, "/response_format/json_schema/schema"},
	"responses tool":        {"CreateResponse", `{"model":"m","input":"x","tools":[{"type":"function","name":"f","strict":null,"parameters":SCHEMA}]}`, "/tools/0/parameters"},
	"responses output":      {"CreateResponse", `{"model":"m","input":"x","tools":[{"type":"function","name":"f","output_schema":SCHEMA}]}`, "/tools/0/output_schema"},
	"responses namespace":   {"CreateResponse", `{"model":"m","input":"x","tools":[{"type":"namespace","name":"n","description":"d","tools":[{"type":"function","name":"f","parameters":SCHEMA}]}]}`, "/tools/0/tools/0/parameters"},
	"responses tool search": {"CreateResponse", `{"model":"m","input":"x","tools":[{"type":"tool_search","execution":"client","parameters":SCHEMA}]}`, "/tools/0/parameters"},
	"responses format":      {"CreateResponse", `{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"f","schema":SCHEMA}}}`, "/text/format/schema"},
	"beta tool":             {"BetaCreateResponse", `{"model":"m","input":"x","tools":[{"type":"function","name":"f","parameters":SCHEMA}]}`, "/tools/0/parameters"},
	"beta format":           {"BetaCreateResponse", `{"model":"m","input":"x","text":{"format":{"type":"json_schema","name":"f","schema":SCHEMA}}}`, "/text/format/schema"},
	"token count":           {"TokenCountsBody", `{"model":"m","input":"x","tools":[{"type":"function","name":"f","parameters":SCHEMA}]}`, "/tools/0/parameters"},
	"assistant":             {"CreateAssistantRequest", `{"model":"m","tools":[{"type":"function","function":{"name":"f","parameters":SCHEMA}}]}`, "/tools/0/function/parameters"},
	"run":                   {"CreateRunRequest", `{"assistant_id":"a","tools":[{"type":"function","function":{"name":"f","parameters":SCHEMA}}]}`, "/tools/0/function/parameters"},
	"realtime session":      {"RealtimeClientEventSessionUpdate", `{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"f","parameters":SCHEMA}]}}`, "/session/tools/0/parameters"},
	"realtime response":     {"RealtimeClientEventResponseCreate", `{"type":"response.create","response":{"tools":[{"type":"function","name":"f","parameters":SCHEMA}]}}`, "/response/tools/0/parameters"},
	"realtime beta session": {"RealtimeSessionCreateRequest", `{"client_secret":{"value":"s","expires_at":1},"tools":[{"type":"function","name":"f","parameters":SCHEMA}]}`, "/tools/0/parameters"},
	"eval":                  {"CreateEvalCustomDataSourceConfig", `{"type":"custom","item_schema":SCHEMA}`, "/item_schema"},
	"fine-tuning line":      {"FineTuneChatRequestInput", `{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"}],"tools":[{"type":"function","function":{"name":"f","parameters":SCHEMA}}]}`, "/tools/0/function/parameters"},
}

func TestMisspeltSchemaIsRefusedInEveryPlace(t *testing.T) {
	doc := builtin(t)
	for name, place := range placesOfSchemas {
		t.Run(name, func(t *testing.T) {
			with := func(s string) string { return strings.Replace(place.instance, "SCHEMA", s, 1) }
			if err := doc.Validate(place.component, with(`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`)); err != nil {
				t.Fatalf("a right schema: %v", err)
			}
			err := doc.Validate(place.component, with(`{"type":"objct","requird":["a"]}`))
			want := []string{
				place.at + `/requird: unknown keyword "requird"; did you mean "required"? (JSON Schema)`,
				place.at + `/type: got "objct", want one of "object", "string", "number", "integer", "boolean", "array", "null" or array; did you mean "object"?`,
			}
			if diff := cmp.Diff(want, problemTexts(t, err)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func problemTexts(t *testing.T, err error) []string {
	t.Helper()
	var texts []string
	if err == nil {
		return nil
	}
	for _, p := range validationError(t, err).Problems {
		texts = append(texts, p.String())
	}
	return texts
}

// validationError returns an error as what it must be.
func validationError(t *testing.T, err error) *schema.ValidationError {
	t.Helper()
	invalid, ok := err.(*schema.ValidationError)
	if !ok {
		t.Fatalf("got %T %v, want a *schema.ValidationError", err, err)
	}
	return invalid
}

func TestMisspeltKeywordOfACallersSchemaIsNamed(t *testing.T) {
	doc := builtin(t)
	const object = `,"type":"object"}`
	for name, c := range map[string]struct {
		schema string
		want   string // the problem below the parameters, "" for none
	}{
		"empty":                  {`{}`, ""},
		"keywords of draft 4":    {`{"id":"x","minimum":1,"exclusiveMinimum":true,"definitions":{"a":{"type":"string"}},"dependencies":{"a":["b"],"c":{}}` + object, ""},
		"tuple of draft 7":       {`{"properties":{"a":{"type":"array","items":[{"type":"string"}],"additionalItems":false}}` + object, ""},
		"nullable of OpenAPI":    {`{"properties":{"a":{"type":"string","nullable":true,"example":1}}` + object, ""},
		"annotations":            {`{"cost":5,"note":"n","name":"n","unit":"s","options":[1],"optional":true,"label":"l","definition":"d","ref":"r","readonly":true` + object, ""},
		"x-":                     {`{"x-requird":true,"x-type":"objct"` + object, ""},
		"near, of another type":  {`{"requird":true,"minimun":"x","propertes":5` + object, ""},
		"near, beside the right": {`{"requird":["a"],"required":["a"]` + object, ""},
		"short, one letter off":  {`{"typ":"x","enums":["x"]` + object, ""},
		"property names":         {`{"properties":{"requird":{"type":"string"},"typ":{},"$ref":{"type":"string"}}` + object, ""},
		"null description":       {`{"description":null,"title":null` + object, ""},
		"boolean schemas":        {`{"properties":{"a":true},"additionalProperties":false` + object, ""},
		"values of enum":         {`{"properties":{"a":{"enum":[{"type":"objct"},null]},"b":{"const":{"requird":[]}},"c":{"default":{"type":"x"}}}` + object, ""},

		"snake case":         {`{"additional_properties":false` + object, `/additional_properties: unknown keyword "additional_properties"; did you mean "additionalProperties"? (JSON Schema)`},
		"lower case":         {`{"minlength":1` + object, `/minlength: unknown keyword "minlength"; did you mean "minLength"? (JSON Schema)`},
		"swapped letters":    {`{"tpye":"object"}`, `/tpye: unknown keyword "tpye"; did you mean "type"? (JSON Schema)`},
		"inner keyword":      {`{"properties":{"a":{"descripton":"d"}}` + object, `/properties/a/descripton: unknown keyword "descripton"; did you mean "description"? (JSON Schema)`},
		"item":               {`{"properties":{"a":{"type":"array","item":{}}}` + object, `/properties/a/item: unknown keyword "item"; did you mean "items"? (JSON Schema)`},
		"in $defs":           {`{"$defs":{"a":{"type":"strin"}}` + object, `/$defs/a/type: got "strin", want one of "string", "number", "integer", "boolean", "object", "array", "null" or array; did you mean "string"?`},
		"type of Python":     {`{"properties":{"a":{"type":"int"}}` + object, `/properties/a/type: got "int", want one of "string", "number", "integer", "boolean", "object", "array", "null" or array; in JSON Schema this is "integer"`},
		"required flag":      {`{"properties":{"a":{"type":"string","required":true}}` + object, `/properties/a/required: got boolean true, want array of strings`},
		"properties as list": {`{"properties":["a"]` + object, `/properties: got an array, want object`},
		"property as type":   {`{"properties":{"a":"string"}` + object, `/properties/a: got string "string", want object or boolean (JSON Schema)`},
		"enum as text":       {`{"properties":{"a":{"enum":"x"}}` + object, `/properties/a/enum: got string "x", want array`},
		"bound as text":      {`{"properties":{"a":{"maximum":"5"}}` + object, `/properties/a/maximum: got string "5", want number`},
		"empty anyOf":        {`{"anyOf":[]` + object, `/anyOf: got 0 items, want at least 1`},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(problemTexts(t, doc.Validate("CreateChatCompletionRequest", chatWithTool(c.schema))), "\n")
			want := c.want
			if want != "" {
				want = "/tools/0/function/parameters" + want
			}
			if got != want {
				t.Errorf("%s\n got %s\nwant %s", c.schema, got, want)
			}
		})
	}
}

func TestSchemasOfCallersFollowTheTier(t *testing.T) {
	doc := builtin(t)
	chat := chatWithTool(`{"requird":["a"],"type":"object"}`)
	for name, c := range map[string]struct {
		opts  []schema.ValidateOption
		valid bool
	}{
		"standard":        {nil, false},
		"to the server":   {[]schema.ValidateOption{schema.WithDirection(schema.DirectionRequest)}, false},
		"from the server": {[]schema.ValidateOption{schema.WithDirection(schema.DirectionResponse)}, true},
		"unknown fields":  {[]schema.ValidateOption{schema.WithUnknownFields()}, true},
		"strict":          {[]schema.ValidateOption{schema.WithTier(schema.Strict)}, true}, // the letter has an object here
		"lenient":         {[]schema.ValidateOption{schema.WithTier(schema.Lenient)}, true},
		"off":             {[]schema.ValidateOption{schema.WithTier(schema.Off)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if err := doc.Validate("CreateChatCompletionRequest", chat, c.opts...); (err == nil) != c.valid {
				t.Errorf("got %v, want valid: %t", err, c.valid)
			}
		})
	}
	found := doc.Check("CreateChatCompletionRequest", []byte(chat))
	if len(found) != 1 || found[0].Kind != schema.FindingUnknownField {
		t.Errorf("Check found %v, want one unknown field", found)
	}
}

func TestMisspeltSchemaInABatchLineIsNamed(t *testing.T) {
	file := `{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":` + chatWithTool(`{"type":"objct"}`) + `}`
	for line, err := range builtin(t).ValidateLines(schema.BatchRequestInput, strings.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(line.Err); !strings.Contains(got, `/body/tools/0/function/parameters/type: got "objct"`) {
			t.Errorf("got %s", got)
		}
	}
}

// What a draft of JSON Schema accepts is not refused, and what all refuse is. The
// metaschemas of jsonschema say which.
func TestSchemasOfCallersAreThoseOfSomeDraft(t *testing.T) {
	doc := builtin(t)
	var metaschemas []*jsonschema.Schema
	for _, draft := range []*jsonschema.Draft{jsonschema.Draft4, jsonschema.Draft6, jsonschema.Draft7, jsonschema.Draft2019, jsonschema.Draft2020} {
		compiled, err := jsonschema.Compile(draft.URL())
		if err != nil {
			t.Fatal(err)
		}
		metaschemas = append(metaschemas, compiled)
	}
	keywords := strings.Fields(`type enum const properties required additionalProperties patternProperties propertyNames
		items prefixItems additionalItems unevaluatedItems unevaluatedProperties contains allOf anyOf oneOf not if then else
		pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems uniqueItems
		minProperties maxProperties minContains maxContains dependencies dependentRequired dependentSchemas
		title description format default definitions $defs contentSchema contentEncoding contentMediaType`)
	values := []string{
		`null`, `true`, `false`, `0`, `-1`, `1.5`, `2.0`, `""`, `"string"`, `"objct"`, `[]`, `["string"]`, `["string","string"]`, `["objct"]`, `[{}]`,
		`[true]`, `[5]`, `[null]`, `{}`, `{"a":{}}`, `{"a":true}`, `{"a":5}`, `{"a":["b"]}`, `{"a":[5]}`, `{"type":"objct"}`, `{"a":{"type":"objct"}}`,
		`[{"type":"objct"}]`, `{"a":{"items":{"type":5}}}`,
	}
	lax := map[string]bool{ // accepted although no draft does
		`{"title":null}`: true, `{"description":null}`: true, `{"format":null}`: true,
		`{"exclusiveMinimum":true}`: true, `{"exclusiveMinimum":false}`: true, // only beside minimum, in draft 4
		`{"exclusiveMaximum":true}`: true, `{"exclusiveMaximum":false}`: true,
	}
	for _, keyword := range keywords {
		texts := make([]string, len(values))
		for i, value := range values {
			texts[i] = fmt.Sprintf(`{%q:%s}`, keyword, value)
		}
		accepted := make(map[string]bool)
		known := false
		for _, metaschema := range metaschemas {
			of := acceptedBy(t, metaschema, texts)
			if len(of) == len(texts) { // it takes any value, or does not know the keyword
				continue
			}
			known = true
			for text := range of {
				accepted[text] = true
			}
		}
		for _, text := range texts {
			err := doc.Validate("CreateChatCompletionRequest", chatWithTool(text))
			if want := accepted[text] || lax[text] || !known; (err == nil) != want {
				t.Errorf("%s: got %v, want valid: %t", text, err, want)
			}
		}
	}
}

// acceptedBy returns the schemas that a metaschema accepts.
func acceptedBy(t *testing.T, metaschema *jsonschema.Schema, texts []string) map[string]bool {
	t.Helper()
	accepted := make(map[string]bool)
	for _, text := range texts {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		if metaschema.Validate(value) == nil {
			accepted[text] = true
		}
	}
	return accepted
}
