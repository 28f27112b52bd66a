package clienttest

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/schema"
)

// receive reads a request to its end and validates it. The operation is nil where
// the request is for none.
func (s *Server) receive(hr *http.Request) (*schema.Operation, *Request) {
	req := &Request{
		ID: s.number(), Method: hr.Method, Path: hr.URL.EscapedPath(), Query: hr.URL.RawQuery,
		Header: hr.Header, Time: time.Now(),
	}
	op, path, refusal := inbound.Route(s.document, s.bases, hr.Method, hr.URL)
	if op != nil {
		req.Operation = op.ID
		refusal = s.check(req, hr, op, path)
	}
	req.Refusal = newRefusal(refusal)
	io.Copy(io.Discard, hr.Body) // a body that nobody reads would break the connection before the response is read
	return op, req
}

// check notes what a request holds and reports what is wrong with it: that it has
// no credential comes first.
func (s *Server) check(req *Request, hr *http.Request, op *schema.Operation, path map[string]string) *inbound.Refusal {
	got, refusal := s.requests.Read(hr, op, path)
	req.whole, req.Body, req.Size = got.Body, got.Body, got.Size
	if len(got.Body) > maxContent {
		req.Body = bytes.Clone(got.Body[:maxContent])
	}
	for _, p := range got.Parameters {
		req.Parameters = append(req.Parameters, Parameter(p))
	}
	for _, p := range got.Parts {
		req.files = append(req.files, Part(p))
		if len(p.Content) > maxContent {
			p.Content = bytes.Clone(p.Content[:maxContent])
		}
		req.Parts = append(req.Parts, Part(p))
	}
	if r := s.authenticate(op, hr); r != nil {
		return r
	}
	return refusal
}
