package clienttest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
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
	sent := hr.Body
	if op != nil {
		req.Operation = op.ID
		unread := decode(hr, op)
		refusal = s.check(req, hr, op, path)
		if unread != nil && (refusal == nil || refusal.Status != http.StatusUnauthorized) {
			refusal = unread
		}
	}
	req.Refusal = newRefusal(refusal)
	io.Copy(io.Discard, sent) // a body that nobody reads would break the connection before the response is read
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

// maxDecoded bounds what a compressed body may become, in bytes.
const maxDecoded = 256 << 20

// decode has the body of a request read as what its Content-Encoding says (RFC 9110 §8.4).
// The refusal is for an encoding that it does not know, unless the operation has the header as
// a parameter: it keeps the body with its encoding, as stores of files do.
func decode(hr *http.Request, op *schema.Operation) *inbound.Refusal {
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(hr.Header.Values("Content-Encoding"), ",")))
	var plain io.Reader
	var err error
	switch encoding {
	case "", "identity":
		return nil
	case "gzip", "x-gzip":
		plain, err = gzip.NewReader(hr.Body)
	case "deflate":
		plain, err = zlib.NewReader(hr.Body)
	default:
		if slices.ContainsFunc(op.Parameters, func(p *schema.Parameter) bool {
			return p.In == "header" && strings.EqualFold(p.Name, "Content-Encoding")
		}) {
			return nil
		}
		err = errors.New("want gzip or deflate")
	}
	if err != nil {
		return &inbound.Refusal{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type",
			Message: fmt.Sprintf("the body in Content-Encoding %.40q cannot be read: %v", encoding, err),
		}
	}
	hr.Body = struct {
		io.Reader
		io.Closer
	}{http.MaxBytesReader(nil, io.NopCloser(plain), maxDecoded), hr.Body}
	hr.ContentLength = -1
	return nil
}
