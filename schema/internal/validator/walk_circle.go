package validator

import "github.com/opcall/opcall/internal/jsonvalue"

// A schema can lead back to itself with the same value. That has no meaning in the
// standard (JSON Schema 2020-12 Core §9.4.1), and documents have it all the same: a base
// lists its subtypes in oneOf, and each subtype is an allOf of the base. What they mean
// is that the other parts decide. So where every part must match, coming back counts as
// a match; where one branch must match, a branch that is the union again does not.

// circle is how a schema leads back to itself.
type circle uint8

const (
	noCircle      circle = iota
	throughUnions        // by branches of unions alone
	throughAll           // by a part that has to match
)

// circle reports whether a schema to which a keyword leads is being applied to the value
// already. A circle through not or if is left alone: it contradicts itself, and the
// bounds of the walk end it.
func (w *walk) circle(n *node, v jsonvalue.Ref, k keyword) circle {
	found := throughUnions
	for i := len(w.stack) - 1; i >= 0 && w.stack[i].value == v; i-- {
		switch k {
		case kwNot, kwIf:
			return noCircle
		case kwAnyOf, kwOneOf:
		default:
			found = throughAll
		}
		if i&15 == 0 {
			w.left-- // so many comparisons take the time of a step
		}
		f := &w.stack[i]
		if f.node == n || n.object != nil && f.node.object == n.object {
			return found
		}
		k = f.keyword
	}
	return noCircle
}
