package jsonvalue

import (
	"cmp"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/order"
)

// EqualText reports whether two values are equal, as JSON text, which must not be empty
// (JSON Schema 2020-12 §4.2.2). Objects must not have a name twice. It is for values of
// documents, which are few and have no index.
func EqualText(a, b string) bool {
	if a == b {
		return true
	}
	// The kinds tell 1 from 1.5, and 1 from "1".
	kind := KindOfText(a)
	if kind != KindOfText(b) {
		return false
	}
	switch kind {
	case Integer, Fraction:
		return compareNumbers(a, b) == 0
	case String:
		return jsonscan.String(a) == jsonscan.String(b)
	case Array:
		return slices.EqualFunc(jsonscan.List(a), jsonscan.List(b), EqualText)
	case Object:
		return maps.EqualFunc(membersOf(a), membersOf(b), EqualText)
	}
	return kind == Null
}

// membersOf returns the members by name, for texts that are compared without an index.
func membersOf(object string) map[string]string { return maps.Collect(jsonscan.Members(object)) }

// EqualRefs reports whether a value of t equals one of other (JSON Schema 2020-12
// §4.2.2): 1.0 is 1, and the order of members does not matter.
func (t *Tree) EqualRefs(a Ref, other *Tree, b Ref) bool {
	// 1 and 1.0 are both integers, so that equal values have one kind.
	kind := t.Kind(a)
	if kind != other.Kind(b) {
		return false
	}
	switch kind {
	case Null:
		return true
	case Boolean:
		// The first letter is enough.
		return t.Text[t.Offset(a)] == other.Text[other.Offset(b)]
	case String:
		return t.String(a) == other.String(b)
	case Array:
		// Item by item; the lengths differ if one of the arrays ends first.
		endA, endB := t.Past(a), other.Past(b)
		a, b = a+1, b+1
		for a < endA && b < endB {
			if !t.EqualRefs(a, other, b) {
				return false
			}
			a, b = t.Past(a), other.Past(b)
		}
		return a == endA && b == endB
	case Object:
		return t.equalObjects(a, other, b)
	}
	// The same digits are the same number, which is the usual case.
	x, y := t.Raw(a), other.Raw(b)
	return x == y || compareNumbers(x, y) == 0
}

// compareNumbers returns the sign of a - b. Both are numbers by the grammar, so that both are
// read.
func compareNumbers(a, b string) int {
	x, _ := ParseDecimal(a)
	y, _ := ParseDecimal(b)
	return x.Compare(y)
}

// few is how many members are looked up one by one; more are put into a map first.
const few = 20

// equalObjects looks up the members of one object in the other: one by one where
// they are few, else through a map, so that the time is proportional.
// Names are compared unescaped, as "\u0061" is "a" (RFC 8259 §8.3).
func (t *Tree) equalObjects(a Ref, other *Tree, b Ref) bool {
	n := t.Len(a)
	// With as many members, and each of one in the other, neither has more.
	if n != other.Len(b) {
		return false
	}
	// Names are looked up one by one while they are few: an object of n members would
	// otherwise be walked n times.
	find := func(name Ref) (Ref, bool) { return other.FindHashed(b, t.String(name), t.Hash(name)) }
	if n > few {
		members := make(map[string]Ref, n)
		for name, end := b+1, other.Past(b); name < end; name = other.Past(name + 1) {
			members[other.String(name)] = name + 1
		}
		find = func(name Ref) (Ref, bool) {
			r, ok := members[t.String(name)]
			return r, ok
		}
	}
	for name, end := a+1, t.Past(a); name < end; name = t.Past(name + 1) {
		r, ok := find(name)
		if !ok || !t.EqualRefs(name+1, other, r) {
			return false
		}
	}
	return true
}

// DuplicateItem returns the indexes of the first two items of an array that are
// equal, i before j. Few items are compared one by one, many by a hash first: the
// time is proportional to the size of the array.
// uniqueItems asks for it (JSON Schema 2020-12 Validation §6.4.3). What is said of the pair
// is the same for the same values in whatever notation.
func (t *Tree) DuplicateItem(array Ref) (i, j int, found bool) {
	// Eight items are 28 comparisons, most of which end at the kind.
	if t.Len(array) <= 8 {
		end := t.Past(array)
		for b := array + 1; b < end; b = t.Past(b) {
			i = 0
			// The items before b, so that the pair with the first second item is found.
			for a := array + 1; a < b; a = t.Past(a) {
				if t.EqualRefs(a, t, b) {
					return i, j, true
				}
				i++
			}
			j++
		}
		return 0, 0, false
	}
	type item struct {
		hash  uint64
		ref   Ref
		index int32
	}
	// The seed is new each time, so that a text cannot be made to collide.
	seed := maphash.MakeSeed()
	items := make([]item, 0, t.Len(array))
	for r, end := array+1, t.Past(array); r < end; r = t.Past(r) {
		items = append(items, item{t.hash(r, seed), r, int32(len(items))})
	}
	// Equal items become neighbours. Sorting takes a word for each, and a map of
	// lists many.
	order.Sort(items, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.index, b.index))
	})
	for k := 1; k < len(items); k++ {
		a, b := items[k-1], items[k]
		// The first pair by the second index is what a loop over the items would find.
		if a.hash == b.hash && (!found || int(b.index) < j) && t.EqualRefs(a.ref, t, b.ref) {
			i, j, found = int(a.index), int(b.index), true
		}
	}
	return i, j, found
}

// hash is the same for values that are equal.
// It is recursive by the nesting of values, which Parse bounds.
func (t *Tree) hash(r Ref, seed maphash.Seed) uint64 {
	switch kind := t.Kind(r); kind {
	case String:
		return maphash.String(seed, t.String(r))
	case Array:
		// The order of items matters, so each is hashed with what precedes it.
		sum := uint64(Array)
		for item, end := r+1, t.Past(r); item < end; item = t.Past(item) {
			sum = maphash.Comparable(seed, [2]uint64{sum, t.hash(item, seed)})
		}
		return sum
	case Object:
		// The order of members does not matter: the sum is the same in any.
		sum := uint64(Object) // in any order
		for name, end := r+1, t.Past(r); name < end; name = t.Past(name + 1) {
			sum += maphash.Comparable(seed, [2]uint64{maphash.String(seed, t.String(name)), t.hash(name+1, seed)})
		}
		return maphash.Comparable(seed, sum)
	case Integer, Fraction:
		// By value and not by text: 1.0 and 10e-1 hash alike.
		number, _ := ParseDecimal(t.Raw(r))
		return number.hash(seed)
	case Boolean:
		return maphash.Comparable(seed, t.Text[t.Offset(r)])
	}
	return uint64(Null)
}

func (d Decimal) hash(seed maphash.Seed) uint64 {
	var h maphash.Hash
	// The digits as they are held, which are the same for equal values.
	h.SetSeed(seed)
	_, _ = h.WriteString(d.whole)
	_, _ = h.WriteString(d.fraction)
	return h.Sum64() ^ uint64(d.point)*0x9e3779b97f4a7c15 ^ uint64(d.sign()+1)
}
