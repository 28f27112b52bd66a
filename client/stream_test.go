package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// deltaChunk is a chat completion chunk with a piece of text for a choice.
func deltaChunk(choice int, text string) string {
	content, _ := json.Marshal(text)
	return fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":%d,"delta":{"content":%s},"finish_reason":null}]}`, choice, content)
}

// dataLines makes an event stream of data.
func dataLines(data ...string) string {
	var b strings.Builder
	for _, d := range data {
		b.WriteString("data: " + d + "\n\n")
	}
	return b.String()
}

// openStream streams an operation from a server that answers with handler.
func openStream(tb testing.TB, handler http.HandlerFunc, operationID string, params any, opts ...client.CallOption) (*client.Stream, error) {
	tb.Helper()
	server := newWitness(tb, handler)
	c := newClient(tb, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("sk-test-0123456789"), client.WithMaxRetries(0))
	s, err := c.Stream(tb.Context(), operationID, params, opts...)
	if err == nil {
		tb.Cleanup(func() { s.Close() })
	}
	return s, err
}

// streamChat opens a chat stream and drains it.
func streamChat(tb testing.TB, handler http.HandlerFunc, opts ...client.CallOption) (drained, error) {
	tb.Helper()
	s, err := openStream(tb, handler, "createChatCompletion", chat(), opts...)
	if err != nil {
		return drained{}, err
	}
	return drain(s)
}

func sseAnswer(text string) http.HandlerFunc { return responding(200, "text/event-stream", text) }

var image = client.File{Name: "a.png", Body: strings.NewReader("\x89PNG\r\n\x1a\n")}

// TestStreamAsksForEvents sends every operation that streams.
func TestStreamAsksForEvents(t *testing.T) {
	response := client.Params{"model": "gpt-5-mini", "input": "Hello"}
	run := client.Params{"thread_id": "thread_1", "assistant_id": "asst_1"}
	stored := client.Params{"response_id": "resp_1", "starting_after": 7}
	for operation, test := range map[string]struct {
		params any
		want   string // in the body or the query
	}{
		"createChatCompletion":  {chat(), `"stream":true`},
		"createCompletion":      {client.Params{"model": "m", "prompt": "p"}, `"stream":true`},
		"createResponse":        {response, `"stream":true`},
		"beta_createResponse":   {response, `"stream":true`},
		"getResponse":           {stored, "starting_after=7&stream=true"},
		"beta_getResponse":      {stored, "starting_after=7&stream=true"},
		"createRun":             {run, `"stream":true`},
		"createThreadAndRun":    {client.Params{"assistant_id": "asst_1"}, `"stream":true`},
		"submitToolOuputsToRun": {client.Params{"thread_id": "t", "run_id": "r", "tool_outputs": []any{}}, `"stream":true`},
		"createImage":           {client.Params{"prompt": "p"}, `"stream":true`},
		"createImageEdit":       {client.Params{"prompt": "p", "image": image}, "name=\"stream\"\r\n\r\ntrue\r\n"},
		"createSpeech":          {client.Params{"model": "m", "input": "i", "voice": "alloy"}, `"stream_format":"sse"`},
		"createTranscription":   {client.Params{"model": "whisper-1", "file": image}, "name=\"stream\"\r\n\r\ntrue\r\n"},
	} {
		t.Run(operation, func(t *testing.T) {
			server := newWitness(t, sseAnswer(""))
			c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
			s, err := c.Stream(t.Context(), operation, test.params)
			if err != nil {
				t.Fatal(err)
			}
			_, err = drain(s)
			var truncated *client.TruncatedError
			if !errors.As(err, &truncated) || truncated.Events != 0 || truncated.Partial || truncated.Sequence != -1 {
				t.Errorf("got %v of a stream without events, want a *TruncatedError", err)
			}
			sent := server.only(t)
			if !strings.Contains(sent.Body+sent.Query, test.want) || sent.Header.Get("Accept") != "text/event-stream" {
				t.Errorf("sent Accept %q, ?%s and %s\nwant %s", sent.Header.Get("Accept"), sent.Query, sent.Body, test.want)
			}
		})
	}
	streaming := 0
	for op := range newClient(t).Document().Operations() {
		if _, ok := op.Extension("x-opcall-stream"); ok {
			streaming++
		}
	}
	if streaming != 13 {
		t.Errorf("%d operations stream, 13 are tried here", streaming)
	}
}

