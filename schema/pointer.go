package schema

import (
	"strings"
	"unsafe"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Pointer is a JSON Pointer (RFC 6901): "" is the whole value, "/a/0" the first item of
// its member a. "~" and "/" in a name are written ~0 and ~1, which Append and Tokens
// do.
type Pointer string

// Append returns the pointer to a member or item of what p points to.
func (p Pointer) Append(token string) Pointer {
	return p + "/" + Pointer(jsonscan.EscapeToken(token))
}

// Tokens returns the reference tokens, unescaped. The pointer "" has none.
func (p Pointer) Tokens() []string {
	if p == "" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(string(p), "/"), "/")
	for i, t := range tokens {
		tokens[i] = jsonscan.UnescapeToken(t)
	}
	return tokens
}

func pointerTo(tokens []string) Pointer {
	var p Pointer
	for _, token := range tokens {
		p = p.Append(token)
	}
	return p
}

// last returns the last token as it stands in the pointer, escaped: enough to compare
// it with a keyword, which has nothing to escape.
func (p Pointer) last() string {
	return string(p[strings.LastIndexByte(string(p), '/')+1:])
}

// parent cuts the last token off.
func (p Pointer) parent() Pointer {
	return p[:max(0, strings.LastIndexByte(string(p), '/'))]
}

// componentsAt is where component schemas stand.
const componentsAt = "/components/schemas/"

// componentName returns the component that a pointer leads to or into.
func componentName(pointer Pointer) (string, bool) {
	rest, ok := strings.CutPrefix(string(pointer), componentsAt)
	if !ok {
		return "", false
	}
	name, _, _ := strings.Cut(rest, "/")
	return jsonscan.UnescapeToken(name), true
}

// componentPointer returns where the component schema of that name stands.
func componentPointer(name string) Pointer {
	return Pointer(componentsAt + jsonscan.EscapeToken(name))
}

// wholeComponent names the component that a pointer leads to, not into.
func wholeComponent(at Pointer) (string, bool) {
	if strings.Count(string(at), "/") != 3 {
		return "", false
	}
	return componentName(at)
}

// lookup returns the text of the value that p points to within text, a part of that
// text. It walks all that stands before the value on each level; Document.Lookup has an
// index.
func (p Pointer) lookup(text string) (string, bool) {
	for _, token := range p.Tokens() {
		next, ok := child(text, token)
		if !ok {
			return "", false
		}
		text = next
	}
	return text, true
}

// child returns the member or item that one reference token names: of an array only an
// index does (RFC 6901 §4). "-", the place behind the last item, names nothing.
func child(text, token string) (string, bool) {
	if strings.HasPrefix(text, "[") {
		n, ok := arrayIndex(token)
		if !ok {
			return "", false
		}
		for i, item := range jsonscan.Items(text) {
			if i == n {
				return item, true
			}
		}
		return "", false
	}
	return jsonscan.Member(text, token)
}

// arrayIndex reads an index as RFC 6901 §4 has it: digits, no leading zero. Nine digits
// are more items than any text here has, and fit an int of 32 bits.
func arrayIndex(token string) (int, bool) {
	if token == "" || len(token) > 9 || (token[0] == '0' && len(token) > 1) {
		return 0, false
	}
	n := 0
	for i := range len(token) {
		if token[i] < '0' || token[i] > '9' {
			return 0, false
		}
		n = n*10 + int(token[i]-'0')
	}
	return n, true
}

// offsetIn returns where part, a slice of whole, begins in it. That a value remembers
// its text is then enough to know its place, for line numbers and pointers; the
// alternative is to carry an offset through every call for the sake of rare messages.
// The result for a text that is not part of whole is meaningless.
func offsetIn(whole, part string) int {
	return int(uintptr(unsafe.Pointer(unsafe.StringData(part))) - uintptr(unsafe.Pointer(unsafe.StringData(whole))))
}
