package accumulate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// argumentCases are pieces of the arguments of a call, and what they add up to.
var argumentCases = map[string]struct {
	pieces []string
	want   string
}{
	"empty, then whole":               {[]string{`{}`, `{"x":1}`}, `{"x":1}`},
	"empty, then in pieces":           {[]string{`{}`, `{`, `"x":`, `1}`}, `{"x":1}`},
	"empty with spaces":               {[]string{" { }\n", "\t{\"x\":1}"}, `{"x":1}`},
	"empty twice":                     {[]string{`{}`, `{}`}, `{}`},
	"empty in pieces":                 {[]string{`{`, `}`, ``, `{"x":1}`}, `{"x":1}`},
	"empty alone":                     {[]string{``, `{`, `}`}, `{}`},
	"whole twice":                     {[]string{`{"x":{"y":"}{"}}`, `{"x":{"y":"}{"}}`}, `{"x":{"y":"}{"}}`},
	"in pieces, then whole":           {[]string{`{"x"`, `:1}`, `{"x":1}`}, `{"x":1}`},
	"empty, in pieces, then whole":    {[]string{`{}`, `{"x"`, `:"\"}"}`, ` {"x":"\"}"}`}, `{"x":"\"}"}`},
	"three times":                     {[]string{`{"x":1}`, `{"x":1}`, `{"x":1}`}, `{"x":1}`},
	"braces in strings":               {[]string{`{"a":"{}`, `{}","b":"\\"`, `}`}, `{"a":"{}{}","b":"\\"}`},
	"an empty object within":          {[]string{`{"a":`, `{}`, `,"b":`, `{}`, `}`}, `{"a":{},"b":{}}`},
	"an empty object in a list":       {[]string{`[`, `{}`, `,{}]`}, `[{},{}]`},
	"two that differ are not JSON":    {[]string{`{"x":1}`, `{"x":2}`}, `{"x":1}{"x":2}`},
	"a brace too many is not JSON":    {[]string{`{}`, `}`}, `{}}`},
	"a text after it is not JSON":     {[]string{`{}`, ` x`}, `{} x`},
	"again, cut off":                  {[]string{`{"x":1}`, `{"x"`}, `{"x":1}{"x"`},
	"empty, then cut off":             {[]string{`{}`, `{"x`}, `{"x`},
	"a backslash at the end":          {[]string{`{}`, `{"x":"\`}, `{"x":"\`},
	"one that begins with the former": {[]string{`{"x":1}`, `{"x":1}}`}, `{"x":1}}`},
}

// quotedOf quotes a text with the escapes of encoding/json, or each character as \u.
func quotedOf(text string, every bool) string {
	if !every {
		return string(gjson.AppendJSONString(nil, text))
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		fmt.Fprintf(&b, `\u%04x`, c)
	}
	return b.String() + `"`
}

// TestArgumentsThatBeginAgainAddUpOnce: an empty object before the arguments, or the
// arguments again, is not part of them, in any API that sends them in pieces.
func TestArgumentsThatBeginAgainAddUpOnce(t *testing.T) {
	streams := map[string]struct {
		operation, path string
		event           func(piece string) string
	}{
		"chat": {"createChatCompletion", "choices.0.message.tool_calls.0.function.arguments", func(piece string) string {
			return chatDelta(`{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":` + piece + `}}]}`)
		}},
		"function call of former models": {"createChatCompletion", "choices.0.message.function_call.arguments", func(piece string) string {
			return chatDelta(`{"function_call":{"name":"f","arguments":` + piece + `}}`)
		}},
		"response": {"createResponse", "output.0.arguments", func(piece string) string {
			return `{"type":"response.function_call_arguments.delta","item_id":"i","output_index":0,"delta":` + piece + `}`
		}},
		"MCP": {"createResponse", "output.0.arguments", func(piece string) string {
			return `{"type":"response.mcp_call_arguments.delta","item_id":"i","output_index":0,"delta":` + piece + `}`
		}},
	}
	for api, s := range streams {
		for name, test := range argumentCases {
			for _, every := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/%t", api, name, every), func(t *testing.T) {
					var texts []string
					for _, piece := range test.pieces {
						texts = append(texts, s.event(quotedOf(piece, every)))
					}
					a := accumulate(t, operationOf(t, s.operation), eventsOf(texts))
					if got := gjson.Get(finalOf(t, a), s.path).String(); got != test.want {
						t.Errorf("got %s, want %s", got, test.want)
					}
				})
			}
		}
	}
}

// TestArgumentsOfStepsThatBeginAgainAddUpOnce is that for the steps of a run, which are
// beside the run.
func TestArgumentsOfStepsThatBeginAgainAddUpOnce(t *testing.T) {
	for name, test := range argumentCases {
		t.Run(name, func(t *testing.T) {
			var texts []string
			for _, piece := range test.pieces {
				texts = append(texts, `{"id":"s","object":"thread.run.step.delta","delta":{"step_details":{"type":"tool_calls","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":`+quotedOf(piece, false)+`}}]}}}`)
			}
			for _, step := range accumulate(t, operationOf(t, "createRun"), eventsOf(texts)).Related() {
				if got := gjson.GetBytes(step, "step_details.tool_calls.0.function.arguments").String(); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			}
		})
	}
}

// TestCallBeginsAfterArgumentsThatBeganAgain: the next call, told by its name alone, is
// noticed after arguments of which the first piece was empty.
func TestCallBeginsAfterArgumentsThatBeganAgain(t *testing.T) {
	call := func(name, arguments string) string {
		return chatDelta(`{"tool_calls":[{"index":0,"function":{` + name + `"arguments":` + quotedOf(arguments, false) + `}}]}`)
	}
	a := accumulate(t, operationOf(t, "createChatCompletion"), eventsOf([]string{
		call(`"name":"f",`, `{}`), call("", `{"x":1}`), call(`"name":"f",`, `{"x":2}`),
	}))
	got := gjson.Get(finalOf(t, a), "choices.0.message.tool_calls.#.function.arguments").Raw
	if want := `["{\"x\":1}","{\"x\":2}"]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestEmptyObjectLeavesArgumentsThatAreText: arguments that were text stay where an
// object without members comes in place of a piece.
func TestEmptyObjectLeavesArgumentsThatAreText(t *testing.T) {
	for name, pieces := range map[string][]string{"after": {`"{\"x\":1}"`, `{}`}, "before": {`{}`, `"{\"x\":1}"`}} {
		t.Run(name, func(t *testing.T) {
			var texts []string
			for _, piece := range pieces {
				texts = append(texts, chatDelta(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":`+piece+`}}]}`))
			}
			a := accumulate(t, operationOf(t, "createChatCompletion"), eventsOf(texts))
			if got := gjson.Get(finalOf(t, a), "choices.0.message.tool_calls.0.function.arguments").String(); got != `{"x":1}` {
				t.Errorf("got %s", got)
			}
		})
	}
}