// TestStreamReplacesWhatWasGiven: the caller's own stream field has no say, in
// whatever form the params come.
func TestStreamReplacesWhatWasGiven(t *testing.T) {
	type body struct {
		Model    string `json:"model"`
		Messages []any  `json:"messages"`
		Stream   bool   `json:"stream"`
	}
	for name, params := range map[string]any{
		"params": chat("stream", false),
		"struct": body{"m", hello, false},
		"text":   `{"model":"m","stream":"yes","messages":[{"role":"user","content":"x"}],"temperature":1.50}`,
		"input":  client.Input{Body: chat("stream", nil)},
		"raw":    client.Input{Body: json.RawMessage(`{"stream":0,"model":"m","messages":[{"role":"user","content":"x"}]}`)},
	} {
		t.Run(name, func(t *testing.T) {
			server := newWitness(t, sseAnswer(dataLines(deltaChunk(0, "a"), "[DONE]")))
			c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
			s, err := c.Stream(t.Context(), "createChatCompletion", params)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := drain(s); err != nil {
				t.Error(err)
			}
			sent := server.only(t).Body
			if strings.Count(sent, `"stream"`) != 1 || !gjson.Get(sent, "stream").IsBool() || !gjson.Get(sent, "stream").Bool() {
				t.Errorf("sent %s", sent)
			}
			if name == "text" && gjson.Get(sent, "temperature").Raw != "1.50" {
				t.Errorf("sent %s, want every other field as it was given", sent)
			}
		})
	}
	t.Run("query", func(t *testing.T) {
		server := newWitness(t, sseAnswer(dataLines("[DONE]")))
		c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
		s, err := c.Stream(t.Context(), "getResponse", client.Input{
			Path: map[string]any{"response_id": "r"}, Query: map[string]any{"stream": false},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if sent := server.only(t).Query; sent != "stream=true" {
			t.Errorf("sent ?%s", sent)
		}
	})
}

func TestStreamRefusesBeforeSending(t *testing.T) {
	server := newWitness(t)
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	for name, test := range map[string]struct {
		operation string
		params    any
		want      any
		text      string
	}{
		"no such operation": {"createChatCompletio", nil, new(*schema.UnknownOperationError), "createChatCompletion"},
		"no stream":         {"listModels", nil, new(*client.BindError), "listModels: the document declares no event stream for it; Call calls it"},
		"invalid request":   {"createChatCompletion", client.Params{"model": "m"}, new(*schema.ValidationError), `missing property "messages"`},
		"not an object":     {"createChatCompletion", client.Input{Body: []int{1}}, new(*schema.ValidationError), `/stream: cannot be set in a body that is an array`},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := c.Stream(t.Context(), test.operation, test.params)
			if s != nil || err == nil || !errors.As(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %T with %q", err, test.want, test.text)
			}
		})
	}
	if sent := server.all(); len(sent) > 0 {
		t.Errorf("sent %d requests", len(sent))
	}
}

