package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client/openai"
)

func functionCall(name, arguments string) openai.ToolCall {
	return openai.ToolCall{ID: "c", Type: "function", Function: openai.FunctionCall{Name: name, Arguments: arguments}}
}

type place struct {
	City string `json:"city" jsonschema:"enum=Paris,enum=Oslo"`
	Days *int   `json:"days"`
}

// cyclic is a value that JSON cannot write.
type cyclic struct{ Self *cyclic }

func TestToolCallAnswersWithResultOrError(t *testing.T) {
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	loop := &cyclic{}
	loop.Self = loop
	refused := errors.New("no such station")
	tool := func(fn func(context.Context, place) (any, error), opts ...openai.ToolOption) *openai.ToolFunc {
		return openai.MustTool("weather", "", fn, opts...)
	}
	returning := func(v any, err error) *openai.ToolFunc {
		return tool(func(context.Context, place) (any, error) { return v, err })
	}
	const good = `{"city":"Paris","days":null}`
	for name, test := range map[string]struct {
		tool   *openai.ToolFunc
		args   string
		kind   openai.ToolErrorKind
		output string // all of it, or the beginning of an error
	}{
		"a text":               {returning("sun & rain", nil), good, "", "sun & rain"},
		"a struct":             {returning(struct{ T int }{18}, nil), good, "", `{"T":18}`},
		"nothing":              {returning(nil, nil), good, "", `null`},
		"raw JSON":             {returning(json.RawMessage(`{"a": 1}`), nil), good, "", `{"a":1}`},
		"the argument":         {tool(func(_ context.Context, in place) (any, error) { return *in.Days, nil }), `{"city":"Oslo","days":3}`, "", "3"},
		"an error":             {returning(nil, refused), good, openai.ToolFailed, "error: no such station"},
		"a long error":         {returning(nil, errors.New(strings.Repeat("é", 5000))), good, openai.ToolFailed, "error: éé"},
		"no JSON":              {returning("", nil), `{"city":`, openai.ToolArguments, "error: invalid arguments: "},
		"a list":               {returning("", nil), `[]`, openai.ToolArguments, "error: invalid arguments: got an array, want object"},
		"no arguments":         {returning("", nil), ``, openai.ToolArguments, `error: invalid arguments: missing property "city"; missing property "days"`},
		"another value":        {returning("", nil), `{"city":"Rome","days":1}`, openai.ToolArguments, `error: invalid arguments: /city: got "Rome", want one of "Paris", "Oslo"`},
		"another type":         {returning("", nil), `{"city":"Paris","days":"1"}`, openai.ToolArguments, `error: invalid arguments: /days: got `},
		"a fraction":           {returning("", nil), `{"city":"Paris","days":1.5}`, openai.ToolArguments, `error: invalid arguments: /days: `},
		"a number too large":   {returning("", nil), `{"city":"Paris","days":1e30}`, openai.ToolArguments, `error: invalid arguments: `},
		"an unknown field":     {returning("", nil), `{"city":"Paris","days":1,"hours":1}`, openai.ToolArguments, `error: invalid arguments: /hours: unknown field "hours"`},
		"a field twice":        {returning("", nil), `{"city":"Paris","city":"Oslo","days":1}`, openai.ToolArguments, `error: invalid arguments: `},
		"a panic":              {tool(func(context.Context, place) (any, error) { panic("secret") }), good, openai.ToolPanicked, "error: the tool failed"},
		"the goroutine's end":  {tool(func(context.Context, place) (any, error) { runtime.Goexit(); return nil, nil }), good, openai.ToolPanicked, "error: the tool failed"},
		"a cyclic result":      {returning(loop, nil), good, openai.ToolUnwritable, "error: the result of the tool cannot be written as JSON"},
		"a channel as result":  {returning(make(chan int), nil), good, openai.ToolUnwritable, "error: the result of the tool cannot be written as JSON"},
		"a result that panics": {returning(panickingResult{}, nil), good, openai.ToolPanicked, "error: the tool failed"},
		"past its deadline":    {tool(func(context.Context, place) (any, error) { <-never; return nil, nil }, openai.Timeout(time.Millisecond)), good, openai.ToolTimeout, "error: the tool took longer than 1ms"},
		"heeding its deadline": {tool(func(ctx context.Context, _ place) (any, error) {
			<-ctx.Done()
			return nil, fmt.Errorf("gave up: %w", ctx.Err())
		}, openai.Timeout(time.Millisecond)), good, openai.ToolTimeout, "error: the tool took longer than 1ms"},
	} {
		t.Run(name, func(t *testing.T) {
			got := test.tool.Call(t.Context(), functionCall("weather", test.args))
			var kind openai.ToolErrorKind
			if got.Err != nil {
				kind = got.Err.Kind
			}
			if kind != test.kind || !strings.HasPrefix(got.Output, test.output) || kind == "" && got.Output != test.output {
				t.Errorf("got %q (%v), want %q (%s)", got.Output, got.Err, test.output, test.kind)
			}
			if strings.Contains(got.Output, "secret") || len(got.Output) > 5000 {
				t.Errorf("the model gets %.300q", got.Output)
			}
			if kind == openai.ToolFailed && name == "an error" && !errors.Is(got.Err, refused) {
				t.Errorf("got %v, want it to wrap the function's error", got.Err)
			}
			if name == "a panic" && (got.Err.Panic != "secret" || len(got.Err.Stack) == 0 || !strings.Contains(got.Err.Error(), "secret")) {
				t.Errorf("got %+v, want the panic and its stack", got.Err)
			}
		})
	}
}

