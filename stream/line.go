package stream

import (
	"bytes"
	"fmt"
	"io"
)

const (
	// firstRead is the size of the buffer that the input is read into; once the
	// input has filled it, it is readSize.
	firstRead = 4 << 10
	readSize  = 16 << 10

	bom = "\uFEFF"

	// headSize is how much of a line is enough to know its field and where its
	// value starts, a byte order mark before it included.
	headSize = len(bom) + len("event: ")

	// maxEmptyReads is how often in a row a reader may return neither bytes nor
	// an error.
	maxEmptyReads = 100
)

// piece is a part of one line, without the line end. Its text is valid until
// the next piece is read.
type piece struct {
	text  []byte
	first bool // the line starts here
	last  bool // the line ends here
}

// lines cuts its input at CR, LF and CRLF (section 9.2.5, end-of-line).
type lines struct {
	src io.Reader
	err error // what ended the input; final

	buf  []byte
	r, w int // buf[r:w] has been read and not been handed on
	lf   int // index of the first LF in buf[r:w], w when there is none; to be looked up when < r

	started bool // whatever byte order mark there is has been dropped
	inside  bool // the line at r has had its first piece
	afterCR bool // an LF at r belongs to the line end before it
}

func newLines(r io.Reader) lines {
	return lines{src: r, lf: -1}
}

// next returns the next piece of the input or the error that ended it, io.EOF
// as any other. The first piece of a line is the whole line or has enough of it
// to tell its field, unless the input ends first. Nothing is read while a line
// end is in the buffer.
func (l *lines) next() (piece, error) {
	for {
		if l.afterCR && l.r < l.w {
			l.afterCR = false
			if l.buf[l.r] == '\n' {
				l.r++
			}
		}
		text, last := l.cut()
		enough := len(text) >= headSize || l.inside || l.err != nil
		switch {
		case !last && (len(text) == 0 || !enough):
			if l.err != nil {
				return piece{}, l.err
			}
			l.fill()
		case !l.started:
			l.started = true
			if bytes.HasPrefix(text, []byte(bom)) {
				l.r += len(bom)
			}
		default:
			p := piece{text: text, first: !l.inside, last: last}
			l.consume(p)
			return p, nil
		}
	}
}

// cut returns what the buffer has of the line at r, and whether that is all up
// to its end.
//
// Looking for a CR stops at the next LF, and that LF is remembered: so neither
// search covers the same bytes again for every short line.
func (l *lines) cut() (text []byte, last bool) {
	if l.lf < l.r {
		l.lf = l.w
		if i := bytes.IndexByte(l.buf[l.r:l.w], '\n'); i >= 0 {
			l.lf = l.r + i
		}
	}
	text = l.buf[l.r:l.lf]
	if i := bytes.IndexByte(text, '\r'); i >= 0 {
		return text[:i], true
	}
	return text, l.lf < l.w
}

// consume moves past p, which cut has returned.
func (l *lines) consume(p piece) {
	l.inside = !p.last
	l.r += len(p.text)
	if p.last {
		l.afterCR = l.buf[l.r] == '\r'
		l.r++
	}
}

// fill reads once, behind the few bytes that no piece could be made of, and
// keeps the error for when they are used up.
func (l *lines) fill() {
	unread := l.buf[l.r:l.w]
	switch {
	case l.buf == nil:
		l.buf = make([]byte, firstRead)
	case l.w == len(l.buf) && len(l.buf) < readSize:
		l.buf = make([]byte, readSize)
	}
	l.w = copy(l.buf, unread)
	l.r, l.lf = 0, -1
	free := l.buf[l.w:]
	for range maxEmptyReads {
		n, err := l.src.Read(free)
		if n < 0 || n > len(free) {
			l.err = fmt.Errorf("the reader reported %d bytes for a buffer of %d", n, len(free))
			return
		}
		l.w += n
		l.err = err
		if n > 0 || err != nil {
			return
		}
	}
	l.err = io.ErrNoProgress
}
