package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"

	"github.com/opcall/opcall/client/openai"
)

type address struct {
	Street string  `json:"street" jsonschema:"description=with the number"`
	Zip    *string `json:"zip"`
}

type order struct {
	Item  string              `json:"item"`
	Size  string              `json:"size,omitempty" jsonschema:"enum=small,enum=large"`
	Count int                 `json:"count" jsonschema:"minimum=1"`
	Home  address             `json:"home" jsonschema_description:"where it goes"`
	Work  *address            `json:"work"`
	When  time.Time           `json:"when"`
	From  netip.Addr          `json:"from"`
	Tags  []string            `json:"tags,omitempty"`
	Inner struct{ A float64 } `json:"inner"`
	Skip  func()              `json:"-"`
}

type node struct {
	Name string  `json:"name"`
	Kids []*node `json:"kids"`
}

type chain struct {
	Next *chain `json:"next"`
}

type color string

func (color) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Enum: []any{"red", "blue"}}
}

type pen struct {
	Color color  `json:"color"`
	Again *color `json:"again"`
}

type base struct {
	ID string `json:"id"`
}

type derived struct {
	base
	Size int `json:"size"`
}

type anything struct {
	Any   any               `json:"any"`
	Named map[string]*color `json:"named"`
}

// schemaOf returns the parameters of a tool for a type.
func parametersOf[In any](tb testing.TB, opts ...openai.ToolOption) string {
	tb.Helper()
	tool, err := openai.Tool("f", "", func(context.Context, In) (string, error) { return "", nil }, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := json.Marshal(tool.Definition().(openai.FunctionTool).Parameters)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

func TestSchemaOfTypeDescribesItsFields(t *testing.T) {
	const null = `{"type":"null"}`
	const home = `"properties":{"street":{"type":"string","description":"with the number"},"zip":{"anyOf":[{"type":"string"},` + null + `]}},` +
		`"additionalProperties":false,"type":"object","required":["street","zip"]`
	for name, test := range map[string]struct{ got, want string }{
		"no fields": {parametersOf[struct{}](t), `{"type":"object","properties":{},"required":[],"additionalProperties":false}`},
		"pointer":   {parametersOf[*base](t), `{"type":"object","properties":{"id":{"type":"string"}},"required":["id"],"additionalProperties":false}`},
		"everyday": {
			parametersOf[order](t),
			`{"type":"object","additionalProperties":false,"required":["item","size","count","home","work","when","from","tags","inner"],"properties":{` +
				`"item":{"type":"string"},"size":{"anyOf":[{"type":"string","enum":["small","large"]},` + null + `]},"count":{"type":"integer","minimum":1},` +
				`"home":{"description":"where it goes","anyOf":[{"$ref":"#/$defs/address"}]},"work":{"anyOf":[{"$ref":"#/$defs/address"},` + null + `]},` +
				`"when":{"type":"string","format":"date-time"},"from":{"type":"string"},"tags":{"anyOf":[{"type":"array","items":{"type":"string"}},` + null + `]},` +
				`"inner":{"type":"object","properties":{"A":{"type":"number"}},"required":["A"],"additionalProperties":false}},"$defs":{"address":{` + home + `}}}`,
		},
		"recursive": {
			parametersOf[node](t),
			`{"type":"object","properties":{"name":{"type":"string"},"kids":{"type":"array","items":{"$ref":"#"}}},"required":["name","kids"],"additionalProperties":false}`,
		},
		"recursive by a pointer": {
			parametersOf[chain](t),
			`{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},` + null + `]}},"required":["next"],"additionalProperties":false}`,
		},
		"recursive inside": {
			parametersOf[struct {
				Top node `json:"top"`
			}](t),
			`{"type":"object","properties":{"top":{"$ref":"#/$defs/node"}},"required":["top"],"additionalProperties":false,"$defs":{"node":` +
				`{"type":"object","properties":{"name":{"type":"string"},"kids":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["name","kids"],"additionalProperties":false}}}`,
		},
		"a schema of its own": {
			parametersOf[pen](t),
			`{"type":"object","properties":{"color":{"$ref":"#/$defs/color"},"again":{"anyOf":[{"$ref":"#/$defs/color"},` + null + `]}},"required":["color","again"],` +
				`"additionalProperties":false,"$defs":{"color":{"type":"string","enum":["red","blue"]}}}`,
		},
		"embedded": {
			parametersOf[derived](t),
			`{"type":"object","properties":{"id":{"type":"string"},"size":{"type":"integer"}},"required":["id","size"],"additionalProperties":false}`,
		},
		"not strict": {
			parametersOf[anything](t, openai.NotStrict()),
			`{"type":"object","properties":{"any":true,"named":{"type":"object","additionalProperties":{"type":"string","enum":["red","blue"]}}},` +
				`"required":["any","named"],"additionalProperties":false}`,
		},
	} {
		t.Run(name, func(t *testing.T) { sameJSON(t, "schema", test.want, test.got) })
	}
}

// Two types of one name are two definitions.
func TestSchemaOfTypesWithOneName(t *testing.T) {
	type address struct {
		Planet string `json:"planet"`
	}
	got := parametersOf[struct {
		A, B address
		C, D order
	}](t)
	for _, want := range []string{`"planet"`, `"street"`, `"$ref":"#/$defs/address2"`} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s in it", got, want)
		}
	}
}

