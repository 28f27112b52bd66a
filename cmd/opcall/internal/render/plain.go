package render

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain returns a text in one line, without what would move the cursor of a terminal,
// change its colours or turn the direction of the text. It comes from a document, or from
// a server, and its author is a stranger to the terminal.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case Unprintable(r):
			return utf8.RuneError
		}
		return r
	}, text)
}

// Text is Plain for a text of several lines, and keeps tabs.
func Text(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && Unprintable(r) {
			return utf8.RuneError
		}
		return r
	}, text)
}

// Unprintable reports whether a character controls a terminal rather than being shown by
// it: those of Unicode's categories Cc and Cf but for the joiners within words and emoji.
func Unprintable(r rune) bool {
	const joiner, nonJoiner = '\u200d', '\u200c'
	return unicode.IsControl(r) || r != joiner && r != nonJoiner && unicode.Is(unicode.Cf, r)
}

// escaped writes an unprintable character of a JSON string in the way of RFC 8259 §7.
func escaped(r rune) string {
	if r > 0xffff {
		r -= 0x10000
		return fmt.Sprintf(`\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
