package clienttest

import (
	"bytes"
	"fmt"
	"io"
	"time"
)

// Recording is a Body that is sent byte for byte as it was recorded, piece by
// piece, each at once. Its Content-Type is text/event-stream unless the Header of
// the response has another. It serves any number of responses.
//
// The response then ends as a response should, also where the recording stops in
// the middle of an event. CutBody breaks the connection instead.
type Recording struct {
	Data []byte

	// Chunks are the lengths of the pieces in bytes, from the first again when they
	// run out. Without them each piece is an event with the blank line behind it.
	// Pieces of more than 32 KiB are sent as several.
	Chunks []int

	Interval time.Duration // before each piece but the first

	first time.Duration // before the first piece
}

// reader plays the recording. pause waits for the interval; where it reports
// false nobody listens any more.
func (r Recording) reader(pause func(time.Duration) bool) (io.Reader, error) {
	for i, size := range r.Chunks {
		if size < 1 {
			return nil, fmt.Errorf("got chunk size %d at %d in a recording, want 1 or more", size, i)
		}
	}
	return &player{Recording: r, pause: pause}, nil
}

// player is a reader of which each Read returns one piece.
type player struct {
	Recording
	pause  func(time.Duration) bool
	played int // pieces
	left   int // of the current piece
}

func (p *player) Read(buf []byte) (int, error) {
	if len(p.Data) == 0 {
		return 0, io.EOF
	}
	if p.left == 0 {
		wait := p.Interval
		if p.played == 0 {
			wait = p.first
		}
		if !p.pause(wait) {
			return 0, io.ErrClosedPipe
		}
		p.left = p.piece()
		p.played++
	}
	n := copy(buf, p.Data[:p.left])
	p.Data = p.Data[n:]
	p.left -= n
	return n, nil
}

// piece is the length of the next piece.
func (p *player) piece() int {
	if len(p.Chunks) > 0 {
		return min(p.Chunks[p.played%len(p.Chunks)], len(p.Data))
	}
	end := len(p.Data)
	for _, blank := range []string{"\n\n", "\r\n\r\n", "\r\r"} {
		if i := bytes.Index(p.Data[:end], []byte(blank)); i >= 0 {
			end = i + len(blank)
		}
	}
	return end
}
