package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
)

// A server that calls a page or JSON an event stream, and sends it without end, is
// bounded as a plain response is: the reader waits for the whole, not for events.
func TestSlowBodyUnderTheNameOfAStreamIsBounded(t *testing.T) {
	for name, first := range map[string]string{"HTML": "<", "JSON": `{"a":"`} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				for io.WriteString(w, first); hr.Context().Err() == nil; io.WriteString(w, "x") {
					w.(http.Flusher).Flush()
					select {
					case <-time.After(time.Millisecond):
					case <-hr.Context().Done():
					}
				}
			}))
			defer server.Close()
			c, err := client.New(client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("k"), client.WithMaxRetries(0), client.WithTimeout(100*time.Millisecond), client.WithMaxResponse(1<<30))
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.Stream(t.Context(), "createChatCompletion", chat())
			if err == nil {
				for _, err = range s.Events() {
				}
			}
			if err == nil || name == "JSON" && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want an error of the time limit", err)
			}
		})
	}
}

// A part is not a success unless a part was asked for: nothing tells that the rest is missing.
func TestPartIsNotTakenForTheWhole(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Range", "bytes 0-26/100")
		w.WriteHeader(http.StatusPartialContent)
		io.WriteString(w, `{"object":"list","data":[]}`)
	}))
	defer server.Close()
	c, err := client.New(client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey("k"))
	if err != nil {
		t.Fatal(err)
	}
	var foreign *client.ResponseError
	if _, err := c.Call(t.Context(), "listModels", nil); !errors.As(err, &foreign) || !strings.Contains(err.Error(), `got a part, with Content-Range "bytes 0-26/100"`) {
		t.Errorf("got %v, want an error that says so", err)
	}
	if _, err := c.Stream(t.Context(), "createChatCompletion", chat()); !errors.As(err, &foreign) {
		t.Errorf("Stream: got %v, want an error", err)
	}
	if _, err := c.Call(t.Context(), "listModels", nil, client.WithHeader("Range", "bytes=0-26")); err != nil {
		t.Errorf("got %v for a part that was asked for", err)
	}
}
