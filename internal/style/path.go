package style

import (
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// Path returns what replaces {name} in a path template: v with everything escaped but unreserved characters (RFC 3986
// §2.3) and the delimiters of the style, so that it holds no slash unless the Operator has it. Refused, with an *Error, are
// undefined values, NUL, and texts that would lead to another route: those that leave a segment empty, and the dot
// segments . and .., which servers may resolve even when they are escaped.
//
// Under the Operator + a value is a path of its own, which may begin and end with a slash; ? and # are escaped, so that
// it stays a path. It is refused with a dot segment anywhere in it, also where slashes or backslashes are escaped.
func (p Param) Path(v gjson.Result) (string, error) {
	w, err := p.resolve("path")
	if err != nil {
		return "", err
	}
	defined, err := w.defined(v)
	switch {
	case err != nil:
		return "", err
	case !defined:
		return "", w.fail("got an undefined value (null, [] or {}), want one: every path parameter is required", "")
	}
	if v, err = w.cut(v); err != nil {
		return "", err
	}
	var room [128]byte
	dst, err := w.append(room[:0], v)
	switch {
	case err != nil:
		return "", err
	case len(dst) == 0:
		return "", w.fail("got an empty text, want at least one character: an empty segment is another route", "")
	}
	text := string(dst)
	if w.reserved() || w.segments() {
		return text, w.checkSegments(text)
	}
	if isDotSegment(text) {
		return "", w.dotSegment()
	}
	return text, nil
}

// cut takes as many characters of a value as Prefix says (RFC 6570 §2.4.1: of a composite value there is no prefix).
func (w *wire) cut(v gjson.Result) (gjson.Result, error) {
	switch {
	case w.Prefix == 0:
		return v, nil
	case v.Type == gjson.JSON:
		return v, w.fail("got an array or object, which has no prefix (RFC 6570 §2.4.1), want a single value", "")
	}
	text, err := w.scalar(v)
	if err != nil {
		return v, err
	}
	n := 0
	for i := range text {
		if n == w.Prefix {
			text = text[:i]
			break
		}
		n++
	}
	return gjson.Result{Type: gjson.String, Str: text, Raw: string(jsonscan.AppendString(nil, text))}, nil
}

// unslash writes the separators of segments that a server may see once it has unescaped a path as slashes, and dots as
// themselves.
var unslash = strings.NewReplacer("%2F", "/", "%2f", "/", "%5C", "/", "%5c", "/", "%2E", ".", "%2e", ".")

// checkSegments refuses segments within a value that lead to another route. A value under + may end with a slash and begin
// with one, as a path does.
func (w *wire) checkSegments(text string) error {
	for part := range strings.SplitSeq(unslash.Replace(text), "/") {
		if isDotSegment(part) {
			return w.dotSegment()
		}
	}
	inner := strings.TrimPrefix(text, "/")
	if w.reserved() {
		inner = strings.TrimSuffix(inner, "/")
	}
	if inner == "" || strings.HasPrefix(inner, "/") || strings.HasSuffix(inner, "/") || strings.Contains(inner, "//") {
		return w.fail("got an empty segment, want at least one character between two slashes: an empty segment is another route", "")
	}
	return nil
}

func isDotSegment(segment string) bool { return segment == "." || segment == ".." }

func (w *wire) dotSegment() error {
	return w.fail("got a dot segment, which leads to another path, escaped or not (RFC 3986 §6.2.2)", "")
}

// DecodePath reads the parameter from the part of an escaped path that stands in place of {name}. Of a value with a
// Prefix it reads what was written of it, as a text. Errors are of type *Error: a prefix that is not that of the style, an
// invalid escape, invalid UTF-8, invalid JSON text.
func (p Param) DecodePath(escaped string, s *Shape) (json.RawMessage, error) {
	w, err := p.resolve("path")
	if err != nil {
		return nil, err
	}
	if w.Prefix > 0 {
		s = &Shape{Type: jsonvalue.String}
	}
	if w.JSON {
		return w.decodeContent(escaped)
	}
	raw, ok := strings.CutPrefix(escaped, w.first)
	if !ok {
		return nil, w.fail("got a segment without the prefix of the style, want "+w.first, "")
	}
	if !w.named {
		return w.decodeJoined(raw, s)
	}
	pairs, err := w.pairs(raw, w.sep)
	if err != nil {
		return nil, err
	}
	value, found, err := w.decodeNamed(pairs, s)
	if err == nil && !found {
		err = w.fail("got a segment without the name of the parameter", "")
	}
	return value, err
}
