package clienttest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

// strictly lets no event of the server pass that is not valid.
var strictly = client.WithResponseValidation(schema.Standard)

// socketTo opens a socket whose events have to be valid.
func socketTo(t *testing.T, server *clienttest.Server, name string, params client.Params, opts ...client.CallOption) *client.Socket {
	t.Helper()
	s, err := server.Client().Socket(t.Context(), name, params, append(opts, strictly)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// until reads events up to one of the types.
func until(t *testing.T, s *client.Socket, types ...string) (events []client.Event) {
	t.Helper()
	for e, err := range s.Events() {
		var refused *client.APIError
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("after %q: %v", typesOf(events), err)
		}
		events = append(events, e)
		if slices.Contains(types, e.Type) {
			return events
		}
	}
	t.Fatalf("the socket ended after %q, want one of %q", typesOf(events), types)
	return nil
}

// typesOf lists the types of events, each repetition once.
func typesOf(events []client.Event) (types []string) {
	for _, e := range events {
		types = append(types, e.Type)
	}
	return slices.Compact(types)
}

// step is what a client sends, and what it gets: the types of the events up to the
// last of them.
type step struct {
	send string
	want []string
}

func run(t *testing.T, s *client.Socket, steps []step) (events []client.Event) {
	t.Helper()
	for _, step := range steps {
		if step.send != "" {
			if err := s.Send(t.Context(), step.send); err != nil {
				t.Fatal(err)
			}
		}
		if len(step.want) == 0 {
			continue
		}
		got := until(t, s, step.want[len(step.want)-1])
		if diff := cmp.Diff(step.want, typesOf(got)); diff != "" {
			t.Fatalf("%s: %s", step.send, diff)
		}
		events = append(events, got...)
	}
	return events
}

func TestSocketConversations(t *testing.T) {
	written := []string{
		"response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
		"response.output_text.delta", "response.output_text.done", "response.content_part.done",
		"conversation.item.done", "response.output_item.done", "response.done",
	}
	message := `{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"Hello"}]}}`
	tests := map[string]struct {
		socket string
		params client.Params
		answer clienttest.SocketAnswer
		steps  []step
	}{
		"realtime in writing": {
			socket: "realtime", params: client.Params{"model": "gpt-realtime"},
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"session.update","session":{"type":"realtime","output_modalities":["text"],"instructions":"Be kind."}}`, []string{"session.updated"}},
				{message, []string{"conversation.item.added", "conversation.item.done"}},
				{`{"type":"response.create"}`, written},
				{`{"type":"response.create","response":{"metadata":{"turn":"2"}}}`, append([]string{"rate_limits.updated"}, written...)},
			},
		},
		"realtime with a voice": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Say("Hello")},
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"response.create"}`, []string{
					"response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
					"response.output_audio_transcript.delta", "response.output_audio.delta", "response.output_audio.done",
					"response.output_audio_transcript.done", "response.content_part.done", "conversation.item.done",
					"response.output_item.done", "response.done", "rate_limits.updated",
				}},
			},
		},
		"realtime with a call, apart from the conversation": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.CallTool("weather", `{"city": "Paris"}`)},
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"response.create","response":{"conversation":"none"}}`, []string{
					"response.created", "response.output_item.added", "response.function_call_arguments.delta",
					"response.function_call_arguments.done", "response.output_item.done", "response.done",
				}},
			},
		},
		"realtime cut short": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Say("This is a long text").Stop("length")},
			steps: []step{
				{`{"type":"response.create","response":{"output_modalities":["text"]}}`, append([]string{"session.created"}, written...)},
			},
		},
		"realtime that is refused": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Refuse("I cannot say.")},
			steps: []step{
				{`{"type":"response.create","response":{"output_modalities":["text"]}}`, append([]string{"session.created"}, written...)},
			},
		},
		"realtime of scripted events, cancelled": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{
				Output: clienttest.Output{}.Fail("a", "b"), Pause: 3,
				Events: []any{rateLimits, rateLimits, rateLimits, rateLimits, rateLimits},
			},
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"response.create"}`, []string{"rate_limits.updated"}},
				{`{"type":"response.cancel"}`, []string{"rate_limits.updated", "response.done"}},
			},
		},
		"realtime that fails": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Output{}.Fail("overloaded", "Too much.")},
			steps:  []step{{`{"type":"response.create"}`, []string{"session.created", "response.created", "response.done"}}},
		},
		"realtime cancelled": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Say("This is a long text").CallTool("f", "{}"), Pause: 6},
			steps: []step{
				{`{"type":"response.create","response":{"output_modalities":["text"]}}`, []string{
					"session.created", "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
					"response.output_text.delta",
				}},
				{`{"type":"response.create"}`, []string{"response.output_text.delta", "error"}},
				{`{"type":"response.cancel"}`, []string{"response.output_item.done", "response.done"}},
				{`{"type":"response.cancel"}`, []string{"error"}},
			},
		},
		"realtime audio": {
			socket: "realtime",
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"input_audio_buffer.commit"}`, []string{"error"}},
				{`{"type":"input_audio_buffer.append","audio":"AAAA"}`, nil},
				{`{"type":"input_audio_buffer.clear"}`, []string{"input_audio_buffer.cleared"}},
				{`{"type":"session.update","session":{"type":"realtime","audio":{"input":{"transcription":{"model":"whisper-1"}}}}}`, []string{"session.updated"}},
				{`{"type":"input_audio_buffer.append","audio":"AAAA"}`, nil},
				{`{"type":"input_audio_buffer.commit"}`, []string{
					"input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
					"conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.completed",
				}},
				{`{"type":"output_audio_buffer.clear"}`, []string{"error"}},
			},
		},
		"realtime items": {
			socket: "realtime",
			steps: []step{
				{`{"type":"conversation.item.create","item":{"id":"one","type":"message","role":"user","content":[{"type":"input_text","text":"Hello"}]}}`, []string{"session.created", "conversation.item.added", "conversation.item.done"}},
				{`{"type":"conversation.item.create","previous_item_id":"root","item":{"id":"zero","type":"message","role":"system","content":[{"type":"input_text","text":"Hello"}]}}`, []string{"conversation.item.added", "conversation.item.done"}},
				{`{"type":"conversation.item.create","previous_item_id":"none","item":{"type":"message","role":"user","content":[]}}`, []string{"error"}},
				{`{"type":"conversation.item.create","item":{"id":"one","type":"message","role":"user","content":[]}}`, []string{"error"}},
				{`{"type":"conversation.item.retrieve","item_id":"zero"}`, []string{"conversation.item.retrieved"}},
				{`{"type":"conversation.item.truncate","item_id":"one","content_index":0,"audio_end_ms":1}`, []string{"conversation.item.truncated"}},
				{`{"type":"conversation.item.delete","item_id":"one"}`, []string{"conversation.item.deleted"}},
				{`{"type":"conversation.item.delete","item_id":"one"}`, []string{"error"}},
				{`{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1","output":"{}"}}`, []string{"conversation.item.added", "conversation.item.done"}},
			},
		},
		"realtime transcription": {
			socket: "realtime", params: client.Params{"intent": "transcription"},
			steps: []step{
				{`{"type":"session.update","session":{"type":"transcription","audio":{"input":{"transcription":{"model":"whisper-1"}}}}}`, []string{"session.created", "session.updated"}},
			},
		},
		"realtime beta": {
			socket: "realtime-beta", params: client.Params{"model": "gpt-4o-realtime-preview"},
			steps: []step{
				{`{"type":"session.update","session":{"modalities":["text"],"temperature":0.7}}`, []string{"session.created", "session.updated"}},
				{message, []string{"conversation.item.created"}},
				{`{"type":"response.create"}`, []string{
					"response.created", "response.output_item.added", "conversation.item.created", "response.content_part.added",
					"response.output_text.delta", "response.output_text.done", "response.content_part.done",
					"response.output_item.done", "response.done",
				}},
				{`{"type":"transcription_session.update","session":{"input_audio_format":"pcm16"}}`, []string{"rate_limits.updated", "transcription_session.updated"}},
			},
		},
		"translation": {
			socket: "realtime-translation", params: client.Params{"model": "gpt-realtime-translate"},
			answer: clienttest.SocketAnswer{Output: clienttest.Say("Hello")},
			steps: []step{
				{`{"type":"session.update","session":{"audio":{"output":{"language":"de"}}}}`, []string{"session.created", "session.updated"}},
				{`{"type":"session.input_audio_buffer.append","audio":"AAAA"}`, []string{"session.input_transcript.delta", "session.output_transcript.delta", "session.output_audio.delta"}},
				{`{"type":"session.close"}`, []string{"session.closed"}},
			},
		},
		"responses": {
			socket: "responses",
			steps: []step{
				{`{"type":"response.create","model":"gpt-5-mini","input":"Hello","stream_id":"a"}`, responseTypes},
				{`{"type":"response.create","model":"gpt-5-mini","input":"Again","previous_response_id":"resp_test_0001_1"}`, responseTypes},
				{`{"type":"response.create","model":"gpt-5-mini","input":"Again","previous_response_id":"resp_lost","stream_id":"b"}`, []string{"error"}},
				{`{"type":"response.create","model":"gpt-5-mini","input":"Again","background":true}`, []string{"error"}},
			},
		},
		"responses with a call": {
			socket: "responses",
			answer: clienttest.SocketAnswer{Output: clienttest.CallTool("weather", `{"city": "Paris"}`)},
			steps: []step{{`{"type":"response.create","model":"gpt-5-mini","input":"Hello"}`, []string{
				"response.created", "response.in_progress", "response.output_item.added", "response.function_call_arguments.delta",
				"response.function_call_arguments.done", "response.output_item.done", "response.completed",
			}}},
		},
		"responses beta": {
			socket: "responses-beta",
			answer: clienttest.SocketAnswer{Pause: 3},
			steps: []step{
				{`{"type":"response.inject","response_id":"resp_test_0001_1","input":[{"role":"user","content":"and?"}]}`, []string{"response.inject.failed"}},
				{`{"type":"response.create","model":"gpt-5-mini","input":"Hello"}`, responseTypes[:3]},
				{`{"type":"response.inject","response_id":"resp_test_0001_1","input":[{"role":"user","content":"and?"}]}`, append([]string{"response.inject.created"}, responseTypes[3:]...)},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := clienttest.NewServer(t)
			server.RespondSocket(tt.socket, tt.answer)
			s := socketTo(t, server, tt.socket, tt.params)
			run(t, s, tt.steps)
			sent := 0
			for _, step := range tt.steps {
				if step.send != "" {
					sent++
				}
			}
			if got := server.SocketEvents(tt.socket); len(got) != sent {
				t.Errorf("the server recorded %d events, want %d", len(got), sent)
			}
		})
	}
}

