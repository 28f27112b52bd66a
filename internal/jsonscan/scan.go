// Package jsonscan walks JSON text without building values: it finds members,
// items and the ends of values by offset, so that a large document costs one
// reading of its bytes and no allocation.
//
// Skip, Members and Items expect well-formed text and stay within it on any
// input; Check (check.go) is what checks whether text is well formed.
//
// Files, in reading order:
//
//	scan.go     members, items and the ends of values
//	nested.go   the end of an array or object, eight bytes at a time
//	cursor.go   Cursor: a walk over several levels that reads each byte once
//	steps.go    Steps: what such a walk found, for the next one over the same text
//	table.go    Table: many named texts in order, such as the schemas of a document
//	check.go    Check: the grammar, UTF-8, the nesting
//	unique.go   CheckUnique: no name twice in one object
//	index.go    Index: many questions about one large text
//	pointer.go  the tokens of a JSON Pointer
//	object.go   Object: an object that is being changed
//	quote.go    strings as JSON
//	marshal.go  Go values as JSON; names of types for messages
//	alias.go    bytes as a string without a copy
package jsonscan

import (
	"iter"
	"strings"

	"github.com/tidwall/gjson"
)

// Skip returns the offset just past the value that starts at s[i]. It is where most of the
// time of this package goes, so it asks of a value only where it ends.
func Skip(s string, i int) int {
	if i >= len(s) {
		return len(s)
	}
	switch s[i] {
	case '"':
		return skipString(s, i)
	case '{', '[':
		return skipNested(s, i)
	}
	// A number or a name ends at the next structural character or white space (RFC 8259 §2).
	for i < len(s) {
		switch s[i] {
		case ',', '}', ']', ' ', '\t', '\n', '\r', ':':
			return i
		}
		i++
	}
	return i
}

// skipNested returns the offset past the array or object that opens at s[i].
func skipNested(s string, i int) int { return skipOut(s, i+1, 1) }

// skipString returns the offset past the string that opens at s[i].
func skipString(s string, i int) int { return stringEnd(s, i+1) }

// stringEnd returns the offset past the string that s[i] is in.
func stringEnd(s string, i int) int {
	for {
		n := strings.IndexByte(s[i:], '"')
		if n < 0 {
			return len(s)
		}
		i += n + 1
		// A quote is escaped by an odd number of backslashes before it; an even number
		// escapes itself. No backslash is counted twice: the last quote ends the run.
		slashes := 0
		for j := i - 2; j >= 0 && s[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
}

// Space returns the offset of the first byte from i on that is not white space.
// White space are these four bytes, no others of Unicode (RFC 8259 §2).
func Space(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// Members yields the key and the value text of each member of an object, in
// order, duplicates included. Anything but an object yields nothing.
//
// Both are parts of the object's text, a key with an escape apart, so that a walk
// allocates nothing and what is kept of it keeps the text. A value has been skipped when it
// is yielded: to leave the loop saves the rest of the object, and to walk a value walks it
// again. Where that adds up, on many levels, a Cursor goes through the text once.
func Members(object string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) { eachMember(object, yield) }
}

// eachMember is apart from Members, which is inlined into each of two hundred loops: the
// programs that use it are smaller by its code and the tables for it.
//
//go:noinline
func eachMember(object string, yield func(string, string) bool) {
	i := Space(object, 0)
	if i >= len(object) || object[i] != '{' {
		return
	}
	// A text that is not well formed ends the walk where it stops making sense, without an
	// error: it has been checked before, or is one of which the caller wants what is there.
	for i++; ; i++ {
		i = Space(object, i)
		if i >= len(object) || object[i] != '"' {
			return
		}
		end := skipString(object, i)
		key := object[i:end]
		i = Space(object, end)
		if i >= len(object) || object[i] != ':' {
			return
		}
		i = Space(object, i+1)
		end = Skip(object, i)
		// Without a value there is no progress either, and the loop would not end.
		if end == i || !yield(String(key), object[i:end]) {
			return
		}
		i = Space(object, end)
		if i >= len(object) || object[i] != ',' {
			return
		}
	}
}

// Items yields the index and the value text of each item of an array, in
// order. Anything but an array yields nothing.
func Items(array string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) { eachItem(array, yield) }
}

// eachItem is apart from Items as eachMember is from Members.
//
//go:noinline
func eachItem(array string, yield func(int, string) bool) {
	i := Space(array, 0)
	if i >= len(array) || array[i] != '[' {
		return
	}
	i++
	for n := 0; ; n++ {
		i = Space(array, i)
		if i >= len(array) || array[i] == ']' {
			return
		}
		end := Skip(array, i)
		if end == i || !yield(n, array[i:end]) {
			return
		}
		i = Space(array, end)
		if i >= len(array) || array[i] != ',' {
			return
		}
		i++
	}
}

// Member returns the value text of an object's first member of that name. Two questions
// about one object are two walks: a loop over Members asks all of them in one.
func Member(object, name string) (string, bool) {
	for key, value := range Members(object) {
		if key == name {
			return value, true
		}
	}
	return "", false
}

// String returns the value of a JSON string's text, quotes included; for any
// other text it returns "".
func String(text string) string {
	if len(text) < 2 || text[0] != '"' {
		return ""
	}
	// Most have no escape, and are a part of the text, without a copy.
	if strings.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1]
	}
	// Lone surrogates become U+FFFD, as Go strings are UTF-8.
	return gjson.Parse(text).String()
}

// Strings returns the strings of an array; other items are left out, and an array without
// strings is nil. It is how lists of names such as required are read.
func Strings(array string) []string {
	list := newList(array)
	for _, item := range Items(array) {
		if len(item) > 0 && item[0] == '"' {
			list = append(list, String(item))
		}
	}
	return orNil(list)
}
