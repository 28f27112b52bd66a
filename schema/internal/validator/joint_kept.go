package validator

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// What describes a value follows from the way to it through the schemas, and from nothing
// else that is in the instance. The same way is gone for every item of an array, and again
// for the next instance of a client that is wrong. To collect a joint takes ten times as
// long as to compare two ways, so the joints of a document are kept with their ways.

const (
	// maxJoints bounds those that are kept. A document has few objects that are sent with
	// unknown fields; but schemas that refer to themselves have ways without end, so that an
	// instance could make any number of them.
	maxJoints = 128

	// maxJointWay bounds the way of a joint that is kept, in steps. Real instances have
	// thirty.
	maxJointWay = 64
)

// jointKey is what is compared of two ways before their steps are.
type jointKey struct {
	from, to *node
	steps    int
}

// keptJoint is a joint with the way that it was collected for.
type keptJoint struct {
	*joint
	way  []step
	cost int // in steps of a walk
}

// joint returns what is declared beside the schema at the end of a way. One that was kept
// takes as many steps of the walk as it took to make: whether a walk is given up must not
// depend on what was validated before.
func (g *Graph) joint(tree *jsonvalue.Tree, way []step, left *int) *joint {
	if len(way) > maxJointWay || !isNamedBySchemas(tree, way) {
		return newJoint(tree, way, left)
	}
	key := jointKey{way[0].node, way[len(way)-1].node, len(way)}
	if kept := g.keptJoint(key, way); kept != nil {
		*left -= kept.cost
		return kept.joint
	}
	before := *left
	made := &keptJoint{joint: newJoint(tree, way, left)}
	if made.cost = before - *left; *left > 0 { // else it may be a part of what there is
		made.way = slices.Clone(way)
		g.keepJoint(key, made)
	}
	return made.joint
}

// keptJoint returns the joint that is kept for a way, or nil.
func (g *Graph) keptJoint(key jointKey, way []step) *keptJoint {
	g.jointsMu.Lock()
	defer g.jointsMu.Unlock()
	for _, kept := range g.joints[key] {
		if isSameWay(kept.way, way) {
			return kept
		}
	}
	return nil
}

// keepJoint keeps a joint. Where there are too many all of them are dropped: an instance
// that makes so many will not ask for the same ones again.
func (g *Graph) keepJoint(key jointKey, made *keptJoint) {
	g.jointsMu.Lock()
	defer g.jointsMu.Unlock()
	if g.joints == nil || g.jointCount == maxJoints {
		g.joints, g.jointCount = make(map[jointKey][]*keptJoint), 0
	}
	g.joints[key] = append(g.joints[key], made)
	g.jointCount++
}

// isNamedBySchemas reports whether every member on a way is one that properties names. A
// name that only matches a pattern, or additionalProperties, is the instance's own, and the
// schemas beside may have a property of that name.
func isNamedBySchemas(tree *jsonvalue.Tree, way []step) bool {
	for i := 1; i < len(way); i++ {
		if way[i].value != way[i-1].value && way[i].keyword != kwProperties && tree.Kind(way[i-1].value) != jsonvalue.Array {
			return false
		}
	}
	return true
}

// isSameWay reports whether two ways of the same length go through the same schemas, by
// the same properties. Items of an array differ in their position alone, which no keyword
// asks for that says what describes an item.
func isSameWay(a, b []step) bool {
	for i := range a {
		x, y := &a[i], &b[i]
		if x.node != y.node || x.keyword != y.keyword || x.keyword == kwProperties && x.index != y.index ||
			i > 0 && (x.value == a[i-1].value) != (y.value == b[i-1].value) {
			return false
		}
	}
	return true
}
