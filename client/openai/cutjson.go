package openai

import "unicode/utf8"

// cutJSON is JSON text that has not arrived whole. It looks at each byte once, and
// can be completed at any time.
//
// A point of the text is safe where what is before it becomes JSON by closing the
// objects and lists that are open. Opening and closing one makes a safe point, so
// that those open now are those that were open at the latest one.
type cutJSON struct {
	text  []byte
	open  []byte // the ends of the objects and lists that are open
	safe  int    // the latest safe point
	valid int    // in a text that is a value: the end of what has come whole

	state  cutState
	isKey  bool // the string is a member's name
	hex    int  // digits of \u that are still to come
	unit   rune // those that have come
	lead   bool // a high surrogate has come, whose second half has not
	ended  bool // the outermost value is closed
	broken bool // it is not JSON
}

type cutState uint8

const (
	cutBetween cutState = iota // values
	cutText                    // in a string
	cutEscape                  // behind its backslash
	cutUnicode                 // in its \u
	cutPlain                   // in a number, true, false or null
)

// write adds what has come.
func (c *cutJSON) write(piece string) {
	for i := 0; i < len(piece); i++ {
		c.text = append(c.text, piece[i])
		if !c.broken {
			c.next(piece[i])
		}
	}
}

func (c *cutJSON) next(b byte) {
	switch c.state {
	case cutText:
		c.inText(b)
	case cutEscape:
		c.state = cutText
		if b == 'u' {
			c.state, c.hex, c.unit = cutUnicode, 4, 0
			return
		}
		c.lead = false
		c.valid = len(c.text)
	case cutUnicode:
		c.inUnicode(b)
	case cutPlain:
		switch b {
		case ',', '}', ']', ' ', '\t', '\n', '\r':
			c.state, c.safe = cutBetween, len(c.text)-1
			c.between(b)
		}
	default:
		c.between(b)
	}
}

func (c *cutJSON) inText(b byte) {
	switch b {
	case '\\':
		c.state = cutEscape
	case '"':
		c.state = cutBetween
		if !c.isKey {
			c.safe = len(c.text)
		}
	default:
		c.lead = false
		c.valid = len(c.text)
	}
}

// inUnicode reads a digit of \u. The first half of a pair waits for the second.
func (c *cutJSON) inUnicode(b byte) {
	digit, ok := hexDigit(b)
	if !ok {
		c.broken = true
		return
	}
	c.unit = c.unit<<4 | digit
	if c.hex--; c.hex > 0 {
		return
	}
	c.state = cutText
	c.lead = !c.lead && c.unit >= 0xD800 && c.unit < 0xDC00
	if !c.lead {
		c.valid = len(c.text)
	}
}

func hexDigit(b byte) (rune, bool) {
	switch {
	case b >= '0' && b <= '9':
		return rune(b - '0'), true
	case b >= 'a' && b <= 'f':
		return rune(b-'a') + 10, true
	case b >= 'A' && b <= 'F':
		return rune(b-'A') + 10, true
	}
	return 0, false
}

// between reads a byte outside of strings and plain values.
func (c *cutJSON) between(b byte) {
	switch b {
	case ' ', '\t', '\n', '\r':
	case '{', '[':
		if len(c.text) > 1 && len(c.open) == 0 && c.safe > 0 {
			c.broken = true // a second value
			return
		}
		c.open = append(c.open, b+2) // '}' and ']'
		c.isKey = b == '{'
		c.safe = len(c.text)
	case '}', ']':
		if len(c.open) == 0 || c.open[len(c.open)-1] != b {
			c.broken = true
			return
		}
		c.open = c.open[:len(c.open)-1]
		c.safe = len(c.text)
		c.ended = len(c.open) == 0
	case ',':
		c.isKey = len(c.open) > 0 && c.open[len(c.open)-1] == '}'
	case ':':
		c.isKey = false
	case '"':
		c.state, c.valid, c.lead = cutText, len(c.text), false
	default:
		c.state = cutPlain
	}
	if len(c.open) == 0 && !c.ended && c.safe == 0 && b > ' ' {
		c.broken = true // the outermost value is not an object or list
	}
}

// complete returns the text as JSON, closed where it is cut. It reports false where
// nothing has come, or no JSON.
func (c *cutJSON) complete() ([]byte, bool) {
	if c.broken || c.safe == 0 {
		return nil, false
	}
	end := c.safe
	inText := !c.isKey && (c.state == cutText || c.state == cutEscape || c.state == cutUnicode)
	if inText {
		end = c.valid
		for range utf8.UTFMax - 1 { // half a character
			if r, size := utf8.DecodeLastRune(c.text[:end]); r != utf8.RuneError || size != 1 {
				break
			}
			end--
		}
	}
	out := append(make([]byte, 0, end+len(c.open)+1), c.text[:end]...)
	if inText {
		out = append(out, '"')
	}
	for i := len(c.open) - 1; i >= 0; i-- {
		out = append(out, c.open[i])
	}
	return out, true
}
