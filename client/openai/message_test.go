package openai_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// TestRequestsAreParams: a typed request is taken by all that takes params.
func TestRequestsAreParams(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	chat := openai.ChatRequest{Model: "m", Messages: []openai.Message{openai.User("a")}, Temperature: new(0.0)}
	respond := openai.RespondRequest{Model: "m", Input: []openai.Message{openai.User("a")}, Temperature: new(0.0)}
	for name, test := range map[string]struct {
		operation string
		params    any
		none      any
		want      string
	}{
		"chat":             {"createChatCompletion", chat, (*openai.ChatRequest)(nil), `{"model":"m","messages":[{"role":"user","content":"a"}],"temperature":0}`},
		"chat, pointer":    {"createChatCompletion", &chat, (*openai.ChatRequest)(nil), `{"model":"m","messages":[{"role":"user","content":"a"}],"temperature":0}`},
		"respond":          {"createResponse", respond, nil, `{"model":"m","input":[{"role":"user","content":"a"}],"temperature":0}`},
		"respond, pointer": {"createResponse", &respond, nil, `{"model":"m","input":[{"role":"user","content":"a"}],"temperature":0}`},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.Validate(test.operation, test.params); err != nil {
				t.Errorf("Validate: %v", err)
			}
			if _, err := c.Call(t.Context(), test.operation, client.Input{Body: test.params}); err != nil {
				t.Errorf("Input.Body: %v", err)
			}
			sameJSON(t, "Input.Body", test.want, string(server.LastRequest(test.operation).Body))
			s, err := c.Stream(t.Context(), test.operation, test.params)
			if err != nil {
				t.Fatalf("Stream: %v", err)
			}
			s.Close()
			text, err := json.Marshal(test.params)
			if err != nil {
				t.Fatal(err)
			}
			sameJSON(t, "Marshal", test.want, string(text))
			if test.none != nil {
				if err := c.Validate(test.operation, test.none); err == nil || !strings.Contains(err.Error(), "missing property") {
					t.Errorf("nil pointer: got %v", err)
				}
			}
		})
	}
}

