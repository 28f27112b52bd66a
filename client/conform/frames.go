package conform

import "encoding/binary"

// message is what one side of a WebSocket says: opText, opBinary, or opClose with the code and
// the reason as its data.
type message struct {
	opcode byte
	data   []byte // plain, valid until found returns
	unread error  // why there is no data
}

// frames reads one side of a WebSocket (RFC 6455 §5.2). It holds one message at a time.
type frames struct {
	limit    int                 // bytes of a message
	deflated *deflated           // nil where messages are not compressed
	binary   bool                // binary messages are held, too
	found    func(*message)      // called with each text, and those with binary, and with the close
	broken   func(reason string) // called where no more can be read
	off      bool                // nothing is read any more

	head   []byte  // of a frame, as far as it was read
	masked bool    // the frame's payload is masked
	key    [4]byte // by this
	at     int     // bytes of the payload that were read
	left   uint64  // bytes of the payload that are still to come
	opcode byte    // of the frame
	final  bool    // it is the last of its message
	inside bool    // the head is read

	kind       byte // of the message: opText or opBinary
	compressed bool // the message is
	data       []byte
	over       bool   // the message is longer than the limit
	control    []byte // of the control frame, which may be between those of a message
}

const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opControl      = 8 // from here on
	opClose        = 8

	opCompressed = 0x40 // RSV1 of the first frame of a message (RFC 7692 §6)

	maxControl = 125 // bytes of the payload of a control frame (RFC 6455 §5.5)
)

// stop ends reading, and says why.
func (f *frames) stop(reason string) {
	f.off = true
	f.broken(reason)
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
	bits := f.head[0] & 0x70
	if f.opcode == opText || f.opcode == opBinary {
		f.kind, f.data, f.over = f.opcode, f.data[:0], false
		if f.compressed = f.deflated != nil && bits == opCompressed; f.compressed {
			bits = 0
		}
	}
	if bits != 0 {
		f.stop("a frame has bits of an extension that was not agreed on")
	}
	f.head, f.control, f.at, f.inside = f.head[:0], f.control[:0], 0, true
	if f.left == 0 {
		f.end()
	}
}

func (f *frames) payload(p []byte) {
	held := &f.data
	switch {
	case f.opcode >= opControl:
		if held = &f.control; len(f.control)+len(p) > maxControl {
			return
		}
	case f.kind != opText && !f.compressed && !f.binary:
		return
	default:
		if f.over = f.over || len(f.data)+len(p) > f.limit; f.over {
			f.data = f.data[:0]
			return
		}
	}
	from := len(*held)
	*held = append(*held, p...)
	if f.masked {
		for i := range p {
			(*held)[from+i] ^= f.key[(f.at+i)%4]
		}
	}
	f.at += len(p)
}

// end passes on the message that a frame ends.
func (f *frames) end() {
	f.inside = false
	switch {
	case f.off:
	case f.opcode == opClose:
		f.found(&message{opcode: opClose, data: f.control})
	case f.final && f.opcode < opControl:
		m := &message{opcode: f.kind}
		switch {
		case f.compressed:
			m.unread = f.inflate()
		case f.over:
			m.unread = tooLong(f.limit)
		}
		if m.data = f.data; f.kind == opText || f.binary {
			f.found(m)
		}
	}
}

// inflate replaces a compressed message by its plain text. The error says why there is
// none.
func (f *frames) inflate() error {
	var err error
	if f.over {
		err = tooLong(f.limit)
	} else if f.data, err = f.deflated.text(f.data, f.limit); err == nil {
		return nil
	}
	if f.deflated.takeover {
		f.stop("a message cannot be read, and later ones refer to it: " + err.Error())
	}
	return err
}
