// Package near finds the name that somebody misspelt: it ranks names by their
// distance from one that was not found.
//
//	near.go       Names, and what makes a name near
//	alignment.go  how many letters differ
//	list.go       List: names that are searched often
package near

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Names returns up to n of the names that want may be a misspelling of, closest first:
// those that a typing mistake could have turned into it, those that are made of
// the same words for the greater part, as max_output_tokens and maxTokens are,
// and those that it ends in. Names that are equally close keep their order.
//
// A name takes less than a tenth of a microsecond and no memory: its letters are looked at
// as they are, and it is folded and measured only where length and letters leave it a
// chance. The work is bounded (see maxWork): of very many or very long names, the last ones
// are not looked at. For names that are searched often there is a List.
func Names(want string, names []string, n int) []string {
	if len(want) > maxName || n < 1 {
		return nil
	}
	m := begin(want, n)
	out := namesOf(m.search(m.few[:0], names))
	m.done()
	return out
}

// scored is a candidate.
type scored struct {
	name string
	far  float64 // 0 for the same name, 1 for the last one that counts
}

func namesOf(found []scored) []string {
	if len(found) == 0 {
		return nil
	}
	out := make([]string, len(found))
	for i, f := range found {
		out[i] = f.name
	}
	return out
}

const (
	// maxWork bounds one search: bytes of names that are read, and cells of the tables
	// that are filled. A thousand names of 60 bytes take a fifteenth of it; all of it
	// takes a few milliseconds.
	maxWork = 1 << 20

	// maxName is the longest name that is compared, in bytes. Nobody misspells a longer
	// one.
	maxName = 1000
)

// measure compares names with the one that was wanted.
type measure struct {
	most    int // names that are kept, the closest; 0 for all of them, in their order
	work    int
	folded  []byte
	letters letters
	limit   int // of letters that differ
	closer  int // the same for a name that is to be kept
	spells  bool
	spelt   alignment         // of folded, where spells is true: most searches measure no name
	words   [maxWords]string  // in lower case, the first count of them
	within  [maxWords]letters // of words, ASCII only
	count   int

	buf [maxFolded]byte // of folded
	few [8]scored       // for what is found
}

// measures keeps those that are done: to set one up anew takes as long as a search.
var measures = sync.Pool{New: func() any { return new(measure) }}

// begin returns a measure from the name that was wanted, which keeps the n closest.
func begin(want string, n int) *measure {
	m := measures.Get().(*measure)
	m.most, m.work, m.count = n, 0, 0
	m.folded = appendFold(m.buf[:0], want)
	m.letters = lettersOf(m.folded)
	m.limit = max(min(1, len(m.folded)-1), len(m.folded)/3) // of one letter nothing is a misspelling
	m.closer = m.limit
	for word, rest := cutWord(want); word != "" && m.count < maxWords; word, rest = cutWord(rest) {
		word = strings.ToLower(word)
		m.words[m.count], m.within[m.count] = word, asciiOf(word)
		m.count++
	}
	return m
}

// search adds the candidates to found.
func (m *measure) search(found []scored, names []string) []scored {
	for _, name := range names {
		if m.work > maxWork {
			break
		}
		m.work += 1 + min(len(name), maxName)
		if len(name) > maxName {
			continue
		}
		letters, size, ascii := foldedLetters(name)
		share := 0.0
		if !ascii || m.mayShareWords(letters) {
			share = m.common(name)
		}
		found = m.keep(found, name, m.far(name, letters, size, share))
	}
	return found
}

// keep adds a name to those that are found where it is one of the closest. Those that are
// as far as another one come behind it.
func (m *measure) keep(found []scored, name string, far float64) []scored {
	if far > 1 {
		return found
	}
	if m.most == 0 {
		return append(found, scored{name, far})
	}
	at := len(found)
	for at > 0 && found[at-1].far > far {
		at--
	}
	if len(found) == m.most {
		if at == m.most {
			return found
		}
		found = found[:m.most-1]
	}
	found = slices.Insert(found, at, scored{name, far})
	// Of a name that is as far as the last one nothing has to be known.
	if len(found) == m.most {
		for last := found[m.most-1].far; m.closer >= 0 && m.share(m.closer) >= last; {
			m.closer--
		}
	}
	return found
}

// share is how far a name is with so many letters that differ.
func (m *measure) share(wrong int) float64 { return float64(wrong) / float64(max(1, m.limit)) }

// far returns how far a name is from the wanted one, more than 1 when it is no
// misspelling of it, or not one of the closest. It is folded where its letters leave it a
// chance, which is the case for few. words is the share of words that both have.
func (m *measure) far(name string, letters letters, size int, words float64) float64 {
	far := 2.0
	if words >= 0.5 {
		far = 1 - words + 0.1 // a typing mistake is likelier
	}
	near := m.mayBeNear(size, letters)
	end := size > 4 && size <= len(m.folded) && 3*size >= len(m.folded) && letters&^m.letters == 0
	if near || end {
		far = min(far, m.farFolded(name, near, end))
	}
	return far
}

// farFolded is far for a name whose letters leave it a chance: to be spelt like the wanted
// one, or to be its end.
func (m *measure) farFolded(name string, near, end bool) float64 {
	var buf [maxFolded]byte
	folded := appendFold(buf[:0], name)
	if near {
		if !m.spells {
			m.spelt.begin(m.folded)
			m.spells = true
		}
		m.work += m.spelt.cells(folded)
		if wrong := m.spelt.to(folded, m.closer); wrong <= m.closer {
			return m.share(wrong)
		}
	}
	if end && bytes.HasSuffix(m.folded, folded) {
		return 1
	}
	return 2
}