const rateLimits = `{"type":"rate_limits.updated","event_id":"a","rate_limits":[]}`

var responseTypes = []string{
	"response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
	"response.output_text.delta", "response.output_text.done", "response.content_part.done",
	"response.output_item.done", "response.completed",
}

// dial opens a socket as a stranger's program would.
func dial(t *testing.T, url string, header http.Header, subprotocols ...string) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	conn, resp, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport}, HTTPHeader: header, Subprotocols: subprotocols,
	})
	if err == nil {
		t.Cleanup(func() { conn.CloseNow() })
	}
	return conn, resp, err
}

func TestSocketHandshakeIsJudged(t *testing.T) {
	authorized := http.Header{"Authorization": {"Bearer key"}}
	tests := map[string]struct {
		target       string
		header       http.Header
		subprotocols []string
		status       int
		code         string // of the refusal
		socket       string // that it is for
		chosen       string // subprotocol
	}{
		"realtime":                  {"/realtime?model=m", authorized, []string{"realtime"}, 101, "", "realtime", "realtime"},
		"without a subprotocol":     {"/realtime?model=m", authorized, nil, 101, "", "realtime", ""},
		"unknown subprotocol":       {"/realtime?model=m", authorized, []string{"mqtt"}, 101, "", "realtime", ""},
		"as browsers do":            {"/realtime", nil, []string{"realtime", "openai-insecure-api-key.ek_1"}, 101, "", "realtime", "realtime"},
		"beta":                      {"/realtime", http.Header{"Authorization": {"Bearer key"}, "Openai-Beta": {"a=b, realtime=v1"}}, nil, 101, "", "realtime-beta", ""},
		"translation":               {"/realtime/translations", authorized, nil, 101, "", "realtime-translation", ""},
		"responses":                 {"/responses", authorized, nil, 101, "", "responses", ""},
		"no credential":             {"/realtime?modle=m", nil, []string{"realtime"}, 401, "invalid_api_key", "realtime", ""},
		"empty credential":          {"/realtime", nil, []string{"openai-insecure-api-key."}, 401, "invalid_api_key", "realtime", ""},
		"unknown parameter":         {"/realtime?modle=m", authorized, nil, 400, "unknown_parameter", "realtime", ""},
		"parameter of another":      {"/responses?model=m", authorized, nil, 400, "unknown_parameter", "responses", ""},
		"a socket that there isn't": {"/real", authorized, nil, 404, "unknown_url", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := clienttest.NewServer(t)
			conn, resp, err := dial(t, server.URL()+tt.target, tt.header, tt.subprotocols...)
			if resp == nil || resp.StatusCode != tt.status {
				t.Fatalf("got %v, %v, want status %d", resp, err, tt.status)
			}
			if err == nil && conn.Subprotocol() != tt.chosen {
				t.Errorf("got subprotocol %q, want %q", conn.Subprotocol(), tt.chosen)
			}
			got := server.Requests()[0]
			code := ""
			if got.Refusal != nil {
				code = got.Refusal.Code
			}
			if got.Operation != tt.socket || code != tt.code || resp.Header.Get("X-Request-Id") != got.ID {
				t.Errorf("got operation %q, refusal %v, want %q, %q", got.Operation, got.Refusal, tt.socket, tt.code)
			}
			if tt.socket == "realtime" && strings.Contains(tt.target, "model=") && got.Param("model").String() != "m" {
				t.Errorf("got model %q", got.Param("model"))
			}
			if err != nil {
				body, _ := io.ReadAll(resp.Body)
				if gjson.GetBytes(body, "error.code").String() != tt.code {
					t.Errorf("got %s, want code %q", body, tt.code)
				}
			}
		})
	}
}

