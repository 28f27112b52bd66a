package accumulate

import (
	"bytes"
	"strconv"
)

// argumentsName is the member of a call that has its arguments.
const argumentsName = "arguments"

// extendArguments appends a piece of the arguments of a call, JSON text in a JSON
// string. Some servers send {} at first and then the arguments, others the arguments
// again when they are complete: such text is kept as it came, and written without what
// came before the last beginning, see restarted.
func (t *tree) extendArguments(n *node, piece string) {
	t.extend(n, piece)
	n.arguments = n.text != nil
}

// restarted cuts objects from the beginning of arguments that another object follows: an
// empty one, and one that comes again byte for byte. No more than white space can follow
// an object in JSON text (RFC 8259 §2), so no arguments that were valid are cut. Two
// objects that differ stay: which of them is meant is not known, and whoever reads
// arguments that are not JSON says so.
//
// The text is that between the quotes of a string, escapes as they came.
func restarted(text []byte) []byte {
	for {
		end, empty := objectEnd(text)
		rest := trimSpace(text[end:])
		if next, _ := nextCharacter(rest); end == 0 || next != '{' || !empty && !bytes.HasPrefix(rest, trimSpace(text[:end])) {
			return text
		}
		text = rest
	}
}

// objectEnd returns where an object at the beginning of a text ends, 0 where there is
// none or it is not complete.
func objectEnd(text []byte) (end int, empty bool) {
	rest := trimSpace(text)
	if next, _ := nextCharacter(rest); next != '{' {
		return 0, false
	}
	depth, quoted := 0, false
	empty = true
	for len(rest) > 0 {
		c, size := nextCharacter(rest)
		rest = rest[size:]
		switch {
		case quoted && c == '\\':
			_, size = nextCharacter(rest)
			rest = rest[size:]
		case c == '"':
			quoted, empty = !quoted, false
		case quoted || isSpace(c):
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return len(text) - len(rest), empty
			}
		default:
			empty = false
		}
	}
	return 0, false
}

func trimSpace(text []byte) []byte {
	for {
		c, size := nextCharacter(text)
		if !isSpace(c) {
			return text
		}
		text = text[size:]
	}
}

func isSpace(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// escaped are the characters of escapes of two bytes (RFC 8259 §7).
var escaped = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// nextCharacter returns the character at the beginning of the inside of a string, -1 at
// its end, and how many bytes it has there. Of characters that are not ASCII it returns
// byte by byte.
func nextCharacter(text []byte) (c rune, size int) {
	switch {
	case len(text) == 0:
		return -1, 0
	case text[0] != '\\' || len(text) < 2:
		return rune(text[0]), 1
	case text[1] != 'u' || len(text) < 6:
		return escaped[text[1]], 2
	}
	code, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return 0, 2
	}
	return rune(code), 6
}
