package near

import (
	"slices"
	"strings"
)

// List is names that are searched often, such as those that a document declares: what a
// search asks about a name is found out once. To look at one takes a few nanoseconds. A List
// does not change, and is safe for concurrent use.
type List struct {
	names   []string
	entries []entry
	words   []int32  // of all names, one after the other, as indexes in known
	known   []string // all words in lower case, sorted
}

// entry is what is known of a name.
type entry struct {
	letters    letters
	size       int32 // of the name when it is folded
	start, end int32 // of its words
}

// NewList prepares names. The list keeps them.
func NewList(names []string) *List {
	l := &List{names: names, entries: make([]entry, len(names))}
	for _, name := range names {
		eachWord(name, func(word string) { l.known = append(l.known, word) })
	}
	slices.Sort(l.known)
	l.known = slices.Clip(slices.Compact(l.known))
	for i, name := range names {
		e := &l.entries[i]
		set, size, _ := foldedLetters(name)
		e.letters, e.size, e.start = set, int32(size), int32(len(l.words))
		eachWord(name, func(word string) { l.words = append(l.words, int32(l.word(word))) })
		e.end = int32(len(l.words))
	}
	return l
}

// eachWord calls yield with the words of a name in lower case. A name that is too long to be
// compared has none.
func eachWord(name string, yield func(string)) {
	if len(name) > maxName {
		return
	}
	n := 0
	for word, rest := cutWord(name); word != "" && n < maxWords; word, rest = cutWord(rest) {
		yield(strings.ToLower(word))
		n++
	}
}

// word returns the index of a word, -1 where no name has it.
func (l *List) word(word string) int {
	if i, ok := slices.BinarySearch(l.known, word); ok {
		return i
	}
	return -1
}

// Nearest returns what Names does for the names of the list, without those that are
// left out, by their indexes. Those behind the end of without are not.
func (l *List) Nearest(want string, n int, without []bool) []string {
	if len(want) > maxName || n < 1 {
		return nil
	}
	m := begin(want, n)
	var wanted [maxWords]int32
	some := false
	for i, word := range m.words[:m.count] {
		if wanted[i] = -1; len(word) >= minWord {
			wanted[i] = int32(l.word(word))
			some = some || wanted[i] >= 0
		}
	}
	found := m.few[:0]
	for i, name := range l.names {
		if i < len(without) && without[i] || len(name) > maxName {
			continue
		}
		if m.work++; m.work > maxWork {
			break
		}
		e := &l.entries[i]
		share := 0.0
		if some {
			share = m.commonOf(l.words[e.start:e.end], wanted[:m.count])
		}
		found = m.keep(found, name, m.far(name, e.letters, int(e.size), share))
	}
	out := namesOf(found)
	m.done()
	return out
}

// commonOf is common for words by their numbers.
func (m *measure) commonOf(words, wanted []int32) float64 {
	both := 0
	taken := uint(0) // of the wanted words, by index
	for _, word := range words {
		for i, other := range wanted {
			if other == word && taken&(1<<i) == 0 {
				taken |= 1 << i
				both++
				break
			}
		}
	}
	return m.shared(both, len(words))
}
