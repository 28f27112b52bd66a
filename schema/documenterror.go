package schema

import (
	"errors"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// DocumentError reports what is wrong with an OpenAPI document or an overlay, and
// where. What it shows of the document is escaped and bounded. Line and Column are
// those of the text that was loaded, YAML or JSON; Pointer is the place in the document
// as it is read, so that it may lead to what an overlay has added, which has no line.
type DocumentError struct {
	Path    string  // file, when it was loaded from one
	Line    int     // from 1; 0 when unknown
	Column  int     // from 1; 0 when unknown
	Pointer Pointer // "" for the whole document
	Reason  string  // what was got, what was wanted, what helps
	Err     error   // the cause, when there is one

	// Pointer leads into an overlay: the lines of the document are not those of the place.
	overlay bool
}

// Error is one line, in the order in which people and editors read it: file, line and
// column as compilers write them, the pointer, the reason. A cause is added where the
// reason does not quote it; a syntax error is left out, as its place is that of the
// line and column already.
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
	b.WriteString(shown(e.Reason, 2000))
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
