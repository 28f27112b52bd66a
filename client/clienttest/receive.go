package clienttest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// reception is a request that is being held against its operation.
type reception struct {
	*Request
	server *Server
	http   *http.Request
	op     *schema.Operation
	fault  schema.ValidationError
}

// receive reads a request to its end and judges it. The operation is nil where
// the request is for none.
func (s *Server) receive(hr *http.Request) (*schema.Operation, *Request) {
	req := &Request{
		ID: s.number(), Method: hr.Method, Path: hr.URL.EscapedPath(), Query: hr.URL.RawQuery,
		Header: hr.Header, Time: time.Now(),
	}
	op, path, refusal := s.route(hr)
	if refusal == nil {
		rx := &reception{Request: req, server: s, http: hr, op: op, fault: schema.ValidationError{Subject: op.ID}}
		refusal = rx.judge(path)
		req.Operation = op.ID
	}
	req.Refusal = refusal
	io.Copy(io.Discard, hr.Body) // a body that nobody reads would break the connection before the answer is read
	return op, req
}

// judge tells what is wrong with the request, nil when nothing is.
func (rx *reception) judge(path map[string]string) *Refusal {
	rx.readParameters(path)
	refusal := rx.readBody()
	if r := authenticate(rx.op, rx.http); r != nil {
		return r
	}
	if refusal != nil {
		return refusal
	}
	rx.checkHeaders()
	if len(rx.fault.Problems) == 0 {
		return nil
	}
	slices.SortStableFunc(rx.fault.Problems, func(a, b schema.Problem) int { return strings.Compare(string(a.Pointer), string(b.Pointer)) })
	return invalid(&rx.fault)
}

// checkHeaders asks for the headers that the document says every request of the
// operation needs: x-opcall-headers.
func (rx *reception) checkHeaders() {
	text, _ := rx.op.Extension("x-opcall-headers")
	for name, value := range jsonscan.Members(text) {
		want := jsonscan.String(value)
		got := strings.Join(rx.Header.Values(name), ",")
		if slices.ContainsFunc(strings.Split(got, ","), func(item string) bool { return strings.TrimSpace(item) == want }) {
			continue
		}
		message := fmt.Sprintf("missing header %q", name+": "+want)
		if got != "" {
			message = fmt.Sprintf("got header %.100q, want %q", name+": "+got, name+": "+want)
		}
		rx.problem(schema.Pointer("").Append(name), "required", "%s", message)
	}
}

// problem notes what is wrong with a part of the request.
func (rx *reception) problem(at schema.Pointer, keyword, format string, args ...any) {
	rx.fault.Problems = append(rx.fault.Problems, schema.Problem{
		Pointer: at, Keyword: keyword, Message: fmt.Sprintf(format, args...),
	})
}

// hold notes the problems of a value that stands at a pointer of the request.
func (rx *reception) hold(at schema.Pointer, verdict error) {
	var part *schema.ValidationError
	switch {
	case verdict == nil:
	case !errors.As(verdict, &part):
		rx.problem(at, "", "%v", verdict)
	default:
		for _, p := range part.Problems {
			p.Pointer = at + p.Pointer
			rx.fault.Problems = append(rx.fault.Problems, p)
		}
		rx.fault.More += part.More
		if rx.fault.Err == nil {
			rx.fault.Err = part.Err
		}
	}
}
