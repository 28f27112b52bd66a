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

// open decides by its media type how a response is read, and returns the body to
// read events from. Without a media type the response is taken for what was asked
// for (RFC 9110 §8.3).
func (s *Stream) open(resp *http.Response) (io.ReadCloser, error) {
	media := resp.Header.Get("Content-Type")
	encoding := resp.Header.Get("Content-Encoding")
	switch {
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		return nil, s.fail(fmt.Sprintf("got a response in Content-Encoding %.40q, which the call's own Accept-Encoding allowed; leave that header out", encoding))
	case isUnaskedPart(resp):
		return nil, s.fail(partReason(resp))
	case media == "" || extension.IsEventStream(media):
		return s.unbound(resp), nil
	}
	return s.sniff(media, resp)
}

// sniff looks at a response under another name than that of an event stream. Lines
// of events are read as such, which are not JSON, and an object as JSON.
func (s *Stream) sniff(media string, resp *http.Response) (io.ReadCloser, error) {
	head := &headReader{rest: resp.Body}
	first := head.peek(len("event:"))
	resp.Body = &replacedBody{Reader: head, Closer: resp.Body, response: resp.Body}
	switch {
	case first != '{' && beginsEvents(head.text()):
		return s.unbound(resp), nil
	case first == '{', schema.IsJSON(media), isTextJSON(media):
		return http.NoBody, s.readWhole(resp)
	}
	return nil, s.foreign(fmt.Sprintf("got %.80q, want an event stream", media), resp.Body)
}

// readWhole is readJSON for a response that needs no other reader.
func (s *Stream) readWhole(resp *http.Response) error {
	defer resp.Body.Close()
	return s.readJSON(s.asJSON(resp.Body, resp.ContentLength))
}

// beginsEvents reports whether a text begins as event streams do: with a field or a
// comment (WHATWG HTML §9.2.6).
func beginsEvents(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	name, _, colon := bytes.Cut(line, []byte(":"))
	switch string(name) {
	case "data", "event", "id", "retry", "":
		return colon
	}
	return false
}

// unbound lifts the time limit of the call from the body and puts the stream's
// own in its place.
func (s *Stream) unbound(resp *http.Response) io.ReadCloser {
	unbound(resp.Body)
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
	switch body.peek(1) {
	case '<':
		rebound(s.response.Body)
		return s.foreign("got HTML under the name of an event stream", body)
	case '{':
		rebound(s.response.Body)
		return s.readJSON(s.asJSON(body, -1))
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

// peek reads up to the first bytes that are neither space in front nor part of a
// byte order mark, as many as are wanted where there are so many. It returns the
// first, or 0 when none is near.
func (r *headReader) peek(want int) byte {
	buf := make([]byte, sniffLength)
	for r.err == nil && len(r.head) < len(buf) {
		var n int
		n, r.err = readSome(r.rest, buf[len(r.head):])
		r.ended = r.err != nil
		r.head = buf[:len(r.head)+n]
		if text := r.text(); len(text) >= want && !strings.HasPrefix("\ufeff", string(r.head)) {
			break
		}
	}
	if text := r.text(); len(text) > 0 {
		return text[0]
	}
	return 0
}

// text is what has been looked at, without space in front.
func (r *headReader) text() []byte {
	return bytes.TrimLeft(jsonscan.TrimMark(r.head), " \t\r\n")
}

func (r *headReader) read(p []byte) (int, error) {
	n, err := r.rest.Read(p)
	r.ended = r.ended || err != nil
	return n, err
}

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

// asJSON is the response as it would be without a stream.
func (s *Stream) asJSON(body io.Reader, length int64) *http.Response {
	resp := *s.response
	resp.Header = resp.Header.Clone()
	resp.Header.Set("Content-Type", "application/json")
	resp.Body, resp.ContentLength = io.NopCloser(body), length
	return &resp
}

// readJSON reads a JSON response, which is an event or an error.
func (s *Stream) readJSON(resp *http.Response) error {
	r, err := s.bound.read(resp)
	if err == nil && r.form == formJSON {
		s.unstreamed = r
	}
	return err
}

// foreign makes the error of a response that is not an event stream.
func (s *Stream) foreign(reason string, body io.Reader) error {
	beginning, _ := io.ReadAll(io.LimitReader(body, foreignBytes)) // what came says enough
	if p := readProblem(http.Header{}, beginning); p.message != "" {
		reason += ": " + oneLine(redact(p.message, s.secrets()), maxMessage)
	}
	if suggestsAddress(s.response) || bytes.HasPrefix(bytes.TrimSpace(beginning), []byte("<")) {
		reason += addressHint(s.bound.Operation.Document())
	}
	err := s.fail(reason)
	err.Body = beginning
	return err
}

func (s *Stream) fail(reason string) *ResponseError {
	secrets := s.secrets()
	return &ResponseError{
		Operation: s.bound.Operation.ID, RequestID: s.RequestID(), StatusCode: s.response.StatusCode,
		Header: maskHeader(s.response.Header, secrets), Reason: redact(reason, secrets),
	}
}
