package openai_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// variables are the environment variables that New reads.
var variables = []string{
	"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL", "OPCALL_SPEC",
}

// newClient makes a client that takes nothing from the environment.
func newClient(tb testing.TB, opts ...client.Option) *openai.Client {
	tb.Helper()
	for _, name := range variables {
		tb.Setenv(name, "")
	}
	c, err := openai.New(opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// host is a server that keeps the requests that it gets.
type host struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
}

type request struct{ Path, Body string }

// newHost starts a server that answers each request with the next of the
// handlers, and with the last from then on; without handlers it answers {}.
func newHost(tb testing.TB, handlers ...http.HandlerFunc) *host {
	tb.Helper()
	h := &host{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			tb.Errorf("body of the request: %v", err)
		}
		h.mu.Lock()
		n := len(h.requests)
		h.requests = append(h.requests, request{Path: req.URL.Path, Body: string(body)})
		h.mu.Unlock()
		if len(handlers) == 0 {
			responding("application/json", "{}")(w, req)
			return
		}
		handlers[min(n, len(handlers)-1)](w, req)
	}))
	tb.Cleanup(h.Close)
	return h
}

// only returns the one request that arrived.
func (h *host) only(tb testing.TB) request {
	tb.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.requests) != 1 {
		tb.Fatalf("got %d requests, want 1", len(h.requests))
	}
	return slices.Clone(h.requests)[0]
}

// last returns the latest request.
func (h *host) last(tb testing.TB) request {
	tb.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.requests) == 0 {
		tb.Fatal("got no request")
	}
	return h.requests[len(h.requests)-1]
}

// responding makes a handler that responds with status 200.
func responding(mediaType, body string) http.HandlerFunc { return status(200, mediaType, body) }

// status makes a handler of a status, a media type ("" for none) and a body.
func status(code int, mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{mediaType}
		if mediaType == "" {
			w.Header()["Content-Type"] = nil
		}
		w.Header().Set("X-Request-Id", "req_1")
		w.Header().Set("Retry-After-Ms", "0.001")
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}
