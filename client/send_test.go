package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// transport is a RoundTripper made of a function.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func (f transport) sender() *sender {
	return &sender{client: &http.Client{Transport: f}, operation: "createThing"}
}

// slowBody yields its text, then nothing until the request's context ends or the
// time is up.
type slowBody struct {
	ctx  context.Context
	text io.Reader
	time time.Duration
}

func (b *slowBody) Read(p []byte) (int, error) {
	if n, err := b.text.Read(p); err == nil {
		return n, nil
	}
	if err := wait(b.ctx, b.time); err != nil {
		return 0, err
	}
	return 0, io.EOF
}

func (b *slowBody) Close() error { return nil }

// slow answers at once, with a body that ends after d.
func slow(status int, text string, d time.Duration) transport {
	return func(req *http.Request) (*http.Response, error) {
		body := &slowBody{ctx: req.Context(), text: strings.NewReader(text), time: d}
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: body, Request: req}, nil
	}
}

// silent never answers.
var silent transport = func(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

type closeRecorder struct {
	io.Reader
	closed bool
}

func (c *closeRecorder) Close() error { c.closed = true; return nil }

func TestSendNothingWhenContextIsDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	script := &script{exchanges: []exchange{{status: 200}}}
	req := newRequest(ctx, t, "POST", "https://api.example/things", "")
	body := &closeRecorder{Reader: strings.NewReader("x")}
	req.Body = body
	resp, err := script.sender().send(req)
	if resp != nil || !errors.Is(err, context.Canceled) || len(script.sent) != 0 {
		t.Errorf("got %v, %v after %d attempts", resp, err, len(script.sent))
	}
	if !body.closed {
		t.Error("the request's body was not closed")
	}
	if want := "createThing: api.example: context canceled (not sent)"; err.Error() != want {
		t.Errorf("Error() = %q, want %q", err, want)
	}
}

// What transports and cookie jars write into the headers is not there when the
// request is sent again, nor afterwards.
func TestSendLeavesRequestAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		address := &url.URL{Scheme: "https", Host: "api.example", Path: "/"}
		jar.SetCookies(address, []*http.Cookie{{Name: "a", Value: "b"}})
		var cookies []string
		s := transport(func(req *http.Request) (*http.Response, error) {
			cookies = append(cookies, req.Header.Get("Cookie"))
			req.Header.Set("X-Middleware", "was here")
			return &http.Response{StatusCode: 500, Header: http.Header{}, Body: http.NoBody}, nil
		}).sender()
		s.client.Jar, s.maxRetries = jar, 2
		req := newRequest(t.Context(), t, "GET", "https://api.example/things", "")
		req.Header.Set("Accept", "application/json")
		s.send(req)
		if diff := cmp.Diff([]string{"a=b", "a=b", "a=b"}, cookies); diff != "" {
			t.Errorf("cookies (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(http.Header{"Accept": {"application/json"}}, req.Header); diff != "" {
			t.Errorf("headers afterwards (-want +got):\n%s", diff)
		}
	})
}

