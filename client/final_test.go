package client_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

const twoChunks = `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"He"},"finish_reason":null}]}|` +
	`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"llo"},"finish_reason":"stop"}]}`

func TestFinalIsTheCompleteResponse(t *testing.T) {
	chunks := strings.Split(twoChunks, "|")
	whole := sseAnswer(dataLines(chunks[0], chunks[1], "[DONE]"))
	openChat := func(t *testing.T, body string, opts ...client.CallOption) *client.Stream {
		s, err := openStream(t, sseAnswer(body), "createChatCompletion", chat(), opts...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	check := func(t *testing.T, r *client.Response, want string) {
		t.Helper()
		if r == nil {
			t.Fatal("got no Response")
		}
		if got := r.Get("choices.0.message.content").String(); got != want || !r.IsJSON() || r.RequestID() != "req_1" {
			t.Errorf("got %q of request %q: %s", got, r.RequestID(), r.Raw())
		}
		if name := r.Value().Schema(); name != "CreateChatCompletionResponse" {
			t.Errorf("got schema %q", name)
		}
		var decoded struct{ Object string }
		if err := r.Decode(&decoded); err != nil || decoded.Object != "chat.completion" {
			t.Errorf("decoded %+v, %v", decoded, err)
		}
	}
	complete := dataLines(chunks[0], chunks[1], "[DONE]")

	t.Run("alone", func(t *testing.T) {
		s, err := openStream(t, whole, "createChatCompletion", chat())
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Final()
		if err != nil {
			t.Fatal(err)
		}
		check(t, r, "Hello")
		if again, err := s.Final(); err != nil || again.Get("id").String() != "chatcmpl-1" {
			t.Errorf("again: %v, %v", again, err)
		}
	})
	t.Run("after events", func(t *testing.T) {
		s := openChat(t, complete, client.WithStreamAccumulation())
		if got, err := drain(s); err != nil || got.Text != "Hello" {
			t.Fatalf("got %q, %v", got.Text, err)
		}
		r, err := s.Final()
		if err != nil {
			t.Fatal(err)
		}
		check(t, r, "Hello")
	})
	t.Run("after text", func(t *testing.T) {
		s := openChat(t, complete, client.WithStreamAccumulation())
		for _, err := range s.Text() {
			if err != nil {
				t.Fatal(err)
			}
		}
		r, err := s.Final()
		if err != nil {
			t.Fatal(err)
		}
		check(t, r, "Hello")
	})
	t.Run("after events that were not kept", func(t *testing.T) {
		for read, want := range map[int]string{1: "Final was called after 1 event; ", 2: "Final was called after 2 events; WithStreamAccumulation keeps"} {
			s := openChat(t, complete)
			text := make([]byte, 2*read)
			if _, err := io.ReadFull(s.TextReader(), text); err != nil {
				t.Fatal(err)
			}
			r, err := s.Final()
			var unfit *client.ResponseError
			if r != nil || !errors.As(err, &unfit) || !strings.Contains(err.Error(), want) {
				t.Errorf("after %q got %v, %v, want %s", text, r, err, want)
			}
		}
	})
	t.Run("cut off", func(t *testing.T) {
		r, err := openChat(t, dataLines(chunks[0])).Final()
		var truncated *client.TruncatedError
		if !errors.As(err, &truncated) {
			t.Errorf("got error %v", err)
		}
		check(t, r, "He")
	})
	t.Run("error", func(t *testing.T) {
		r, err := openChat(t, dataLines(`{"error":{"message":"Boom"}}`)).Final()
		var reported *client.APIError
		if r != nil || !errors.As(err, &reported) {
			t.Errorf("got %v, %v", r, err)
		}
	})
	t.Run("invalid event", func(t *testing.T) {
		r, err := openChat(t, dataLines(chunks[0], "{", chunks[1], "[DONE]"), client.WithInvalidEvents()).Final()
		var eventErr *client.EventError
		if !errors.As(err, &eventErr) {
			t.Errorf("got error %v", err)
		}
		check(t, r, "Hello")
	})
	t.Run("invalid event that went by", func(t *testing.T) {
		s := openChat(t, dataLines(chunks[0], "{", chunks[1], "[DONE]"), client.WithInvalidEvents(), client.WithStreamAccumulation())
		for range s.Events() {
			continue
		}
		for range 2 {
			r, err := s.Final()
			var eventErr *client.EventError
			if !errors.As(err, &eventErr) || eventErr.Index != 1 || string(eventErr.Data) != "{" {
				t.Errorf("got error %v, want that of the event that is missing", err)
			}
			check(t, r, "Hello")
		}
	})
	t.Run("event that cannot be added", func(t *testing.T) {
		for _, opts := range [][]client.CallOption{{client.WithStreamAccumulation()}, nil} {
			s := openChat(t, dataLines(chunks[0], `{"choices":[{"index":-1}]}`, `{"choices":[{"index":-2}]}`, chunks[1], "[DONE]"), opts...)
			if len(opts) > 0 {
				theEvents(t, s)
			}
			r, err := s.Final()
			var unfit *client.AccumulateError
			want := `createChatCompletion: the events cannot be put together: event 2: got index -1, want 0 to 1048576 (request req_1)`
			if !errors.As(err, &unfit) || unfit.Event != 2 || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			check(t, r, "Hello")
		}
	})
	t.Run("larger than WithMaxResponse", func(t *testing.T) {
		long := dataLines(chunks[0], chunks[1])
		for range 6 {
			long += long
		}
		for limit, fits := range map[int64]bool{600: false, 10_000: true} {
			r, err := openChat(t, long+dataLines("[DONE]"), client.WithMaxResponse(limit)).Final()
			var unfit *client.AccumulateError
			switch {
			case fits && err != nil:
				t.Errorf("limit %d: %v", limit, err)
			case !fits && (r != nil || !errors.As(err, &unfit) || !strings.Contains(err.Error(), "limit of 600 bytes")):
				t.Errorf("limit %d: got %v, %v", limit, r, err)
			}
		}
	})
	t.Run("nothing", func(t *testing.T) {
		if r, err := openChat(t, dataLines("[DONE]")).Final(); r != nil || err == nil {
			t.Errorf("got %v, %v", r, err)
		}
	})
	t.Run("JSON answer", func(t *testing.T) {
		s, err := openStream(t, responding(200, "application/json", `{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"content":"Hello"}}]}`), "createChatCompletion", chat())
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Final()
		if err != nil {
			t.Fatal(err)
		}
		check(t, r, "Hello")
	})
	t.Run("unknown to the document", func(t *testing.T) {
		spec := document(`{"/ticks":{"get":{"operationId":"ticks","responses":{"200":{"description":"","content":{"text/event-stream":{}}}}}}}`)
		c := newClient(t, spec, client.WithBaseURL(newWitness(t, sseAnswer(dataLines("1"))).URL))
		s, err := c.Stream(t.Context(), "ticks", nil)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := s.Final(); r != nil || err == nil || !strings.Contains(err.Error(), "does not say how the events") {
			t.Errorf("got %v, %v", r, err)
		}
	})
}
