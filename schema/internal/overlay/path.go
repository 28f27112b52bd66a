package overlay

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// path is a JSONPath query (RFC 9535 §2.1): of the root ("$") or, within a filter, of
// the current node ("@"). It is parsed once and never changes, so that an Overlay can
// be used by several goroutines.
//
// Paths are compiled to no more than this: a path of an overlay is used once or a few times
// for each document, and an evaluation is bounded by the document.
type path struct {
	current  bool
	segments []segment
}

// segment is a child or a descendant segment (§2.5): its selectors apply to the nodes
// themselves, or to them and to everything below.
//
// Within brackets there may be several selectors, in any mixture, and nodes come in the
// order of the selectors: ['b','a'] selects b first.
type segment struct {
	descendant bool
	selectors  []selector
}

// selector is one of a segment's (§2.3): a name, an index, a slice, a filter or the
// wildcard. Only the field of its kind is set.
// A struct rather than an interface keeps the selectors of a segment in one piece of memory;
// there will be no other kinds, as the standard is closed.
type selector struct {
	kind   selectorKind
	name   string
	index  int
	slice  [3]*int // start, end, step
	filter expression
}

type selectorKind int

const (
	nameSelector selectorKind = iota
	wildcardSelector
	indexSelector
	sliceSelector
	filterSelector
)

// singular reports whether a query selects one node at most (§2.3.5.1). Only such a
// query can be compared, because a list of nodes has no value.
//
// It is decided by the form of the query and not by what it finds: $..id is not singular
// even where a document has one id.
func (p *path) singular() bool {
	for _, s := range p.segments {
		if s.descendant || len(s.selectors) != 1 {
			return false
		}
		if k := s.selectors[0].kind; k != nameSelector && k != indexSelector {
			return false
		}
	}
	return true
}

const (
	// The length is far above any path that a person writes. The depth bounds the recursion of
	// the parser, and with it that of the evaluation, which follows what was parsed.
	maxPathLength = 64 << 10
	maxPathDepth  = 64 // of filters in filters, and of parentheses
)

// parser reads a path by recursive descent; each method reads one rule of the grammar
// (RFC 9535 appendix A) and leaves i behind it. The first error stops it: it moves to
// the end, where every rule ends, so that no method has to look for errors of another.
//
// It works on bytes. Every character with a meaning is ASCII, and a byte of ASCII is never a
// part of another character in UTF-8; only names and strings have others, which they copy.
type parser struct {
	s     string
	i     int
	depth int
	err   error
}

// parsePath reads the target of an action, which begins at the root. A path that is not
// UTF-8 could match no name, and its error would print broken text.
func parsePath(s string) (*path, error) {
	p := &parser{s: s}
	// Parsing takes time in proportion to the path, and so does its error.
	if len(s) > maxPathLength {
		return nil, fmt.Errorf("got a path of %d bytes, want at most %d", len(s), maxPathLength)
	}
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("got a path that is not UTF-8")
	}
	if !p.take("$") {
		p.fail("want $ at the start")
	}
	found := &path{segments: p.segments()}
	// A path such as "$.info/title" is read up to the slash and would select info.
	if p.err == nil && p.i < len(s) {
		p.fail("want a segment such as .name or ['name']")
	}
	return found, p.err
}

// fail notes the first error, with what stands at the place and what was wanted there.
//
// The place is counted in characters and not in bytes, because it is for the person who
// wrote the path in an editor.
func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		rest := p.s[min(p.i, len(p.s)):]
		got := "the end"
		if rest != "" {
			got = fmt.Sprintf("%.20q", rest)
		}
		p.err = fmt.Errorf("at character %d: got %s, %s", 1+utf8.RuneCountInString(p.s[:min(p.i, len(p.s))]), got, fmt.Sprintf(format, args...))
		p.i = len(p.s)
	}
}

// The four characters are those of the grammar (§2.1.1), which has no other white space.
func (p *parser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\n\r", p.s[p.i]) >= 0 {
		p.i++
	}
}

// take consumes a text that may stand next. It is the only way forward apart from
// names, numbers and strings, so that a rule reads like its grammar.
func (p *parser) take(text string) bool {
	if !strings.HasPrefix(p.s[p.i:], text) {
		return false
	}
	p.i += len(text)
	return true
}

// peek returns 0 at the end, which begins no rule.
func (p *parser) peek() byte {
	if p.i < len(p.s) {
		return p.s[p.i]
	}
	return 0
}

// segments reads child and descendant segments as long as there are any. White space
// between them is allowed (§2.1.1), but what follows the last one is another rule's.
//
// ".." is tried before ".", since it begins like it. It may be followed by a bracket, which
// a single dot may not.
func (p *parser) segments() []segment {
	var list []segment
	for p.err == nil {
		// White space in front of a segment is read with it, that behind the last one
		// is not.
		before := p.i
		p.space()
		switch {
		case p.take(".."):
			if p.take("[") {
				list = append(list, segment{true, p.bracketed()})
			} else {
				list = append(list, segment{true, p.shorthand()})
			}
		case p.take("."):
			list = append(list, segment{false, p.shorthand()})
		case p.take("["):
			list = append(list, segment{false, p.bracketed()})
		default:
			p.i = before
			return list
		}
	}
	return list
}

