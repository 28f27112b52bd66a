package validator

import (
	"strconv"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// A failure says what failed by numbers and references, not by text. An instance is
// often tried on branches whose failures are dropped a moment later, so that to record
// one must cost next to nothing: 20 bytes in a list, and the way to it, which failures
// in one place share.

// failure is a keyword that an instance does not match. Failures are kept in one list
// in the order in which they are found. Those of a union's closest branch precede the
// failure of the union, which says how many they are: so a tree of them takes no
// pointers, and to read it from the end finds each union before its causes.
type failure struct {
	way     int32 // to the node that has the keyword: an index in walk.ways
	keyword keyword
	detail  detail
	a, b    int32 // see detail
	causes  int32 // how many of the preceding failures belong to this one
}

// detail is what the keyword alone does not say.
type detail uint8

const (
	plainFailure    detail = iota
	otherKind              // type: an object or array for a scalar, or the other way round
	missingNames           // required: a is how many
	equalItems             // uniqueItems: a and b are their indexes
	dependentOn            // dependentRequired: a is the index of the entry, b of the name
	badName                // propertyNames: a is the Ref of the name
	notStrict              // x-opcall-schema: a is the index of the member, b its Ref
	noBranch               // anyOf, oneOf: no branch is for values of that kind
	noTag                  // the same for an object whose tag no branch has
	branchFailed           // the closest branch has the failures that precede
	severalBranches        // oneOf, in the Strict mode
	unusableSchema         // the schema cannot be used
	foreignKeyword         // reported by jsonschema: a is an index in walk.foreign
)

// way is a step from a node to one of its parts, and from a value to the same value, a
// member or an item. Together with its parents it is the path from the root to a schema
// and a value, from which both pointers are derived. It is recorded only where
// something fails.
type way struct {
	node    *node
	value   jsonvalue.Ref
	parent  int32 // an index in walk.ways, -1 at the root
	index   int32 // of the part among those of keyword
	depth   int16 // of value in the instance
	keyword keyword
}

// record is what a walk finds: the failures of an instance, and the ways to them.
// The explanation reads it when the walk is over.
type record struct {
	tree     *jsonvalue.Tree
	root     Place
	ways     []way
	failures []failure
	foreign  []foreignFailure
}

// schemaPointer returns where the node at the end of a way is in the document. A plain
// node is in several places, so it is found by the keyword that led to it, below the
// last node on the way that is in one place.
func (r *record) schemaPointer(index int32) string {
	step := &r.ways[index]
	if step.node.object != nil {
		return step.node.object.at
	}
	if step.parent < 0 {
		return r.root.At
	}
	at := pointerBelow(r.schemaPointer(step.parent), step.keyword.String())
	if token, ok := r.token(step); ok {
		at = pointerBelow(at, token)
	}
	return at
}

// token returns the name or index of a part among those of its keyword, if the keyword
// has several.
func (r *record) token(step *way) (string, bool) {
	parent := r.ways[step.parent].node
	switch step.keyword {
	case kwProperties:
		return r.tree.String(step.value - 1), true
	case kwPatternProperties:
		return parent.fields.patterns[step.index].text, true
	case kwDependentSchemas:
		return parent.fields.rare.dependentSchemas[step.index].name, true
	case kwAllOf, kwAnyOf, kwOneOf, kwPrefixItems:
		return strconv.Itoa(int(step.index)), true
	}
	return "", false
}

// instancePointer returns where the value at the end of a way is in the instance.
func (r *record) instancePointer(index int32) string {
	step := &r.ways[index]
	if step.parent < 0 {
		return ""
	}
	// Steps that apply in place stay at the same value and add no token.
	at := r.instancePointer(step.parent)
	if parent := r.ways[step.parent].value; parent != step.value {
		at = r.below(at, parent, step.value)
	}
	return at
}

// below appends to the pointer of a value that of one of its members or items.
func (r *record) below(at string, parent, value jsonvalue.Ref) string {
	if r.tree.Kind(parent) == jsonvalue.Object {
		return pointerBelow(at, r.tree.String(value-1))
	}
	index := 0
	for item := parent + 1; item < value; item = r.tree.Past(item) {
		index++
	}
	return at + "/" + strconv.Itoa(index)
}
