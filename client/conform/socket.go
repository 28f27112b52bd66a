package conform

import (
	"io"
	"sync"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// socket is a WebSocket whose bytes go by. Both sides are validated; not a byte is changed.
type socket struct {
	io.ReadWriteCloser // of the server: reads are what it says, writes what the client says
	client, server     side
	once               sync.Once
	closed             func()
}

// newSocket returns the connection of a handshake that the server agreed to. Compressed
// messages are validated as those that are not; where another extension is agreed on,
// nothing is.
func (g *gate) newSocket(conn io.ReadWriteCloser, spec *extension.Socket, extensions string, report Report) *socket {
	s := &socket{ReadWriteCloser: conn}
	s.client = side{gate: g, schema: spec.Client, report: report}
	s.server = side{gate: g, schema: spec.Server, report: report}
	s.client.report.Direction, s.server.report.Direction = Request, Response
	tier, answers := g.requests.tier, g.responseOptions(spec.Name+" event")
	if tier == schema.Lenient {
		tier = schema.Standard
	}
	asked := []schema.ValidateOption{schema.WithDirection(schema.DirectionRequest), schema.WithTier(tier), schema.WithSubject(spec.Name + " event")}
	if g.unknownFields {
		asked = append(asked, schema.WithUnknownFields())
	}
	s.client.opts, s.server.opts = asked, answers
	unasked, unanswered := g.requests.tier == schema.Off, g.responses.tier == schema.Off
	agreed, ok := readExtensions(extensions)
	if !ok {
		r := report
		r.Skipped = "the events of the WebSocket are in an extension other than permessage-deflate"
		g.tell(r)
	}
	s.client.frames = frames{limit: g.maxBody, deflated: agreed.client, off: !ok || unasked, found: s.client.validate, broken: s.client.stop}
	s.server.frames = frames{limit: g.maxBody, deflated: agreed.server, off: !ok || unanswered, found: s.server.validate, broken: s.server.stop}
	return s
}

// Read reads what the server says.
func (s *socket) Read(p []byte) (int, error) {
	n, err := s.ReadWriteCloser.Read(p)
	s.server.frames.add(p[:n])
	return n, err
}

// Write writes what the client says.
func (s *socket) Write(p []byte) (int, error) {
	n, err := s.ReadWriteCloser.Write(p)
	s.client.frames.add(p[:n])
	return n, err
}

// Close closes the connection.
func (s *socket) Close() error {
	s.once.Do(s.closed)
	return s.ReadWriteCloser.Close()
}

// side validates what one side of a WebSocket says.
type side struct {
	gate   *gate
	schema *schema.Schema
	opts   []schema.ValidateOption
	report Report
	frames frames

	number int // of the latest event
	told   int
}

// stop says why nothing more is validated.
func (s *side) stop(reason string) {
	r := s.report
	r.Event, r.Skipped = s.number, reason+"; what follows is not validated"
	s.gate.tell(r)
}

// validate validates a message.
func (s *side) validate(m *message) {
	if m.opcode != opText || s.schema == nil {
		return
	}
	s.number++
	r := s.report
	r.Event = s.number
	switch {
	case s.told == maxEvents:
		return
	case m.unread != nil:
		r.Skipped = m.unread.Error()
	case s.report.Direction == Response:
		r.Findings, r.Err = s.gate.validated(s.schema, m.data, s.opts)
	default:
		r.Err = s.schema.Validate(m.data, s.opts...)
	}
	s.gate.tally(&r)
	if r.Err != nil || len(r.Findings) > 0 || r.Skipped != "" {
		s.told++
	}
	s.gate.tell(r)
}
