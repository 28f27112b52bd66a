package jsonvalue

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/jsonscan"
)

// MaxDepth bounds the nesting of arrays and objects in a text that Parse reads. Parse and
// all that walks a Tree are recursive, and a text of brackets alone would take a frame of
// the stack for each of its bytes.
// What programs send and get is a dozen levels deep, and filters or trees of data a few
// times that.
const MaxDepth = 256

// maxText bounds the length of a text: offsets have 32 bits.
const maxText = 1<<32 - 2

// Parse returns the index of a JSON text (RFC 8259), which must be one value in
// UTF-8. Beyond the grammar it refuses a name that an object has twice, numbers
// beyond MaxDigits, and more than MaxDepth levels. The error is a
// *jsonscan.SyntaxError. Time and memory are proportional to the text.
func Parse(text string) (*Tree, error) {
	// The tree is given back by Release, or below if the text is not valid.
	t := trees.Get().(*Tree)
	t.Text = text
	p := parser{Tree: t, s: text}
	if len(text) > maxText {
		p.fail("got a text of more than 4 GiB")
	}
	p.value(0)
	if p.reason == "" {
		if p.space(); p.i < len(text) {
			p.fail("got more text after the value")
		}
	}
	// A text of JSON is UTF-8 (RFC 8259 §8.1). The place is looked for when it is needed.
	if p.reason == "" && p.high != 0 && !utf8.ValidString(text) {
		p.i = invalidUTF8(text)
		p.fail("got a byte that is not UTF-8")
	}
	if p.reason != "" {
		err := jsonscan.At(text, p.at, p.reason)
		t.Release()
		return nil, err
	}
	return t, nil
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8. A RuneError of more
// than one byte is the character U+FFFD itself, which is valid.
func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return i
			}
		}
	}
	return len(text)
}

// parser fills a Tree. After a failure it is at the end of the text, where every
// loop ends.
// It is one pass, by recursive descent, over bytes: what is structure in JSON is ASCII, and
// no byte of a longer character looks like it (RFC 3629 §3). Whether the text is UTF-8 is
// looked at at the end, and only where there was a byte above 0x7f.
type parser struct {
	*Tree
	s      string
	i      int
	high   uint64 // not 0 once a byte above 0x7f was read
	at     int    // of the failure
	reason string
}

// fail keeps the first failure and goes to the end of the text. Nobody checks for it in between: at the end of the text there is
// nothing more to read.
func (p *parser) fail(reason string) {
	if p.reason == "" {
		p.at, p.reason = p.i, reason
	}
	p.i = len(p.s)
}

