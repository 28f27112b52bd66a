package validator

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// unevaluatedProperties and unevaluatedItems depend on annotations: the names and
// positions that other keywords of the same schema object, and of all schemas that
// apply in place, have evaluated (JSON Schema 2020-12 §11). The standard collects
// annotations everywhere. Here only a schema that has one of the two keywords asks for
// them, by a set that its parts add to; everywhere else the set is noSet and costs a
// comparison.

// evaluated is a set of an object's members, or of an array's items, by their position
// in the text. Most objects have fewer than 64 members, so that a set takes no memory of
// its own. Sets are in walk.evaluated, which is a stack, and named by their index
// there.
type evaluated struct {
	first uint64   // the first 64 positions
	more  []uint64 // the others
	all   bool

	alternative *alternative // explanation of the fields that are not evaluated
}

// noSet is the set of those that do not ask what is evaluated.
const noSet = -1

// alternative is a better explanation of an object than that it has fields which
// the branch that it matches does not declare: the one mistake in another branch
// that declares them all.
type alternative struct {
	union    string
	failures []failure
}

// newSet begins a set, dropSet ends the last one.
func (w *walk) newSet() int {
	w.evaluated = append(w.evaluated, evaluated{})
	return len(w.evaluated) - 1
}

func (w *walk) dropSet() { w.evaluated = w.evaluated[:len(w.evaluated)-1] }

// add puts a position into a set.
func (w *walk) add(set, position int) {
	if set == noSet {
		return
	}
	e := &w.evaluated[set]
	if position < 64 {
		e.first |= 1 << position
		return
	}
	// An object of more than 64 members is seldom; its set takes a bit for each.
	position -= 64
	for len(e.more) <= position/64 {
		e.more = append(e.more, 0)
	}
	e.more[position/64] |= 1 << (position % 64)
}

// addAll puts every position into a set: additionalProperties evaluates whatever the
// others left, and where a schema is in doubt nothing may be reported as unknown.
func (w *walk) addAll(set int) {
	if set != noSet {
		w.evaluated[set].all = true
	}
}

// has reports whether a position is in a set.
func (w *walk) has(set, position int) bool {
	e := &w.evaluated[set]
	if position < 64 {
		return e.all || e.first>>position&1 != 0
	}
	position -= 64
	return e.all || position/64 < len(e.more) && e.more[position/64]>>(position%64)&1 != 0
}

// wants reports whether a set is asked for and a part of the instance is not in it yet,
// so that another branch of a union may add something.
func (w *walk) wants(set int, v jsonvalue.Ref) bool {
	if set == noSet || w.evaluated[set].all || !isStructured(w.tree.Kind(v)) {
		return false
	}
	// Whatever the first branch left open, another one may declare. Usually it left
	// nothing, and the loop is what it takes to know.
	for position := range w.tree.Len(v) {
		if !w.has(set, position) {
			return true
		}
	}
	return false
}

// mark and reset undo what a schema added that then did not match, as a schema that
// fails contributes no annotations (JSON Schema 2020-12 §7.7.1.2).
func (w *walk) mark(set int) (e evaluated) {
	if set != noSet {
		e = w.evaluated[set]
		// The words are shared by the copy, and later positions are added in place.
		e.more = slices.Clone(e.more)
	}
	return e
}

func (w *walk) reset(set int, to evaluated) {
	if set != noSet {
		// An alternative that was found in between goes with the rest.
		w.evaluated[set] = to
	}
}

// join adds another set to one.
func (w *walk) join(set int, other evaluated) {
	if set == noSet {
		return
	}
	e := &w.evaluated[set]
	e.first |= other.first
	for i, word := range other.more {
		if i == len(e.more) {
			e.more = append(e.more, 0)
		}
		e.more[i] |= word
	}
	// A set of which all is known stays so: no branch takes that back.
	e.all = e.all || other.all
	w.prefer(set, other.alternative)
}

// prefer keeps the alternative that is first by pointer, so that the result does not
// depend on the order of the branches tried.
// Two branches can both explain an object. The explanation does not depend on which is
// tried first, which their order in the document decides.
func (w *walk) prefer(set int, other *alternative) {
	if set == noSet || other == nil {
		return
	}
	if e := &w.evaluated[set]; e.alternative == nil || other.union < e.alternative.union {
		e.alternative = other
	}
}
