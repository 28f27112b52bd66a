package validator

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// Places in the document and in instances are JSON Pointers (RFC 6901) as text.

// pointerBelow appends reference tokens to a pointer, escaped: ~ as ~0 and / as ~1 (RFC
// 6901 §3). Most calls have one token, for which concatenating allocates once.
func pointerBelow(at string, tokens ...string) string {
	if len(tokens) == 1 {
		return at + "/" + jsonscan.EscapeToken(tokens[0])
	}
	// Escapes are rare, so the size is right nearly always, and one allocation enough.
	var b strings.Builder
	size := len(at)
	for _, token := range tokens {
		size += 1 + len(token)
	}
	b.Grow(size)
	b.WriteString(at)
	for _, token := range tokens {
		b.WriteByte('/')
		b.WriteString(jsonscan.EscapeToken(token))
	}
	return b.String()
}

// pointerTokens returns the reference tokens, unescaped.
func pointerTokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	// Split before anything is unescaped: a slash within a name is ~1 until then (RFC 6901 §4).
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, token := range tokens {
		tokens[i] = jsonscan.UnescapeToken(token)
	}
	return tokens
}

// follow returns the value at a pointer from another one, or the last value on the way
// that is there. jsonschema names places by pointers; where such a place cannot be found,
// the closest one above it still leads a reader to the mistake.
func follow(t *jsonvalue.Tree, v jsonvalue.Ref, pointer string) (_ jsonvalue.Ref, found bool) {
	for pointer != "" {
		var token string
		token, pointer = cutToken(pointer)
		token = jsonscan.UnescapeToken(token)
		// A token of digits may be the name of a member as well as an index (RFC 6901 §4).
		next, ok := t.Find(v, token)
		if i, isIndex := arrayIndex(token); !ok && isIndex {
			next, ok = t.Item(v, i)
		}
		if !ok {
			return v, false
		}
		v = next
	}
	return v, true
}

// parentOf cuts the last token off. The parent of the whole document is the document.
func parentOf(pointer string) string { return pointer[:max(0, strings.LastIndexByte(pointer, '/'))] }

// lastToken returns the last token as it is in the pointer, escaped.
func lastToken(pointer string) string { return pointer[strings.LastIndexByte(pointer, '/')+1:] }

// arrayIndex reads an index (RFC 6901 §4): digits without a leading zero. Nine digits
// are more than any instance has items.
func arrayIndex(token string) (int, bool) {
	if token == "" || len(token) > 9 || token[0] == '0' && len(token) > 1 {
		return 0, false
	}
	// Nearly all tokens are names, for which strconv would make an error each.
	n := 0
	for i := range len(token) {
		if token[i] < '0' || token[i] > '9' {
			return 0, false
		}
		n = 10*n + int(token[i]-'0')
	}
	return n, true
}

// componentsAt is where component schemas are.
const componentsAt = "/components/schemas/"

// componentOf returns the component that a pointer leads into, and whether it
// leads to the whole of it.
// Components are what people call schemas by, in documentation as in code.
func componentOf(pointer string) (name string, whole bool) {
	// A schema of a parameter or a body has no name, and is called by its place.
	rest, ok := strings.CutPrefix(pointer, componentsAt)
	if !ok {
		return "", false
	}
	name, _, deeper := strings.Cut(rest, "/")
	return jsonscan.UnescapeToken(name), !deeper
}

// comparePointers orders pointers by position: items by number, so that /9 precedes
// /10, members by name, and a value before its parts.
func comparePointers(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		// Token by token: as text, /a/b would come before /a.
		x, a = cutToken(a)
		y, b = cutToken(b)
		if x == y {
			continue
		}
		m, okX := arrayIndex(x)
		n, okY := arrayIndex(y)
		// Two numbers are items of one array or members of one object, whose names happen to be
		// numbers; by number is right for the one and harmless for the other.
		if okX && okY {
			return m - n
		}
		return strings.Compare(x, y)
	}
	return len(a) - len(b)
}

// cutToken splits off the first token, escaped as it is: equal tokens have equal escapes.
func cutToken(pointer string) (token, rest string) {
	text := strings.TrimPrefix(pointer, "/")
	if end := strings.IndexByte(text, '/'); end >= 0 {
		return text[:end], text[end:]
	}
	return text, ""
}
