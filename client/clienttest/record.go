package clienttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// What is recorded, at most; older requests are forgotten first.
const (
	maxRequests = 10_000
	maxRecorded = 64 << 20 // bytes of bodies and files, of all requests
	maxContent  = 1 << 20  // bytes of one body or file
)

// Request is a request that the server received. Callers must not modify what
// it refers to.
type Request struct {
	ID         string // x-request-id of its response: "req_test_0001", counted from 1
	Operation  string // ID of the operation, "" where none has the path and method
	Method     string
	Path       string // as sent: escaped, the server's own path included
	Query      string // as sent, without the question mark
	Header     http.Header
	Parameters []Parameter // found in path, query, header and cookies, in the document's order

	// Body is the request body as sent, but for forms: of those it is the JSON
	// object that the schema makes of the fields, with files as their names. It is
	// cut after the first MiB; Size is the length of what was sent.
	Body  []byte
	Size  int64
	Parts []Part // of a multipart body, in order

	Time    time.Time // of the arrival
	Refusal *Refusal  // why the server refused the request, nil when it did not

	// Until the response is sent:
	whole []byte         // Body before it was cut
	files []Part         // Parts before they were cut
	made  map[string]int // objects made for it, by what their IDs begin with
	of    *object        // that a model's output is read from again, nil for none
	key   string         // the ID of the object that it makes, as JSON, "" for a new one
}

// Parameter is a value that a request carries outside its body.
type Parameter struct {
	Name  string          // as the document has it
	In    string          // "path", "query", "header" or "cookie"
	Value json.RawMessage // typed by the parameter's schema: 20, "asc", ["a","b"]
}

// Part is one part of a multipart body (RFC 7578).
type Part struct {
	Name        string
	FileName    string // "" for a value
	ContentType string // as sent, "" where the part has none
	Size        int64
	Content     []byte // the first MiB
}

// Param returns the parameter with that name; brackets at the end of names may
// be left out.
func (r *Request) Param(name string) gjson.Result {
	for _, p := range r.Parameters {
		if p.Name == name || p.Name == name+"[]" {
			return gjson.ParseBytes(p.Value)
		}
	}
	return gjson.Result{}
}

// Get returns a part of the body by its path in gjson syntax, as
// client.Response.Get does of a response: "messages.0.content".
func (r *Request) Get(path string) gjson.Result {
	if name, _, _ := strings.Cut(path, "."); !mentions(r.Body, name) {
		return gjson.Result{}
	}
	return gjson.GetBytes(r.Body, path)
}

// mentions reports whether JSON may have a member of that name: by its letters, which
// only \u can write in another way. A name with more than letters is left to gjson.
func mentions(text []byte, name string) bool {
	for i := range len(name) {
		if c := name[i]; c != '_' && (c < 'a' || c > 'z') {
			return true
		}
	}
	return name == "" || bytes.Contains(text, []byte(name)) || bytes.Contains(text, []byte(`\u`))
}

// size is what a record of the request costs.
func (r *Request) size() (bytes int) {
	bytes = len(r.Body)
	for _, p := range r.Parts {
		bytes += len(p.Content)
	}
	return bytes
}

// log holds the requests that were received, oldest first.
type log struct {
	arrived  int // of all times
	requests []*Request
	bytes    int
}

// number names the next request.
func (s *Server) number() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.arrived++
	return fmt.Sprintf("req_test_%04d", s.log.arrived)
}

// record keeps a request, and forgets what is over the limits.
func (s *Server) record(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.requests = append(s.log.requests, r)
	s.log.bytes += r.size()
	for n := len(s.log.requests); n > maxRequests || s.log.bytes > maxRecorded && n > 1; n = len(s.log.requests) {
		s.log.bytes -= s.log.requests[0].size()
		s.log.requests[0] = nil // the slice moves on in its array, which append makes anew at times
		s.log.requests = s.log.requests[1:]
	}
}

// Requests returns what the server received, refused requests too, in the order
// in which they were read to their end.
func (s *Server) Requests() []*Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log.requests)
}

// LastRequest returns the latest request for an operation, nil where there is
// none. An operation that the document does not have is a mistake in the test,
// as it is to Respond.
func (s *Server) LastRequest(operationID string) *Request {
	if s.tb != nil {
		s.tb.Helper()
	}
	id, ok := s.operation(operationID)
	if !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range slices.Backward(s.log.requests) {
		if r.Operation == id {
			return r
		}
	}
	return nil
}
