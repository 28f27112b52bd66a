package mask

import (
	"strconv"
	"strings"
)

// escaped masks a secret that JSON text has with escapes (RFC 8259 §7). Any character may be
// escaped, and writers differ in which ones are: Go escapes "&", PHP "/". It runs before the
// search for the plain secret, which leaves the backslash before an escaped first character.
func escaped(text, secret string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	done := 0 // text[:done] is in b
	for i := 0; i < len(text); {
		if text[i] != secret[0] && text[i] != '\\' {
			i++
			continue
		}
		switch n := escapedLength(text[i:], secret); {
		case n > 0:
			b.WriteString(text[done:i] + Mask)
			i += n
			done = i
		case text[i] == '\\':
			i += 2 // the second character of an escape begins none
		default:
			i++
		}
	}
	return b.String() + text[done:]
}

// escapedLength returns the length of a secret at the beginning of JSON text, where it may have
// escapes or be cut off; 0 where it is not there.
func escapedLength(text, secret string) int {
	at := 0
	for i := range len(secret) {
		rest := text[at:]
		switch {
		case rest == "" || rest[0] == '\\' && len(rest) < 2:
			if i < MinSecret {
				return 0
			}
			return len(text)
		case rest[0] == secret[i] && secret[i] != '\\':
			at++
		case rest[0] != '\\':
			return 0
		case rest[1] == secret[i] && rest[1] != 'u':
			at += 2
		case rest[1] != 'u':
			return 0
		case len(rest) < 6:
			if i < MinSecret {
				return 0
			}
			return len(text)
		default:
			if code, err := strconv.ParseUint(rest[2:6], 16, 16); err != nil || code != uint64(secret[i]) {
				return 0
			}
			at += 6
		}
	}
	return at
}
