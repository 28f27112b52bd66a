package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"unicode/utf8"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// FuzzSocketEvent types messages of a server: one is an event of an object's
// text, or it is an *EventError that holds it.
func FuzzSocketEvent(f *testing.F) {
	c, err := New(WithAPIKey("sk-fuzz-0123456789"))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		`{"type":"session.created","event_id":"e","session":{"type":"realtime"}}`,
		`{"type":"response.output_text.delta","delta":"Titan"}`,
		`{"type":"error","status":400,"error":{"message":"no","code":"bad"}}`,
		` {"type":"a","type":"b"}`, `{"type":5}`, `{}`, `[]`, `"a"`, ``, "\xff", "{\"type\":\"\xff\"}", `{"type":"\ud800"}`, `{"a":{"type":"b"}}`,
	} {
		f.Add([]byte(seed), true)
	}
	specs := make(map[bool]*extension.Socket)
	for beta, name := range map[bool]string{false: "realtime", true: "responses"} {
		if specs[beta], err = extension.ReadSocket(c.Document(), name); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, responses bool) {
		spec := specs[responses]
		s := newTestSocket(c, &Bound{plan: socketPlan(spec), settings: c.settings}, spec)
		event, err := s.event(data)
		var eventErr *EventError
		var refused *APIError
		switch {
		case errors.As(err, &eventErr):
			if string(eventErr.Data) != string(data) || len(event.Data) != 0 || eventErr.Error() == "" {
				t.Errorf("%q: got %+v with event %q", data, eventErr, event.Data)
			}
			return
		case errors.As(err, &refused):
			if event.Type != "error" || refused.Error() == "" || refused.StatusCode < 200 {
				t.Errorf("%q: got %+v with event %+v", data, refused, event)
			}
		case err != nil:
			t.Errorf("%q: got %v", data, err)
		}
		var object map[string]any
		if json.Unmarshal(event.Data, &object) != nil || object == nil {
			t.Errorf("%q: got an event that is not an object: %q", data, event.Data)
		}
		if utf8.Valid(data) && string(event.Data) != string(data) {
			t.Errorf("got %q, want %q", event.Data, data)
		}
		event.Text()
		event.Value().Get("type")
		for _, finding := range event.Findings() {
			if finding.Kind == schema.FindingNotJSON && utf8.Valid(data) {
				t.Logf("%q: %v", data, finding) // a key that appears twice
			}
		}
	})
}

// newTestSocket is a socket without a connection.
func newTestSocket(c *Client, b *Bound, spec *extension.Socket) *Socket {
	s := &Socket{client: c, bound: b, spec: spec, header: make(http.Header)}
	s.request, _ = http.NewRequestWithContext(context.Background(), http.MethodGet, DefaultBaseURL, nil)
	s.events.types = make(map[string]*socketEventType)
	return s
}

// A ping, pong or close that does not end is the server's doing, and no context of
// the caller that ended.
func TestStalledControlFrameIsNotAContextError(t *testing.T) {
	c, err := New(WithAPIKey("sk-test"), WithoutEnvironment())
	if err != nil {
		t.Fatal(err)
	}
	spec, err := extension.ReadSocket(c.Document(), "realtime")
	if err != nil {
		t.Fatal(err)
	}
	s := newTestSocket(c, &Bound{plan: socketPlan(spec), settings: c.settings}, spec)
	s.ctx = t.Context()
	got := s.broken(fmt.Errorf("failed to read frame payload: %w", context.DeadlineExceeded))
	var broken *ConnectionError
	if !errors.As(got, &broken) || errors.Is(got, context.DeadlineExceeded) || !errors.Is(got, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", got)
	}
}
