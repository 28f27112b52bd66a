package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// exchange is one scripted answer, or failure, of a transport.
type exchange struct {
	status int
	header http.Header
	body   string
	err    error
}

// script is a transport that answers with one exchange after the other, the last
// one again and again, and keeps the bodies that it was sent.
type script struct {
	exchanges []exchange
	sent      []string
	times     []time.Time
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body.Close()
	}
	next := s.exchanges[min(len(s.sent), len(s.exchanges)-1)]
	s.sent = append(s.sent, string(body))
	s.times = append(s.times, time.Now())
	if next.err != nil {
		return nil, next.err
	}
	header := next.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: next.status, Header: header, Body: io.NopCloser(strings.NewReader(next.body)), Request: req}, nil
}

func (s *script) sender() *sender {
	client := &http.Client{Transport: s, CheckRedirect: safeRedirects(nil)}
	return &sender{client: client, maxRetries: 2, operation: "createThing"}
}

func newRequest(ctx context.Context, tb testing.TB, method, url, body string) *http.Request {
	tb.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, r)
	if err != nil {
		tb.Fatal(err)
	}
	return req
}

func TestRetryFollowsTheStatus(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	header := func(name, value string) http.Header { return http.Header{http.CanonicalHeaderKey(name): {value}} }
	quota := `{"error":{"message":"no","type":"insufficient_quota","code":"insufficient_quota"}}`
	second := func(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

	tests := map[string]struct {
		exchanges []exchange
		attempts  int
		least     time.Duration // of waiting
		most      time.Duration
		status    int // 0 for a connection failure
	}{
		"success":              {[]exchange{{status: 200}}, 1, 0, 0, 200},
		"created":              {[]exchange{{status: 201}}, 1, 0, 0, 201},
		"not retried: 400":     {[]exchange{{status: 400}}, 1, 0, 0, 400},
		"not retried: 304":     {[]exchange{{status: 304}}, 1, 0, 0, 304},
		"408 then 200":         {[]exchange{{status: 408}, {status: 200}}, 2, second(0.375), second(0.5), 200},
		"409 then 200":         {[]exchange{{status: 409}, {status: 200}}, 2, second(0.375), second(0.5), 200},
		"429 for ever":         {[]exchange{{status: 429}}, 3, second(1.125), second(1.5), 429},
		"500 for ever":         {[]exchange{{status: 500}}, 3, second(1.125), second(1.5), 500},
		"599 then 400":         {[]exchange{{status: 599}, {status: 400}}, 2, second(0.375), second(0.5), 400},
		"connection then 200":  {[]exchange{{err: refused}, {status: 200}}, 2, second(0.375), second(0.5), 200},
		"connection for ever":  {[]exchange{{err: refused}}, 3, second(1.125), second(1.5), 0},
		"certificate":          {[]exchange{{err: &tls.CertificateVerificationError{Err: errors.New("unknown")}}}, 1, 0, 0, 0},
		"no TLS":               {[]exchange{{err: http.ErrSchemeMismatch}}, 1, 0, 0, 0},
		"used-up quota":        {[]exchange{{status: 429, body: quota}}, 1, 0, 0, 429},
		"used-up quota, asked": {[]exchange{{status: 429, body: quota, header: header("x-should-retry", "true")}}, 1, 0, 0, 429},
		"asked to retry":       {[]exchange{{status: 400, header: header("x-should-retry", "true")}, {status: 200}}, 2, second(0.375), second(0.5), 200},
		"asked not to retry":   {[]exchange{{status: 500, header: header("x-should-retry", "false")}}, 1, 0, 0, 500},
		"retry-after":          {[]exchange{{status: 429, header: header("retry-after", "7")}, {status: 200}}, 2, second(7), second(7), 200},
		"retry-after-ms":       {[]exchange{{status: 503, header: header("retry-after-ms", "1500")}, {status: 200}}, 2, second(1.5), second(1.5), 200},
		"retry-after 0":        {[]exchange{{status: 503, header: header("retry-after", "0")}, {status: 200}}, 2, second(0.375), second(0.5), 200},
		"retry-after 60":       {[]exchange{{status: 503, header: header("retry-after", "60")}, {status: 200}}, 2, second(60), second(60), 200},
		"retry-after 60.5":     {[]exchange{{status: 503, header: header("retry-after", "60.5")}, {status: 200}}, 1, 0, 0, 503},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := &script{exchanges: test.exchanges}
				started := time.Now()
				resp, err := transport.sender().send(newRequest(t.Context(), t, "POST", "https://api.example/things", "body"))
				waited := time.Since(started)

				if len(transport.sent) != test.attempts {
					t.Errorf("sent %d times, want %d", len(transport.sent), test.attempts)
				}
				for i, body := range transport.sent {
					if body != "body" {
						t.Errorf("attempt %d carried %q", i+1, body)
					}
				}
				if waited < test.least || waited > test.most {
					t.Errorf("waited %v, want %v to %v", waited, test.least, test.most)
				}
				var answer *APIError
				var failure *ConnectionError
				switch {
				case resp != nil && err == nil:
					resp.Body.Close()
					if resp.StatusCode != test.status {
						t.Errorf("got status %d, want %d", resp.StatusCode, test.status)
					}
				case errors.As(err, &answer):
					if answer.StatusCode != test.status || answer.Attempts != test.attempts || answer.Operation != "createThing" {
						t.Errorf("got %+v, want status %d after %d attempts", answer, test.status, test.attempts)
					}
				case errors.As(err, &failure):
					if test.status != 0 || failure.Attempts != test.attempts || failure.Operation != "createThing" {
						t.Errorf("got %+v, want status %d after %d attempts", failure, test.status, test.attempts)
					}
				default:
					t.Errorf("got answer %v and error %v", resp, err)
				}
			})
		})
	}
}

