package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opcall/opcall/client"
)

// held answers with text and then keeps the answer open until the client goes
// away, which closes gone.
func held(text string, gone chan<- struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, text)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	}
}

func TestStreamLeavesServerThatDoesNotClose(t *testing.T) {
	for name, end := range map[string]string{"done": dataLines("[DONE]"), "error": dataLines(`{"error":"Boom"}`), "not JSON": dataLines("{")} {
		t.Run(name, func(t *testing.T) {
			gone := make(chan struct{})
			got, err := streamChat(t, held(dataLines(deltaChunk(0, "a"))+end, gone))
			if got.Text != "a" || (err == nil) != (name == "done") {
				t.Errorf("got %q, %v", got.Text, err)
			}
			<-gone
		})
	}
}

// TestStreamGivesConnectionBack: where the server ends its answer after the end
// of the stream, the next call needs no new connection.
func TestStreamGivesConnectionBack(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(inPieces(dataLines(deltaChunk(0, "a"), "[DONE]"), 0))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	for range 5 {
		s, err := c.Stream(t.Context(), "createChatCompletion", chat())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := drain(s); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("5 streams took %d connections, want 1", n)
	}
}

func TestStreamLeavingTheLoopCloses(t *testing.T) {
	gone := make(chan struct{})
	s, err := openStream(t, held(dataLines(deltaChunk(0, "a"), deltaChunk(0, "b")), gone), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range s.Events() {
		if err != nil || ev.Text() != "a" {
			t.Errorf("got %q, %v", ev.Text(), err)
		}
		break
	}
	<-gone
	got, err := drain(s)
	var truncated *client.TruncatedError
	if len(got.Data) > 0 || !errors.Is(err, client.ErrStreamClosed) || !errors.As(err, &truncated) || truncated.Events != 1 {
		t.Errorf("ranging again got %d events and %v", len(got.Data), err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

func TestStreamContextEndsIt(t *testing.T) {
	gone := make(chan struct{})
	server := newWitness(t, held(dataLines(deltaChunk(0, "a")), gone))
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	s, err := c.Stream(ctx, "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("enough")
	var got []string
	for ev, err := range s.Events() {
		if err == nil {
			got = append(got, ev.Text())
			cancel(cause)
			continue
		}
		var truncated *client.TruncatedError
		if !errors.As(err, &truncated) || !errors.Is(err, context.Canceled) || !errors.Is(err, cause) {
			t.Errorf("got %v, want a *TruncatedError for the context and its cause", err)
		}
		got = append(got, "end")
	}
	<-gone
	if !slices.Equal(got, []string{"a", "end"}) {
		t.Errorf("got %q", got)
	}
}

func TestStreamCloseFromAnotherGoroutine(t *testing.T) {
	for _, handler := range []string{"", dataLines(deltaChunk(0, "a"))} {
		gone := make(chan struct{})
		s, err := openStream(t, held(handler, gone), "createChatCompletion", chat())
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			s.Close()
			s.Close()
		}()
		_, err = drain(s)
		if !errors.Is(err, client.ErrStreamClosed) {
			t.Errorf("got %v, want a *TruncatedError for ErrStreamClosed", err)
		}
		<-gone
	}
}

// The chunk is one of the transfer coding.
func TestStreamResetWithinAChunkIsTruncated(t *testing.T) {
	got, err := streamChat(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, buffer, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		text := dataLines(deltaChunk(0, "a"), deltaChunk(0, "b"))
		fmt.Fprintf(buffer, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s", len(text), text[:len(text)-20])
		buffer.Flush()
	})
	var truncated *client.TruncatedError
	var broken *client.ConnectionError
	if got.Text != "a" || !errors.As(err, &truncated) || !truncated.Partial || !errors.As(err, &broken) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v", got.Text, err)
	}
}

// dripping is a transport whose answers are an event stream that sends a byte
// each time that pause is over, and nothing more after the last.
type dripping struct {
	text  string
	pause time.Duration
}

func (d dripping) RoundTrip(req *http.Request) (*http.Response, error) {
	req.Body.Close()
	reader, writer := io.Pipe()
	go func() {
		for rest := d.text; ; {
			var next <-chan time.Time // none after the last byte
			if rest != "" {
				next = time.After(d.pause)
			}
			select {
			case <-req.Context().Done():
				writer.CloseWithError(req.Context().Err())
				return
			case <-next:
				io.WriteString(writer, rest[:1])
				rest = rest[1:]
			}
		}
	}()
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: reader, Request: req, ContentLength: -1}, nil
}

// TestStreamIdleTimeoutIsForSilentStreams: a slow server is not a silent one.
func TestStreamIdleTimeoutIsForSilentStreams(t *testing.T) {
	for name, test := range map[string]struct {
		pause, limit, timeout time.Duration
		text                  string
		err                   string
		took                  time.Duration // rounded down
	}{
		"a byte a second":         {time.Second, 2 * time.Second, 0, dataLines(`{}`, "[DONE]"), "", 24 * time.Second},
		"comments keep it alive":  {time.Second, 2 * time.Second, 0, strings.Repeat(":\n", 60) + dataLines(`{}`, "[DONE]"), "", 144 * time.Second},
		"silent":                  {time.Second, 3 * time.Second, 0, dataLines(`{}`), "the stream was cut off after 1 event: nothing came for 3s; WithStreamIdleTimeout sets this limit", 13 * time.Second},
		"silent within an event":  {time.Second, 3 * time.Second, 0, "data: {", "the stream was cut off after 0 events, within the next: nothing came for 3s; WithStreamIdleTimeout sets this limit", 10 * time.Second},
		"silent from the start":   {time.Minute, 3 * time.Second, 0, "x", "the stream was cut off after 0 events: nothing came for 3s; WithStreamIdleTimeout sets this limit", 3 * time.Second},
		"longer than the timeout": {time.Second, 0, 5 * time.Second, dataLines(`{}`, "[DONE]"), "", 24 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, client.WithHTTPClient(&http.Client{Transport: dripping{test.text, test.pause}}), client.WithAPIKey("test"), client.WithTimeout(test.timeout))
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s, err := c.Stream(t.Context(), "createChatCompletion", chat(), client.WithStreamIdleTimeout(test.limit))
				if err != nil {
					t.Fatal(err)
				}
				_, err = drain(s)
				if took := time.Since(start).Truncate(time.Second); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
				checkIdle(t, err, test.err)
			})
		})
	}
	if _, err := client.New(client.WithStreamIdleTimeout(-1)); err == nil {
		t.Error("got no error for a negative idle timeout")
	}
}

