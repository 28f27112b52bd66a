package validator

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/near"
)

// Everything in a message that comes from the instance is bounded and escaped: a message
// may end up in a terminal or a log, and the instance may come from anywhere.

// maxShown bounds what is shown of a value.
const maxShown = 60

// show prints a value, short: scalars as they are, of arrays and objects only that they
// are one.
func show(t *jsonvalue.Tree, v jsonvalue.Ref) string { return string(line(nil).show(t, v)) }

// DescribeText is describe for a value as JSON text.
func DescribeText(text string) string {
	switch jsonvalue.KindOfText(text) {
	case jsonvalue.String:
		return "string " + Quoted(jsonscan.String(text))
	case jsonvalue.Object:
		return "an object"
	case jsonvalue.Array:
		return "an array"
	case jsonvalue.Boolean:
		return "boolean " + text
	case jsonvalue.Null:
		return "null"
	}
	return "number " + bounded(text, maxShown)
}

// ShowText is show for a value as JSON text, for who reads the text and has no tree of it to
// hand on.
func ShowText(text string) string {
	switch jsonvalue.KindOfText(text) {
	case jsonvalue.String:
		return Quoted(jsonscan.String(text))
	case jsonvalue.Object, jsonvalue.Array:
		return DescribeText(text)
	}
	return bounded(text, maxShown)
}

// Quoted shows a string: cut when long, with escapes for what does not print and
// for what changes the direction of text.
func Quoted(s string) string {
	// Cut by bytes, at the end of a character.
	if len(s) > maxShown {
		return strconv.Quote(strings.ToValidUTF8(s[:maxShown], "")) + "…"
	}
	return strconv.Quote(s)
}

// A line is a message in the making. Its parts are put together in memory that is used
// again for the next one, so that a message takes one allocation, whatever it says.
type line []byte

// text appends text as it is.
func (l line) text(texts ...string) line {
	for _, text := range texts {
		l = append(l, text...)
	}
	return l
}

// quoted appends Quoted of a string.
func (l line) quoted(s string) line {
	switch {
	// The mark stands behind the quotes, so that it is not taken for a part of the text.
	case len(s) > maxShown:
		return append(strconv.AppendQuote(l, strings.ToValidUTF8(s[:maxShown], "")), "…"...)
	// As nearly all are. To look at each character for an escape takes ten times as long.
	case isPlain(s) && strings.IndexByte(s, '"') < 0 && strings.IndexByte(s, '\\') < 0:
		return l.text(`"`, s, `"`)
	}
	return strconv.AppendQuote(l, s)
}

// question appends the names that may be meant, of which there are few: "; did you mean
// "a", "b" or "c"?". It appends nothing where there are none.
func (l line) question(names []string) line {
	// As one would say it: "a", "b" or "c".
	for i, name := range names {
		switch {
		case i == 0:
			l = l.text("; did you mean ")
		case i < len(names)-1:
			l = l.text(", ")
		default:
			l = l.text(" or ")
		}
		l = l.quoted(name)
	}
	if len(names) > 0 {
		l = l.text("?")
	}
	return l
}

// show appends a value, short: scalars as they are, of arrays and objects only that they
// are one.
func (l line) show(t *jsonvalue.Tree, v jsonvalue.Ref) line {
	switch t.Kind(v) {
	// The parts of an array or object could be a megabyte, or a secret.
	case jsonvalue.Null:
		return l.text("null")
	case jsonvalue.String:
		return l.quoted(t.String(v))
	case jsonvalue.Array:
		return l.text("an array")
	case jsonvalue.Object:
		return l.text("an object")
	}
	return l.bounded(t.Raw(v), maxShown)
}

// bounded appends bounded of a text.
func (l line) bounded(text string, limit int) line {
	if len(text) <= limit {
		return l.text(text)
	}
	return l.text(strings.ToValidUTF8(text[:limit], ""), "…")
}

// describe appends a value with its type, for mistakes of type: the string "1" and the
// number 1 must look different.
func (l line) describe(t *jsonvalue.Tree, v jsonvalue.Ref) line {
	switch t.Kind(v) {
	// Null, arrays and objects say themselves what they are.
	case jsonvalue.String:
		l = l.text("string ")
	case jsonvalue.Integer, jsonvalue.Fraction:
		l = l.text("number ")
	case jsonvalue.Boolean:
		l = l.text("boolean ")
	}
	return l.show(t, v)
}

// size appends how large a value is, for mistakes of length: in characters, items or
// fields, as the keywords count.
func (l line) size(t *jsonvalue.Tree, v jsonvalue.Ref) line {
	switch t.Kind(v) {
	case jsonvalue.String:
		// In characters, as minLength and maxLength count (Validation §6.3.2).
		return l.counted(utf8.RuneCountInString(t.String(v)), "character")
	case jsonvalue.Array:
		return l.counted(t.Len(v), "item")
	case jsonvalue.Object:
		return l.counted(t.Len(v), "field")
	}
	return l.show(t, v)
}

// counted appends a number of things, with the plural where it is not one.
func (l line) counted(n int, thing string) line {
	l = strconv.AppendInt(l, int64(n), 10)
	l = l.text(" ", thing)
	if n != 1 {
		l = l.text("s")
	}
	return l
}

// QuotedAll is Quoted for each of some names.
func QuotedAll(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = Quoted(name)
	}
	return out
}

// bounded cuts text that is only shown. The result shares no memory with it.
func bounded(text string, limit int) string {
	if len(text) <= limit {
		return strings.Clone(text)
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}

// maxNearest bounds the names that are compared with an unknown one. To compare takes
// the product of both lengths.
const maxNearest = 2000

// nearest returns up to n names that are close to one, closest first.
func nearest(want string, names []string, n int) []string {
	if len(want) > maxNameLength || len(names) == 0 {
		return nil
	}
	return near.Names(want, names[:min(len(names), maxNearest)], n)
}

// Nearest returns up to three names that are close to one, closest first.
func Nearest(want string, names []string) []string { return nearest(want, names, 3) }

// maxNameLength bounds names for which similar ones are looked for: nobody misspells a
// longer one.
const maxNameLength = 200

// printable escapes what would change the line that a text is printed in: control
// characters, line ends and marks that change the direction of text.
// A line end in a field name would let an instance forge a line of a log, and a mark such as
// U+202E would let it show other text than it has.
func printable(text string) string {
	if isPlain(text) || !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		// The escape of Go, without the quotes around it: \n, \x1b, \u202e.
		quoted := strconv.QuoteRune(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// isPlain reports whether a text is printable ASCII, as nearly all names and pointers are.
// To look up each character among those of Unicode takes ten times as long.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// Printable returns a pointer for a message: escaped, and cut where it is long.
func Printable(pointer string, limit int) string {
	text := printable(pointer[:min(len(pointer), limit)])
	if len(text) > limit || len(pointer) > limit {
		return strings.ToValidUTF8(text[:min(len(text), limit)], "") + "…"
	}
	return text
}
