package schema

import (
	"errors"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// DocumentError tells what is wrong with an OpenAPI document or an overlay, and
// where.
type DocumentError struct {
	Path    string  // file, when it was loaded from one
	Line    int     // from 1; 0 when unknown
	Column  int     // from 1; 0 when unknown
	Pointer Pointer // "" for the whole document
	Reason  string  // what was got, what was wanted, what helps
	Err     error   // the cause, when there is one

	overlay bool // Pointer leads into an overlay
}

func (e *DocumentError) Error() string {
	var b strings.Builder
	b.WriteString("openapi document")
	if e.Path != "" {
		b.WriteString(" " + shown(e.Path, 1000))
	}
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line))
		if e.Column > 0 {
			b.WriteString(":" + strconv.Itoa(e.Column))
		}
	}
	b.WriteString(": ")
	if e.Pointer != "" {
		b.WriteString(shown(string(e.Pointer), 300) + ": ")
	}
	b.WriteString(e.Reason)
	if e.Err != nil && !strings.Contains(e.Reason, e.Err.Error()) {
		var syntax *jsonscan.SyntaxError
		if !errors.As(e.Err, &syntax) {
			b.WriteString(": " + shown(e.Err.Error(), 300))
		}
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *DocumentError) Unwrap() error { return e.Err }

// Line returns the line, from 1, on which the value at pointer stands in the
// text that was loaded, or 0 when an overlay put it there.
func (d *Document) Line(pointer Pointer) int { return d.source.line(pointer) }

func (s source) line(pointer Pointer) int {
	text, ok := pointer.lookup(s.text)
	if !ok {
		return 0
	}
	at := offsetIn(s.text, text) // lookup returns a part of the text it was given
	if s.lines.Known() {
		return s.lines.At(at)
	}
	return jsonscan.At(s.text, at, "").Line
}

// nearLine is line, or that of the nearest value around a pointer that leads to
// nothing: a member that is missing.
func (s source) nearLine(pointer Pointer) int {
	for ; pointer != ""; pointer = pointer.parent() {
		if line := s.line(pointer); line > 0 {
			return line
		}
	}
	return 0
}