// What is no event of a client is answered with an error, and the socket goes on.
func TestSocketRefusals(t *testing.T) {
	tests := map[string]struct{ path, sent, code, param string }{
		"realtime, no JSON":         {"/realtime", `{"type":`, "invalid_json", ""},
		"realtime, no type":         {"/realtime", `{}`, "missing_required_parameter", "type"},
		"realtime, unknown type":    {"/realtime", `{"type":"response.crate","event_id":"mine"}`, "invalid_value", "type"},
		"realtime, unknown field":   {"/realtime", `{"type":"response.create","event_id":"mine","respnse":{}}`, "unknown_parameter", "respnse"},
		"realtime, missing field":   {"/realtime", `{"type":"conversation.item.delete","event_id":"mine"}`, "missing_required_parameter", "item_id"},
		"realtime, wrong type":      {"/realtime", `{"type":"conversation.item.delete","event_id":"mine","item_id":5}`, "invalid_type", "item_id"},
		"realtime, no such item":    {"/realtime", `{"type":"conversation.item.retrieve","event_id":"mine","item_id":"a"}`, "item_retrieve_invalid_item_id", "item_id"},
		"responses, unknown field":  {"/responses", `{"type":"response.create","modle":"m"}`, "unknown_parameter", "modle"},
		"responses, no such before": {"/responses", `{"type":"response.create","previous_response_id":"a"}`, "previous_response_not_found", "previous_response_id"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := clienttest.NewServer(t)
			conn, _, err := dial(t, server.URL()+tt.path, http.Header{"Authorization": {"Bearer key"}})
			if err != nil {
				t.Fatal(err)
			}
			var got gjson.Result
			for range 2 { // the second time says that the socket goes on
				if err := conn.Write(t.Context(), websocket.MessageText, []byte(tt.sent)); err != nil {
					t.Fatal(err)
				}
				for got.Get("type").String() != "error" {
					_, data, err := conn.Read(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					got = gjson.ParseBytes(data)
				}
				if got.Get("error.code").String() != tt.code || got.Get("error.param").String() != tt.param {
					t.Errorf("got %s, want code %s, param %q", got, tt.code, tt.param)
				}
				if id := gjson.Get(tt.sent, "event_id").String(); id != got.Get("error.event_id").String() {
					t.Errorf("got event ID of %s, want %q", got, id)
				}
				got = gjson.Result{}
			}
			for _, name := range []string{"realtime", "responses"} {
				for _, e := range server.SocketEvents(name) {
					if e.Refusal == nil || e.Refusal.Code != tt.code || string(e.Data) != tt.sent || e.Request != server.Requests()[0] {
						t.Errorf("recorded %s: %v", e.Data, e.Refusal)
					}
				}
			}
		})
	}
}

