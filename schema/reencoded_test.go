package schema_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// reencoded writes a JSON text in another way that means the same: with white
// space between values, and characters of strings as escapes.
func reencoded(random *rand.Rand, text string) string {
	var b strings.Builder
	inside := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inside && c == '\\':
			n := 2
			if text[i+1] == 'u' {
				n = 6
			}
			b.WriteString(text[i : i+n])
			i += n - 1
		case c == '"':
			inside = !inside
			b.WriteByte(c)
		case inside && c < utf8.RuneSelf && random.IntN(3) == 0:
			fmt.Fprintf(&b, `\u%04x`, c)
		case !inside && strings.IndexByte("{}[],:", c) >= 0:
			b.WriteString([]string{"", " ", "\n\t", "\r"}[random.IntN(4)])
			b.WriteByte(c)
			b.WriteString([]string{"", " ", "\n\t", "\r"}[random.IntN(4)])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
