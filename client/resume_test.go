package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
)

// numbered are the events of a response from a number on, up to and without
// another; the event number 4 is the last.
func numbered(from, to int) string {
	var b strings.Builder
	for n := from; n < to; n++ {
		switch n {
		case 0:
			b.WriteString(dataLines(`{"type":"response.created","sequence_number":0,"response":{"id":"resp_1"}}`))
		case 4:
			b.WriteString(dataLines(`{"type":"response.completed","sequence_number":4,"response":{"id":"resp_1","object":"response","status":"completed","output":[]}}`))
		default:
			b.WriteString(dataLines(fmt.Sprintf(`{"type":"response.output_text.delta","sequence_number":%d,"delta":"%d"}`, n, n)))
		}
	}
	return b.String()
}

var background = client.Params{"model": "m", "input": "i", "background": true, "include": []string{"reasoning.encrypted_content"}}

// sequences ranges over a stream and returns the numbers of its events.
func sequences(s *client.Stream) ([]int64, error) {
	var list []int64
	for ev, err := range s.Events() {
		if err != nil {
			return list, err
		}
		list = append(list, ev.Get("sequence_number").Int())
	}
	return list, nil
}

func TestStreamResumesBehindTheLastEvent(t *testing.T) {
	server := newWitness(t, sseAnswer(numbered(0, 2)+"data: {"), sseAnswer(numbered(2, 3)), sseAnswer(numbered(3, 5)))
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	s, err := c.Stream(t.Context(), "createResponse", background, client.WithStreamAccumulation(), client.WithHeader("X-Trace", "1"))
	if err != nil {
		t.Fatal(err)
	}
	var all []int64
	for range 3 {
		list, err := sequences(s)
		all = append(all, list...)
		var truncated *client.TruncatedError
		if err == nil {
			break
		}
		if !errors.As(err, &truncated) || truncated.Sequence != all[len(all)-1] || truncated.Events != len(all) {
			t.Fatalf("got %v after %v", err, all)
		}
		if err := s.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]int64{0, 1, 2, 3, 4}, all); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
	if r, err := s.Final(); err != nil || r.Get("status").String() != "completed" {
		t.Errorf("got %v, %v", r, err)
	}
	var sent []string
	for _, a := range server.all()[1:] {
		sent = append(sent, a.Method+" "+a.Path+"?"+a.Query+" "+a.Header.Get("Accept")+" "+a.Header.Get("X-Trace"))
	}
	want := "GET /responses/resp_1?include[]=reasoning.encrypted_content&starting_after=%d&stream=true text/event-stream 1"
	for i := range sent {
		sent[i] = strings.ReplaceAll(strings.ReplaceAll(sent[i], "%5B", "["), "%5D", "]")
	}
	if diff := cmp.Diff([]string{fmt.Sprintf(want, 1), fmt.Sprintf(want, 2)}, sent); diff != "" {
		t.Errorf("sent (-want +got)\n%s", diff)
	}
	if err := s.Resume(t.Context()); err == nil || !strings.Contains(err.Error(), "the stream is complete, there is nothing to resume") {
		t.Errorf("resuming a complete stream: %v", err)
	}
}

// TestStreamOfGetResponseResumes: a stream of getResponse goes on by itself.
func TestStreamOfGetResponseResumes(t *testing.T) {
	server := newWitness(t, sseAnswer(numbered(2, 3)), sseAnswer(numbered(3, 5)))
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	s, err := c.Stream(t.Context(), "getResponse", client.Params{"response_id": "resp_1", "starting_after": 1, "include_obfuscation": false}, client.WithStreamResume())
	if err != nil {
		t.Fatal(err)
	}
	list, err := sequences(s)
	if diff := cmp.Diff([]int64{2, 3, 4}, list); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if sent := server.all()[1]; sent.Path != "/responses/resp_1" || sent.Query != "include_obfuscation=false&starting_after=2&stream=true" {
		t.Errorf("sent %s?%s", sent.Path, sent.Query)
	}
}