// TestMessagesServeBothAPIs: one list of messages, written as each API has it.
func TestMessagesServeBothAPIs(t *testing.T) {
	dir := t.TempDir()
	image := filepath.Join(dir, "a.png")
	if err := os.WriteFile(image, []byte("\x89PNG\r\n\x1a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	picture, err := openai.ImageFile(image)
	if err != nil {
		t.Fatal(err)
	}
	call := openai.ToolCall{ID: "call_1", Type: "function", Function: openai.FunctionCall{Name: "f", Arguments: "{}"}}
	own := openai.ToolCall{ID: "call_2", Type: "custom", Custom: openai.CustomCall{Name: "sql", Input: "select 1"}}
	messages := []openai.Message{
		openai.System("s"),
		openai.User("look", openai.ImageURL("https://a.example/b.png"), picture, openai.FileBytes("a.pdf", []byte("%PDF-1.4")), openai.UploadedFile("file-1")),
		{Role: "user", Parts: []openai.Part{{"type": "input_text", "text": "t"}, {"type": "input_image", "image_url": "https://a.example/c.png", "detail": "low"}}},
		{Role: "assistant", Content: "thinking", ToolCalls: []openai.ToolCall{call, own}},
		call.Result("42"), own.Result("1"),
		openai.Assistant("done"),
	}
	const png, pdf = "data:image/png;base64,iVBORw0KGgo=", "data:application/pdf;base64,JVBERi0xLjQ="
	wantChat := `[{"role":"system","content":"s"},
		{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"https://a.example/b.png"}},
			{"type":"image_url","image_url":{"url":"` + png + `"}},
			{"type":"file","file":{"filename":"a.pdf","file_data":"` + pdf + `"}},{"type":"file","file":{"file_id":"file-1"}}]},
		{"role":"user","content":[{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"https://a.example/c.png","detail":"low"}}]},
		{"role":"assistant","content":"thinking","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}},
			{"id":"call_2","type":"custom","custom":{"name":"sql","input":"select 1"}}]},
		{"role":"tool","tool_call_id":"call_1","content":"42"},{"role":"tool","tool_call_id":"call_2","content":"1"},
		{"role":"assistant","content":"done"}]`
	wantResponse := `[{"role":"system","content":"s"},
		{"role":"user","content":[{"type":"input_text","text":"look"},{"type":"input_image","image_url":"https://a.example/b.png"},
			{"type":"input_image","image_url":"` + png + `"},
			{"type":"input_file","filename":"a.pdf","file_data":"` + pdf + `"},{"type":"input_file","file_id":"file-1"}]},
		{"role":"user","content":[{"type":"input_text","text":"t"},{"type":"input_image","image_url":"https://a.example/c.png","detail":"low"}]},
		{"role":"assistant","content":"thinking"},
		{"type":"function_call","call_id":"call_1","name":"f","arguments":"{}"},
		{"type":"custom_tool_call","call_id":"call_2","name":"sql","input":"select 1"},
		{"type":"function_call_output","call_id":"call_1","output":"42"},{"type":"custom_tool_call_output","call_id":"call_2","output":"1"},
		{"role":"assistant","content":"done"}]`

	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	if _, err := c.Call(t.Context(), "createChatCompletion", openai.ChatRequest{Model: "m", Messages: messages}); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, "chat", wantChat, server.LastRequest("createChatCompletion").Get("messages").Raw)
	if _, err := c.Call(t.Context(), "createResponse", openai.RespondRequest{Model: "m", Input: messages}); err != nil {
		t.Fatal(err)
	}
	sameJSON(t, "response", wantResponse, server.LastRequest("createResponse").Get("input").Raw)
}

// TestFormatsAndToolsServeBothAPIs: schemas and tools in the envelope of each API.
func TestFormatsAndToolsServeBothAPIs(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	shape := json.RawMessage(`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}`)
	format := openai.JSONSchema("answer", shape)
	tools := []any{openai.FunctionTool{Name: "f", Parameters: shape}, openai.CustomTool{Name: "sql", Description: "d", Grammar: "start: A", Syntax: "lark"}}
	chat := openai.ChatRequest{Model: "m", Messages: []openai.Message{openai.User("a")}, ResponseFormat: format, Tools: tools}
	if _, err := c.Call(t.Context(), "createChatCompletion", chat); err != nil {
		t.Fatal(err)
	}
	sent := server.LastRequest("createChatCompletion")
	sameJSON(t, "format", `{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":`+string(shape)+`}}`, sent.Get("response_format").Raw)
	sameJSON(t, "tools", `[{"type":"function","function":{"name":"f","parameters":`+string(shape)+`}},
		{"type":"custom","custom":{"name":"sql","description":"d","format":{"type":"grammar","grammar":{"definition":"start: A","syntax":"lark"}}}}]`, sent.Get("tools").Raw)

	respond := openai.RespondRequest{Model: "m", Input: "a", ResponseFormat: &format, Verbosity: "low", ReasoningEffort: "low", Tools: tools}
	if _, err := c.Call(t.Context(), "createResponse", respond); err != nil {
		t.Fatal(err)
	}
	sent = server.LastRequest("createResponse")
	sameJSON(t, "text", `{"verbosity":"low","format":{"type":"json_schema","name":"answer","strict":true,"schema":`+string(shape)+`}}`, sent.Get("text").Raw)
	sameJSON(t, "reasoning", `{"effort":"low"}`, sent.Get("reasoning").Raw)
	sameJSON(t, "tools", `[{"type":"function","name":"f","parameters":`+string(shape)+`},
		{"type":"custom","name":"sql","description":"d","format":{"type":"grammar","definition":"start: A","syntax":"lark"}}]`, sent.Get("tools").Raw)

	if err := c.Validate("createChatCompletion", client.Params{"model": "m", "messages": []any{openai.User("a")}, "tools": tools, "response_format": format}); err != nil {
		t.Errorf("tools in Params of a chat: %v", err)
	}
	if err := c.Validate("createResponse", client.Params{"model": "m", "input": openai.Input([]any{openai.User("a", openai.ImageURL("https://a.example"))}), "tools": openai.ResponseTools(tools...)}); err != nil {
		t.Errorf("tools in Params of a response: %v", err)
	}
}

// TestMessageKeepsWhatCame: a message goes back with all its members, and a field
// that was changed is written anew.
func TestMessageKeepsWhatCame(t *testing.T) {
	for name, test := range map[string]struct {
		came   string
		change func(*openai.Message)
		want   string // "" for what came
	}{
		"custom tool call":     {`{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"custom","custom":{"name":"sql","input":"select 1"}}]}`, nil, ""},
		"unknown tool call":    {`{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"future","future":{"a":1}}]}`, nil, ""},
		"call with index":      {`{"role":"assistant","content":"","tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}`, nil, ""},
		"arguments as object":  {`{"role":"assistant","content":"","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":{"a":1}}}]}`, nil, ""},
		"reasoning":            {`{"role":"assistant","content":"a","reasoning_content":"b","x":[1.50,2e5]}`, nil, ""},
		"content is a list":    {`{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}]},{"type":"text","text":"b"}]}`, nil, ""},
		"content is an object": {`{"role":"assistant","content":{"a":1}}`, nil, ""},
		"large numbers":        {`{"role":"assistant","content":[{"type":"x","n":12345678901234567890}]}`, nil, ""},
		"no content":           {`{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}`, nil, `{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],"content":null}`},
		"content changed":      {`{"role":"assistant","reasoning_content":"b","content":"a"}`, func(m *openai.Message) { m.Content = "new" }, `{"role":"assistant","reasoning_content":"b","content":"new"}`},
		"refusal taken away":   {`{"role":"assistant","content":"a","refusal":"no","y":1}`, func(m *openai.Message) { m.Refusal = "" }, `{"role":"assistant","content":"a","y":1}`},
		"call changed": {
			`{"role":"assistant","content":"a","tool_calls":[{"id":"","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"sig":"s"}}]}`,
			func(m *openai.Message) { m.ToolCalls[0].ID = "made_up" },
			`{"role":"assistant","content":"a","tool_calls":[{"id":"made_up","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"sig":"s"}}]}`,
		},
		"parts in place of text": {`{"role":"assistant","content":"a","z":1}`, func(m *openai.Message) { m.Parts = []openai.Part{openai.Text("b")} }, `{"role":"assistant","content":[{"text":"b","type":"text"}],"z":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t, responding("application/json", `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":`+test.came+`}]}`),
				responding("application/json", `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"bye"}}]}`))
			c := newClient(t, client.WithBaseURL(h.URL))
			r, err := c.Chat(t.Context(), chatRequest)
			if err != nil {
				t.Fatal(err)
			}
			m := r.Message()
			if string(m.Raw()) != test.came {
				t.Errorf("Raw: got %s", m.Raw())
			}
			if test.change != nil {
				test.change(&m)
			}
			want := test.want
			if want == "" {
				want = test.came
			}
			if _, err := c.Chat(t.Context(), openai.ChatRequest{Model: "m", Messages: []openai.Message{openai.User("a"), m}}); err != nil {
				t.Fatalf("it cannot be sent back: %v", err)
			}
			sent := h.last(t)
			if !strings.Contains(sent.Body, want) {
				t.Errorf("got %s\nwant %s", sent.Body, want)
			}
		})
	}
}

