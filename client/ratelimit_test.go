package client_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
)

// TestRateLimitIsReadFromHeaders of successes, errors and streams.
func TestRateLimitIsReadFromHeaders(t *testing.T) {
	tests := map[string]struct {
		header map[string]string
		want   client.RateLimit
	}{
		"none": {nil, client.RateLimit{}},
		"all": {map[string]string{
			"x-ratelimit-limit-requests": "5000", "x-ratelimit-remaining-requests": "4999", "x-ratelimit-reset-requests": "12ms",
			"x-ratelimit-limit-tokens": "160000", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s",
		}, client.RateLimit{
			Requests: client.Quota{Known: true, Limit: 5000, Remaining: 4999, Reset: 12 * time.Millisecond},
			Tokens:   client.Quota{Known: true, Limit: 160000, Reset: 6 * time.Minute},
		}},
		"requests only": {
			map[string]string{"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "1700000000000"},
			client.RateLimit{Requests: client.Quota{Known: true, Limit: 20, Remaining: 3}},
		},
		"days": {
			map[string]string{"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1d2h"},
			client.RateLimit{Requests: client.Quota{Known: true, Remaining: 1, Reset: 26 * time.Hour}},
		},
		"seconds": {
			map[string]string{"x-ratelimit-remaining-tokens": "1", "x-ratelimit-reset-tokens": "7.66"},
			client.RateLimit{Tokens: client.Quota{Known: true, Remaining: 1, Reset: 7660 * time.Millisecond}},
		},
		"nonsense": {map[string]string{"x-ratelimit-limit-requests": "many", "x-ratelimit-remaining-requests": "1e3", "x-ratelimit-reset-requests": "soon", "x-ratelimit-reset-tokens": "-1s"}, client.RateLimit{}},
		"negative": {map[string]string{"x-ratelimit-remaining-tokens": "-5"}, client.RateLimit{Tokens: client.Quota{Known: true}}},
		"huge":     {map[string]string{"x-ratelimit-remaining-tokens": "99999999999999999999", "x-ratelimit-reset-tokens": "9999999d"}, client.RateLimit{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, func(w http.ResponseWriter, req *http.Request) {
				for name, value := range tt.header {
					w.Header().Set(name, value)
				}
				switch req.Method {
				case http.MethodGet:
					responding(200, "application/json", model)(w, req)
				case http.MethodPost:
					w.Header().Set("Content-Type", "text/event-stream")
					io.WriteString(w, dataLines(deltaChunk(0, "a"), "[DONE]"))
				default:
					w.Header().Set("Retry-After", "2")
					w.WriteHeader(429)
				}
			})
			c := newClient(t, client.WithBaseURL(w.URL), client.WithMaxRetries(0))
			r, err := c.Call(t.Context(), "retrieveModel", client.Params{"model": "m"})
			if err != nil {
				t.Fatal(err)
			}
			want := tt.want
			want.RetryAfter = time.Microsecond // of responding
			if got := r.RateLimit(); got != want {
				t.Errorf("response:\n got %+v\nwant %+v", got, want)
			}
			s, err := c.Stream(t.Context(), "createChatCompletion", chat())
			if err != nil {
				t.Fatal(err)
			}
			if got := s.RateLimit(); got != tt.want {
				t.Errorf("stream:\n got %+v\nwant %+v", got, tt.want)
			}
			s.Close()
			_, err = c.Call(t.Context(), "deleteModel", client.Params{"model": "m"})
			var refused *client.APIError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v", err)
			}
			want.RetryAfter = 2 * time.Second
			if got := refused.RateLimit(); got != want {
				t.Errorf("error:\n got %+v\nwant %+v", got, want)
			}
		})
	}
}

// FuzzRateLimit: headers are a stranger's, and quotas are never below 0.
func FuzzRateLimit(f *testing.F) {
	for _, seed := range []string{"6m0s", "20ms", "1d2h", "7.66", "-1s", "1e300", "99999999999999999999", "NaN", "1d", "d", ""} {
		f.Add(seed, "1")
		f.Add("1s", seed)
	}
	f.Fuzz(func(t *testing.T, reset, count string) {
		e := &client.APIError{Header: http.Header{
			"X-Ratelimit-Limit-Tokens": {count}, "X-Ratelimit-Remaining-Tokens": {count}, "X-Ratelimit-Reset-Tokens": {reset},
			"X-Ratelimit-Remaining": {count}, "X-Ratelimit-Reset": {reset},
		}}
		limit := e.RateLimit()
		for _, q := range []client.Quota{limit.Requests, limit.Tokens} {
			if q.Limit < 0 || q.Remaining < 0 || q.Reset < 0 {
				t.Errorf("%q and %q: got %+v", reset, count, limit)
			}
		}
	})
}
