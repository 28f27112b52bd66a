package style

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// nested reports whether the parts of a value are written under names with brackets.
func (w *wire) nested() bool { return !w.JSON && (w.Brackets || w.Style == "deepObject") }

// base is the name that brackets are appended to.
func (w *wire) base() string {
	return strings.TrimSuffix(w.Name, "[]")
}

// appendNested writes v as name=value pairs, one for each scalar in it.
func (w *wire) appendNested(dst []byte, v gjson.Result) ([]byte, error) {
	list := w.base() != w.Name
	switch {
	case v.IsObject() && list:
		return dst, w.fail("got an object, want an array: the name ends in []", "")
	case v.Type != gjson.JSON && list:
		return dst, w.fail("got a single value, want an array: the name ends in []", "wrap the value in an array")
	}
	var room [64]byte
	path, err := w.escape(room[:0], w.base(), variable)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	dst, err = w.appendUnder(dst, path, v)
	if err == nil && bytes.Count(dst[start:], []byte("&")) > maxParts {
		err = w.tooMany()
	}
	return bytes.TrimSuffix(dst, []byte("&")), err
}

// appendUnder writes v as the value called path, an escaped name with brackets, and ends each pair with &.
func (w *wire) appendUnder(dst, path []byte, v gjson.Result) ([]byte, error) {
	switch {
	case v.IsArray():
		return w.appendArrayUnder(dst, path, v)
	case v.IsObject():
		members, err := w.members(v)
		if err != nil {
			return dst, err
		}
		return w.appendMembersUnder(dst, path, members)
	}
	dst, err := w.appendText(append(append(dst, path...), '='), v, whole)
	return append(dst, '&'), err
}

func (w *wire) appendMembersUnder(dst, path []byte, members []member) ([]byte, error) {
	for _, m := range members {
		if m.name == "" || strings.ContainsAny(m.name, "[]") {
			err := w.fail("got a member name that is empty or holds a bracket, want one that can stand in brackets", remedyContent)
			return dst, at(err, m.name)
		}
		under, err := w.escape(append(path, open...), m.name, variable)
		if err == nil {
			dst, err = w.appendUnder(dst, append(under, shut...), m.value)
		}
		if err != nil {
			return dst, at(err, m.name)
		}
	}
	return dst, nil
}

// appendArrayUnder writes an array. Nothing on the wire says where an item ends, so that an item has to be a scalar, or
// an object that can be told from the one before it: readers begin a new object when a member comes again.
func (w *wire) appendArrayUnder(dst, path []byte, array gjson.Result) ([]byte, error) {
	path = append(path, open+shut...)
	n, first := 0, member{}
	var err error
	for _, item := range array.All() {
		switch {
		case n == maxParts:
			return dst, w.tooMany()
		case item.Type != gjson.JSON:
			dst, err = w.appendUnder(dst, path, item)
			first = member{}
		case item.IsArray() || undefined(item):
			err = w.fail("got an array or empty object inside an array, which brackets have no form for", remedyContent)
		default:
			dst, first, err = w.appendItemUnder(dst, path, item, first)
		}
		if err != nil {
			return dst, at(err, strconv.Itoa(n))
		}
		n++
	}
	return dst, nil
}

// appendItemUnder writes an object that is an item. It takes the first member of the object before it and returns its own.
func (w *wire) appendItemUnder(dst, path []byte, object gjson.Result, before member) ([]byte, member, error) {
	members, err := w.members(object)
	if err != nil {
		return dst, before, err
	}
	first := members[0]
	if before.name != "" && !repeats(before, first) {
		return dst, before, w.fail("got an object whose beginning cannot be seen on the wire",
			"let all objects of the array begin with the same member, a scalar")
	}
	dst, err = w.appendMembersUnder(dst, path, members)
	return dst, first, err
}

// repeats reports whether b, the first member of an object, tells it from one that begins with a.
func repeats(a, b member) bool {
	return a.name == b.name && a.value.Type != gjson.JSON && b.value.Type != gjson.JSON
}

// Brackets may stand in no query (RFC 3986 §3.4), so they are escaped like the examples of OpenAPI 3.1.1.
const (
	open = "%5B"
	shut = "%5D"
)