// TestMistakeInMessageFromServer: what a server made is let pass, what a caller
// writes is not.
func TestMistakeInMessageFromServer(t *testing.T) {
	h := newHost(t, responding("application/json", `{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"a","x_host":1}}]}`))
	var found []schema.Finding
	c := newClient(t, client.WithBaseURL(h.URL), client.WithFindings(func(_ string, f []schema.Finding) { found = f }))
	r, err := c.Chat(t.Context(), chatRequest)
	if err != nil {
		t.Fatal(err)
	}
	found = nil
	m := r.Message()
	if err := c.Validate("createChatCompletion", client.Params{"model": "m", "messages": []any{m}}); err != nil {
		t.Errorf("as it came: %v", err)
	}
	if len(found) != 1 || found[0].Pointer != "/messages/0/x_host" {
		t.Errorf("got findings %v, want one of x_host", found)
	}
	m.Role = "asistant"
	if err := c.Validate("createChatCompletion", client.Params{"model": "m", "messages": []any{m}}); err == nil {
		t.Error("a role that the caller wrote is not validated")
	}
	if err := c.Validate("createChatCompletion", client.Params{"model": "m", "messages": []any{r.Message(), client.Params{"role": "user", "content": "a", "x": 1}}}); err == nil || !strings.Contains(err.Error(), "/messages/1/x") {
		t.Errorf("got %v, want the mistake of the other message", err)
	}
}

// TestAudioGoesBackByItsID: the data of an audio is for responses alone.
func TestAudioGoesBackByItsID(t *testing.T) {
	h := newHost(t, responding("application/json", `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":`+
		`{"role":"assistant","content":null,"refusal":null,"audio":{"id":"audio_1","expires_at":1,"data":"AAAA","transcript":"hi"},"annotations":[]}}]}`))
	c := newClient(t, client.WithBaseURL(h.URL))
	r, err := c.Chat(t.Context(), chatRequest)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r.Message())
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, "message", `{"role":"assistant","content":null,"refusal":null,"audio":{"id":"audio_1"},"annotations":[]}`, string(text))
	if !strings.Contains(string(r.Message().Raw()), `"data":"AAAA"`) {
		t.Error("Raw has no data")
	}
}

