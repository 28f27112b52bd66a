package client

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
	sse "github.com/opcall/opcall/stream"
)

// open decides by its media type how an answer is read, and returns the body to
// read events from. Without a media type the answer is taken for what was asked
// for (RFC 9110 §8.3).
func (s *Stream) open(resp *http.Response) (io.ReadCloser, error) {
	media := resp.Header.Get("Content-Type")
	encoding := resp.Header.Get("Content-Encoding")
	switch {
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return nil, s.fail(fmt.Sprintf("got an answer in Content-Encoding %.40q, which the call's own Accept-Encoding allowed; leave that header out", encoding))
	case media == "" || extension.IsEventStream(media):
		return s.unbound(resp), nil
	case schema.IsJSON(media):
		return http.NoBody, s.readAnswer(resp)
	}
	return nil, s.foreign(fmt.Sprintf("got %.80q, want an event stream", media), resp.Body)
}

// unbound lifts the time limit of the call from the body and puts the stream's
// own in its place.
func (s *Stream) unbound(resp *http.Response) io.ReadCloser {
	if body, ok := resp.Body.(*answerBody); ok {
		body.unbound()
	}
	if limit := s.bound.settings.stream.idle; limit > 0 {
		return newIdleBody(resp.Body, limit)
	}
	return resp.Body
}

// begin looks at the first bytes: there are servers that send a JSON error or a
// page of HTML under the name of an event stream, whose lines begin with neither
// { nor <.
func (s *Stream) begin() error {
	body := &headReader{rest: s.body}
	switch body.peek() {
	case '<':
		return s.foreign("got HTML under the name of an event stream", body)
	case '{':
		return s.readAnswer(s.asJSON(body, -1))
	}
	limit := min(s.bound.maxResponse(), 1<<31-1)
	s.input, s.decoder = body, sse.NewDecoder(body, sse.WithMaxEventSize(int(limit)))
	return nil
}

// headReader reads what peek has read already, and then the rest.
type headReader struct {
	head  []byte
	err   error // of the last Read of peek
	rest  io.Reader
	ended bool // rest has been read to its end or failed
}

// peek reads up to the first byte that is neither space nor part of a byte order
// mark, and returns it, or 0 when there is none near.
func (r *headReader) peek() byte {
	buf := make([]byte, sniffLength)
	for r.err == nil && len(r.head) < len(buf) {
		var n int
		n, r.err = readSome(r.rest, buf[len(r.head):])
		r.ended = r.err != nil
		r.head = buf[:len(r.head)+n]
		text := bytes.TrimLeft(bytes.TrimPrefix(r.head, byteOrderMark), " \t\r\n")
		if len(text) > 0 && !bytes.HasPrefix(byteOrderMark, r.head) {
			return text[0]
		}
	}
	return 0
}

func (r *headReader) read(p []byte) (int, error) {
	n, err := r.rest.Read(p)
	r.ended = r.ended || err != nil
	return n, err
}

var byteOrderMark = []byte("\ufeff")

func (r *headReader) Read(p []byte) (int, error) {
	if len(r.head) == 0 && r.err == nil {
		return r.read(p)
	}
	n := copy(p, r.head)
	if r.head = r.head[n:]; len(r.head) > 0 {
		return n, nil
	}
	return n, r.err
}

// asJSON is the answer as it would be without a stream.
func (s *Stream) asJSON(body io.Reader, length int64) *http.Response {
	resp := *s.response
	resp.Header = resp.Header.Clone()
	resp.Header.Set("Content-Type", "application/json")
	resp.Body, resp.ContentLength = io.NopCloser(body), length
	return &resp
}

// readAnswer reads a JSON answer, which is an event or an error. An empty one is
// a stream without events.
func (s *Stream) readAnswer(resp *http.Response) error {
	r, err := s.bound.read(resp)
	if r.form == formJSON && isError(r) {
		return s.refusal(r.raw)
	}
	if err == nil && r.form == formJSON {
		s.answer = r
	}
	return err
}

// isError tells a JSON answer with status 2xx that is an error from one that is
// an object of the API, which may have a member error too: a response that
// failed does.
func isError(r *Response) bool {
	text := jsonscan.Alias(r.raw)
	f := inspect(text, "")
	switch {
	case f.kind == "error" || f.object == "error":
		return true
	case !f.failed || r.schema == nil:
		return f.failed
	}
	// It is an object of the API if the document knows it by more than the error.
	known := 0
	for range jsonscan.Members(text) {
		known++
	}
	for _, finding := range r.schema.Check(r.raw) {
		if finding.Pointer == "/error" && finding.Kind == schema.FindingUnknownField {
			return true
		}
		if finding.Kind == schema.FindingUnknownField && len(finding.Pointer.Tokens()) == 1 {
			known--
		}
	}
	return known < 2
}

// foreignBytes is how much of an answer of another kind is kept.
const foreignBytes = 16 << 10

// foreign makes the error of an answer that is no event stream.
func (s *Stream) foreign(reason string, body io.Reader) error {
	beginning, _ := io.ReadAll(io.LimitReader(body, foreignBytes)) // what came tells enough
	if p := readProblem(http.Header{}, beginning); p.message != "" {
		reason += ": " + oneLine(redact(p.message, s.secrets()), maxMessage)
	}
	err := s.fail(reason)
	err.Body = beginning
	return err
}

func (s *Stream) fail(reason string) *ResponseError {
	return &ResponseError{Operation: s.bound.Operation.ID, RequestID: s.RequestID(), Reason: reason}
}
