package jsonscan

import (
	"hash/maphash"
	"iter"
)

// Table is named texts in the order in which they were added, such as the members of one
// large object. The zero Table is empty and ready. Any number of goroutines may read one
// that nobody adds to.
//
// It is a map and a list of its keys in one: an index of a document is filled when a
// program starts, where each page of memory that is touched for the first time costs more
// than a hundred comparisons. 1,400 names take 53 KB, as a map and a list 90.
type Table struct {
	members []member
	slots   []int32 // indexes of members plus one; 0 is free. Their number is a power of two.
	seed    maphash.Seed
}

type member struct{ name, text string }

// NewTable returns a table with room for so many names.
func NewTable(names int) *Table {
	t := &Table{members: make([]member, 0, names)}
	t.reserve(names)
	return t
}

// reserve makes the slots for so many names, at least an eighth of which stay free: a
// search ends at the first free one.
func (t *Table) reserve(names int) {
	size := 8
	for size < names+names/7 {
		size *= 2
	}
	if t.slots == nil {
		t.seed = maphash.MakeSeed() // so that no document can be made whose names all collide
	}
	t.slots = make([]int32, size)
	for i, m := range t.members {
		t.slots[t.slot(m.name)] = int32(i + 1)
	}
}

// slot returns where a name is, or the free slot where it belongs.
func (t *Table) slot(name string) int {
	last := len(t.slots) - 1
	at := int(maphash.String(t.seed, name)) & last
	for t.slots[at] != 0 && t.members[t.slots[at]-1].name != name {
		at = (at + 1) & last
	}
	return at
}

// Set adds a text under a name. One that is there keeps its place and gets the text.
func (t *Table) Set(name, text string) {
	if len(t.members) >= len(t.slots)-len(t.slots)/8 {
		t.reserve(max(8, 2*len(t.members)))
	}
	at := t.slot(name)
	if known := t.slots[at]; known != 0 {
		t.members[known-1].text = text
		return
	}
	t.members = append(t.members, member{name, text})
	t.slots[at] = int32(len(t.members))
}

// Get returns the text of a name.
func (t *Table) Get(name string) (text string, ok bool) {
	if len(t.members) == 0 {
		return "", false
	}
	if i := t.slots[t.slot(name)]; i != 0 {
		return t.members[i-1].text, true
	}
	return "", false
}

// Text is Get where "" says enough: no name has that text in JSON.
func (t *Table) Text(name string) string {
	text, _ := t.Get(name)
	return text
}

// All yields names and texts in order.
func (t *Table) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, m := range t.members {
			if !yield(m.name, m.text) {
				return
			}
		}
	}
}

// Names returns the names in order, in a new slice.
func (t *Table) Names() []string {
	names := make([]string, len(t.members))
	for i, m := range t.members {
		names[i] = m.name
	}
	return names
}
