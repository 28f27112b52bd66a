package style

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// text returns v as a location has it that is one text, and false for an undefined value.
func (p Param) text(in string, v gjson.Result) (_ string, defined bool, err error) {
	w, err := p.resolve(in)
	if err != nil {
		return "", false, err
	}
	if defined, err = w.defined(v); !defined {
		return "", false, err
	}
	var room [128]byte
	dst, err := w.append(room[:0], v)
	if err != nil {
		return "", false, err
	}
	return string(dst), true, nil
}

// append writes a defined v in the form of its style, from the first separator on. The styles with brackets go through
// appendNested.
func (w *wire) append(dst []byte, v gjson.Result) ([]byte, error) {
	switch {
	case w.JSON, w.JSONParts && v.IsObject():
		return w.appendContent(dst, v)
	case v.IsArray():
		return w.appendArray(dst, v)
	case v.IsObject():
		return w.appendObject(dst, v)
	}
	return w.appendScalar(dst, v)
}

func (w *wire) appendScalar(dst []byte, v gjson.Result) ([]byte, error) {
	if w.Style == "spaceDelimited" || w.Style == "pipeDelimited" {
		return dst, w.fail("got a single value, which this style has no form for, want an array", "wrap the value in an array")
	}
	dst, err := w.begin(dst, 0)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst, err = w.appendText(dst, v, whole)
	return w.trim(dst, start), err
}

func (w *wire) appendArray(dst []byte, array gjson.Result) ([]byte, error) {
	if err := w.joinable(); err != nil {
		return dst, err
	}
	n, start := 0, 0
	var err error
	for _, value := range array.All() {
		switch {
		case n == maxParts:
			return dst, w.tooMany()
		case n > 0 && !w.explode:
			dst = append(dst, w.delim...)
		default:
			if dst, err = w.begin(dst, n); err != nil {
				return dst, err
			}
			start = len(dst)
		}
		if dst, err = w.appendPart(dst, value); err != nil {
			return dst, at(err, strconv.Itoa(n))
		}
		if w.explode {
			dst = w.trim(dst, start)
		}
		n++
	}
	return w.trim(dst, start), nil
}

func (w *wire) appendObject(dst []byte, object gjson.Result) ([]byte, error) {
	if err := w.joinable(); err != nil {
		return dst, err
	}
	if w.explode && !w.spread() && w.named {
		return dst, w.fail("got an object to explode, which this style has no form for",
			"set explode: false, or use style form or deepObject")
	}
	members, err := w.members(object)
	if err != nil {
		return dst, err
	}
	if !w.explode && 2*len(members) > maxParts {
		return dst, w.tooMany()
	}
	dst = append(dst, w.first...)
	if !w.explode {
		if dst, err = w.appendName(dst); err != nil {
			return dst, err
		}
	}
	start := len(dst)
	for i, m := range members {
		if w.explode {
			dst, err = w.appendVariable(dst, i, m)
		} else {
			dst, err = w.appendPair(dst, i, m)
		}
		if err != nil {
			return dst, at(err, m.name)
		}
	}
	if w.explode {
		return dst, nil
	}
	return w.trim(dst, start), nil
}

// appendVariable writes an exploded member: name=value.
func (w *wire) appendVariable(dst []byte, i int, m member) ([]byte, error) {
	if i > 0 {
		dst = append(dst, w.sep...)
	}
	dst, err := w.escape(dst, m.name, variable)
	if err != nil {
		return dst, err
	}
	dst = append(dst, '=')
	start := len(dst)
	dst, err = w.appendText(dst, m.value, item)
	return w.trim(dst, start), err
}

// appendPair writes a member as two items of a list: name,value.
func (w *wire) appendPair(dst []byte, i int, m member) ([]byte, error) {
	if i > 0 {
		dst = append(dst, w.delim...)
	}
	if m.name == "" && w.In == "header" {
		return dst, w.emptyItem()
	}
	dst, err := w.escape(dst, m.name, item)
	if err != nil {
		return dst, err
	}
	return w.appendPart(append(dst, w.delim...), m.value)
}

// appendPart writes an item of a list.
func (w *wire) appendPart(dst []byte, v gjson.Result) ([]byte, error) {
	if w.In == "header" && v.Type == gjson.String && v.Str == "" {
		return dst, w.emptyItem()
	}
	return w.appendText(dst, v, item)
}

func (w *wire) appendText(dst []byte, v gjson.Result, r role) ([]byte, error) {
	if w.JSONParts && v.Type == gjson.JSON {
		return w.appendJSON(dst, v)
	}
	text, err := w.scalar(v)
	if err != nil {
		return dst, err
	}
	return w.escape(dst, text, r)
}

// begin writes what goes before the text of a value or, exploded, of its nth part.
func (w *wire) begin(dst []byte, n int) ([]byte, error) {
	if n == 0 {
		dst = append(dst, w.first...)
	} else {
		dst = append(dst, w.sep...)
	}
	return w.appendName(dst)
}

// appendName writes name= where the layout has it. The names of cookies were checked and stand as they are.
func (w *wire) appendName(dst []byte) ([]byte, error) {
	if !w.named {
		return dst, nil
	}
	if w.In == "cookie" {
		return append(append(dst, w.Name...), '='), nil
	}
	dst, err := w.escape(dst, w.Name, variable)
	return append(dst, '='), err
}

// trim takes the = before start away where nothing follows it and the layout says so.
func (w *wire) trim(dst []byte, start int) []byte {
	if w.bare && len(dst) == start {
		return dst[:start-1]
	}
	return dst
}

// joinable refuses arrays and objects where OpenAPI has no way to join their parts.
func (w *wire) joinable() error {
	if w.In == "cookie" && w.explode {
		return w.fail("got an array or object to explode, which a cookie has no form for", "set explode: false, or "+remedyContent)
	}
	return nil
}

func (w *wire) emptyItem() error {
	return w.fail("got an empty item, which recipients of a header may drop (RFC 9110 §5.6.1.2)", remedyContent)
}

// appendContent writes v as compact JSON text, escaped for its location.
func (w *wire) appendContent(dst []byte, v gjson.Result) ([]byte, error) {
	if w.In == "query" || w.In == "cookie" {
		var err error
		if dst, err = w.appendName(dst); err != nil {
			return dst, err
		}
	}
	return w.appendJSON(dst, v)
}

func (w *wire) appendJSON(dst []byte, v gjson.Result) ([]byte, error) {
	var text bytes.Buffer
	if err := json.Compact(&text, []byte(v.Raw)); err != nil || !utf8.ValidString(v.Raw) {
		return dst, w.fail("got invalid JSON", "")
	}
	if text.Len() > maxLength {
		return dst, w.tooLong()
	}
	if w.In == "header" {
		return appendASCII(dst, text.String()), nil
	}
	return w.escape(dst, text.String(), whole)
}

// appendASCII writes a JSON text with what is not visible ASCII as \u escapes. In valid, compact JSON such characters
// stand within strings only.
func appendASCII(dst []byte, text string) []byte {
	for _, r := range text {
		switch {
		case r < 0x7f:
			dst = append(dst, byte(r))
		case r <= 0xffff:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
		}
	}
	return dst
}