func TestStreamResumesByItself(t *testing.T) {
	gone := responding(404, "application/json", `{"error":{"message":"No such response","code":"not_found"}}`)
	for name, test := range map[string]struct {
		answers  []http.HandlerFunc
		retries  int
		want     []int64
		err      string // within the *TruncatedError; "" for a complete stream
		requests int
	}{
		"one cut":               {[]http.HandlerFunc{sseAnswer(numbered(0, 2)), sseAnswer(numbered(2, 5))}, 2, []int64{0, 1, 2, 3, 4}, "", 2},
		"a cut at each event":   {[]http.HandlerFunc{sseAnswer(numbered(0, 1)), sseAnswer(numbered(1, 2)), sseAnswer(numbered(2, 3)), sseAnswer(numbered(3, 4)), sseAnswer(numbered(4, 5))}, 1, []int64{0, 1, 2, 3, 4}, "", 5},
		"no end of it":          {[]http.HandlerFunc{sseAnswer(numbered(0, 2)), sseAnswer("")}, 1, []int64{0, 1}, "after 2 events (the last is number 1)", 3},
		"refused":               {[]http.HandlerFunc{sseAnswer(numbered(0, 2)), gone}, 2, []int64{0, 1}, "cannot be resumed: getResponse: 404 not_found", 2},
		"before it has an ID":   {[]http.HandlerFunc{sseAnswer("")}, 2, nil, `cut off before an event named "response_id"`, 1},
		"none allowed":          {[]http.HandlerFunc{sseAnswer(numbered(0, 2))}, 0, []int64{0, 1}, "after 2 events", 1},
		"an error is not a cut": {[]http.HandlerFunc{sseAnswer(numbered(0, 2) + dataLines(`{"type":"error","message":"Boom"}`))}, 2, []int64{0, 1}, "createResponse: Boom", 1},
		"answered by an error":  {[]http.HandlerFunc{sseAnswer(numbered(0, 2)), sseAnswer(dataLines(`{"error":{"message":"Boom"}}`))}, 2, []int64{0, 1}, "createResponse: Boom", 2},
	} {
		t.Run(name, func(t *testing.T) {
			server := newWitness(t, test.answers...)
			c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"), client.WithMaxRetries(test.retries))
			s, err := c.Stream(t.Context(), "createResponse", background, client.WithStreamResume())
			if err != nil {
				t.Fatal(err)
			}
			list, err := sequences(s)
			if diff := cmp.Diff(test.want, list); diff != "" {
				t.Errorf("events (-want +got)\n%s", diff)
			}
			if n := len(server.all()); n != test.requests {
				t.Errorf("got %d requests, want %d", n, test.requests)
			}
			var truncated *client.TruncatedError
			switch {
			case test.err == "" && err != nil, test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("got %v, want %q", err, test.err)
			case strings.HasPrefix(test.err, "c") && !strings.HasPrefix(test.err, "createResponse: Boom") && !errors.As(err, &truncated):
				t.Errorf("got %T, want a *TruncatedError", err)
			}
			var refused *client.APIError
			if name == "refused" && !errors.As(err, &refused) {
				t.Errorf("got %v, want the *APIError within", err)
			}
		})
	}
}

func TestStreamResumeIsOptional(t *testing.T) {
	server := newWitness(t, sseAnswer(numbered(0, 2)), sseAnswer(numbered(2, 5)))
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	s, err := c.Stream(t.Context(), "createResponse", background)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sequences(s)
	var truncated *client.TruncatedError
	if !errors.As(err, &truncated) || len(server.all()) != 1 {
		t.Errorf("got %v after %d requests", err, len(server.all()))
	}
}

func TestStreamResumeRefuses(t *testing.T) {
	var unfit *client.BindError
	s, err := openStream(t, sseAnswer(dataLines(deltaChunk(0, "a"))), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(s); err == nil {
		t.Fatal("got no error")
	}
	if err := s.Resume(t.Context()); !errors.As(err, &unfit) || !strings.Contains(err.Error(), "the document knows no way to resume its stream") {
		t.Errorf("got %v", err)
	}

	s, err = openStream(t, sseAnswer(dataLines(`{"type":"response.created","response":{"id":"resp_1"}}`)), "createResponse", background)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := drain(s); err == nil {
		t.Fatal("got no error")
	}
	if err := s.Resume(t.Context()); !errors.As(err, &unfit) || !strings.Contains(err.Error(), "the events have no number after which the stream could be resumed") {
		t.Errorf("got %v", err)
	}

	s, err = openStream(t, sseAnswer(dataLines(`{"type":"error","message":"Boom"}`)), "createResponse", background)
	if err != nil {
		t.Fatal(err)
	}
	_, failure := drain(s)
	if err := s.Resume(t.Context()); err != failure {
		t.Errorf("got %v, want %v", err, failure)
	}
}

// TestStreamResumeAfterClose goes on after a loop that was left, under a context
// of its own.
func TestStreamResumeAfterClose(t *testing.T) {
	server := newWitness(t, sseAnswer(numbered(0, 5)), sseAnswer(numbered(2, 5)))
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	ctx, cancel := context.WithCancel(t.Context())
	s, err := c.Stream(ctx, "createResponse", background)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range s.Events() {
		if n++; n == 2 {
			break
		}
	}
	cancel()
	if _, err := drain(s); !errors.Is(err, client.ErrStreamClosed) {
		t.Errorf("got %v", err)
	}
	if err := s.Resume(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("resuming under a context that ended: %v", err)
	}
	if err := s.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := sequences(s)
	if diff := cmp.Diff([]int64{2, 3, 4}, list); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// TestStreamCloseEndsResuming: a stream that is being resumed lets itself be
// closed.
func TestStreamCloseEndsResuming(t *testing.T) {
	asked, gone := make(chan struct{}), make(chan struct{})
	server := newWitness(t, sseAnswer(numbered(0, 2)), func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
		close(gone)
	})
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"), client.WithTimeout(time.Hour))
	s, err := c.Stream(t.Context(), "createResponse", background, client.WithStreamResume())
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-asked
		s.Close()
	}()
	if _, err := drain(s); !errors.Is(err, client.ErrStreamClosed) {
		t.Errorf("got %v, want a *TruncatedError for ErrStreamClosed", err)
	}
	<-gone
}
