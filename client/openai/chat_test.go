package openai_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

// sameJSON compares JSON texts as values.
func sameJSON(tb testing.TB, what, want, got string) {
	tb.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(want), &a); err != nil {
		tb.Fatalf("%s: %v in %s", what, err, want)
	}
	if err := json.Unmarshal([]byte(got), &b); err != nil {
		tb.Fatalf("%s: %v in %s", what, err, got)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// fieldsAlone compares what a caller can set.
var fieldsAlone = cmpopts.IgnoreUnexported(openai.Message{}, openai.ToolCall{})

var weather = openai.FunctionTool{
	Name: "weather", Description: "the weather", Strict: new(true),
	Parameters: json.RawMessage(`{"type":"object","properties":{},"additionalProperties":false,"required":[]}`),
}

func TestChatRequestSendsWhatIsSet(t *testing.T) {
	hello := []openai.Message{openai.User("Hello")}
	const messages = `"model":"m","messages":[{"role":"user","content":"Hello"}]`
	tests := map[string]struct {
		give openai.ChatRequest
		want string
	}{
		"little": {openai.ChatRequest{Model: "m", Messages: hello}, `{` + messages + `}`},
		"zero is not absent": {
			openai.ChatRequest{Model: "m", Messages: hello, Temperature: new(0.0), TopP: new(0.0), Seed: new(int64(0)), Store: new(false), ParallelToolCalls: new(false)},
			`{` + messages + `,"temperature":0,"top_p":0,"seed":0,"store":false,"parallel_tool_calls":false}`,
		},
		"everything": {
			openai.ChatRequest{
				Model: "m", Messages: hello, Temperature: new(1.5), TopP: new(0.5), MaxCompletionTokens: new(int64(9)), N: new(int64(2)),
				Seed: new(int64(7)), Stop: []string{"a", "b"}, Tools: []any{weather, &weather, client.Params{"type": "custom", "custom": client.Params{"name": "c"}}},
				ToolChoice: "auto", ParallelToolCalls: new(true), ResponseFormat: client.Params{"type": "json_object"}, ReasoningEffort: "low",
				Metadata: map[string]string{"a": "b"}, Store: new(true), User: "u",
			},
			`{` + messages + `,"temperature":1.5,"top_p":0.5,"max_completion_tokens":9,"n":2,"seed":7,"stop":["a","b"],"tools":[` +
				`{"type":"function","function":{"name":"weather","description":"the weather","strict":true,"parameters":{"type":"object","properties":{},"additionalProperties":false,"required":[]}}},` +
				`{"type":"function","function":{"name":"weather","description":"the weather","strict":true,"parameters":{"type":"object","properties":{},"additionalProperties":false,"required":[]}}},` +
				`{"type":"custom","custom":{"name":"c"}}],"tool_choice":"auto","parallel_tool_calls":true,"response_format":{"type":"json_object"},` +
				`"reasoning_effort":"low","metadata":{"a":"b"},"store":true,"user":"u"}`,
		},
		"Extra has the last word": {
			openai.ChatRequest{Model: "m", Messages: hello, N: new(int64(1)), Extra: map[string]any{"n": 2, "logprobs": true}},
			`{` + messages + `,"n":2,"logprobs":true}`,
		},
		"all kinds of messages": {
			openai.ChatRequest{Model: "m", Messages: []openai.Message{
				openai.System("s"), openai.Developer("d"), openai.User("look", openai.ImageURL("http://a/b.png")), openai.User("", openai.Text("t")),
				{Role: "user", Content: "n", Name: "ann"},
				openai.Assistant("a"), openai.Assistant(""),
				{Role: "assistant", ToolCalls: []openai.ToolCall{{ID: "c", Type: "function", Function: openai.FunctionCall{Name: "f", Arguments: "{}"}}}},
				openai.ToolResult("c", ""),
				{Role: "assistant", Refusal: "no"},
			}},
			`{"model":"m","messages":[{"role":"system","content":"s"},{"role":"developer","content":"d"},` +
				`{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"http://a/b.png"}}]},` +
				`{"role":"user","content":[{"type":"text","text":"t"}]},{"role":"user","content":"n","name":"ann"},{"role":"assistant","content":"a"},` +
				`{"role":"assistant","content":""},` +
				`{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},` +
				`{"role":"tool","tool_call_id":"c","content":""},{"role":"assistant","refusal":"no"}]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newHost(t)
			c := newClient(t, client.WithBaseURL(w.URL))
			if _, err := c.Call(t.Context(), "createChatCompletion", test.give); err != nil {
				t.Fatal(err)
			}
			got := w.only(t)
			if got.Path != "/chat/completions" {
				t.Errorf("got path %s", got.Path)
			}
			sameJSON(t, "body", test.want, got.Body)
		})
	}
}

func TestRespondRequestSendsWhatIsSet(t *testing.T) {
	tests := map[string]struct {
		give openai.RespondRequest
		want string
	}{
		"text":     {openai.RespondRequest{Model: "m", Input: "Hello"}, `{"model":"m","input":"Hello"}`},
		"messages": {openai.RespondRequest{Model: "m", Input: []openai.Message{openai.User("Hello")}}, `{"model":"m","input":[{"role":"user","content":"Hello"}]}`},
		"nothing":  {openai.RespondRequest{}, ``},
		"everything": {
			openai.RespondRequest{
				Model: "m", Input: []any{openai.User("Hello"), client.Params{"type": "function_call_output", "call_id": "c", "output": "o"}},
				Instructions: "i", PreviousResponseID: "p", Conversation: "c", Temperature: new(0.0), TopP: new(1.0),
				MaxOutputTokens: new(int64(16)), Tools: []any{weather, &weather, client.Params{"type": "web_search"}}, ToolChoice: "required",
				ParallelToolCalls: new(false), Text: client.Params{"verbosity": "low"}, Reasoning: client.Params{"effort": "low"},
				Include: []string{"reasoning.encrypted_content"}, Metadata: map[string]string{"a": "b"}, Store: new(false), Background: new(false),
				Extra: map[string]any{"truncation": "auto"},
			},
			`{"model":"m","input":[{"role":"user","content":"Hello"},{"type":"function_call_output","call_id":"c","output":"o"}],` +
				`"instructions":"i","previous_response_id":"p","conversation":"c","temperature":0,"top_p":1,"max_output_tokens":16,"tools":[` +
				`{"type":"function","name":"weather","description":"the weather","strict":true,"parameters":{"type":"object","properties":{},"additionalProperties":false,"required":[]}},` +
				`{"type":"function","name":"weather","description":"the weather","strict":true,"parameters":{"type":"object","properties":{},"additionalProperties":false,"required":[]}},` +
				`{"type":"web_search"}],"tool_choice":"required","parallel_tool_calls":false,"text":{"verbosity":"low"},"reasoning":{"effort":"low"},` +
				`"include":["reasoning.encrypted_content"],"metadata":{"a":"b"},"store":false,"background":false,"truncation":"auto"}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newHost(t)
			c := newClient(t, client.WithBaseURL(w.URL))
			if _, err := c.Call(t.Context(), "createResponse", test.give); err != nil {
				t.Fatal(err)
			}
			got := w.only(t)
			if got.Path != "/responses" {
				t.Errorf("got path %s", got.Path)
			}
			if test.want == "" {
				test.want = "{}"
			}
			sameJSON(t, "body", test.want, got.Body)
		})
	}
}