// space passes over white space. Compact texts, which is what programs send, have none, so
// that one comparison has to be enough for them.
func (p *parser) space() {
	// Four characters are white space (RFC 8259 §2), and all of them are below the others.
	for p.i < len(p.s) && p.s[p.i] <= ' ' {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

// peek returns the byte at hand, 0 at the end. A byte of 0 is as wrong as the end of the text wherever it is asked for.
func (p *parser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

// got says what stands at hand, for a message: a character and not a byte, quoted, as the text may have anything in it.
func (p *parser) got(want string) string {
	if p.i >= len(p.s) {
		return "the text ends, want " + want
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.i:])
	return fmt.Sprintf("got %q, want %s", r, want)
}

// add appends a value to the index. Room for a large text is made from what its
// first part took, as doubling would hold three times the memory for a moment. It is
// at most eight times what there is, for texts that begin with many small values and
// go on with a large one.
func (p *parser) add(v value) Ref {
	const small = 1 << 10
	if n := len(p.values); n == cap(p.values) && n >= small {
		rest := int(float64(n) / float64(p.i+1) * float64(len(p.s)-p.i) * 1.05)
		p.values = append(make([]value, 0, n+min(max(rest, n/8), 7*n)+64), p.values...)
	}
	p.values = append(p.values, v)
	return Ref(len(p.values) - 1)
}

// value reads a value of any kind; depth is the number of arrays and objects around it. Its
// entries follow those of everything before it in the text, which is what lets a reader of
// the index pass over a value in one step.
func (p *parser) value(depth int) {
	p.space()
	if p.i >= len(p.s) {
		p.fail("the text ends, want a value")
		return
	}
	// true, false and null fall through to number if they are misspelt, which reports what
	// stands there.
	switch p.s[p.i] {
	case '{':
		p.object(depth + 1)
		return
	case '[':
		p.array(depth + 1)
		return
	case '"':
		p.string()
		return
	case 't':
		if p.word("true", Boolean) {
			return
		}
	case 'f':
		if p.word("false", Boolean) {
			return
		}
	case 'n':
		if p.word("null", Null) {
			return
		}
	}
	p.number()
}

// word reads true, false or null. What follows the word is checked by who reads on: only a comma or a bracket may.
func (p *parser) word(text string, kind Kinds) bool {
	if !strings.HasPrefix(p.s[p.i:], text) {
		return false
	}
	p.add(value{at: uint32(p.i), past: uint32(p.i + len(text)), kind: kind})
	p.i += len(text)
	return true
}

// object reads an object: its entry, then a name and a value for each member. Names that
// stand twice are looked for at its end, when it is known how many there are.
func (p *parser) object(depth int) {
	if depth > MaxDepth {
		p.fail(fmt.Sprintf("nested more than %d deep", MaxDepth))
		return
	}
	// Its end is filled in when it is known. The entry may have moved by then, so it is
	// kept by its position.
	object := p.add(value{at: uint32(p.i), kind: Object})
	p.i++
	p.space()
	// The names of all objects that are being read are on one stack, this object's on top.
	first := len(p.members)
	if p.peek() == '}' {
		p.i++
		p.values[object].past = uint32(len(p.values))
		return
	}
	for {
		p.space()
		if p.peek() != '"' {
			p.fail(p.got("a member name in quotes"))
			return
		}
		// The name is an entry of its own, before the value.
		name := p.name()
		p.space()
		if p.reason == "" && p.peek() != ':' {
			p.fail(p.got("':'"))
		}
		p.i++
		p.value(depth)
		if p.reason != "" {
			return
		}
		p.members = append(p.members, name)
		p.space()
		switch p.peek() {
		case ',':
			p.i++
		case '}':
			p.i++
			p.values[object].past = uint32(len(p.values))
			p.checkNames(p.members[first:])
			p.members = p.members[:first]
			return
		default:
			p.fail(p.got("',' or '}'"))
			return
		}
	}
}

// name reads a member's name.
// Its hash is computed here, once, for all lookups that will be made.
func (p *parser) name() Ref {
	name := p.string()
	if p.reason != "" {
		return 0
	}
	// Names are compared far more often than values, so those with escapes are decoded once.
	v := &p.values[name]
	if v.flag&escaped != 0 {
		if p.names == nil {
			p.names = make(map[Ref]string)
		}
		p.names[name] = jsonscan.String(p.s[v.at:v.past])
	}
	v.hash = HashName(p.String(name))
	return name
}

// checkNames fails at a name that is there twice. Few names are compared where
// their hashes share a bit of a small set; many go through a table with a better hash,
// as those of the index can be made to collide.
// RFC 8259 §4 leaves open what such an object means: readers take the first, the last, or
// fail. What one of them has validated, another one would read differently.
func (p *parser) checkNames(names []Ref) {
	// A bit of 256 for each name: 64 names share one seldom enough.
	const few = 64
	if len(names) > few {
		p.checkManyNames(names)
		return
	}
	var set [4]uint64
	for i, name := range names {
		hash := p.values[name].hash
		bit := uint64(1) << (hash & 63)
		if word := &set[hash>>6&3]; *word&bit == 0 {
			*word |= bit
			continue
		}
		for _, other := range names[:i] {
			if p.values[other].hash == hash && p.String(other) == p.String(name) {
				p.failTwice(name)
				return
			}
		}
	}
}

// checkManyNames looks names up in a table of Refs, which takes a third of the memory
// of a map of strings.
func (p *parser) checkManyNames(names []Ref) {
	seed := maphash.MakeSeed() // a text cannot be made to collide
	mask := uint64(1)<<bits.Len(uint(len(names))+uint(len(names))/2) - 1
	table := make([]Ref, mask+1) // 0 is not a name
	for _, name := range names {
		text := p.String(name)
		i := maphash.String(seed, text) & mask
		for ; table[i] != 0; i = (i + 1) & mask {
			if p.String(table[i]) == text {
				p.failTwice(name)
				return
			}
		}
		table[i] = name
	}
}

// failTwice reports a name that its object has already.
func (p *parser) failTwice(name Ref) {
	// The error is at the second of them.
	p.i = p.Offset(name)
	p.fail(fmt.Sprintf("got key %.80q twice in one object", p.String(name)))
}

// array reads an array. Items follow the array in the index, one after the other, each with all of its parts.
func (p *parser) array(depth int) {
	if depth > MaxDepth {
		p.fail(fmt.Sprintf("nested more than %d deep", MaxDepth))
		return
	}
	array := p.add(value{at: uint32(p.i), kind: Array})
	p.i++
	p.space()
	if p.peek() == ']' {
		p.i++
		p.values[array].past = uint32(len(p.values))
		return
	}
	for {
		p.value(depth)
		if p.reason != "" {
			return
		}
		p.space()
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			p.values[array].past = uint32(len(p.values))
			return
		default:
			p.fail(p.got("',' or ']'"))
			return
		}
	}
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special returns a word whose lowest set bit is that of the first byte that is a
// quote, a backslash or a control character: 0 when none of the eight is.
// (x-n)&^x has the top bit of each byte below n. A borrow may set it in the byte above such
// a one as well: the first that is found is right, and those above it may not be.
func special(w uint64) uint64 {
	quote, slash := w^lowBits*'"', w^lowBits*'\\'
	return ((quote-lowBits)&^quote | (slash-lowBits)&^slash | (w-lowBits*0x20)&^w) & highBits
}

// string reads a string and checks its escapes.
func (p *parser) string() Ref {
	// Eight bytes at a time: most strings are text without anything special in it, and most
	// of the bytes of an instance are in strings.
	start, s := p.i, p.s
	flag := uint8(0)
	for i := start + 1; ; {
		if i+8 <= len(s) {
			w := word(s, i)
			found := special(w)
			if found == 0 {
				p.high |= w & highBits
				i += 8
				continue
			}
			// Only the bytes before the special one belong to the string for certain.
			n := bits.TrailingZeros64(found) / 8
			p.high |= w & highBits & (1<<(8*n) - 1)
			i += n
		}
		if i >= len(s) {
			p.i = len(s)
			p.fail("the text ends inside a string")
			return 0
		}
		switch c := s[i]; {
		case c == '"':
			p.i = i + 1
			r := p.add(value{at: uint32(start), past: uint32(p.i), kind: String, flag: flag})
			if flag != 0 {
				p.checkEscapes(start)
			}
			return r
		case c == '\\':
			// The byte after a backslash is not an end of the string, whatever it is. What it
			// means is checked when the string has ended.
			flag = escaped
			i += 2
			continue
		case c < 0x20:
			p.i = i
			p.fail(fmt.Sprintf("got control character %#02x in a string, want an escape", c))
			return 0
		case c >= utf8.RuneSelf:
			p.high = 1
		}
		i++
	}
}

// checkEscapes checks those of the string that begins at start and has been read. An escape
// is a backslash and one of eight letters, or u and four hexadecimal digits (RFC
// 8259 §7). Lone surrogates are allowed there, and become U+FFFD when they are decoded.
func (p *parser) checkEscapes(start int) {
	var syntax *jsonscan.SyntaxError
	// Escapes are rare, so the slow reader is good enough for them. Bytes that are not UTF-8
	// are reported at the end, for the first of them in the text.
	if err := jsonscan.Check(p.s[start:p.i], 0); errors.As(err, &syntax) && !strings.Contains(syntax.Reason, "UTF-8") {
		p.i = start + syntax.Offset
		p.fail(syntax.Reason)
	}
}

// number reads a number, or fails at whatever else stands here. The grammar is checked by the
// reader that is slow and exact, since most numbers end before that.
func (p *parser) number() {
	start := p.i
	// Indexes, counts and times: no sign, no fraction, no exponent.
	if end := p.digits(start); end > start {
		p.i = end
		p.add(value{at: uint32(start), past: uint32(end), kind: Integer})
		return
	}
	end := jsonscan.Skip(p.s, start)
	text := p.s[start:end]
	// Before anything is done that takes longer with more digits.
	if len(text) > MaxDigits {
		p.fail(fmt.Sprintf("got a number of %d characters, want at most %d", len(text), MaxDigits))
		return
	}
	if text == "" || jsonscan.Check(text, 0) != nil {
		p.fail(p.got("a value"))
		return
	}
	if !smallExponent(text) {
		p.fail(fmt.Sprintf("got number %.40s, out of range; want an exponent under %d", text, MaxDigits))
		return
	}
	kind := Fraction
	if number, _ := ParseDecimal(text); number.IsInteger() {
		kind = Integer
	}
	p.i = end
	p.add(value{at: uint32(start), past: uint32(end), kind: kind})
}

// digits returns the offset past an integer of the usual length that nothing
// follows but the structure around it, else i.
func (p *parser) digits(i int) int {
	end := i
	for end < len(p.s) && end-i < 20 && '0' <= p.s[end] && p.s[end] <= '9' {
		end++
	}
	// No leading zeros (RFC 8259 §6).
	if end == i || p.s[i] == '0' && end > i+1 {
		return i
	}
	if end < len(p.s) {
		switch p.s[end] {
		case ',', '}', ']', ' ', '\n':
		default:
			return i
		}
	}
	return end
}