func TestSocketScripts(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocketFunc("responses", func(e *clienttest.SocketEvent) clienttest.SocketAnswer {
		switch input := e.Get("input").String(); input {
		case "raw":
			return clienttest.SocketAnswer{Events: []any{`{"type":"a"}`, []byte(`{"type":"b"}`), json.RawMessage(`{"type":"c"}`), map[string]string{"type": "d"}}}
		case "drop":
			return clienttest.SocketAnswer{Fail: clienttest.DropSocket(2)}
		case "close":
			return clienttest.SocketAnswer{Fail: clienttest.CloseSocket(1, 4000, "enough"), Delay: time.Millisecond}
		case "close at the end":
			return clienttest.SocketAnswer{Events: []any{`{"type":"a"}`}, Fail: clienttest.CloseSocket(100, 1001, "")}
		case "broken":
			return clienttest.SocketAnswer{Events: []any{make(chan int)}}
		default:
			return clienttest.SocketAnswer{Output: clienttest.Say(input)}
		}
	})
	tests := map[string]struct {
		types []string
		code  int // 0 for none
	}{
		"raw":              {[]string{"a", "b", "c", "d", "response.created"}, 0},
		"drop":             {[]string{"response.created", "response.in_progress"}, 0},
		"close":            {[]string{"response.created"}, 4000},
		"close at the end": {[]string{"a"}, 1001},
		"broken":           {nil, 1011},
	}
	for input, tt := range tests {
		t.Run(input, func(t *testing.T) {
			t.Parallel()
			s, err := server.Client().ResponsesSocket(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for _, input := range []string{input, "more"} {
				if err := s.Send(t.Context(), client.Params{"type": "response.create", "model": "m", "input": input}); err != nil {
					break // it has ended
				}
			}
			var types []string
			for e, err := range s.Events() {
				if err != nil {
					var closed *client.CloseError
					if errors.As(err, &closed) != (tt.code != 0) || tt.code != 0 && closed.Code != tt.code {
						t.Errorf("got %v, want code %d", err, tt.code)
					}
					break
				}
				if types = append(types, e.Type); len(types) == 5 {
					break
				}
			}
			if !slices.Equal(types, tt.types) {
				t.Errorf("got %q, want %q", types, tt.types)
			}
		})
	}
}

// Closing the server ends its sockets.
func TestSocketServerCloses(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("responses", clienttest.SocketAnswer{Delay: time.Hour})
	idle, err := server.Client().Realtime(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	busy, err := server.Client().ResponsesSocket(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if err := busy.Send(t.Context(), client.Params{"type": "response.create", "model": "m", "input": "a"}); err != nil {
		t.Fatal(err)
	}
	server.Close()
	for _, s := range []*client.Socket{idle, busy} {
		var last error
		for _, err := range s.Events() {
			last = err
		}
		if last == nil {
			t.Error("got no error, want one")
		}
	}
}

// A document of one's own.
func TestSocketOfAnotherDocument(t *testing.T) {
	doc, err := schema.Load([]byte(`{
		"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "servers": [{"url": "https://api.example.com/v3"}],
		"paths": {"/talk": {"post": {"operationId": "talk", "responses": {"200": {"description": "ok"}}}}},
		"components": {"schemas": {
			"In": {"type": "object", "required": ["type"], "properties": {"type": {"const": "ask"}}},
			"Out": {"type": "object", "required": ["type", "n"], "properties": {"type": {"const": "told"}, "n": {"type": "integer"}}}}},
		"x-opcall-socket": {"talk": {"path": "/talk/socket", "like": "talk", "client": "In", "server": "Out"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	server := clienttest.NewServer(t, clienttest.WithDocument(doc))
	s := socketTo(t, server, "talk", nil)
	run(t, s, []step{{`{"type":"ask"}`, []string{"told"}}, {`{"type":"ask"}`, []string{"told"}}})
	if got := server.Requests()[0].Path; got != "/v3/talk/socket" {
		t.Errorf("got path %s", got)
	}
}

func TestSocketsThatThereAreNot(t *testing.T) {
	for name, call := range map[string]func(*clienttest.Server){
		"RespondSocket":     func(s *clienttest.Server) { s.RespondSocket("realtme", clienttest.SocketAnswer{}) },
		"RespondSocketFunc": func(s *clienttest.Server) { s.RespondSocketFunc("realtme", nil) },
		"RespondHandshake":  func(s *clienttest.Server) { s.RespondHandshake("realtme") },
		"SocketEvents":      func(s *clienttest.Server) { s.SocketEvents("realtme") },
	} {
		t.Run(name, func(t *testing.T) {
			server, err := clienttest.Start()
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, "did you mean realtime") {
					t.Errorf("got panic %q", said)
				}
			}()
			call(server)
		})
	}
}

// Without answers a script is gone.
func TestSocketBackToTheServersOwn(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("responses", clienttest.SocketAnswer{Events: []any{`{"type":"scripted"}`}})
	server.RespondSocket("responses")
	server.RespondHandshake("responses", clienttest.ErrorAnswer(500, "", ""))
	server.RespondHandshake("responses")
	s := socketTo(t, server, "responses", nil)
	run(t, s, []step{{`{"type":"response.create","model":"m","input":"a"}`, responseTypes}})
}
