package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// result is a background response in a state, with a text.
func result(status, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("openai-poll-after-ms", "1")
		writeJSON(w, resultJSON(status, text))
	}
}

func resultJSON(status, text string) string {
	problem := "null"
	if status == "failed" {
		problem = `{"code":"server_error","message":"Boom"}`
	}
	return fmt.Sprintf(`{"id":"resp_1","object":"response","created_at":1,"status":%q,"error":%s,"incomplete_details":null,"instructions":null,"metadata":{},"model":"m",
		"parallel_tool_calls":true,"temperature":1,"tool_choice":"auto","tools":[],"top_p":1,"background":true,
		"output":[{"id":"msg_1","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":%q,"annotations":[],"logprobs":[]}]}]}`, status, problem, text)
}

// expiredStream is what the server says of a stream after five minutes.
var expiredStream = responding(400, "application/json", `{"error":{"message":"This response can no longer be streamed because it is more than 5 minutes old.","type":"invalid_request_error","param":"stream","code":null}}`)

// A stream that the server does not deliver any more, or that breaks off each time, ends
// with the whole response, and its text is complete.
func TestStreamThatHasExpiredHandsOutTheRest(t *testing.T) {
	for name, tt := range map[string]struct {
		handlers []http.HandlerFunc
		types    string // of the last event
		text     string
		sent     []string
		err      string
	}{
		"expired": {
			[]http.HandlerFunc{sseAnswer(numbered(0, 3)), expiredStream, result("in_progress", ""), result("in_progress", "12"), result("completed", "12345")},
			"response.completed", "12345",
			[]string{"POST ", "GET include%5B%5D=reasoning.encrypted_content&starting_after=2&stream=true", "GET include%5B%5D=reasoning.encrypted_content", "GET include%5B%5D=reasoning.encrypted_content", "GET include%5B%5D=reasoning.encrypted_content"},
			"",
		},
		"nothing is missing but the end": {[]http.HandlerFunc{sseAnswer(numbered(0, 4)), expiredStream, result("completed", "123")}, "response.completed", "123", nil, ""},
		"incomplete":                     {[]http.HandlerFunc{sseAnswer(numbered(0, 3)), expiredStream, result("incomplete", "123")}, "response.incomplete", "123", nil, ""},
		"failed":                         {[]http.HandlerFunc{sseAnswer(numbered(0, 3)), expiredStream, result("failed", "12")}, "response.failed", "12", nil, "Boom"},
		"breaks off each time":           {[]http.HandlerFunc{sseAnswer(numbered(0, 3)), sseAnswer(""), result("completed", "12345")}, "response.completed", "12345", nil, ""},
		"JSON in place of the stream":    {[]http.HandlerFunc{sseAnswer(numbered(0, 3)), result("in_progress", "12"), result("completed", "12345")}, "response.completed", "12345", nil, ""},
		"cancelled meanwhile":            {[]http.HandlerFunc{sseAnswer(numbered(0, 3)), expiredStream, result("cancelled", "12")}, "response.output_text.delta", "12", nil, `resp_1 is "cancelled"`},
		"another text":                   {[]http.HandlerFunc{sseAnswer(numbered(0, 3)), expiredStream, result("completed", "2345")}, "response.output_text.delta", "12", nil, "does not begin with what was delivered"},
		"gone":                           {[]http.HandlerFunc{sseAnswer(numbered(0, 3)), responding(404, "application/json", `{"error":{"message":"gone"}}`)}, "response.output_text.delta", "12", nil, "404"},
		"a state that nobody knows":      {[]http.HandlerFunc{sseAnswer(numbered(0, 3)), expiredStream, result("dreaming", "")}, "response.output_text.delta", "12", nil, `"dreaming"`},
	} {
		t.Run(name, func(t *testing.T) {
			open := func() (*client.Stream, *witness) {
				server := newWitness(t, tt.handlers...)
				c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"), client.WithMaxRetries(1))
				s, err := c.Stream(t.Context(), "createResponse", background, client.WithStreamResume(), client.WithStreamAccumulation(), client.WithResponseValidation(schema.Lenient))
				if err != nil {
					t.Fatal(err)
				}
				return s, server
			}
			s, server := open()
			var text, last string
			var failed error
			for ev, err := range s.Events() {
				if failed = err; err != nil {
					break
				}
				text, last = text+ev.Text(), ev.Type
			}
			if last != tt.types || text != tt.text {
				t.Errorf("got text %q up to %s, want %q up to %s", text, last, tt.text, tt.types)
			}
			if ok := tt.err == "" || tt.types == "response.failed"; ok != (failed == nil) || !ok && !strings.Contains(failed.Error(), tt.err) {
				t.Errorf("got %v, want %q", failed, tt.err)
			}
			for i, want := range tt.sent {
				if got := server.all()[i]; got.Method+" "+got.Query != want {
					t.Errorf("request %d: got %s %s, want %s", i, got.Method, got.Query, want)
				}
			}
			if failed == nil {
				if r, err := s.Final(); err != nil || "response."+r.Get("status").String() != tt.types {
					t.Errorf("the whole: got %v, %v", r, err)
				}
			}
			// The text alone.
			s, _ = open()
			text = ""
			for piece, err := range s.Text() {
				failed, text = err, text+piece
			}
			if text != tt.text || (failed == nil) != (tt.err == "") || failed != nil && !strings.Contains(failed.Error(), tt.err) {
				t.Errorf("Text: got %q, %v, want %q, %q", text, failed, tt.text, tt.err)
			}
		})
	}
}

