package validator

import "github.com/opcall/opcall/internal/jsonvalue"

// What other places declare of a value (joint.go) is asked for by the way to it. The walk asks
// while it is at the value, and the explanation when the walk has ended and only the recorded
// ways are left. Both give their way as steps, so that one computation serves the verdict and
// the message, and the two cannot disagree.

// besides is the joint of the schema at hand, for which it was asked last.
type besides struct {
	*joint
	node  *node
	value jsonvalue.Ref
	depth int // of the walk's stack: the same schema may meet the same value on another way
}

// knownBeside reports whether a field that the schema at hand does not know is one that
// another description of the same value knows. The last result is kept, as an object
// with one unknown field often has others. The Strict mode never asks: by the letter each
// schema closes by itself.
func (w *walk) knownBeside(n *node, v jsonvalue.Ref, name string) bool {
	if n.object == nil || n.object.graph.mode == Strict {
		return false
	}
	if b := &w.besides; b.joint == nil || b.node != n || b.value != v || b.depth != len(w.stack) {
		*b = besides{n.object.graph.joint(w.tree, w.steps(), &w.left), n, v, len(w.stack)}
		// What was collected may be a part: a field that is missing in it may be declared.
		if w.left <= 0 {
			return w.giveUp(errSpent)
		}
	}
	return w.besides.accepts(n, name)
}

// steps returns the way to the schema at hand, in memory of the walk: until it is called
// again.
func (w *walk) steps() []step {
	list := w.route[:0]
	for i := range w.stack {
		f := &w.stack[i]
		list = append(list, step{f.node, f.value, f.index, f.keyword})
	}
	w.route = list
	return list
}

// stepsTo returns a way that is recorded. Ways are linked to their parents, so it is counted
// first and filled from its end.
func (r *record) stepsTo(way int32) []step {
	n := 0
	for i := way; i >= 0; i = r.ways[i].parent {
		n++
	}
	list := make([]step, n)
	for i := way; i >= 0; i = r.ways[i].parent {
		n--
		list[n] = step{r.ways[i].node, r.ways[i].value, r.ways[i].index, r.ways[i].keyword}
	}
	return list
}
