package style

import (
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"
)

// Path returns what replaces {name} in a path template: v with everything escaped but unreserved characters (RFC 3986
// §2.3) and the delimiters of the style, so that it holds no slash. Refused, with an *Error, are undefined values, NUL, and texts that would lead to
// another route: those that leave the segment empty, and the dot segments . and .., which servers may resolve
// even when they are escaped.
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
	var room [128]byte
	dst, err := w.append(room[:0], v)
	switch {
	case err != nil:
		return "", err
	case len(dst) == 0:
		return "", w.fail("got an empty text, want at least one character: an empty segment is another route", "")
	}
	if segment := string(dst); segment != "." && segment != ".." {
		return segment, nil
	}
	return "", w.fail("got a dot segment, which leads to another path, escaped or not (RFC 3986 §6.2.2)", "")
}

// DecodePath reads the parameter from the part of an escaped path that stands in place of {name}. Errors are of type
// *Error: a prefix that is not that of the style, an invalid escape, invalid UTF-8, JSON text that is none.
func (p Param) DecodePath(escaped string, s *Shape) (json.RawMessage, error) {
	w, err := p.resolve("path")
	if err != nil {
		return nil, err
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