// TestOutputGoesBack: items of a response are input of the next, without what only
// responses have and without nulls that requests do not take.
func TestOutputGoesBack(t *testing.T) {
	for name, test := range map[string]struct{ came, want string }{
		"message of vLLM": {
			`{"id":"msg_1","type":"message","role":"assistant","status":null,"content":[{"type":"output_text","text":"a","annotations":[],"logprobs":null}]}`,
			`{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[]}]}`,
		},
		"call of vLLM": {
			`{"type":"function_call","id":null,"call_id":"c","name":"f","arguments":"{}","status":null}`,
			`{"type":"function_call","call_id":"c","name":"f","arguments":"{}","status":null}`, // which requests take
		},
		"a new type":     {`{"type":"telepathy_call","id":"t","thought":null,"x":[null]}`, `{"type":"telepathy_call","id":"t","thought":null,"x":[null]}`},
		"a host's field": {`{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[],"x_host":1}`, `{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[],"x_host":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			body := `{"id":"resp_1","object":"response","status":"completed","output":[{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"e"},` + test.came + `]}`
			h := newHost(t, responding("application/json", body))
			c := newClient(t, client.WithBaseURL(h.URL))
			r, err := c.Respond(t.Context(), openai.RespondRequest{Model: "m", Input: "a"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Respond(t.Context(), openai.RespondRequest{Model: "m", Input: []any{openai.User("a"), r.Output(), openai.User("b")}}); err != nil {
				t.Fatalf("it cannot be sent back: %v", err)
			}
			sameJSON(t, "sent", `{"model":"m","input":[{"role":"user","content":"a"},{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"e"},`+test.want+`,{"role":"user","content":"b"}]}`, h.last(t).Body)
			if string(r.Output()[1].Raw) != test.came {
				t.Errorf("Raw: got %s", r.Output()[1].Raw)
			}
		})
	}
}

// TestRecordedOutputGoesBack: the output of every recorded response is valid input
// of the next, without the help that received items get.
func TestRecordedOutputGoesBack(t *testing.T) {
	responses, chats := 0, 0
	for _, line := range shared.Interactions(t) {
		text := line.ResponseBody
		if line.Method != "POST" || line.Status != 200 || !strings.HasPrefix(text, "{") {
			continue
		}
		h := newHost(t, responding("application/json", text))
		c := newClient(t, client.WithBaseURL(h.URL))
		switch {
		case strings.HasSuffix(line.Path, "/responses"):
			r, err := c.Respond(t.Context(), openai.RespondRequest{Model: "m", Input: "a"})
			if err != nil || len(r.Output()) == 0 {
				continue
			}
			responses++
			sent, err := json.Marshal(r.Output())
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Validate("createResponse", client.Params{"model": "m", "input": json.RawMessage(sent)}); err != nil {
				t.Errorf("%v\n%.500s", err, sent)
			}
		case strings.HasSuffix(line.Path, "/chat/completions"):
			r, err := c.Chat(t.Context(), chatRequest)
			if err != nil {
				continue
			}
			chats++
			sent, err := json.Marshal([]openai.Message{r.Message()})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Validate("createChatCompletion", client.Params{"model": "m", "messages": json.RawMessage(sent)}); err != nil {
				t.Errorf("%v\n%.500s", err, sent)
			}
		}
	}
	if responses < 5 || chats < 5 {
		t.Fatalf("got %d responses and %d chats, want at least 5 of each", responses, chats)
	}
	t.Logf("%d responses, %d chats", responses, chats)
}

// TestBadFilesForParts: what cannot be read is an error at once.
func TestBadFilesForParts(t *testing.T) {
	dir := t.TempDir()
	for name, path := range map[string]string{"a directory": dir, "nothing": filepath.Join(dir, "none.png"), "a device": os.DevNull} {
		for what, read := range map[string]func(string) (openai.Part, error){"image": openai.ImageFile, "audio": openai.AudioFile, "file": openai.LocalFile} {
			if part, err := read(path); err == nil || part != nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s from %s: got %v, %v", what, name, part, err)
			}
		}
	}
}