// shorthand reads what follows a dot: a name or "*" (§2.5.1.1). A name with a hyphen,
// such as x-extension, has to be in brackets and quotes; the error says so.
func (p *parser) shorthand() []selector {
	if p.take("*") {
		return []selector{{kind: wildcardSelector}}
	}
	start := p.i
	for p.i < len(p.s) && isName(p.s[p.i], p.i > start) {
		p.i++
	}
	if p.i == start {
		p.fail("want a name or *; other names go in brackets and quotes, ['like this']")
		return nil
	}
	return []selector{{kind: nameSelector, name: p.s[start:p.i]}}
}

// isName is the alphabet of names without quotes (§2.5.1.1), in bytes: everything
// beyond ASCII is allowed, so that a character need not be decoded.
func isName(c byte, digits bool) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf || digits && '0' <= c && c <= '9'
}

// bracketed reads selectors up to the closing bracket, at least one.
// An empty pair of brackets is an error of the grammar, and is found because a selector has to
// follow.
func (p *parser) bracketed() []selector {
	var list []selector
	for p.err == nil {
		p.space()
		list = append(list, p.selector())
		p.space()
		if p.take("]") {
			return list
		}
		if !p.take(",") {
			p.fail("want , or ]")
		}
	}
	return list
}

// The first character says which selector it is; a filter is all between ? and the
// comma or bracket behind it.
//
// Names within brackets have quotes, so that a word without them is always a mistake.
func (p *parser) selector() selector {
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		return selector{kind: nameSelector, name: p.text()}
	case p.take("*"):
		return selector{kind: wildcardSelector}
	case p.take("?"):
		return selector{kind: filterSelector, filter: p.or()}
	// A slice may begin with a colon: [:3].
	case c == ':' || c == '-' || '0' <= c && c <= '9':
		return p.indexOrSlice()
	}
	p.fail("want a name in quotes, an index, a slice, * or ?")
	return selector{}
}

// indexOrSlice reads an index or start:end:step (§2.3.4.1), each part of which may be
// absent; a colon makes the difference. A step of 0 selects nothing.
func (p *parser) indexOrSlice() selector {
	var parts [3]*int
	n := 0
	for p.err == nil {
		if c := p.peek(); c == '-' || '0' <= c && c <= '9' {
			i := p.integer()
			parts[n] = &i
		}
		p.space()
		// The third part, the step, has nothing behind it.
		if n == 2 || !p.take(":") {
			break
		}
		p.space()
		n++
	}
	if n == 0 {
		// An integer that is out of range: the error is noted.
		if parts[0] == nil {
			return selector{}
		}
		return selector{kind: indexSelector, index: *parts[0]}
	}
	return selector{kind: sliceSelector, slice: parts}
}

// integer reads an integer in the range that RFC 9535 §2.1 allows: those that every
// implementation of JSON holds exactly (RFC 7493). "-0" and leading zeros are not allowed.
func (p *parser) integer() int {
	start := p.i
	p.take("-")
	digits := p.i
	for '0' <= p.peek() && p.peek() <= '9' {
		p.i++
	}
	n, err := strconv.ParseInt(p.s[start:p.i], 10, 64)
	if err != nil || n >= 1<<53 || n <= -1<<53 || p.s[digits] == '0' && (p.i-digits > 1 || digits > start) {
		p.i = start
		p.fail("want an integer of at most 53 bits, without leading zeros")
	}
	return int(min(max(n, -far), far))
}

// far is beyond the end of every array, and no sum of it and an index overflows where an
// int has 32 bits.
const far = 1 << 30

// text reads a string literal (§2.3.1.1), in single or double quotes. The result is the
// text without its escapes.
//
// Control characters have to be escaped, as in JSON; what else stands there was checked to
// be UTF-8 before.
func (p *parser) text() string {
	quote := p.peek()
	start := p.i
	var b strings.Builder
	for p.i++; p.i < len(p.s); {
		switch c := p.s[p.i]; {
		case c == quote:
			p.i++
			return b.String()
		case c < 0x20:
			p.fail("want an escape in its place")
			return ""
		case c == '\\':
			r, ok := p.escape(quote)
			if !ok {
				p.fail("want an escape such as \\n, \\u0041 or \\\\")
				return ""
			}
			b.WriteRune(r)
		default:
			b.WriteByte(c)
			p.i++
		}
	}
	p.i = start
	p.fail("want a string that ends")
	return ""
}

// escape reads what follows a backslash (§2.3.1.1): the escapes of JSON, of the two
// quotes only the one around the text, and for characters beyond the basic plane a pair
// of surrogates. A surrogate alone is an error.
func (p *parser) escape(quote byte) (rune, bool) {
	rest := p.s[p.i+1:]
	if rest == "" {
		return 0, false
	}
	if i := strings.IndexByte("bfnrt/\\", rest[0]); i >= 0 {
		p.i += 2
		return rune("\b\f\n\r\t/\\"[i]), true
	}
	if rest[0] == quote {
		p.i += 2
		return rune(quote), true
	}
	r, ok := hex4(rest)
	if !ok {
		return 0, false
	}
	p.i += 6
	// A character of the basic plane; otherwise the other half of a pair has to follow.
	if r < 0xD800 || r > 0xDFFF {
		return r, true
	}
	low, ok := hex4(strings.TrimPrefix(p.s[p.i:], "\\"))
	if !ok || r >= 0xDC00 || low < 0xDC00 || low > 0xDFFF || p.peek() != '\\' {
		return 0, false
	}
	p.i += 6
	return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), true
}

// hex4 reads u and four hexadecimal digits, one half of a pair of surrogates perhaps.
// Digits are taken in either case. A sign is not a digit; ParseUint refuses it.
func hex4(s string) (rune, bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:5], 16, 32)
	return rune(n), err == nil
}