type panickingResult struct{}

func (panickingResult) MarshalJSON() ([]byte, error) { panic("no") }

// A tool without parameters is called with nothing, as hosts do.
func TestToolCallWithoutArguments(t *testing.T) {
	tool := openai.MustTool("now", "", func(context.Context, struct{}) (string, error) { return "noon", nil })
	for _, arguments := range []string{"", " ", "{}", "{ }"} {
		if got := tool.Call(t.Context(), functionCall("now", arguments)); got.Output != "noon" {
			t.Errorf("%q: got %q (%v)", arguments, got.Output, got.Err)
		}
	}
}

func TestToolCallOfTheOtherType(t *testing.T) {
	text, err := openai.TextTool(openai.CustomTool{Name: "run"}, func(_ context.Context, input string) (string, error) { return input, nil })
	if err != nil {
		t.Fatal(err)
	}
	function := openai.MustTool("f", "", func(context.Context, struct{}) (string, error) { return "", nil })
	custom := openai.ToolCall{ID: "c", Type: "custom", Custom: openai.CustomCall{Name: "run", Input: "a\nb"}}
	if got := text.Call(t.Context(), custom); got.Output != "a\nb" || got.Err != nil {
		t.Errorf("got %q, %v", got.Output, got.Err)
	}
	if got := text.Call(t.Context(), functionCall("run", "{}")); got.Err == nil || got.Err.Kind != openai.ToolArguments {
		t.Errorf("got %+v, want an error about the arguments", got)
	}
	if got := function.Call(t.Context(), custom); got.Err == nil || got.Err.Kind != openai.ToolArguments {
		t.Errorf("got %+v, want an error about the arguments", got)
	}
}

// Arguments are validated against the schema of a definition, references within it
// included.
func TestToolOfValidatesByReferences(t *testing.T) {
	tool, err := openai.ToolOf(openai.FunctionTool{Name: "f", Parameters: json.RawMessage(
		`{"type":"object","properties":{"a":{"$ref":"#/$defs/small"},"b":{"$ref":"#"},"$ref":{"const":{"$ref":"#/no"}}},"$defs":{"small":{"maximum":3}}}`,
	)}, func(_ context.Context, arguments json.RawMessage) (any, error) { return arguments, nil })
	if err != nil {
		t.Fatal(err)
	}
	for arguments, want := range map[string]string{
		`{"a":3,"b":{"a":1},"new":true}`: `{"a":3,"b":{"a":1},"new":true}`,
		`{"b":{"b":{"a":4}}}`:            `error: invalid arguments: /b/b/a: got 4, want at most 3`,
		`{"$ref":{"$ref":"#/no"}}`:       `{"$ref":{"$ref":"#/no"}}`,
	} {
		if got := tool.Call(t.Context(), functionCall("f", arguments)); got.Output != want {
			t.Errorf("%s: got %s, want %s", arguments, got.Output, want)
		}
	}
}
