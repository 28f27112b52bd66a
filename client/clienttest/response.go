package clienttest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Answer is what a request gets. The zero Answer is the server's
// own: the status of the operation's first success, and what the package comment
// says under "What gets a response without a script".
type Answer struct {
	Status int // default: that of the operation's first success

	// Header holds further headers. Content-Type, unless it is here, is the media
	// type that the document gives the response and that fits Body.
	Header http.Header

	// Body is the text of the response, as []byte, string or json.RawMessage; or a
	// value to write as JSON; or an io.Reader, which serves one response: what a Read
	// returns is sent at once, an error breaks the connection; or a Recording. nil is
	// what Output says, without it the server's own response, and for a status from
	// 400 on an error in the form of the API. "" is an empty body.
	Body any

	// Output is what a model says, where Body is nil and the operation is one that
	// has models speak: in events if the request asks for a stream, else as one
	// object. Both are made from the same output and say the same.
	Output Output

	Delay time.Duration // before anything is sent
	Fail  Failure       // how the response goes wrong; the zero Failure is not at all
}

// Failure is a way for a response to go wrong on the wire.
type Failure struct {
	kind failure
	at   int64
}

type failure int

const (
	noFailure failure = iota
	dropped
	cutOff
)

// Drop closes the connection before anything is sent.
func Drop() Failure { return Failure{kind: dropped} }

// CutBody closes the connection after the headers and n bytes of the body. A
// body that is not longer arrives whole, unless it is an io.Reader.
func CutBody(n int64) Failure { return Failure{kind: cutOff, at: max(0, n)} }

// middle is the place at which CutBody would cut a body in two.
const middle = -1

// content is the body of a response with its media type: data, a stream, or data
// that goes out as a stream.
type content struct {
	mediaType string
	data      []byte
	stream    io.Reader
	location  string // of what was made
}

// within reports whether the whole body is known to have at most n bytes.
func (c content) within(n int64) bool {
	return (c.stream == nil || c.data != nil) && int64(len(c.data)) <= n
}

func (c content) reader() io.Reader {
	if c.stream != nil {
		return c.stream
	}
	return bytes.NewReader(c.data)
}

// write sends a response. op is nil for a request without operation.
func (s *Server) write(w http.ResponseWriter, hr *http.Request, op *schema.Operation, req *Request, a Answer) {
	if !s.pause(hr, a.Delay) || a.Fail.kind == dropped {
		s.say(req, unanswered)
		panic(http.ErrAbortHandler)
	}
	if a.Status == 0 {
		a.Status = success(op)
	}
	body, err := s.content(hr, op, req, a)
	if a.Status < 200 || a.Status > 599 {
		err = fmt.Errorf("got status %d in an answer, want 200 to 599", a.Status)
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		a = refusal.answer()
		body, err = s.content(hr, op, req, a)
	}
	if err != nil {
		a = errorAnswer(http.StatusInternalServerError, "server_error", "test_server", "", "test server: "+err.Error())
		body, err = s.content(hr, op, req, a)
	}
	if a.Fail.at == middle {
		a.Fail.at = int64(len(body.data) / 2)
	}
	whole := a.Fail.kind == noFailure || body.within(a.Fail.at)
	s.say(req, a.outcome(whole))
	header := w.Header()
	if body.mediaType != "" {
		header.Set("Content-Type", body.mediaType)
	}
	if a.Status == http.StatusCreated && body.location != "" {
		header.Set("Location", body.location) // RFC 9110 §10.2.2
	}
	for name, values := range a.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	if a.Status == http.StatusNoContent || a.Status == http.StatusNotModified {
		w.WriteHeader(a.Status)
		return
	}
	if body.stream == nil {
		header.Set("Content-Length", strconv.Itoa(len(body.data)))
	}
	w.WriteHeader(a.Status)
	switch {
	case !whole:
		err = send(w, io.LimitReader(body.reader(), a.Fail.at))
	case body.stream != nil:
		err = send(w, body.stream)
	default:
		w.Write(body.data) // whoever does not read it has had it
	}
	if err != nil || !whole {
		panic(http.ErrAbortHandler)
	}
}

// pause waits, and reports false when the server closes or the caller is gone.
func (s *Server) pause(hr *http.Request, d time.Duration) bool {
	return pause(hr.Context(), s.closing, d)
}

// pause waits, and reports false when the context ends or the channel is closed, which
// may be nil.
func pause(ctx context.Context, closing <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-closing:
	}
	return false
}

// send copies a body to the wire, with a flush for every read.
func send(w http.ResponseWriter, body io.Reader) error {
	flusher := http.NewResponseController(w)
	if err := flusher.Flush(); err != nil {
		return err
	}
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
			if err := flusher.Flush(); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// content makes the body of a response.
func (s *Server) content(hr *http.Request, op *schema.Operation, req *Request, a Answer) (content, error) {
	switch body := a.Body.(type) {
	case nil:
		if a.Status >= 400 {
			return s.content(hr, op, req, ErrorAnswer(a.Status, "", ""))
		}
		return s.own(hr, op, req, a)
	case []byte:
		return content{mediaType: mediaType(op, a.Status, body), data: body}, nil
	case string:
		return content{mediaType: mediaType(op, a.Status, []byte(body)), data: []byte(body)}, nil
	case json.RawMessage:
		return content{mediaType: mediaType(op, a.Status, body), data: body}, nil
	case Recording:
		return s.playback(hr, body)
	case io.Reader:
		return content{mediaType: cmp.Or(otherThanJSON(op, a.Status), "application/octet-stream"), stream: body}, nil
	}
	text, err := jsonscan.Marshal(a.Body)
	if err != nil {
		return content{}, fmt.Errorf("the body of the answer cannot be written as JSON: %w", err)
	}
	return content{mediaType: "application/json", data: text}, nil
}

// own makes the body that the server responds with where no script says another: an
// object that was made before, else what a model says, else a sample.
func (s *Server) own(hr *http.Request, op *schema.Operation, req *Request, a Answer) (content, error) {
	if c, known, err := s.remembered(hr, op, req, a); known || err != nil {
		return c, err
	}
	req = s.inheriting(op, req)
	if c, performed, err := s.perform(hr, op, req, a); performed || err != nil {
		return c, err
	}
	c, err := s.sample(op, req, a.Status, strings.Join(hr.Header.Values("Accept"), ","))
	if err != nil || req == nil {
		return c, err
	}
	return s.create(op, req, c)
}

// playback makes a body of a recording.
func (s *Server) playback(hr *http.Request, r Recording) (content, error) {
	stream, err := r.reader(func(d time.Duration) bool { return s.pause(hr, d) })
	if r.Data == nil {
		r.Data = []byte{}
	}
	return content{mediaType: extension.EventStream, data: r.Data, stream: stream}, err
}

// mediaType finds the type of a scripted text: JSON by its look, else what the
// response has besides JSON, else by its first bytes.
func mediaType(op *schema.Operation, status int, data []byte) string {
	if len(data) == 0 {
		return ""
	}
	if json.Valid(data) {
		return "application/json"
	}
	return cmp.Or(otherThanJSON(op, status), http.DetectContentType(data))
}

// otherThanJSON returns the first media type of a response that is not JSON, ""
// where there is none.
func otherThanJSON(op *schema.Operation, status int) string {
	if op == nil {
		return ""
	}
	if response, ok := op.Response(status); ok {
		for _, m := range response.Content {
			if !schema.IsJSON(m.Name) && !strings.Contains(m.Name, "*") {
				return m.Name
			}
		}
	}
	return ""
}
