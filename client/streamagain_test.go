package client_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opcall/opcall/client"
)

// streamList responds with one stream after the other, the last again and again.
type streamList struct {
	texts    []string
	header   http.Header
	requests []http.Header
	times    []time.Time
}

func (s *streamList) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests, s.times = append(s.requests, r.Header.Clone()), append(s.times, time.Now())
	text := s.texts[min(len(s.requests), len(s.texts))-1]
	for name := range s.header {
		w.Header().Set(name, s.header.Get(name))
	}
	if strings.HasPrefix(text, "429 ") {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusTooManyRequests)
	} else {
		w.Header().Set("Content-Type", "text/event-stream")
	}
	w.Write([]byte(strings.TrimPrefix(text, "429 ")))
}

// A stream whose first event is an error that may pass is asked for again, as a status
// of 429 or 500 would be, and only as long as nothing has been delivered.
func TestStreamIsAskedForAgainWhenItsFirstEventIsAnErrorThatMayPass(t *testing.T) {
	whole := numbered(0, 5)
	failedAtOnce := dataLines(`{"type":"response.failed","sequence_number":0,"response":{"id":"resp_0","object":"response","status":"failed","error":{"code":"server_error","message":"Busy"},"output":[]}}`)
	errorAtOnce := dataLines(`{"type":"error","code":"server_error","message":"Busy","param":null,"sequence_number":0}`)
	limited := "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\",\"message\":\"Busy\"}}\n\n"
	overloaded := dataLines(`{"type":"error","sequence_number":0,"error":{"type":"service_unavailable_error","code":"server_is_overloaded","message":"Busy","param":null}}`)
	for name, tt := range map[string]struct {
		operation string
		texts     []string
		requests  int
		events    int
		err       string
	}{
		"an error, then the stream":    {"createResponse", []string{errorAtOnce, whole}, 2, 5, ""},
		"a failed response":            {"createResponse", []string{failedAtOnce, whole}, 2, 5, ""},
		"a rate limit":                 {"createResponse", []string{limited, limited, whole}, 3, 5, ""},
		"an overloaded server":         {"createResponse", []string{overloaded, whole}, 2, 5, ""},
		"of the beta form":             {"beta_createResponse", []string{errorAtOnce, whole}, 2, 5, ""},
		"each time":                    {"createResponse", []string{errorAtOnce}, 3, 0, "server_error: Busy"},
		"a failed response each time":  {"createResponse", []string{failedAtOnce}, 3, 1, ""}, // an event like others
		"the request is wrong":         {"createResponse", []string{dataLines(`{"type":"error","code":"invalid_prompt","message":"No"}`), whole}, 1, 0, "invalid_prompt: No"},
		"after an event":               {"createResponse", []string{numbered(0, 1) + errorAtOnce, whole}, 1, 1, "server_error: Busy"},
		"failed after an event":        {"createResponse", []string{numbered(0, 1) + failedAtOnce, whole}, 1, 2, ""},
		"then a status":                {"createResponse", []string{errorAtOnce, `429 {"error":{"message":"No","type":"insufficient_quota"}}`}, 2, 0, "insufficient_quota"},
		"a document that says nothing": {"createChatCompletion", []string{dataLines(`{"error":{"code":"server_error","message":"Busy"}}`), "data: [DONE]\n\n"}, 1, 0, "server_error: Busy"},
		"then it is cut off":           {"createResponse", []string{errorAtOnce, numbered(0, 2)}, 2, 2, "after 2 events"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &streamList{texts: tt.texts}
			c := newClient(t, client.WithHTTPClient(&http.Client{Transport: within{h}}), client.WithAPIKey("k"), client.WithBaseURL("http://api.test/v1"), client.WithMaxRetries(2))
			synctest.Test(t, func(t *testing.T) {
				params := client.Params{"model": "m", "input": "i"}
				if tt.operation == "createChatCompletion" {
					params = client.Params{"model": "m", "messages": []any{client.Params{"role": "user", "content": "x"}}}
				}
				s, err := c.Stream(t.Context(), tt.operation, params)
				if err != nil {
					t.Fatal(err)
				}
				events := 0
				for _, failed := range s.Events() {
					if err = failed; err == nil {
						events++
					}
				}
				if events != tt.events || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %d events, %v, want %d, %q", events, err, tt.events, tt.err)
				}
				if len(h.requests) != tt.requests {
					t.Fatalf("got %d requests, want %d", len(h.requests), tt.requests)
				}
				for i, least := range []time.Duration{0, 375 * time.Millisecond, 750 * time.Millisecond}[:len(h.requests)] {
					if i > 0 && h.times[i].Sub(h.times[i-1]) < least {
						t.Errorf("request %d came after %v, want %v at least", i+1, h.times[i].Sub(h.times[i-1]), least)
					}
				}
			})
		})
	}
}

// What is put together holds the second stream alone.
func TestFinalOfAStreamThatWasAskedForAgain(t *testing.T) {
	failed := dataLines(`{"type":"response.failed","sequence_number":0,"response":{"id":"resp_0","object":"response","status":"failed","error":{"code":"server_error","message":"Busy"},"output":[]}}`)
	h := &streamList{texts: []string{failed, numbered(0, 5)}, header: http.Header{"Retry-After": {"3"}}}
	c := newClient(t, client.WithHTTPClient(&http.Client{Transport: within{h}}), client.WithAPIKey("k"), client.WithBaseURL("http://api.test/v1"), client.WithMaxRetries(2))
	synctest.Test(t, func(t *testing.T) {
		s, err := c.Stream(t.Context(), "createResponse", client.Params{"model": "m", "input": "i"})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Final()
		if err != nil || r.Get("id").String() != "resp_1" || r.Get("status").String() != "completed" {
			t.Errorf("got %v, %v", r, err)
		}
		if waited := h.times[1].Sub(h.times[0]); waited != 3*time.Second {
			t.Errorf("waited %v, want the 3s that the server asked for", waited)
		}
	})
}
