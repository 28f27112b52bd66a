// Package arrivals is a server for tests that keeps the requests that reach it. The tests
// of the packages that send requests use it, nothing else does.
package arrivals

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// Request is a request as it arrived.
type Request struct {
	Method string
	Path   string // as it was escaped
	Query  string
	Body   string // as far as it came; what broke off ends with "(broke off)"
	Header http.Header
	Length int64 // -1 when none was announced
	Host   string
}

// Server keeps the requests that it gets. It is safe for concurrent use.
type Server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []Request
}

// NewServer starts a server that responds to each request by the next of the handlers, the
// last again and again; without handlers the response is {}. It stops with the test.
func NewServer(tb testing.TB, handlers ...http.HandlerFunc) *Server {
	tb.Helper()
	if len(handlers) == 0 {
		handlers = []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, "{}")
		}}
	}
	s := &Server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			body = append(body, "(broke off)"...)
		}
		s.mu.Lock()
		n := len(s.requests)
		s.requests = append(s.requests, Request{
			Method: req.Method, Path: req.URL.EscapedPath(), Query: req.URL.RawQuery, Body: string(body),
			Header: req.Header, Length: req.ContentLength, Host: req.Host,
		})
		s.mu.Unlock()
		handlers[min(n, len(handlers)-1)](w, req)
	}))
	tb.Cleanup(s.Close)
	return s
}

// All returns the requests in the order in which their bodies ended.
func (s *Server) All() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Only returns the one request that arrived; any other number of them ends the test.
func (s *Server) Only(tb testing.TB) Request {
	tb.Helper()
	all := s.All()
	if len(all) != 1 {
		tb.Fatalf("got %d requests, want 1", len(all))
	}
	return all[0]
}

// Last returns the latest request; without one the test ends.
func (s *Server) Last(tb testing.TB) Request {
	tb.Helper()
	all := s.All()
	if len(all) == 0 {
		tb.Fatal("got no request")
	}
	return all[len(all)-1]
}

// Responding makes a handler of a status, a media type ("" for none) and a body. The
// response has an ID, and asks not to wait for a retry.
func Responding(status int, mediaType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{mediaType}
		if mediaType == "" {
			w.Header()["Content-Type"] = nil
		}
		w.Header().Set("X-Request-Id", "req_1")
		w.Header().Set("Retry-After-Ms", "0.001")
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}
