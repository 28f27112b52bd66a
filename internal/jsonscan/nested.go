package jsonscan

import "math/bits"

// Opening a document is mostly finding the ends of its objects, so eight bytes
// are looked at at once: a word with a byte of text in each lane, lane 0 the
// first. Sets of lanes have the top bit of theirs set.
//
// What is found in  "a":{"}  is, with the first byte at the left:
//
//	text      " a " : { " }
//	quotes    1 0 1 0 0 1 0
//	inside    1 1 0 0 0 1 1        the number of quotes up to here is odd
//	brackets  0 0 0 0 1 0 1
//	counted   0 0 0 0 1 0 0        brackets that are not inside
//
// A closing quote is not inside by this count, and an opening one is, which makes no
// difference: neither is a bracket. Only an escape needs to be read byte by byte, as
// whether a quote ends its string depends on all backslashes in front of it.

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// word returns the eight bytes from s[i] on. It is written so that it means the same on
// processors of either byte order; on usual ones the compiler makes one load of it.
func word(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// zeros returns the set of lanes that are zero. Without its top bit, a lane plus 0x7f has
// that bit set unless it was zero, and no sum carries into the next lane.
func zeros(x uint64) uint64 {
	return ^((x&^highBits + ^uint64(highBits)) | x) & highBits
}

// nearlyZeros is zeros in fewer steps: a lane of 1 may count too where a lane below it
// is zero, as it is borrowed from.
func nearlyZeros(x uint64) uint64 { return (x - lowBits) &^ x & highBits }

// hasSpecial reports whether a word may have a quote, a backslash or a control character
// (RFC 8259 §7).
func hasSpecial(w uint64) bool {
	control := (w - lowBits*0x20) &^ w & highBits
	return nearlyZeros(w^lowBits*'"')|nearlyZeros(w^lowBits*'\\')|control != 0
}

// skipOut returns the offset past the bracket that closes the depth-th array or
// object around s[i], which is outside of strings. '{' and '[' differ in one bit
// only, as do '}' and ']': well-formed text needs no stack to tell them apart.
func skipOut(s string, i, depth int) int {
	inside := uint64(0) // of a string, at the end of the word before: all bits, or none
	for i < len(s) {
		if i <= len(s)-8 {
			w := word(s, i)
			if nearlyZeros(w^lowBits*'\\') == 0 {
				// The top bit of a lane says that it is inside: an odd number of quotes is before
				// it or in it. The product adds the lanes up.
				strings := zeros(w^lowBits*'"')*lowBits ^ inside
				// A lane is 0 for an opening bracket and 6 for a closing one. Others that become 0
				// without these bits, or 1, are letters and signs that JSON has in strings only.
				x := (w | lowBits*0x20) ^ lowBits*'{'
				closing := x << 6 // in the top bit of its lane
				for found := nearlyZeros(x&^(lowBits*6)) &^ strings; found != 0; found &= found - 1 {
					if closing&found&-found == 0 {
						depth++
					} else if depth--; depth == 0 {
						return i + bits.TrailingZeros64(found)/8 + 1
					}
				}
				inside = uint64(int64(strings) >> 63)
				i += 8
				continue
			}
		}
		// The rest of the text, or an escape. After at most eight bytes the fast loop is tried
		// again, so that one escape does not slow down all that follows it.
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
