package clienttest

import (
	"fmt"
	"io"

	"github.com/opcall/opcall/client/internal/mask"
)

// WithLog writes a line for each request, without query and credentials: its ID, method,
// path and operation, or why it was refused.
func WithLog(out io.Writer) Option {
	return func(s *Server) error {
		s.logTo = out
		return nil
	}
}

// say writes the line of a request.
func (s *Server) say(req *Request) {
	if s.logTo == nil {
		return
	}
	line := fmt.Sprintf("%s %s %s", req.ID, mask.Line(req.Method, 20), mask.Line(req.Path, 200))
	switch {
	case req.Refusal != nil:
		line += fmt.Sprintf(" %d %s", req.Refusal.Status, mask.Line(req.Refusal.Message, 500))
	case req.Operation != "":
		line += " " + req.Operation
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(s.logTo, mask.Text(line, s.secretsOf(req)))
}
