package internal_test

import (
	"testing"

	"github.com/opcall/opcall/internal/sample"
)

func TestTypicalInstanceLooksLikeASuccess(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ schemas, want string }{
		"a list has an item":                       {`"X":{"type":"object","required":["data"],"properties":{"data":{"type":"array","items":{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}}}}`, `{"data":[{"id":"text"}]}`},
		"a list that may be empty alone":           {`"X":{"type":"array","maxItems":0,"items":{"type":"string"}}`, `[]`},
		"a list in a list":                         {`"X":{"type":"array","items":{"type":"array","items":{"type":"integer"}}}`, `[[1]]`},
		"nothing required":                         {`"X":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"array","items":{"type":"integer"}},"c":{"type":"object","properties":{"d":{"type":"boolean"}}}}}`, `{"a":"text","b":[1],"c":{"d":false}}`},
		"the point of an object is optional":       {`"X":{"type":"object","required":["created"],"properties":{"created":{"type":"integer"},"note":{"type":"string"},"data":{"type":"array","items":{"type":"object","properties":{"u":{"type":"string"}}}}}}`, `{"created":1,"data":[{"u":"text"}]}`},
		"some of it is required":                   {`"X":{"type":"object","required":["data"],"properties":{"data":{"type":"array","items":{"type":"string"}},"more":{"type":"array","items":{"type":"object"}}}}`, `{"data":["text"]}`},
		"an error is left out":                     {`"X":{"type":"object","properties":{"ok":{"type":"boolean"},"error":{"type":"string"},"last_error":{"type":"object"}}}`, `{"ok":false}`},
		"an error that may be null":                {`"X":{"type":"object","required":["id","error"],"properties":{"id":{"type":"string"},"error":{"type":["string","null"]}}}`, `{"id":"text","error":null}`},
		"an object that may be null":               {`"X":{"type":"object","required":["id","details"],"properties":{"id":{"type":"string"},"details":{"anyOf":[{"type":"object"},{"type":"null"}]}}}`, `{"id":"text","details":null}`},
		"an object that may be null, OpenAPI 3.0":  {`"X":{"type":"object","required":["id","details"],"properties":{"id":{"type":"string"},"details":{"type":"object","nullable":true}}}`, `{"id":"text","details":null}`},
		"a time that may be null":                  {`"X":{"type":"object","required":["id","failed_at"],"properties":{"id":{"type":"string"},"failed_at":{"type":["string","null"],"format":"date-time"}}}`, `{"id":"text","failed_at":null}`},
		"a text that may be null":                  {`"X":{"type":"object","required":["content"],"properties":{"content":{"type":["null","string"]}}}`, `{"content":"text"}`},
		"a list that may be null":                  {`"X":{"type":"object","required":["items"],"properties":{"items":{"type":["array","null"],"items":{"type":"string"}}}}`, `{"items":["text"]}`},
		"an envelope of what may be null":          {`"X":{"type":"object","required":["error","data"],"properties":{"error":{"type":["object","null"]},"data":{"anyOf":[{"type":"object","required":["n"],"properties":{"n":{"type":"integer"}}},{"type":"null"}]}}}`, `{"error":null,"data":{"n":1}}`},
		"the whole may be null":                    {`"X":{"type":["object","null"],"required":["n"],"properties":{"n":{"type":"integer"}}}`, `{"n":1}`},
		"an item may be null":                      {`"X":{"type":"array","items":{"anyOf":[{"type":"object"},{"type":"null"}]}}`, `[{}]`},
		"a status":                                 {`"X":{"type":"object","required":["status"],"properties":{"status":{"enum":["queued","failed","completed"]}}}`, `{"status":"completed"}`},
		"a status of any text":                     {`"X":{"type":"object","required":["status"],"properties":{"status":{"type":"string"}}}`, `{"status":"completed"}`},
		"a status of other words":                  {`"X":{"type":"object","required":["status"],"properties":{"status":{"enum":["on","off"]}}}`, `{"status":"on"}`},
		"an index":                                 {`"X":{"type":"array","minItems":2,"items":{"type":"object","required":["index"],"properties":{"index":{"type":"integer"}}}}`, `[{"index":0},{"index":1}]`},
		"an index that does not begin at 0":        {`"X":{"type":"array","items":{"type":"object","required":["index"],"properties":{"index":{"type":"integer","minimum":1}}}}`, `[{"index":1}]`},
		"a schema that contains itself":            {`"X":{"type":"object","properties":{"n":{"type":"integer"},"next":{"$ref":"#/components/schemas/X"},"all":{"type":"array","items":{"$ref":"#/components/schemas/X"}}}}`, `{"n":1,"next":{"n":1,"all":[]},"all":[{"n":1}]}`},
		"hints for fields":                         {`"X":{"type":"object","required":["a","b"],"properties":{"a":{"type":"string"},"b":{"type":["string","null"]},"c":{"type":"string"},"d":{"type":"string"}},"x-opcall-sample":{"a":"hint","b":null,"c":"there"}}`, `{"a":"hint","b":null,"c":"there"}`},
		"hints for fields of fields and items":     {`"X":{"type":"object","required":["o","l"],"properties":{"o":{"type":"object","properties":{"p":{"type":"integer"},"q":{}}},"l":{"type":"array","items":{"type":"object","properties":{"p":{"type":"integer"},"q":{}}}}},"x-opcall-sample":{"o":{"p":7},"l":{"p":8}}}`, `{"o":{"p":7},"l":[{"p":8}]}`},
		"a hint for a list":                        {`"X":{"type":"object","required":["l"],"properties":{"l":{"type":"array","items":{"type":"string"}}},"x-opcall-sample":{"l":[]}}`, `{"l":[]}`},
		"a hint for a value":                       {`"X":{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/components/schemas/A"}}},"A":{"enum":["one","two"],"x-opcall-sample":"two"}`, `{"a":"two"}`},
		"a hint that is not valid":                 {`"X":{"type":"object","required":["a"],"properties":{"a":{"type":"string","maxLength":4}},"x-opcall-sample":{"a":"too long"}}`, `{"a":"text"}`},
		"a hint in a branch":                       {`"X":{"oneOf":[{"$ref":"#/components/schemas/A"},{"type":"string"}]},"A":{"type":"object","required":["a"],"properties":{"a":{"type":"string"}},"x-opcall-sample":{"a":"hint"}}`, `{"a":"hint"}`},
		"required, not declared, and nothing else": {`"X":{"type":"object","additionalProperties":false,"required":["id","name"],"properties":{"id":{"type":"integer"}}}`, `{"id":1,"name":"text"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := component(t, tt.schemas)
			got, err := sample.Typical(s)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("%s\n got %s\nwant %s", tt.schemas, got, tt.want)
			}
			if err := s.Validate(got); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestForgottenFieldsAreMade has schemas that require what they do not declare, and
// allow nothing else: by the letter nothing is valid.
func TestForgottenFieldsAreMade(t *testing.T) {
	t.Parallel()
	for name, schemas := range map[string]string{
		"additionalProperties":  `"X":{"type":"object","additionalProperties":false,"required":["name"]}`,
		"unevaluatedProperties": `"X":{"type":"object","unevaluatedProperties":false,"allOf":[{"required":["name"]}]}`,
		"dependentRequired":     `"X":{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"string"}},"dependentRequired":{"a":["name"]}}`,
	} {
		for _, make := range []func() ([]byte, error){
			func() ([]byte, error) { return sample.Minimal(component(t, schemas)) },
			func() ([]byte, error) { return sample.Full(component(t, schemas)) },
		} {
			got, err := make()
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if err := component(t, schemas).Validate(string(got)); err != nil {
				t.Errorf("%s: %s: %v", name, got, err)
			}
		}
	}
}

// TestClosedPartsOfAllOfHaveTheFieldsOfAll has schemas of which by the letter nothing, or not
// much, is valid: the parts close each other.
func TestClosedPartsOfAllOfHaveTheFieldsOfAll(t *testing.T) {
	t.Parallel()
	closed := func(fields string) string {
		return `{"type":"object","additionalProperties":false,"required":["` + fields + `"],"properties":{"` + fields + `":{"type":"integer"}}}`
	}
	for name, tt := range map[string]struct{ schemas, minimal, full string }{
		"two parts":           {`"X":{"allOf":[` + closed("a") + `,` + closed("b") + `]}`, `{"a":1,"b":1}`, `{"a":1,"b":1}`},
		"a part and its base": {`"B":` + closed("a") + `,"X":{"allOf":[{"$ref":"#/components/schemas/B"},` + closed("b") + `],"additionalProperties":false}`, `{"a":1,"b":1}`, `{"a":1,"b":1}`},
		"closed around":       {`"X":{"additionalProperties":false,"allOf":[` + closed("a") + `]}`, `{"a":1}`, `{"a":1}`},
		"a shared property": {
			`"X":{"type":"object","required":["p"],"allOf":[{"properties":{"p":` + closed("a") + `}},{"properties":{"p":` + closed("b") + `}}]}`,
			`{"p":{"a":1,"b":1}}`, `{"p":{"a":1,"b":1}}`,
		},
		"optional fields": {`"X":{"allOf":[{"additionalProperties":false,"properties":{"a":{"type":"integer"}}},{"additionalProperties":false,"properties":{"b":{"type":"integer"}}}]}`, `{}`, `{}`},
		"a pattern":       {`"X":{"allOf":[{"additionalProperties":false,"patternProperties":{"^x-":{"type":"integer"}}},{"required":["x-a"]}]}`, `{"x-a":1}`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := component(t, tt.schemas)
			check(t, "Minimal", s, sample.Minimal, tt.minimal)
			if tt.full != "" {
				check(t, "Full", s, sample.Full, tt.full)
			}
		})
	}
}
