package jsonscan

import (
	"strings"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string, in the bytes of encoding/json
// without HTML escapes: U+2028 and U+2029 are escaped, and bytes that are not
// UTF-8 become U+FFFD. The same bytes matter where a text is compared with what
// encoding/json wrote, as golden files are; that HTML is left alone keeps "<" readable in
// requests and logs.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	// Runs without an escape are copied at once.
	done := 0 // s[:done] is in dst
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			dst = appendEscape(append(dst, s[done:i]...), c)
			i++
			done = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		// The character U+FFFD itself has three bytes, and is copied like any other.
		escape := ""
		switch {
		case r == utf8.RuneError && size == 1:
			escape = `\ufffd`
		// Both end a line in JavaScript, though not in JSON.
		case r == '\u2028':
			escape = `\u2028`
		case r == '\u2029':
			escape = `\u2029`
		}
		if escape != "" {
			dst = append(append(dst, s[done:i]...), escape...)
			done = i + size
		}
		i += size
	}
	return append(append(dst, s[done:]...), '"')
}

// appendEscape writes the two-character escape of c where there is one (RFC 8259 §7), and
// the number in hexadecimal of any other.
func appendEscape(dst []byte, c byte) []byte {
	if i := strings.IndexByte("\b\f\n\r\t\"\\", c); i >= 0 {
		return append(dst, '\\', `bfnrt"\`[i])
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
