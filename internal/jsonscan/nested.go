package jsonscan

import "math/bits"

// Opening a document is mostly finding the ends of its objects, so eight bytes
// are looked at at once: a word with a byte of text in each lane, lane 0 the
// first. Sets of lanes have the top bit of theirs set.

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// word returns the eight bytes from s[i] on.
func word(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// lanes returns the set of lanes that hold c.
func lanes(word uint64, c byte) uint64 {
	x := word ^ lowBits*uint64(c)
	return ^((x&^highBits + ^uint64(highBits)) | x) & highBits
}

// skipOut returns the offset past the bracket that closes the depth-th array or
// object around s[i], which is outside of strings. '{' and '[' differ in one bit
// only, as do '}' and ']': well-formed text needs no stack to tell them apart.
func skipOut(s string, i, depth int) int {
	inside := uint64(0) // of a string, at the end of the word before: all lanes, or none
	for i < len(s) {
		if i+8 <= len(s) {
			w := word(s, i)
			if lanes(w, '\\') == 0 {
				// A lane is inside when an odd number of quotes is before it or in it.
				strings := (lanes(w, '"')>>7*lowBits&lowBits)*0xff ^ inside
				folded := w | lowBits*0x20
				closing := lanes(folded, '}') &^ strings
				if closed := bits.OnesCount64(closing); closed < depth {
					depth += bits.OnesCount64(lanes(folded, '{')&^strings) - closed
					inside = uint64(int64(strings) >> 63)
					i += 8
					continue
				}
			}
		}
		// The rest of the text, the end that is looked for, or an escape.
		for end := min(i+8, len(s)); i < end; i++ {
			if inside != 0 || s[i] == '"' {
				i, inside = stringEnd(s, i+1-int(inside&1)), 0
				break
			}
			switch s[i] | 0x20 {
			case '{':
				depth++
			case '}':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	return i
}
