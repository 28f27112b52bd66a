package jsonscan

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError is where text stops being JSON (RFC 8259).
type SyntaxError struct {
	Offset int    // bytes before the error
	Line   int    // from 1
	Column int    // in bytes, from 1
	Reason string // what was got and what was wanted
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// At fills line and column of an offset in text. They are found when there is an error
// and not on the way, as nearly every text has none. A line ends with a line feed, so that
// one with CR LF counts once. A column is a number of bytes: what an editor counts as one
// character differs between editors, and the bytes are what the Offset is made of.
func At(text string, offset int, reason string) *SyntaxError {
	offset = min(offset, len(text))
	before := text[:offset]
	return &SyntaxError{
		Offset: offset,
		Line:   1 + strings.Count(before, "\n"),
		Column: offset - strings.LastIndexByte(before, '\n'),
		Reason: reason,
	}
}

// TrimMark returns a text without the byte order mark before it, which RFC 8259 §8.1 lets
// a reader of JSON ignore. Check does not: what is sent must not have one.
func TrimMark[T string | []byte](text T) T {
	if strings.HasPrefix(string(text[:min(3, len(text))]), "\ufeff") {
		return text[3:]
	}
	return text
}

// Check reports whether text is one JSON value, nested at most maxDepth
// arrays and objects deep, in valid UTF-8. The error is a *SyntaxError.
//
// It is what allows the rest of the package to believe a text: Skip, Members and Cursor
// count brackets and quotes and look at nothing in between. It takes time proportional to
// the text and memory proportional to maxDepth. encoding/json would do the same with a
// state for each byte, in several times the time, and without a limit of nesting.
func Check(text string, maxDepth int) error {
	return check(text, checker{s: text, max: maxDepth})
}

// check runs a checker over a whole text. The grammar comes first and the encoding last, so
// that a text with both mistakes is reported by the grammar: a byte that is wrong is most
// often in a text that is not JSON at all.
func check(text string, c checker) error {
	// JSON-text = ws value ws (RFC 8259 §2). Any value is one, not only an object or array.
	i := c.value(Space(text, 0), 0)
	if c.reason == "" {
		if i = Space(text, i); i < len(text) {
			c.fail(i, "got more text after the value")
		}
	}
	// Encoding comes last (RFC 8259 §8.1): the grammar above reads bytes, and none of those
	// that it compares with can be part of a longer character. The place is looked for only
	// where there is one.
	if c.reason == "" && !utf8.ValidString(text) {
		for i := 0; i < len(text); {
			r, n := utf8.DecodeRuneInString(text[i:])
			if r == utf8.RuneError && n == 1 {
				c.fail(i, "got a byte that is not UTF-8")
				break
			}
			i += n
		}
	}
	if c.reason != "" {
		return At(text, c.at, c.reason)
	}
	return nil
}

// checker is a parser of RFC 8259 that builds nothing. Each method takes the offset at
// which its part of the grammar begins and returns the offset past it. After a failure
// all of them return the length of the text, so that the loops above them end and the
// first failure is the one that is reported.
type checker struct {
	s      string
	max    int
	unique bool     // no member may stand twice in its object
	names  []string // of the objects around i, where they are compared
	at     int      // offset of the failure
	reason string   // of the failure, "" before it
}

// fail notes the first failure. What follows it is read from a wrong place, and says nothing.
func (c *checker) fail(i int, reason string) int {
	if c.reason == "" {
		c.at, c.reason = i, reason
	}
	return len(c.s)
}

// got names the character at i for a message, quoted, as it may be one that cannot be seen.
// It is the whole character: the first byte of a longer one means nothing to a reader.
func (c *checker) got(i int, want string) string {
	if i >= len(c.s) {
		return "the text ends, want " + want
	}
	r, _ := utf8.DecodeRuneInString(c.s[i:])
	return fmt.Sprintf("got %q, want %s", r, want)
}

// value reads any value; depth is the number of arrays and objects around it. The recursion
// is bounded by max, not by the text. The first byte decides what the value is, and there
// is no way back from it: JSON has no two kinds of values that begin alike (RFC 8259 §3).
func (c *checker) value(i, depth int) int {
	s := c.s
	if i >= len(s) {
		return c.fail(i, "the text ends, want a value")
	}
	switch s[i] {
	case '{':
		return c.members(i, depth+1)
	case '[':
		return c.items(i, depth+1)
	case '"':
		return c.string(i)
	case 't':
		return c.word(i, "true")
	case 'f':
		return c.word(i, "false")
	case 'n':
		return c.word(i, "null")
	}
	return c.number(i)
}

// word reads one of the three literal names, which are in lower case (RFC 8259 §3).
func (c *checker) word(i int, want string) int {
	if strings.HasPrefix(c.s[i:], want) {
		return i + len(want)
	}
	return c.fail(i, c.got(i, "a value"))
}

// members reads an object (RFC 8259 §4). A comma has to be followed by a member: a loop
// that came round by one fails on a closing brace.
func (c *checker) members(i, depth int) int {
	s := c.s
	// The bracket that is one too many is the place, as it is what a reader looks for.
	if depth > c.max {
		return c.fail(i, fmt.Sprintf("nested more than %d deep", c.max))
	}
	i = Space(s, i+1)
	if i < len(s) && s[i] == '}' {
		return i + 1
	}
	have := names{mark: len(c.names)}
	for c.reason == "" {
		if i >= len(s) || s[i] != '"' {
			return c.fail(i, c.got(i, "a member name in quotes"))
		}
		end := c.string(i)
		if c.reason != "" {
			break
		}
		// After the string was read, so that its escapes are known to be sound.
		if c.unique && !c.add(&have, s[i:end]) {
			return c.fail(i, fmt.Sprintf("got member %.80s twice in one object", s[i:end]))
		}
		i = Space(s, end)
		if i >= len(s) || s[i] != ':' {
			return c.fail(i, c.got(i, "':'"))
		}
		i = Space(s, c.value(Space(s, i+1), depth))
		if c.reason != "" {
			break
		}
		if i < len(s) && s[i] == '}' {
			// The names of this object make room for those of its next sibling.
			c.names = c.names[:have.mark]
			return i + 1
		}
		if i >= len(s) || s[i] != ',' {
			return c.fail(i, c.got(i, "',' or '}'"))
		}
		i = Space(s, i+1)
	}
	return len(s)
}

// items reads an array (RFC 8259 §5). It is members without names, and apart from it
// because the one loop for both would ask at each value which of the two it is in.
func (c *checker) items(i, depth int) int {
	s := c.s
	if depth > c.max {
		return c.fail(i, fmt.Sprintf("nested more than %d deep", c.max))
	}
	i = Space(s, i+1)
	if i < len(s) && s[i] == ']' {
		return i + 1
	}
	for c.reason == "" {
		i = Space(s, c.value(i, depth))
		if c.reason != "" {
			break
		}
		if i < len(s) && s[i] == ']' {
			return i + 1
		}
		if i >= len(s) || s[i] != ',' {
			return c.fail(i, c.got(i, "',' or ']'"))
		}
		i = Space(s, i+1)
	}
	return len(s)
}

// string reads a string (RFC 8259 §7): control characters have to be escaped, DEL does not.
// Surrogates need not come in pairs: the grammar allows lone ones (§8.2). What they stand
// for is not looked at here, and neither is UTF-8: the whole text is, once, at the end.
func (c *checker) string(i int) int {
	s := c.s
	for i++; i < len(s); i++ {
		// Descriptions are most of a document, so that what is usual in a string is passed
		// over eight bytes at a time.
		for i <= len(s)-8 && !hasSpecial(word(s, i)) {
			i += 8
		}
		if i == len(s) {
			break
		}
		switch b := s[i]; {
		case b == '"':
			return i + 1
		case b < 0x20:
			return c.fail(i, fmt.Sprintf("got control character %#02x in a string, want an escape", b))
		case b == '\\':
			i++
			if i >= len(s) {
				return c.fail(i, "the text ends inside a string")
			}
			if s[i] == 'u' {
				// A text that ends within the digits is missing its closing quote as well.
				if i+4 >= len(s) || !hex(s[i+1:i+5]) {
					return c.fail(i, "got \\u without four hexadecimal digits")
				}
				i += 4
			} else if strings.IndexByte(`"\/bfnrt`, s[i]) < 0 {
				return c.fail(i, c.got(i, "an escape of RFC 8259 §7"))
			}
		}
	}
	return c.fail(i, "the text ends inside a string")
}

// hex reports whether all bytes are hexadecimal digits, in either case (RFC 8259 §7).
func hex(digits string) bool {
	for i := range len(digits) {
		switch c := digits[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return false
		}
	}
	return true
}

// number reads a number (RFC 8259 §6), of any number of digits: no leading zeros, no plus
// sign, a digit on both sides of the point. What follows it is for the caller to accept:
// in "01" the number is the 0, and it is the 1 behind it that is wrong. Its value is not
// computed, and no number is too large: who reads it has limits of their own.
func (c *checker) number(i int) int {
	s, start := c.s, i
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i < len(s) && s[i] == '0':
		i++
	// A zero is a number of its own, so that only other digits are followed by more.
	case i < len(s) && s[i] >= '1' && s[i] <= '9':
		i = digits(s, i)
	default:
		return c.fail(start, c.got(start, "a value"))
	}
	if i < len(s) && s[i] == '.' {
		end := digits(s, i+1)
		if end == i+1 {
			return c.fail(end, c.got(end, "a digit"))
		}
		i = end
	}
	// The bit of ASCII that tells a small letter from a capital: e and E are the same here.
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		end := digits(s, i)
		if end == i {
			return c.fail(end, c.got(end, "a digit"))
		}
		i = end
	}
	return i
}

// digits returns the offset past the digits from i on, i where there are none.
func digits(s string, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}