func checkIdle(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Error(err)
		}
		return
	}
	var truncated *client.TruncatedError
	var timeout net.Error
	if !errors.As(err, &truncated) || err.Error() != "createChatCompletion: "+want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %#v, want one that is a timeout", err)
	}
}

// TestStreamIdleWhileTheCallerWorks: the time between two events that the caller
// takes is not the server's.
func TestStreamIdleWhileTheCallerWorks(t *testing.T) {
	c := newClient(t, client.WithHTTPClient(&http.Client{Transport: dripping{dataLines(`{}`, `{}`, "[DONE]"), time.Millisecond}}), client.WithAPIKey("test"))
	synctest.Test(t, func(t *testing.T) {
		s, err := c.Stream(t.Context(), "createChatCompletion", chat(), client.WithStreamIdleTimeout(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range s.Events() {
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
			n++
		}
		if n != 2 {
			t.Errorf("got %d events", n)
		}
	})
}

// TestStreamFailsAfterHeaders: the status was a success, and then the server
// failed, in each way that HTTP has for that.
func TestStreamFailsAfterHeaders(t *testing.T) {
	begin := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Trailer", "X-Status")
		io.WriteString(w, dataLines(deltaChunk(0, "a")))
		w.(http.Flusher).Flush()
	}
	for name, test := range map[string]struct {
		rest    func(http.ResponseWriter)
		partial bool
		broken  bool // the connection tells
		success bool
		told    bool // what the server wrote tells
	}{
		"aborted": {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, false, true, false, false},
		"aborted in a line": {func(w http.ResponseWriter) {
			io.WriteString(w, "data: {")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, true, true, false, false},
		"status again": {func(w http.ResponseWriter) {
			http.Error(w, `{"error":{"message":"Boom"}}`, http.StatusInternalServerError)
		}, false, false, false, true},
		"status in trailer": {func(w http.ResponseWriter) { w.Header().Set("X-Status", "500 Boom") }, false, false, false, false},
		"trailer after end": {func(w http.ResponseWriter) { io.WriteString(w, dataLines("[DONE]")); w.Header().Set("X-Status", "200") }, false, false, true, false},
	} {
		for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
			t.Run(name+", "+protocol, func(t *testing.T) {
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Proto != protocol {
						t.Errorf("got %s", r.Proto)
					}
					begin(w)
					test.rest(w)
				}))
				server.Config.ErrorLog = log.New(io.Discard, "", 0)
				server.EnableHTTP2 = protocol == "HTTP/2.0"
				server.StartTLS()
				defer server.Close()
				c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"), client.WithHTTPClient(server.Client()))
				s, err := c.Stream(t.Context(), "createChatCompletion", chat())
				if err != nil {
					t.Fatal(err)
				}
				got, err := drain(s)
				var truncated *client.TruncatedError
				var broken *client.ConnectionError
				var told *client.APIError
				if test.told {
					if !errors.As(err, &told) || told.Message != "Boom" || got.Text != "a" {
						t.Errorf("got %q, %v, want the error that the server wrote", got.Text, err)
					}
					return
				}
				if errors.As(err, &truncated); got.Text != "a" || (truncated == nil) != test.success || (err == nil) != test.success {
					t.Fatalf("got %q, %v", got.Text, err)
				}
				if !test.success && (truncated.Partial != test.partial || errors.As(err, &broken) != test.broken) {
					t.Errorf("got %v, partial %t; want partial %t, a *ConnectionError %t", err, truncated.Partial, test.partial, test.broken)
				}
			})
		}
	}
}
