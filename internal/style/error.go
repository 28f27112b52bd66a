package style

import (
	"errors"
	"fmt"
	"strings"
)

// An Error says why a parameter cannot be written or read.
// It names the place and never quotes the value, which may be a secret.
type Error struct {
	Param   string // the name, as the description has it
	In      string // path, query, header or cookie, "" where the Param says something else
	Style   string // the style in force, "json" or "brackets" where one of these replaces it, "" where it is unknown
	Pointer string // JSON Pointer (RFC 6901) of the part of the value that cannot be written, "" for the whole; long names are cut
	Reason  string // what was got and what was wanted
	Remedy  string // what the caller or the author of the description can do, may be ""
}

// Error is one line of at most 1 KiB.
func (e *Error) Error() string {
	var b strings.Builder
	if e.In != "" {
		b.WriteString(e.In + " ")
	}
	fmt.Fprintf(&b, "parameter %q", clip(e.Param, 64))
	if e.Style != "" {
		b.WriteString(" (" + e.Style + ")")
	}
	if e.Pointer != "" {
		fmt.Fprintf(&b, " at %q", clip(e.Pointer, 128))
	}
	b.WriteString(": " + e.Reason)
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// The remedies that more than one step offers.
const (
	remedyContent = "describe the parameter with content: application/json"
	remedyNested  = "describe the parameter with content: application/json or, in a query, with style: deepObject or " +
		"with x-opcall-brackets: true at the root of the document"
)

func (w *wire) fail(reason, remedy string) error {
	return &Error{Param: w.Name, In: w.In, Style: w.label(), Reason: reason, Remedy: remedy}
}

func (w *wire) tooDeep() error {
	return w.fail(fmt.Sprintf("got a value nested more than %d levels deep", maxDepth), "")
}

func (w *wire) tooMany() error {
	return w.fail(fmt.Sprintf("got more than %d parts", maxParts), "")
}

func (w *wire) tooLong() error {
	return w.fail(fmt.Sprintf("got a value that takes more than %d bytes", maxLength), "")
}

func (w *wire) repeated(n int) error {
	return w.fail(fmt.Sprintf("got %d values, want one", n), "")
}

// at puts err one level deeper: under the member or item that token names.
func at(err error, token string) error {
	var e *Error
	if errors.As(err, &e) {
		e.Pointer = "/" + pointerToken.Replace(clip(token, 64)) + e.Pointer
	}
	return err
}

// clip cuts a text from a document or a caller, which may be of any length, to about n bytes.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}

var pointerToken = strings.NewReplacer("~", "~0", "/", "~1")