// The transport of net/http gets the headers themselves, unless there is a jar: it
// must be one that leaves them alone.
func TestSendLeavesRequestAloneOnTheWire(t *testing.T) {
	var cookies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		cookies = append(cookies, req.Header.Get("Cookie"))
		w.Header().Set("Retry-After-Ms", "0.001")
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(address, []*http.Cookie{{Name: "a", Value: "b"}})
	for name, c := range map[string]*http.Client{
		"default":          {},
		"own transport":    {Transport: &http.Transport{DisableKeepAlives: true}},
		"default with jar": {Jar: jar},
	} {
		t.Run(name, func(t *testing.T) {
			cookies = nil
			s := &sender{client: c, maxRetries: 1}
			req := newRequest(t.Context(), t, "POST", "http://user:password@"+address.Host+"/things", "body")
			req.Header.Set("Accept", "application/json")
			s.send(req)
			want := []string{"", ""}
			if c.Jar != nil {
				want = []string{"a=b", "a=b"}
			}
			if diff := cmp.Diff(want, cookies); diff != "" {
				t.Errorf("cookies (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(http.Header{"Accept": {"application/json"}}, req.Header); diff != "" {
				t.Errorf("headers afterwards (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCloseReleasesAttempt(t *testing.T) {
	var attempt context.Context
	s := transport(func(req *http.Request) (*http.Response, error) {
		attempt = req.Context()
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("answer"))}, nil
	}).sender()
	s.timeout = time.Hour
	resp, err := s.send(newRequest(t.Context(), t, "GET", "https://api.example/things", ""))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(resp.Body); string(text) != "answer" || err != nil {
		t.Errorf("got body %q, %v", text, err)
	}
	if attempt.Err() != nil {
		t.Error("the context ended before the body was closed")
	}
	for range 2 {
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	if attempt.Err() == nil {
		t.Error("the context outlives the body")
	}
}

func TestTimeoutEndsCallsAndBodies(t *testing.T) {
	const want = "createThing: api.example: no complete response within 10s; WithTimeout sets this limit (2 attempts)"
	check := func(t *testing.T, err error, want string) {
		t.Helper()
		var failure *ConnectionError
		var timeout net.Error
		if !errors.As(err, &failure) || !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Fatalf("got %v, want a timeout", err)
		}
		if err.Error() != want {
			t.Errorf("Error()\n got: %s\nwant: %s", err, want)
		}
	}
	limited := func(t transport) *sender {
		s := t.sender()
		s.timeout, s.maxRetries = 10*time.Second, 1
		return s
	}
	t.Run("before the headers", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			started := time.Now()
			_, err := limited(silent).send(newRequest(t.Context(), t, "GET", "https://api.example/things", ""))
			check(t, err, want)
			if took := time.Since(started); took < 20*time.Second || took > 21*time.Second {
				t.Errorf("two attempts took %v", took)
			}
		})
	})
	t.Run("inside the body", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			resp, err := limited(slow(200, "half", time.Hour)).send(newRequest(t.Context(), t, "GET", "https://api.example/things", ""))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			text, err := io.ReadAll(resp.Body)
			check(t, err, strings.TrimSuffix(want, " (2 attempts)"))
			if string(text) != "half" {
				t.Errorf("got %q before the timeout", text)
			}
		})
	})
	t.Run("lifted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			resp, err := limited(slow(200, "whole", time.Hour)).send(newRequest(t.Context(), t, "GET", "https://api.example/things", ""))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			resp.Body.(*responseBody).limit.lift()
			if text, err := io.ReadAll(resp.Body); string(text) != "whole" || err != nil {
				t.Errorf("got %q, %v", text, err)
			}
		})
	})
	t.Run("lifted, then the caller's context ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			resp, err := limited(slow(200, "half", time.Hour)).send(newRequest(ctx, t, "GET", "https://api.example/things", ""))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			resp.Body.(*responseBody).limit.lift()
			time.AfterFunc(time.Minute, cancel)
			_, err = io.ReadAll(resp.Body)
			if want := "createThing: api.example: response broke off: context canceled"; !errors.Is(err, context.Canceled) || err.Error() != want {
				t.Errorf("Error()\n got: %v\nwant: %s", err, want)
			}
		})
	})
	t.Run("inside the body of an error", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, err := limited(slow(400, `{"error":{"message":"half","ty`, time.Hour)).send(newRequest(t.Context(), t, "GET", "https://api.example/things", ""))
			var answer *APIError
			if !errors.As(err, &answer) || answer.StatusCode != 400 || !answer.Truncated || answer.Message != "half" {
				t.Errorf("got %+v, want what was read of the 400", err)
			}
		})
	})
	t.Run("the caller's deadline is not ours", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			_, err := limited(silent).send(newRequest(ctx, t, "GET", "https://api.example/things", ""))
			if want := "createThing: api.example: context deadline exceeded"; !errors.Is(err, context.DeadlineExceeded) || err.Error() != want {
				t.Errorf("Error()\n got: %v\nwant: %s", err, want)
			}
		})
	})
}

func TestErrorBodyIsCutAtItsLimit(t *testing.T) {
	tests := map[string]struct {
		size      int
		truncated bool
	}{
		"below": {1 << 20, false},
		"above": {1<<20 + 1, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			body := &closeRecorder{Reader: strings.NewReader(strings.Repeat("x", test.size))}
			s := transport(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 400, Body: body}, nil
			}).sender()
			_, err := s.send(newRequest(t.Context(), t, "GET", "https://api.example/things", ""))
			var answer *APIError
			if !errors.As(err, &answer) {
				t.Fatalf("got %v, want an APIError", err)
			}
			if len(answer.Body) != 1<<20 || answer.Truncated != test.truncated {
				t.Errorf("got a body of %d bytes, truncated %t", len(answer.Body), answer.Truncated)
			}
			if !body.closed {
				t.Error("the body was not closed")
			}
		})
	}
}

func TestConnectionErrorNamesTheRemedyAndNoSecret(t *testing.T) {
	const address = "https://user:secret-password@api.example:8443/things?api_key=secret-in-query"
	tests := map[string]struct {
		cause error
		want  string
	}{
		"plain":          {errors.New("connection reset by peer"), "connection reset by peer"},
		"unknown host":   {&net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true}, "lookup api.example: no such host; check the host of WithBaseURL"},
		"certificate":    {&tls.CertificateVerificationError{Err: errors.New("expired")}, "tls: failed to verify certificate: expired; the client given to WithHTTPClient decides which certificates are trusted"},
		"scheme":         {http.ErrSchemeMismatch, "http: server gave HTTP response to HTTPS client; use http:// in WithBaseURL if this server has no TLS"},
		"quotes the URL": {&url.Error{Op: "Post", URL: address, Err: errors.New("no")}, `Post "https://api.example:8443/things": no`},
		"quotes a key":   {errors.New("bad header Bearer secret-in-header"), "bad header ***"},
		"long":           {errors.New(strings.Repeat("x", 600)), strings.Repeat("x", 500) + "…"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			script := &script{exchanges: []exchange{{err: test.cause}}}
			s := script.sender()
			s.maxRetries = 0
			req := newRequest(t.Context(), t, "GET", address, "")
			req.Header.Set("Authorization", "Bearer secret-in-header")
			_, err := s.send(req)
			if want := "createThing: api.example:8443: " + test.want; err == nil || err.Error() != want {
				t.Errorf("Error()\n got: %v\nwant: %s", err, want)
			}
			if !errors.Is(err, test.cause) {
				t.Error("the cause cannot be reached")
			}
			for _, verb := range []string{"%v", "%+v", "%s", "%q"} {
				if text := fmt.Sprintf(verb, err); strings.Contains(text, "secret") {
					t.Errorf("%s shows a secret: %s", verb, text)
				}
			}
		})
	}
}