// The helpers are validated as everything else.
func TestHelpersAreValidatedLikeCalls(t *testing.T) {
	c := newClient(t)
	var none *openai.FunctionTool
	tests := map[string]struct {
		call func() (any, error)
		want string
	}{
		"chat, nothing": {
			func() (any, error) { r, err := c.Chat(t.Context(), openai.ChatRequest{}); return r == nil, err },
			"createChatCompletion: 2 problems\n  /: missing property \"messages\" (CreateChatCompletionRequest)\n  /: missing property \"model\" (CreateChatCompletionRequest)",
		},
		"chat, no messages": {
			func() (any, error) {
				r, err := c.Chat(t.Context(), openai.ChatRequest{Model: "m", Messages: []openai.Message{}})
				return r == nil, err
			},
			"createChatCompletion: /messages: got 0 items, want at least 1 (CreateChatCompletionRequest)",
		},
		"chat, no tool": {
			func() (any, error) {
				r, err := c.Chat(t.Context(), openai.ChatRequest{Model: "m", Messages: []openai.Message{openai.User("a")}, Tools: []any{none}})
				return r == nil, err
			},
			"createChatCompletion: /tools/0: got null, want object (CreateChatCompletionRequest)",
		},
		"respond, no tool": {
			func() (any, error) {
				r, err := c.Respond(t.Context(), openai.RespondRequest{Model: "m", Tools: []any{none}})
				return r == nil, err
			},
			"createResponse: /tools/0: got null, want object (Tool)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			isNil, err := test.call()
			var invalid *schema.ValidationError
			if isNil != true || !errors.As(err, &invalid) || err.Error() != test.want {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestChatResultReadsTheCompletion(t *testing.T) {
	w := newHost(t, responding("application/json", `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[
		{"index":0,"finish_reason":"tool_calls","logprobs":null,"message":{"role":"assistant","content":"Hi \"you\"","refusal":"no","tool_calls":[
			{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1e2}"}}]}},
		{"index":1,"message":{"content":"other"}}],
		"usage":{"prompt_tokens":9007199254740993,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":5}}}`),
		responding("application/json", `{"choices":[]}`), status(400, "application/json", `{"error":"no"}`), responding("application/json", `{"choices":`))
	c := newClient(t, client.WithBaseURL(w.URL), client.WithMaxRetries(0))
	request := openai.ChatRequest{Model: "m", Messages: []openai.Message{openai.User("a")}}
	r, err := c.Chat(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if r.Text() != `Hi "you"` || r.FinishReason() != "tool_calls" || r.Refusal() != "no" || r.RequestID() != "req_1" || r.Get("id").String() != "c" {
		t.Errorf("got %q, %q, %q, %q", r.Text(), r.FinishReason(), r.Refusal(), r.RequestID())
	}
	calls := []openai.ToolCall{{ID: "call_1", Type: "function", Function: openai.FunctionCall{Name: "f", Arguments: `{"a": 1e2}`}}}
	if diff := cmp.Diff(calls, r.ToolCalls(), fieldsAlone); diff != "" {
		t.Errorf("ToolCalls (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(openai.Message{Role: "assistant", Content: `Hi "you"`, Refusal: "no", ToolCalls: calls}, r.Message(), fieldsAlone); diff != "" {
		t.Errorf("Message (-want +got):\n%s", diff)
	}
	want := openai.Usage{InputTokens: 9007199254740993, CachedTokens: 4, OutputTokens: 2, ReasoningTokens: 5, TotalTokens: 3}
	if diff := cmp.Diff(want, r.Usage()); diff != "" {
		t.Errorf("Usage (-want +got):\n%s", diff)
	}
	if err := c.Validate("createChatCompletion", client.Params{"model": "m", "messages": []any{r.Message()}}); err != nil {
		t.Errorf("the message cannot be sent back: %v", err)
	}

	var unusable *client.ResponseError
	if r, err = c.Chat(t.Context(), request); !errors.As(err, &unusable) || r.Text() != "" || r.ToolCalls() != nil || r.Usage() != (openai.Usage{}) {
		t.Errorf("without a choice: got %q, %v", r.Text(), err)
	}
	var refused *client.APIError
	if r, err = c.Chat(t.Context(), request); r != nil || !errors.As(err, &refused) {
		t.Errorf("refused: got %v, %v", r, err)
	}
	if r, err = c.Chat(t.Context(), request); r == nil || string(r.Raw()) != `{"choices":` || !errors.As(err, &unusable) {
		t.Errorf("unusable: got %v, %v", r, err)
	}
}

func TestRespondResultReadsTheResponse(t *testing.T) {
	w := newHost(t, responding("application/json", `{"id":"resp_1","status":"completed","output":[
		{"type":"reasoning","summary":[{"type":"output_text","text":"not this"}]},
		{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi "},{"type":"refusal","refusal":"no"},{"type":"output_text","text":"you"}]},
		{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{}"}],
		"usage":{"input_tokens":1,"input_tokens_details":{"cached_tokens":2},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":5}}`),
		responding("application/json", `{}`))
	c := newClient(t, client.WithBaseURL(w.URL))
	r, err := c.Respond(t.Context(), openai.RespondRequest{Model: "m", Input: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if r.ID() != "resp_1" || r.Status() != "completed" || r.Text() != "Hi you" || r.Refusal() != "no" {
		t.Errorf("got %q, %q, %q, %q", r.ID(), r.Status(), r.Text(), r.Refusal())
	}
	calls := []openai.ToolCall{{ID: "call_1", Type: "function", Function: openai.FunctionCall{Name: "f", Arguments: "{}"}}}
	if diff := cmp.Diff(calls, r.ToolCalls(), fieldsAlone); diff != "" {
		t.Errorf("ToolCalls (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(openai.Usage{InputTokens: 1, CachedTokens: 2, OutputTokens: 3, ReasoningTokens: 4, TotalTokens: 5}, r.Usage()); diff != "" {
		t.Errorf("Usage (-want +got):\n%s", diff)
	}
	var unusable *client.ResponseError
	if r, err = c.Respond(t.Context(), openai.RespondRequest{Model: "m", Input: "a"}); !errors.As(err, &unusable) || r.Text() != "" || r.ToolCalls() != nil || r.Usage() != (openai.Usage{}) {
		t.Errorf("without output: got %q, %v", r.Text(), err)
	}
}

// A message of texts alone is written without the detour of the others.
func TestMessageOfTextsIsWrittenAsTheOthers(t *testing.T) {
	for want, message := range map[string]openai.Message{
		`{"role":"user","content":"a <b> & \"c\" \\ \n ü \u2028"}`:           openai.User("a <b> & \"c\" \\ \n ü \u2028"),
		`{"role":"assistant","content":""}`:                                  openai.Assistant(""),
		`{"role":"assistant","refusal":"no"}`:                                {Role: "assistant", Refusal: "no"},
		`{"role":"tool","tool_call_id":"c\"","content":"42"}`:                openai.ToolResult(`c"`, "42"),
		`{"role":"","name":"ann","refusal":"no","content":"a"}`:              {Name: "ann", Content: "a", Refusal: "no"},
		`{"role":"user","content":"\ufffd"}`:                                 openai.User("\xff"),
		`{"role":"user","name":"ann","content":[{"text":"","type":"text"}]}`: {Role: "user", Name: "ann", Parts: []openai.Part{openai.Text("")}},
	} {
		got, err := message.MarshalJSON()
		if err != nil || string(got) != want {
			t.Errorf("got  %s, %v\nwant %s", got, err, want)
		}
	}
}

// A message survives the way through JSON, in all its forms.
func TestMessageRoundTrip(t *testing.T) {
	for name, message := range map[string]openai.Message{
		"text":    openai.User("a <b> & \"c\""),
		"empty":   openai.Assistant(""),
		"parts":   openai.User("a", openai.ImageURL("data:image/png;base64,AA==")),
		"calls":   {Role: "assistant", ToolCalls: []openai.ToolCall{{ID: "c", Type: "function", Function: openai.FunctionCall{Name: "f", Arguments: "{}"}}}},
		"refusal": {Role: "assistant", Refusal: "no"},
		"result":  openai.ToolResult("c", "42"),
		"name":    {Role: "user", Content: "a", Name: "ann"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(message)
			if err != nil {
				t.Fatal(err)
			}
			got := openai.Message{Content: "old", Parts: []openai.Part{openai.Text("old")}}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			// What an image's part holds is a map of whatever kind.
			again, err := json.Marshal(got)
			if err != nil || string(again) != string(text) {
				t.Errorf("got %s, want %s (%v)", again, text, err)
			}
		})
	}
	for _, text := range []string{`{"role":"user","content":null}`, `{"role":"user"}`} {
		var m openai.Message
		if err := json.Unmarshal([]byte(text), &m); err != nil || m.Content != "" || m.Parts != nil {
			t.Errorf("%s: got %+v, %v", text, m, err)
		}
	}
	for _, text := range []string{`{"role":"user","content":5}`, `{"role":"user","content":[5]}`, `{"role":5}`, `[]`} {
		var m openai.Message
		if err := json.Unmarshal([]byte(text), &m); err == nil {
			t.Errorf("%s: got %+v, want an error", text, m)
		}
	}
}
