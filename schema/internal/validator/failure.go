package validator

import (
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
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
// Both lists grow at the end and are cut there when a branch is dropped, so that trying a
// branch in vain allocates nothing once they are large enough.
type record struct {
	tree     *jsonvalue.Tree
	root     Place
	ways     []way
	failures []failure
	foreign  []foreignFailure
	counted  countedItem // see itemIndex
}

// countedItem is an item of an array whose index is known.
type countedItem struct {
	array, item jsonvalue.Ref
	index       int
}

// appendBelow appends the end of the pointer to a node: what is below the last node on the
// way that is in one place.
func (r *record) appendBelow(at []byte, index int32) []byte {
	step := &r.ways[index]
	if step.node.object != nil || step.parent < 0 {
		return at
	}
	// The recursion ends at the next node with a place of its own, which is a few steps
	// away: plain nodes have no parts but items.
	at = append(append(r.appendBelow(at, step.parent), '/'), step.keyword.String()...)
	if token, ok := r.token(step); ok {
		at = append(append(at, '/'), jsonscan.EscapeToken(token)...)
	}
	return at
}

// token returns the name or index of a part among those of its keyword, if the keyword
// has several.
func (r *record) token(step *way) (string, bool) {
	parent := r.ways[step.parent].node
	switch step.keyword {
	// The keyword found the member by its name, so the name is that of the instance.
	case kwProperties:
		return r.tree.String(step.value - 1), true
	case kwPatternProperties:
		return parent.fields.patterns[step.index].pattern.text, true
	case kwDependentSchemas:
		return parent.fields.rare.dependentSchemas[step.index].name, true
		// These are lists of schemas.
	case kwAllOf, kwAnyOf, kwOneOf, kwPrefixItems:
		return strconv.Itoa(int(step.index)), true
	}
	return "", false
}

// appendPointer appends where the value at the end of a way is in the instance, up to
// maxPointer bytes and a token: deep in an instance with long names, a pointer could
// otherwise be as long as the instance. A tag is the name of a member of that value, whose
// pointer is appended instead.
func (r *record) appendPointer(at []byte, index int32, tag string, tagged bool) []byte {
	// Steps that apply in place stay at the same value and add no token.
	var buf [32]jsonvalue.Ref
	values := buf[:0] // from the value outwards
	for i := index; i >= 0; i = r.ways[i].parent {
		if v := r.ways[i].value; len(values) == 0 || v != values[len(values)-1] {
			values = append(values, v)
		}
	}
	for i := len(values) - 1; i > 0 && len(at) <= maxPointer; i-- {
		at = r.appendToken(at, values[i], values[i-1])
	}
	// A pointer that is cut already gets no further token.
	if tagged && len(at) < maxPointer {
		at = append(append(at, '/'), jsonscan.EscapeToken(tag)...)
	}
	return at
}

// appendToken appends the step from a value to one of its members or items to a
// pointer.
func (r *record) appendToken(at []byte, parent, value jsonvalue.Ref) []byte {
	at = append(at, '/')
	if r.tree.Kind(parent) == jsonvalue.Object {
		return append(at, jsonscan.EscapeToken(r.tree.String(value-1))...)
	}
	return strconv.AppendInt(at, int64(r.itemIndex(parent, value)), 10)
}

// itemIndex returns the index of an item. Failures come in the order of the items, so
// it counts on from the last one that was asked for: many failures at the end of a long
// array would otherwise count all of it each.
func (r *record) itemIndex(array, item jsonvalue.Ref) int {
	from := &r.counted
	if from.array != array || from.item > item || from.item == 0 {
		*from = countedItem{array: array, item: array + 1}
	}
	for ; from.item < item; from.item = r.tree.Past(from.item) {
		from.index++
	}
	return from.index
}