type selfPointer *selfPointer

type SelfEmbedding struct {
	*SelfEmbedding
	A int
}

type strange struct{ A int }

func (*strange) UnmarshalJSON([]byte) error { return nil }

type panicking struct{ A int }

func (panicking) JSONSchema() *jsonschema.Schema { panic("no") }

func definition[In any](opts ...openai.ToolOption) error {
	_, err := openai.Tool("f", "", func(context.Context, In) (string, error) { return "", nil }, opts...)
	return err
}

func TestTypeWithoutSchema(t *testing.T) {
	loose := openai.NotStrict()
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"channel":            {definition[struct{ A chan int }](), `field A: got chan int`},
		"function, deep":     {definition[struct{ A []struct{ B func() } }](), `field A[].B: got func()`},
		"complex":            {definition[struct{ A complex128 }](loose), `field A: got complex128`},
		"map, strict":        {definition[struct{ A map[string]int }](), `field A: got map[string]int`},
		"any, strict":        {definition[struct{ A any }](), `field A: got interface {}`},
		"raw JSON, strict":   {definition[struct{ A json.RawMessage }](), `field A: got json.RawMessage`},
		"interface":          {definition[struct{ A error }](loose), `field A: got error, which encoding/json cannot read`},
		"map of odd keys":    {definition[struct{ A map[float64]int }](loose), `field A: got map[float64]int, want keys that are text`},
		"text":               {definition[string](), `got string, want a struct`},
		"list":               {definition[[]string](), `got slice, want a struct`},
		"pointer to itself":  {definition[struct{ A selfPointer }](), `field A: got pointers to pointers without end`},
		"pointer, the whole": {definition[selfPointer](), `got pointers to pointers without end`},
		"embeds itself":      {definition[SelfEmbedding](), `which embeds itself`},
		"own UnmarshalJSON":  {definition[struct{ A strange }](), `field A: got openai_test.strange, which reads JSON of a form of its own`},
		"URL":                {definition[struct{ A url.URL }](), `field A: got url.URL`},
		"one name twice": {definition[struct {
			base
			ID string `json:"id"`
		}](), `field id: got two fields of that name`},
		"inline": {definition[struct {
			A base `json:",inline"`
		}](), `field A: got the option inline`},
		"panicking": {definition[panicking](), `no JSON Schema can be made of it`},
	} {
		t.Run(name, func(t *testing.T) {
			var wrong *openai.TypeError
			var tool *openai.ToolDefinitionError
			if !errors.As(test.err, &wrong) || !errors.As(test.err, &tool) || !strings.Contains(test.err.Error(), test.want) {
				t.Errorf("got %v, want a TypeError with %q", test.err, test.want)
			}
		})
	}
}

func TestToolDefinitionWithAMistakeIsRefused(t *testing.T) {
	raw := func(context.Context, json.RawMessage) (any, error) { return nil, nil }
	text := func(context.Context, string) (string, error) { return "", nil }
	named := func(name string) error {
		_, err := openai.Tool(name, "", func(context.Context, base) (string, error) { return "", nil })
		return err
	}
	of := func(definition openai.FunctionTool) error {
		_, err := openai.ToolOf(definition, raw)
		return err
	}
	nothing := func() error {
		_, err := openai.Tool[base, string]("f", "", nil)
		return err
	}
	custom := func(definition openai.CustomTool, opts ...openai.ToolOption) error {
		_, err := openai.TextTool(definition, text, opts...)
		return err
	}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"good":                                 {named("get_weather-2"), ""},
		"no name":                              {named(""), `tool "": want a name`},
		"name with a space":                    {named("get weather"), `tool "get weather": want a name`},
		"long name":                            {named(strings.Repeat("a", 65)), `want a name of 1 to 64`},
		"no function":                          {nothing(), `got no function`},
		"no parameters":                        {of(openai.FunctionTool{Name: "f"}), ""},
		"parameters that are not an object":    {of(openai.FunctionTool{Name: "f", Parameters: []int{1}}), `JSON Schema: got [1], want an object`},
		"parameters with a dangling reference": {of(openai.FunctionTool{Name: "f", Parameters: json.RawMessage(`{"$ref":"#/$defs/a"}`)}), `JSON Schema: `},
		"parameters that do not marshal":       {of(openai.FunctionTool{Name: "f", Parameters: func() {}}), `JSON Schema: it cannot be written`},
		"negative timeout":                     {custom(openai.CustomTool{Name: "c"}, openai.Timeout(-1)), `got a timeout of -1ns`},
		"custom":                               {custom(openai.CustomTool{Name: "c"}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			var wrong *openai.ToolDefinitionError
			switch {
			case test.want == "" && test.err != nil:
				t.Errorf("got %v", test.err)
			case test.want != "" && (!errors.As(test.err, &wrong) || !strings.Contains(test.err.Error(), test.want)):
				t.Errorf("got %v, want a ToolDefinitionError with %q", test.err, test.want)
			}
		})
	}
}
