package explorer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// maxShown is how much of a response that is not JSON the page gets.
const maxShown = 16 << 20

// line is one line of what serveSend sends while a call goes on.
type line struct {
	Kind      string            `json:"kind"` // "response", "event", "object", "bytes", "findings", "error"
	Status    int               `json:"status,omitempty"`
	Header    map[string]string `json:"header,omitempty"`
	RequestID string            `json:"requestId,omitempty"`
	Millis    float64           `json:"ms"` // since the call began
	Type      string            `json:"type,omitempty"`
	Data      json.RawMessage   `json:"data,omitempty"` // of an event, an object
	Bytes     []byte            `json:"bytes,omitempty"`
	MediaType string            `json:"mediaType,omitempty"`
	Truncated bool              `json:"truncated,omitempty"`
	Findings  []schema.Finding  `json:"findings,omitempty"`
	Message   string            `json:"message,omitempty"`
	Attempts  int               `json:"attempts,omitempty"`
}

// transmission is a call that the page has asked for, and where its lines go.
type transmission struct {
	w      http.ResponseWriter
	flush  func() error
	began  time.Time
	masked func(string) string // without the client's credentials
}

func (t *transmission) send(l line) bool {
	l.Millis = float64(time.Since(t.began).Microseconds()) / 1000
	text, err := json.Marshal(l)
	if err != nil {
		return false
	}
	shown := t.masked(string(text))
	if l.Data != nil && shown != string(text) && !json.Valid([]byte(shown)) { // a key of digits in a number
		l.Data, l.Kind, l.Message = nil, "error", "the server repeats the credential, so that this is not shown"
		return t.send(l)
	}
	if _, err := io.WriteString(t.w, shown+"\n"); err != nil {
		return false
	}
	return t.flush() == nil
}

// serveSend makes the call and sends lines of JSON until it is over. Closing the page, or
// its button Stop, ends the call.
func (e *Explorer) serveSend(w http.ResponseWriter, r *http.Request) {
	a, ok := readAsked(w, r, maxSend)
	if !ok {
		return
	}
	c, err := e.target(a.Target)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.WriteHeader(http.StatusOK)
	t := &transmission{w: w, flush: http.NewResponseController(w).Flush, began: time.Now(), masked: c.Masked}
	input, err := a.input()
	switch {
	case err != nil:
		t.send(line{Kind: "error", Message: err.Error()})
	case a.Stream:
		t.stream(r.Context(), c, a.Operation, input)
	default:
		t.call(r.Context(), c, a.Operation, input)
	}
}

func (e *Explorer) target(name string) (*client.Client, error) {
	switch {
	case name == "test" && e.test != nil:
		return e.test, nil
	case name == "api" && !e.noAPI:
		return e.client, nil
	}
	return nil, fmt.Errorf("calls cannot be sent to %.20q from this page", name)
}

func (t *transmission) call(ctx context.Context, c *client.Client, operation string, input client.Input) {
	r, err := c.Call(ctx, operation, input)
	if err != nil {
		t.fail(err)
		return
	}
	defer r.Close()
	t.send(line{Kind: "response", Status: r.StatusCode(), Header: headers(r.Header()), RequestID: r.RequestID(), MediaType: r.MediaType(), Attempts: r.Attempts()})
	if r.IsJSON() {
		t.send(line{Kind: "object", Data: r.Raw()})
		t.send(line{Kind: "findings", Findings: r.Findings()})
		return
	}
	body := r.Body()
	defer body.Close()
	content, err := io.ReadAll(io.LimitReader(body, maxShown+1))
	truncated := len(content) > maxShown
	content = []byte(t.masked(string(content)))
	t.send(line{Kind: "bytes", Bytes: content[:min(len(content), maxShown)], MediaType: r.MediaType(), Truncated: truncated})
	if err != nil {
		t.fail(err)
	}
}

// objectEvery is how often the object that events add up to is sent while they come: to
// read, not for each of them, as it grows with every one.
const objectEvery = 100 * time.Millisecond

func (t *transmission) stream(ctx context.Context, c *client.Client, operation string, input client.Input) {
	s, err := c.Stream(ctx, operation, input, client.WithInvalidEvents())
	if err != nil {
		t.fail(err)
		return
	}
	defer s.Close()
	t.send(line{Kind: "response", Status: s.StatusCode(), Header: headers(s.Header()), RequestID: s.RequestID()})
	sum, _ := client.NewAccumulator(s.Operation()) // nil where the document does not say how events add up
	var shown time.Time
	for event, err := range s.Events() {
		if err != nil {
			t.object(sum)
			t.fail(err)
			return
		}
		if !t.send(line{Kind: "event", Type: event.Type, Data: event.Data, Findings: event.Findings()}) {
			return
		}
		if sum != nil && sum.Add(event.Type, event.Data) == nil && time.Since(shown) >= objectEvery {
			shown = time.Now()
			t.object(sum)
		}
	}
	t.object(sum)
	t.send(line{Kind: "end"})
}

func (t *transmission) object(sum *client.Accumulator) {
	if sum == nil {
		return
	}
	if object, err := sum.Final(); err == nil {
		t.send(line{Kind: "object", Data: object})
	}
}

// fail sends an error with what it knows.
func (t *transmission) fail(err error) {
	l := line{Kind: "error", Message: inPage(err.Error())}
	var apiErr *client.APIError
	if errors.As(err, &apiErr) {
		l.Status, l.RequestID, l.Attempts, l.Header = apiErr.StatusCode, apiErr.RequestID, apiErr.Attempts, headers(apiErr.Header)
	}
	t.send(l)
}

// headers are those of a response that a reader looks for. Cookies are credentials.
func headers(h http.Header) map[string]string {
	shown := make(map[string]string)
	for name, values := range h {
		if name != "Set-Cookie" && len(values) > 0 && len(shown) < 100 {
			shown[name] = values[0]
		}
	}
	return shown
}
