package schema

import (
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/yamltext"
)

// source is what Load was given, kept for line numbers. An editor shows the text that
// was loaded, not the one with overlays that the Document holds, so that lines are
// looked up there.
//
// It is kept as long as the document is. Without overlays and YAML its text is that of the
// document, so that it costs nothing.
type source struct {
	text  string         // JSON, without overlays
	lines yamltext.Lines // in YAML, if that is what it was
	path  string         // of the file, "" when there is none
	file  bool           // lines mean something to the reader of a message

	parts      map[Pointer]part   // of the document that come from other files
	unresolved map[Pointer]string // why a $ref to another file leads nowhere, by its place
}

// part is where a part of a document comes from.
type part struct {
	source  *source
	pointer Pointer // in it
}

// origin returns the file that a place of the document comes from, and the place in
// it.
func (s *source) origin(pointer Pointer) (*source, Pointer) {
	for p := pointer; len(s.parts) > 0; p = p.parent() {
		if part, ok := s.parts[p]; ok {
			return part.source, part.pointer + pointer[len(p):]
		}
		if p == "" {
			break
		}
	}
	return s, pointer
}

// locate returns the file and the line of the nearest value around a pointer into the
// document.
func (s *source) locate(pointer Pointer) (path string, line int) {
	from, at := s.origin(pointer)
	return from.path, from.nearLine(at)
}

// whyUnresolved says why the reference of an object leads to no file.
func (s *source) whyUnresolved(object Pointer) (reason string, ok bool) {
	from, at := s.origin(object)
	reason, ok = from.unresolved[at+"/$ref"]
	return reason, ok
}

// line returns the line, from 1, of the value at pointer in the text that was loaded,
// YAML or JSON, and 0 where that text has no such value: an overlay added it. It
// reads the text up to the value, and is only called where a message needs it.
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