// TestStreamEndSaysWhetherItIsComplete: each way in which a stream can end, and what must come of it.
func TestStreamEndSaysWhetherItIsComplete(t *testing.T) {
	type want struct {
		events int
		err    string // beginning of the error after the operation; "" for none
	}
	created := `{"type":"response.created","sequence_number":0,"response":{"id":"resp_1"}}`
	terminal := func(name string) string {
		return "event: " + name + "\n" + dataLines(`{"type":"`+name+`","sequence_number":1,"response":{"id":"resp_1","error":{"code":"server_error","message":"Boom"}}}`)
	}
	junk := dataLines("not JSON, and not read")
	for name, test := range map[string]struct {
		operation string
		body      string
		want      want
	}{
		"done":                     {"createChatCompletion", dataLines(deltaChunk(0, "a"), "[DONE]") + junk, want{1, ""}},
		"done without space":       {"createChatCompletion", dataLines(deltaChunk(0, "a")) + "data:[DONE]\n\n", want{1, ""}},
		"done with spaces":         {"createChatCompletion", dataLines(deltaChunk(0, "a")) + "data:  [DONE] \n\n", want{1, ""}},
		"done with a name":         {"createRun", "event: thread.run.created\n" + dataLines(`{"id":"run_1","object":"thread.run"}`) + "event: done\n" + dataLines("[DONE]"), want{1, ""}},
		"done where none is known": {"createResponse", dataLines(created, "[DONE]"), want{1, ""}},
		"CR line ends":             {"createChatCompletion", strings.ReplaceAll(dataLines(deltaChunk(0, "a"), "[DONE]"), "\n", "\r"), want{1, ""}},
		"CRLF and BOM":             {"createChatCompletion", "\ufeff" + strings.ReplaceAll(dataLines(deltaChunk(0, "a"), "[DONE]"), "\n", "\r\n"), want{1, ""}},

		"response.completed":       {"createResponse", dataLines(created) + terminal("response.completed") + junk, want{2, ""}},
		"response.incomplete":      {"createResponse", terminal("response.incomplete") + junk, want{1, ""}},
		"response.failed":          {"createResponse", terminal("response.failed") + junk, want{1, ""}},
		"of another API":           {"createChatCompletion", terminal("response.completed"), want{1, "the stream was cut off after 1 event (request"}},
		"terminal by its data":     {"createResponse", dataLines(`{"type":"response.completed"}`), want{1, ""}},
		"terminal by its name":     {"createResponse", "event: response.completed\n" + dataLines(`{"response":{}}`), want{1, ""}},
		"terminal without data":    {"createResponse", dataLines(created) + "event: response.completed\n" + dataLines(""), want{1, ""}},
		"transcript.text.done":     {"createTranscription", dataLines(`{"type":"transcript.text.delta","delta":"a"}`, `{"type":"transcript.text.done","text":"a"}`) + junk, want{2, ""}},
		"speech.audio.done":        {"createSpeech", dataLines(`{"type":"speech.audio.done"}`) + junk, want{1, ""}},
		"image_generation":         {"createImage", dataLines(`{"type":"image_generation.partial_image"}`, `{"type":"image_generation.completed"}`) + junk, want{2, ""}},
		"image_edit.completed":     {"createImageEdit", dataLines(`{"type":"image_edit.completed"}`) + junk, want{1, ""}},
		"one image of two":         {"two images", dataLines(`{"type":"image_generation.completed"}`), want{1, "the stream was cut off after 1 event (request"}},
		"two images of two":        {"two images", dataLines(`{"type":"image_generation.completed"}`, `{"type":"image_generation.completed"}`) + junk, want{2, ""}},
		"two images by extra body": {"extra images", dataLines(`{"type":"image_generation.completed"}`, `{"type":"image_generation.completed"}`) + junk, want{2, ""}},
		"run without [DONE]":       {"createRun", "event: thread.run.completed\n" + dataLines(`{"id":"run_1","object":"thread.run"}`), want{1, ""}},
		"run that waits":           {"createRun", "event: thread.run.requires_action\n" + dataLines(`{"id":"run_1","object":"thread.run"}`), want{1, ""}},
		"run that goes on":         {"createRun", "event: thread.run.in_progress\n" + dataLines(`{"id":"run_1","object":"thread.run"}`), want{1, "the stream was cut off after 1 event (request"}},
		"finish reason, no [DONE]": {"createChatCompletion", dataLines(strings.Replace(deltaChunk(0, ""), "null", `"stop"`, 1)), want{1, ""}},

		"nothing":            {"createChatCompletion", "", want{0, "the stream was cut off after 0 events (request"}},
		"comments only":      {"createChatCompletion", ": ping\n\n: ping\n\n", want{0, "the stream was cut off after 0 events (request"}},
		"no end":             {"createChatCompletion", dataLines(deltaChunk(0, "a")), want{1, "the stream was cut off after 1 event (request"}},
		"within an event":    {"createChatCompletion", dataLines(deltaChunk(0, "a")) + "data: {", want{1, "the stream was cut off after 1 event, within the next (request"}},
		"within the end":     {"createChatCompletion", dataLines(deltaChunk(0, "a")) + "data: [DONE]\n", want{1, "the stream was cut off after 1 event, within the next (request"}},
		"numbered, no end":   {"createResponse", dataLines(created, `{"type":"response.in_progress","sequence_number":41}`), want{2, "the stream was cut off after 2 events (the last is number 41) (request"}},
		"keep-alive by name": {"createChatCompletion", "event: ping\n" + dataLines("", deltaChunk(0, "a"), "[DONE]"), want{1, ""}},
		"name is message":    {"createChatCompletion", "event: message\n" + dataLines(deltaChunk(0, "a"), "[DONE]"), want{1, ""}},

		"error event":             {"createChatCompletion", dataLines(deltaChunk(0, "a")) + "event: error\n" + dataLines(`{"message":"Boom","code":"c1"}`) + junk, want{1, "c1: Boom (request"}},
		"error event, wrapped":    {"createRun", "event: error\n" + dataLines(`{"error":{"message":"Boom","code":"c1"}}`) + junk, want{0, "c1: Boom (request"}},
		"error event, bare run":   {"createRun", "event: error\n" + dataLines(`{"message":"Boom","code":"c1"}`) + junk, want{0, "c1: Boom (request"}},
		"error event, text":       {"createResponse", "event: error\n" + dataLines(`overloaded`) + junk, want{0, "overloaded (request"}},
		"error event, empty":      {"createResponse", "event: error\n" + dataLines(``) + junk, want{0, "error without a message (request"}},
		"error type":              {"createResponse", dataLines(created, `{"type":"error","code":"c1","message":"Boom","param":null,"sequence_number":1}`) + junk, want{1, "c1: Boom (request"}},
		"error type, wrapped":     {"createResponse", dataLines(`{"type":"error","sequence_number":1,"error":{"type":"t1","code":"c1","message":"Boom"}}`), want{0, "c1: Boom (request"}},
		"error in a chunk":        {"createChatCompletion", dataLines(`{"error":{"message":"Boom","type":"t1"}}`) + junk, want{0, "t1: Boom (request"}},
		"error beside choices":    {"createChatCompletion", dataLines(`{"id":"x","object":"chat.completion.chunk","error":{"code":502,"message":"Boom"},"choices":[{"index":0}]}`), want{0, "502: Boom (request"}},
		"error is text":           {"createChatCompletion", dataLines(`{"error":"Boom"}`), want{0, "Boom (request"}},
		"error object by name":    {"createChatCompletion", dataLines(`{"object":"error","message":"Boom","code":400}`), want{0, "400: Boom (request"}},
		"error null":              {"createChatCompletion", dataLines(`{"error":null,"choices":[]}`, `{"error":{},"choices":[]}`, `{"error":"","choices":[]}`, `{"error":false}`, "[DONE]"), want{4, ""}},
		"a type within a run":     {"createRun", "event: thread.run.step.created\n" + dataLines(`{"type":"error","id":"step_1"}`, "[DONE]"), want{1, ""}},
		"error quotes the key":    {"createChatCompletion", dataLines(`{"error":{"message":"bad key sk-test-0123456789"}}`), want{0, "bad key *** (request"}},
		"a scalar":                {"createChatCompletion", dataLines(`null`, `1`, "[DONE]"), want{0, "event 0: got a number, want an object"}},
		"a list":                  {"createResponse", dataLines(`[]`), want{0, "event 0: got an array, want an object"}},
		"not JSON":                {"createChatCompletion", dataLines(deltaChunk(0, "a"), "{", deltaChunk(0, "b"), "[DONE]"), want{1, "event 1: the data is not JSON: line 1, column 2"}},
		"not JSON, with a name":   {"createRun", "event: thread.run.created\n" + dataLines("{"), want{0, "event 0 (thread.run.created): the data is not JSON"}},
		"not UTF-8":               {"createChatCompletion", dataLines(strings.Replace(deltaChunk(0, "a?b"), "?", "\xff", 1), "[DONE]"), want{1, ""}},
		"NUL in an event's ID":    {"createChatCompletion", "id: a\x00b\n" + dataLines(deltaChunk(0, "a"), "[DONE]"), want{1, ""}},
		"nested too deep":         {"createChatCompletion", dataLines(strings.Repeat("[", 2000) + strings.Repeat("]", 2000)), want{0, "event 0: the data is not JSON"}},
		"a field of another kind": {"createChatCompletion", "foo: bar\n" + dataLines(deltaChunk(0, "a"), "[DONE]"), want{1, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			operation := test.operation
			params := map[string]any{
				"createChatCompletion": chat(),
				"createResponse":       client.Params{"model": "m", "input": "i"},
				"createRun":            client.Params{"thread_id": "t", "assistant_id": "a"},
				"createTranscription":  client.Params{"model": "whisper-1", "file": client.File{Name: "a.mp3", Body: strings.NewReader("x")}},
				"createSpeech":         client.Params{"model": "m", "input": "i", "voice": "alloy"},
				"createImage":          client.Params{"prompt": "p"},
				"createImageEdit":      client.Params{"prompt": "p", "image": client.File{Name: "a.png", Body: strings.NewReader("x")}},
				"two images":           client.Params{"prompt": "p", "n": 2},
			}[operation]
			var opts []client.CallOption
			switch operation {
			case "two images":
				operation = "createImage"
			case "extra images":
				operation, params = "createImage", client.Params{"prompt": "p"}
				opts = append(opts, client.WithExtraBody("n", 2))
			}
			s, err := openStream(t, sseAnswer(test.body), operation, params, opts...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := drain(s)
			if len(got.Data) != test.want.events {
				t.Errorf("got %d events, want %d: %q", len(got.Data), test.want.events, got.Data)
			}
			checkEnd(t, operation, err, test.want.err)
			again, repeated := drain(s)
			if len(again.Data) > 0 || fmt.Sprint(repeated) != fmt.Sprint(err) {
				t.Errorf("ranging again got %d events and %v, want none and %v", len(again.Data), repeated, err)
			}
		})
	}
}

// checkEnd compares the end of a stream with the beginning of the error that is
// wanted, and its type with its text.
func checkEnd(t *testing.T, operation string, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("got error %v, want none", err)
		}
		return
	}
	if err == nil || !strings.HasPrefix(err.Error(), operation+": "+want) {
		t.Errorf("got error %v\nwant %s: %s…", err, operation, want)
		return
	}
	var reported *client.APIError
	var truncated *client.TruncatedError
	var eventErr *client.EventError
	switch {
	case strings.HasPrefix(want, "the stream was cut off"):
		if !errors.As(err, &truncated) || truncated.Operation != operation || truncated.RequestID != "req_1" {
			t.Errorf("got %#v, want a *TruncatedError", err)
		}
	case strings.HasPrefix(want, "event "):
		if !errors.As(err, &eventErr) || eventErr.Operation != operation || eventErr.RequestID != "req_1" || len(eventErr.Data) == 0 {
			t.Errorf("got %#v, want an *EventError", err)
		}
	default:
		if !errors.As(err, &reported) || reported.StatusCode != 200 || reported.RequestID != "req_1" || reported.Retryable() {
			t.Errorf("got %#v, want an *APIError", err)
		}
	}
}