// A server that quotes the key gets it masked, whatever the key looks like.
func TestAPIErrorMasksWhatWasSent(t *testing.T) {
	script := &script{exchanges: []exchange{{status: 401, body: `{"error":{"message":"Incorrect API key provided: local/token+1. Bye","param":"local/token+1"}}`}}}
	req := newRequest(t.Context(), t, "GET", "https://api.example/things", "")
	req.Header.Set("Authorization", "Bearer local/token+1")
	_, err := script.sender().send(req)
	var answer *APIError
	if !errors.As(err, &answer) || answer.Message != "Incorrect API key provided: ***. Bye" || answer.Param != mask {
		t.Errorf("got %+v", err)
	}
}

func TestUserRefusesRedirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("not on my watch")
		script := &script{exchanges: []exchange{{status: 302, header: http.Header{"Location": {"/other?api_key=secret-in-query"}}}}}
		s := script.sender()
		s.client.CheckRedirect = safeRedirects(func(*http.Request, []*http.Request) error { return refused })
		_, err := s.send(newRequest(t.Context(), t, "GET", "https://api.example/things", ""))
		if !errors.Is(err, refused) || len(script.sent) != 1 || strings.Contains(err.Error(), "secret") {
			t.Errorf("got %v after %d attempts", err, len(script.sent))
		}
	})
}

// Answers that are errors leave the connection to the next attempt.
func TestConnectionsAreReused(t *testing.T) {
	var connections, requests atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) < 3 {
			w.Header().Set("Retry-After-Ms", "0.001")
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, strings.Repeat("x", 200<<10))
			return
		}
		io.WriteString(w, "answer")
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	s := &sender{client: server.Client(), maxRetries: 2, timeout: time.Minute}
	resp, err := s.send(newRequest(t.Context(), t, "GET", server.URL, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); string(text) != "answer" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("three attempts took %d connections, want 1", n)
	}
}

// An answer that a server cuts short is an error, and closing unblocks a reader.
func TestResponseCutShortIsAnError(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		if req.URL.Path == "/hang" {
			<-req.Context().Done()
		}
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	s := &sender{client: server.Client(), timeout: time.Minute, operation: "createThing"}
	open := func(t *testing.T, path string) *http.Response {
		t.Helper()
		resp, err := s.send(newRequest(t.Context(), t, "GET", server.URL+path, ""))
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	t.Run("cut short", func(t *testing.T) {
		resp := open(t, "/cut")
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		var failure *ConnectionError
		if string(text) != "half" || !errors.As(err, &failure) || !errors.Is(err, io.ErrUnexpectedEOF) || failure.Operation != "createThing" {
			t.Errorf("got %q, %v", text, err)
		}
	})
	t.Run("closed by another goroutine", func(t *testing.T) {
		resp := open(t, "/hang")
		if _, err := io.ReadFull(resp.Body, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() {
			_, err := resp.Body.Read(make([]byte, 1))
			done <- err
		}()
		resp.Body.Close()
		if err := <-done; err == nil || err == io.EOF {
			t.Errorf("the reader got %v", err)
		}
	})
}

// BenchmarkSend puts send beside the http.Client that it uses: in memory, where
// its own cost shows, and over a loopback connection, where it hides.
func BenchmarkSend(b *testing.B) {
	const answer = `{"id":"chatcmpl-1","object":"chat.completion"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "req_1")
		io.WriteString(w, answer)
	}))
	defer server.Close()
	memory := &http.Client{Transport: transport(func(req *http.Request) (*http.Response, error) {
		io.Copy(io.Discard, req.Body)
		req.Body.Close()
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: req}, nil
	})}
	for _, place := range []struct {
		name   string
		client *http.Client
	}{{"memory", memory}, {"loopback", server.Client()}} {
		s := &sender{client: place.client, maxRetries: 2, timeout: 10 * time.Minute, operation: "createChatCompletion"}
		for _, way := range []struct {
			name string
			do   func(*http.Request) (*http.Response, error)
		}{{"bare", place.client.Do}, {"send", s.send}} {
			b.Run(place.name+"/"+way.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					req := newRequest(b.Context(), b, "POST", server.URL, `{"model":"gpt-5","messages":[]}`)
					req.Header.Set("Authorization", "Bearer key")
					req.Header.Set("Content-Type", "application/json")
					req.Header.Set("Accept", "application/json")
					resp, err := way.do(req)
					if err != nil {
						b.Fatal(err)
					}
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			})
		}
	}
}