// Resume by hand goes over to waiting as well. What is not a background response is not
// waited for.
func TestResumeOfAnExpiredStreamWaits(t *testing.T) {
	server := newWitness(t, sseAnswer(numbered(0, 3)), expiredStream, result("queued", ""), result("completed", "12345"))
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"), client.WithMaxRetries(0))
	s, err := c.Stream(t.Context(), "createResponse", background)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sequences(s); err == nil {
		t.Fatal("the stream was not cut off")
	}
	if err := s.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	for ev, err := range s.Events() {
		if err != nil || ev.Type != "response.completed" || ev.Text() != "345" || ev.Get("response.id").String() != "resp_1" || ev.Get("sequence_number").Int() != 3 || len(ev.Findings()) > 0 {
			t.Errorf("got %s %s, %v, findings %v", ev.Type, ev.Data, err, ev.Findings())
		}
	}
	for _, err := range s.Events() {
		t.Errorf("after the end: %v", err)
	}

	server = newWitness(t, sseAnswer(numbered(0, 3)), expiredStream, result("completed", "12345"))
	c = newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"), client.WithMaxRetries(0))
	if s, err = c.Stream(t.Context(), "createResponse", client.Params{"model": "m", "input": "i"}); err != nil {
		t.Fatal(err)
	}
	sequences(s)
	var refused *client.APIError
	if err := s.Resume(t.Context()); !errors.As(err, &refused) || len(server.all()) != 2 {
		t.Errorf("got %v after %d requests", err, len(server.all()))
	}
	s.Close()
}

// Closing a stream, and the end of its context, end the wait for its result.
func TestClosingAStreamEndsTheWait(t *testing.T) {
	for name, end := range map[string]func(*client.Stream, context.CancelFunc){
		"close":   func(s *client.Stream, _ context.CancelFunc) { s.Close() },
		"context": func(_ *client.Stream, cancel context.CancelFunc) { cancel() },
	} {
		looked := make(chan struct{}, 100)
		server := newWitness(t, sseAnswer(numbered(0, 3)), expiredStream, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "200")
			writeJSON(w, resultJSON("in_progress", ""))
			looked <- struct{}{}
		})
		c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"), client.WithMaxRetries(1))
		ctx, cancel := context.WithCancel(t.Context())
		s, err := c.Stream(ctx, "createResponse", background, client.WithStreamResume())
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			<-looked
			end(s, cancel)
		}()
		_, err = sequences(s)
		var cut *client.TruncatedError
		if !errors.As(err, &cut) || name == "close" && !errors.Is(err, client.ErrStreamClosed) || name == "context" && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
		cancel()
	}
}
