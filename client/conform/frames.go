package conform

import (
	"encoding/binary"
	"io"
	"sync"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// socket is a WebSocket whose bytes go by. Both sides are validated; not a byte is changed.
type socket struct {
	io.ReadWriteCloser // of the server: reads are what it says, writes what the client says
	client, server     frames
	once               sync.Once
	closed             func()
}

// newSocket returns the connection of a handshake that the server agreed to. Compressed
// messages are validated as those that are not; where another extension is agreed on,
// nothing is.
func (g *gate) newSocket(conn io.ReadWriteCloser, spec *extension.Socket, extensions string, report Report, closed func()) *socket {
	s := &socket{ReadWriteCloser: conn, closed: closed}
	s.client = frames{gate: g, schema: spec.Client, report: report}
	s.server = frames{gate: g, schema: spec.Server, report: report}
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
	s.client.off, s.server.off = g.requests.tier == schema.Off, g.responses.tier == schema.Off
	agreed, ok := readExtensions(extensions)
	if !ok {
		r := report
		r.Skipped = "the events of the WebSocket are in an extension other than permessage-deflate"
		g.tell(r)
		s.client.off, s.server.off = true, true
	}
	s.client.deflated, s.server.deflated = agreed.client, agreed.server
	return s
}

// Read reads what the server says.
func (s *socket) Read(p []byte) (int, error) {
	n, err := s.ReadWriteCloser.Read(p)
	s.server.add(p[:n])
	return n, err
}

// Write writes what the client says.
func (s *socket) Write(p []byte) (int, error) {
	n, err := s.ReadWriteCloser.Write(p)
	s.client.add(p[:n])
	return n, err
}

// Close closes the connection.
func (s *socket) Close() error {
	s.once.Do(s.closed)
	return s.ReadWriteCloser.Close()
}

// frames reads one side of a WebSocket (RFC 6455 §5.2). It holds one message at a time.
type frames struct {
	gate   *gate
	schema *schema.Schema
	opts   []schema.ValidateOption
	report Report
	off    bool // nothing is validated any more

	head   []byte  // of a frame, as far as it was read
	masked bool    // the frame's payload is masked
	key    [4]byte // by this
	at     int     // bytes of the payload that were read
	left   uint64  // bytes of the payload that are still to come
	opcode byte    // of the frame
	final  bool    // it is the last of its message
	inside bool    // the head is read

	deflated   *deflated // nil where messages are not compressed
	compressed bool      // the message is

	text    bool // the message is a text
	message []byte
	over    bool
	number  int
	told    int
}

const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opControl      = 8 // from here on

	opCompressed = 0x40 // RSV1 of the first frame of a message (RFC 7692 §6)
)

// stop ends validation, and says why.
func (f *frames) stop(reason string) {
	f.off = true
	r := f.report
	r.Event, r.Skipped = f.number, reason+"; what follows is not validated"
	f.gate.tell(r)
}

// add reads on.
func (f *frames) add(p []byte) {
	for len(p) > 0 && !f.off {
		if !f.inside {
			n := min(len(p), f.headLength()-len(f.head))
			f.head, p = append(f.head, p[:n]...), p[n:]
			if len(f.head) == f.headLength() {
				f.begin()
			}
			continue
		}
		n := int(min(uint64(len(p)), f.left))
		f.payload(p[:n])
		p = p[n:]
		if f.left -= uint64(n); f.left == 0 {
			f.end()
		}
	}
}

// headLength returns the length of the head, as far as it is known.
func (f *frames) headLength() int {
	if len(f.head) < 2 {
		return 2
	}
	n := 2
	switch f.head[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if f.head[1]&0x80 != 0 {
		n += 4
	}
	return n
}

// begin reads the head of a frame.
func (f *frames) begin() {
	h := f.head
	f.final, f.opcode, f.masked = h[0]&0x80 != 0, h[0]&0x0f, h[1]&0x80 != 0
	f.left, h = uint64(h[1]&0x7f), h[2:]
	switch f.left {
	case 126:
		f.left, h = uint64(binary.BigEndian.Uint16(h)), h[2:]
	case 127:
		f.left, h = binary.BigEndian.Uint64(h), h[8:]
	}
	if f.masked {
		copy(f.key[:], h)
	}
	begins := f.opcode == opText || f.opcode == opBinary
	bits := f.head[0] & 0x70
	if begins {
		f.text, f.message, f.over = f.opcode == opText, f.message[:0], false
		if f.compressed = f.deflated != nil && bits == opCompressed; f.compressed {
			bits = 0
		}
	}
	if bits != 0 {
		f.stop("a frame has bits of an extension that was not agreed on")
	}
	f.head, f.at, f.inside = f.head[:0], 0, true
	if f.left == 0 {
		f.end()
	}
}

func (f *frames) payload(p []byte) {
	if f.opcode >= opControl || !f.text && !f.compressed {
		return
	}
	if f.over = f.over || len(f.message)+len(p) > f.gate.maxBody; f.over {
		f.message = f.message[:0]
		return
	}
	from := len(f.message)
	f.message = append(f.message, p...)
	if f.masked {
		for i := range p {
			f.message[from+i] ^= f.key[(f.at+i)%4]
		}
	}
	f.at += len(p)
}

// end validates the message that a frame ends.
func (f *frames) end() {
	f.inside = false
	if !f.final || f.opcode >= opControl || f.off {
		return
	}
	var unread error
	if f.compressed {
		unread = f.inflate()
	}
	if !f.text || f.schema == nil {
		return
	}
	f.number++
	r := f.report
	r.Event = f.number
	switch {
	case f.told == maxEvents:
		return
	case f.over:
		r.Skipped = tooLong(f.gate.maxBody).Error()
	case unread != nil:
		r.Skipped = unread.Error()
	case f.report.Direction == Response:
		r.Findings, r.Err = f.gate.validated(f.schema, f.message, f.opts)
	default:
		r.Err = f.schema.Validate(f.message, f.opts...)
	}
	f.gate.tally(&r)
	if r.Err != nil || len(r.Findings) > 0 || r.Skipped != "" {
		f.told++
	}
	f.gate.tell(r)
}

// inflate replaces a compressed message by its plain text. The error says why there is
// none.
func (f *frames) inflate() error {
	var err error
	if f.over {
		err = tooLong(f.gate.maxBody)
	} else if f.message, err = f.deflated.text(f.message, f.gate.maxBody); err == nil {
		return nil
	}
	if f.deflated.takeover {
		f.stop("a message cannot be read, and later ones refer to it: " + err.Error())
	}
	return err
}