func TestRetryNeedsReplayableBody(t *testing.T) {
	tests := map[string]struct {
		body     io.Reader
		attempts int
	}{
		"none":          {nil, 3},
		"empty":         {http.NoBody, 3},
		"bytes":         {bytes.NewReader([]byte("x")), 3},
		"only a reader": {io.MultiReader(strings.NewReader("x")), 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				transport := &script{exchanges: []exchange{{status: 500}}}
				req, err := http.NewRequestWithContext(t.Context(), "POST", "https://api.example/things", test.body)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := transport.sender().send(req); err == nil {
					t.Error("got no error")
				}
				if len(transport.sent) != test.attempts {
					t.Errorf("sent %d times, want %d", len(transport.sent), test.attempts)
				}
			})
		})
	}
}

func TestRetryBodyFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("file is gone")
		transport := &script{exchanges: []exchange{{status: 500}}}
		req := newRequest(t.Context(), t, "POST", "https://api.example/things", "body")
		req.GetBody = func() (io.ReadCloser, error) { return nil, gone }
		_, err := transport.sender().send(req)
		var failure *ConnectionError
		if !errors.As(err, &failure) || !errors.Is(err, gone) || len(transport.sent) != 1 || failure.Attempts != 1 {
			t.Errorf("got %v after %d attempts", err, len(transport.sent))
		}
	})
}

// A wait ends with the context, and the error reports both: why it ended and
// what it waited for.
func TestWaitEndsWithContext(t *testing.T) {
	t.Run("cancelled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			why := errors.New("the user left")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(5*time.Second, func() { cancel(why) })
			transport := &script{exchanges: []exchange{{status: 429, header: http.Header{"Retry-After": {"30"}}, body: `{"error":{"message":"slow down","code":"rate"}}`}}}
			started := time.Now()
			_, err := transport.sender().send(newRequest(ctx, t, "GET", "https://api.example/things", ""))
			if waited := time.Since(started); waited != 5*time.Second {
				t.Errorf("waited %v, want 5s", waited)
			}
			var answer *APIError
			if !errors.Is(err, context.Canceled) || !errors.Is(err, why) || !errors.As(err, &answer) || answer.Code != "rate" {
				t.Errorf("got %v, want the cancellation, its cause and the answer", err)
			}
			const want = "createThing: api.example: context canceled: the user left while waiting to retry after 429 rate: slow down (retry after 30s)"
			if err.Error() != want {
				t.Errorf("Error()\n got: %s\nwant: %s", err, want)
			}
		})
	})
	t.Run("deadline after a connection failure", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			transport := &script{exchanges: []exchange{{err: io.ErrUnexpectedEOF}}}
			_, err := transport.sender().send(newRequest(ctx, t, "GET", "https://api.example/things", ""))
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, io.ErrUnexpectedEOF) || len(transport.sent) != 1 {
				t.Errorf("got %v after %d attempts", err, len(transport.sent))
			}
		})
	})
}

func TestBackoffDoublesUpToItsLimit(t *testing.T) {
	for retry, want := range map[int]time.Duration{
		1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 4: 4 * time.Second,
		5: 8 * time.Second, 6: 8 * time.Second, 100: 8 * time.Second, 1 << 40: 8 * time.Second,
	} {
		if got := backoff(retry, 0); got != want {
			t.Errorf("backoff(%d, 0) = %v, want %v", retry, got, want)
		}
		if got := backoff(retry, 0.9999999999); got < want*3/4 || got > want*3/4+time.Millisecond {
			t.Errorf("backoff(%d, 1) = %v, want %v", retry, got, want*3/4)
		}
	}
}

func TestRetryAfterIsReadInEveryUnit(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	tests := map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"none":                {nil, 0},
		"seconds":             {http.Header{"Retry-After": {"20"}}, 20 * time.Second},
		"fraction":            {http.Header{"Retry-After": {"0.25"}}, 250 * time.Millisecond},
		"milliseconds first":  {http.Header{"Retry-After": {"20"}, "Retry-After-Ms": {"1.5"}}, 1500 * time.Microsecond},
		"unreadable ms":       {http.Header{"Retry-After": {"20"}, "Retry-After-Ms": {"soon"}}, 20 * time.Second},
		"date":                {http.Header{"Retry-After": {date(90 * time.Second)}}, 90 * time.Second},
		"date by other clock": {http.Header{"Retry-After": {date(90 * time.Second)}, "Date": {date(80 * time.Second)}}, 10 * time.Second},
		"date in the past":    {http.Header{"Retry-After": {date(-time.Second)}}, 0},
		"negative":            {http.Header{"Retry-After": {"-1"}}, 0},
		"huge":                {http.Header{"Retry-After": {"1e300"}}, 1<<63 - 1},
		"not a number":        {http.Header{"Retry-After": {"NaN"}}, 0},
		"infinite":            {http.Header{"Retry-After": {"Inf"}}, 0},
		"word":                {http.Header{"Retry-After": {"later"}}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := retryAfter(test.header, now); got != test.want {
				t.Errorf("retryAfter(%v) = %v, want %v", test.header, got, test.want)
			}
		})
	}
}
