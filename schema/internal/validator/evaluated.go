package validator

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// evaluated is the set of an object's members, or of an array's items, that a
// schema and what it applies to the same instance evaluate, by their position in
// the text (JSON Schema 2020-12 §11). Sets are kept in walk.evaluated and named by
// their index there.
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

func (w *walk) add(set, position int) {
	if set == noSet {
		return
	}
	e := &w.evaluated[set]
	if position < 64 {
		e.first |= 1 << position
		return
	}
	position -= 64
	for len(e.more) <= position/64 {
		e.more = append(e.more, 0)
	}
	e.more[position/64] |= 1 << (position % 64)
}

func (w *walk) addAll(set int) {
	if set != noSet {
		w.evaluated[set].all = true
	}
}

func (w *walk) has(set, position int) bool {
	e := &w.evaluated[set]
	if position < 64 {
		return e.all || e.first>>position&1 != 0
	}
	position -= 64
	return e.all || position/64 < len(e.more) && e.more[position/64]>>(position%64)&1 != 0
}

// wants reports whether somebody asks for a set, and a part of the instance is not
// in it yet.
func (w *walk) wants(set int, v jsonvalue.Ref) bool {
	if set == noSet || w.evaluated[set].all || !isStructured(w.tree.Kind(v)) {
		return false
	}
	for position := range w.tree.Len(v) {
		if !w.has(set, position) {
			return true
		}
	}
	return false
}

// mark and reset undo what a schema added that turned out not to match.
func (w *walk) mark(set int) (e evaluated) {
	if set != noSet {
		e = w.evaluated[set]
		e.more = slices.Clone(e.more)
	}
	return e
}

func (w *walk) reset(set int, to evaluated) {
	if set != noSet {
		w.evaluated[set] = to
	}
}

// join adds another set.
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
	e.all = e.all || other.all
	w.prefer(set, other.alternative)
}

// prefer keeps the alternative that comes first in the document.
func (w *walk) prefer(set int, other *alternative) {
	if set == noSet || other == nil {
		return
	}
	if e := &w.evaluated[set]; e.alternative == nil || other.union < e.alternative.union {
		e.alternative = other
	}
}