// done ends a search, and keeps no name alive.
func (m *measure) done() {
	if m.spells {
		m.spelt.end()
		m.spells = false
	}
	clear(m.words[:m.count])
	clear(m.few[:min(cmp.Or(m.most, len(m.few)), len(m.few))])
	m.folded = nil
	measures.Put(m)
}

// mayBeNear is the quick look that few names pass: a letter that only one side
// has is a mistake of its own.
func (m *measure) mayBeNear(size int, letters letters) bool {
	if size > maxFolded || len(m.folded) > maxFolded || abs(size-len(m.folded)) > m.closer {
		return false
	}
	return (m.letters&^letters).count() <= m.closer && (letters&^m.letters).count() <= m.closer
}

// mayShareWords is the same for words: one that both have has its letters in the name, if
// that is ASCII. Else a letter may come from one that is not: the lower case of the Kelvin
// sign is a k.
func (m *measure) mayShareWords(letters letters) bool {
	for i, word := range m.within[:m.count] {
		if len(m.words[i]) >= minWord && word&^letters == 0 {
			return true
		}
	}
	return false
}

// letters is a set of bytes, where some share a place.
type letters uint64

func lettersOf(text []byte) letters {
	var set letters
	for _, c := range text {
		set |= 1 << (c % 64)
	}
	return set
}

// foldedLetters returns lettersOf a name and its length when it is folded, and whether it
// is ASCII.
func foldedLetters(name string) (set letters, size int, ascii bool) {
	all := byte(0)
	for i := range len(name) {
		c := name[i]
		all |= c
		set |= foldedLetter[c]
		if foldedLetter[c] != 0 {
			size++
		}
	}
	return set, size, all < utf8.RuneSelf
}

// foldedLetter is the place of each byte when it is folded, none for those that folding
// drops.
var foldedLetter = func() (table [256]letters) {
	for c := range table {
		table[c] = lettersOf(appendFold(nil, string([]byte{byte(c)})))
	}
	return table
}()

// asciiOf is lettersOf without what is not ASCII, of which a name may have another case.
func asciiOf(text string) letters {
	var set letters
	for i := range len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			set |= 1 << (c % 64)
		}
	}
	return set
}

func (s letters) count() int { return bits.OnesCount64(uint64(s)) }

// minWord is the shortest word that says something, in bytes: "id" and "of" are in names of
// all sorts.
const minWord = 3

// maxWords bounds the words of a name that are looked at.
const maxWords = 16

// cutWord splits the first word off a name, wherever its author drew the line:
// max_tokens, maxTokens, Max-Tokens. Without a word left it returns "".
func cutWord(name string) (word, rest string) {
	start := 0
	for start < len(name) && separates(name[start]) {
		start++
	}
	for i := start + 1; i < len(name); i++ {
		c := name[i]
		if separates(c) || 'A' <= c && c <= 'Z' && 'a' <= name[i-1] && name[i-1] <= 'z' {
			return name[start:i], name[i:]
		}
	}
	return name[start:], ""
}

func separates(c byte) bool {
	switch c {
	case '_', '-', ' ', '.', '/', ':':
		return true
	}
	return false
}

// common returns the share of words that both names have, of all that there are.
func (m *measure) common(name string) float64 {
	both, all := 0, 0
	taken := uint(0) // of the wanted words, by index
	for word, rest := cutWord(name); word != "" && all < maxWords; word, rest = cutWord(rest) {
		all++
		for i, wanted := range m.words[:m.count] {
			if taken&(1<<i) == 0 && len(wanted) >= minWord && isLower(wanted, word) {
				taken |= 1 << i
				both++
				break
			}
		}
	}
	return m.shared(both, all)
}

// shared returns the share of so many words that both names have, where the other one has
// so many.
func (m *measure) shared(both, all int) float64 {
	return float64(both) / float64(max(1, m.count+all-both))
}

// isLower reports whether lower is word in lower case.
func isLower(lower, word string) bool {
	for i := range len(word) {
		c := word[i]
		if c >= utf8.RuneSelf {
			return strings.ToLower(word) == lower
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if i >= len(lower) || lower[i] != c {
			return false
		}
	}
	return len(lower) == len(word)
}

// Fold drops what people get wrong in names without meaning another one: case,
// '-', '_' and spaces.
func Fold(name string) string { return string(appendFold(make([]byte, 0, len(name)), name)) }

func appendFold(dst []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-' || c == '_' || c == ' ':
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c+'a'-'A')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// Question ends a message with the names: "; did you mean a or b?". Without
// names it is empty. A name that is long or does not print is quoted.
func Question(names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = shown(name)
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "; did you mean " + texts[0] + "?"
	}
	return "; did you mean " + strings.Join(texts[:len(texts)-1], ", ") + " or " + texts[len(texts)-1] + "?"
}

// maxShown bounds a name in a message, in bytes.
const maxShown = 200

func shown(name string) string {
	switch {
	case len(name) > maxShown:
		return strconv.Quote(strings.ToValidUTF8(name[:maxShown], "")) + "…"
	case strings.ContainsFunc(name, func(r rune) bool { return !strconv.IsPrint(r) || r == utf8.RuneError }):
		return strconv.Quote(name)
	}
	return name
}
