package clienttest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/client/internal/mask"
)

// WithLog writes a line for each request when its response begins, without query and
// credentials: its ID, method, path and operation, and why it got no success.
func WithLog(out io.Writer) Option {
	return func(s *Server) error {
		s.logTo = out
		return nil
	}
}

// What the line of a request says where no status tells how its response ended.
const (
	unanswered = "no response"
	brokenOff  = "broken off"
)

// say writes the line of a request, with what became of it, "" for a success. The message of a
// refusal names the operation itself.
func (s *Server) say(req *Request, outcome string) {
	if s.logTo == nil {
		return
	}
	line := fmt.Sprintf("%s %s %s", req.ID, mask.Line(req.Method, 20), mask.Line(req.Path, 200))
	if req.Operation != "" && req.Refusal == nil {
		line += " " + req.Operation
	}
	if outcome != "" {
		line += " " + mask.Line(outcome, 500)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(s.logTo, mask.Text(line, s.secretsOf(req)))
}

// outcome is what the line of a request says of its response.
func (a Answer) outcome(whole bool) (text string) {
	if a.Status >= 400 {
		text = fmt.Sprint(a.Status)
		if body, ok := a.Body.(inbound.ErrorBody); ok {
			text += " " + body.Error.Message
		}
	}
	switch {
	case whole:
		return text
	case text == "":
		return brokenOff
	}
	return text + ", " + brokenOff
}

// pass passes a request on to the API that is recorded.
func (s *Server) pass(w http.ResponseWriter, hr *http.Request) {
	req := &Request{ID: s.number(), Method: hr.Method, Path: hr.URL.EscapedPath(), Query: hr.URL.RawQuery, Header: hr.Header}
	if spec := s.socketOf(hr); spec != nil {
		req.Operation = spec.Name
	} else if op, _, _ := inbound.Route(s.document, s.bases, hr.Method, hr.URL); op != nil {
		req.Operation = op.ID
		s.count(req)
	}
	req.Header = hr.Header.Clone() // the proxy takes some away on the way
	watched := s.watched(w, req)
	defer func() {
		if !watched.began {
			s.say(req, unanswered)
		}
	}()
	s.recorder.ServeHTTP(watched, hr)
}

// watchedWriter writes the line of a request when a handler that is not the server's own
// begins the response. Such a one calls WriteHeader.
type watchedWriter struct {
	http.ResponseWriter
	server  *Server
	request *Request
	began   bool
}

func (s *Server) watched(w http.ResponseWriter, req *Request) *watchedWriter {
	return &watchedWriter{ResponseWriter: w, server: s, request: req}
}

func (w *watchedWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.begin(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Hijack takes the connection over for a WebSocket.
func (w *watchedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.begin(http.StatusSwitchingProtocols)
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w *watchedWriter) begin(status int) {
	if !w.began {
		w.began = true
		w.server.say(w.request, Answer{Status: status}.outcome(true))
	}
}

// Unwrap is for http.ResponseController.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
