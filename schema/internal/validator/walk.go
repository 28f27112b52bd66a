package validator

import (
	"sync"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// The walk goes through an instance and a schema at the same time, depth first. A
// schema reaches other schemas in two ways: apply validates the same value against a
// part that applies in place, such as a member of allOf; inner goes down to a member or
// an item. Both put a frame on a stack, from which the ways to failures are derived
// when there is a failure, so that a valid part of an instance leaves nothing behind.
//
// Every method returns whether the value is valid. Where it is not, the walk goes on,
// to find the other mistakes, until stops says that nobody wants to know more.

// walk validates one instance. It is used by one goroutine, and pooled: the stacks in
// it keep their memory.
type walk struct {
	record
	direction Direction

	// The stack is one slice for the whole walk: a frame is 24 bytes, and the calls of
	// Go that go with it are not kept.
	stack []frame // the schemas at hand, outermost first
	limit int     // of failures

	quiet int   // tests under way, whose failures do not count
	left  int   // steps that may still be taken
	err   error // why the walk was given up: no result counts

	evaluated []evaluated // see evaluated.go
	branches  []*branch   // candidates of the unions at hand
	besides   besides     // see knownBeside
	route     []step      // see steps

	pool *sync.Pool // of the document
}

// frame is a schema that is being applied to a value, and the step that led there from
// the frame below.
type frame struct {
	node    *node
	value   jsonvalue.Ref
	index   int32 // of the part among those of keyword
	way     int32 // once noted, an index in walk.ways, else -1
	depth   int16 // of value in the instance
	keyword keyword
}

// newWalk begins a walk of so many steps. The caller releases it.
func (g *Graph) newWalk(t *jsonvalue.Tree, root Place, steps int) *walk {
	pool := &g.schemas.walks
	// Walks within walks, as an explanation has them, take another one from the pool.
	w, ok := pool.Get().(*walk)
	if !ok {
		w = &walk{pool: pool}
	}
	w.tree, w.root, w.left, w.limit = t, root, steps, maxNoted
	return w
}

// release returns the memory of a walk to the pool. A walk that grew large is left to
// the garbage collector: one instance with many mistakes would otherwise hold its
// memory for good.
func (w *walk) release() {
	const most = 4 * maxNoted
	if cap(w.ways) > most || cap(w.failures) > most || cap(w.branches) > most {
		return
	}
	*w = walk{
		record: record{ways: w.ways[:0], failures: w.failures[:0]},
		stack:  w.stack[:0], evaluated: w.evaluated[:0], branches: w.branches[:0], route: w.route[:0],
		pool: w.pool,
	}
	w.pool.Put(w)
}

// start validates the root.
func (w *walk) start(n *node, v jsonvalue.Ref) bool {
	w.stack = append(w.stack, frame{node: n, value: v, way: -1})
	return w.value(n, v, noSet)
}

// giveUp ends the walk without a result: the steps are used, or jsonschema failed. The
// first reason is kept.
func (w *walk) giveUp(err error) bool {
	if w.err == nil {
		w.err = err
	}
	return false
}

// stops reports whether a value that is invalid need not be looked at any further: in a
// test one failure decides, and elsewhere enough failures are recorded.
func (w *walk) stops() bool { return w.quiet > 0 || len(w.failures) >= w.limit || w.err != nil }

// apply validates the same value against a part of the schema at hand, and adds to a
// set what the part evaluates. It adds also where the part fails: the fields that it
// declares are not what is wrong.
func (w *walk) apply(n *node, k keyword, index int, v jsonvalue.Ref, set int) bool {
	return w.take(n, k, index, v, 0, set)
}

// inner validates a member or an item. It evaluates its own members for itself, so
// there is no set. A schema that is a type and nothing else, as half of them are, takes
// one comparison and no frame.
func (w *walk) inner(n *node, k keyword, index int, v jsonvalue.Ref) bool {
	// Where the kind is wrong the frame is needed, for the way to the failure.
	if n.bare && n.kinds.Has(w.tree.Kind(v)) {
		return true
	}
	return w.take(n, k, index, v, 1, noSet)
}

func (w *walk) take(n *node, k keyword, index int, v jsonvalue.Ref, deeper int16, set int) bool {
	// The depth is that of the value in the instance: a schema that applies in place
	// does not add to it.
	depth := w.stack[len(w.stack)-1].depth + deeper
	if deeper == 0 && n.also != nil && w.circle(n, v, k) == throughAll {
		return true
	}
	w.stack = append(w.stack, frame{node: n, value: v, keyword: k, index: int32(index), way: -1, depth: depth})
	ok := w.value(n, v, set)
	w.stack = w.stack[:len(w.stack)-1]
	return ok
}

// test is apply for a schema that the instance need not match: if, not, contains,
// propertyNames. Its failures are not recorded, and what it evaluates counts only if
// the instance matches.
func (w *walk) test(n *node, k keyword, v jsonvalue.Ref, deeper int16, set int) bool {
	// A test within a test is quiet as well, so it is a count and not a flag.
	w.quiet++
	before := w.mark(set)
	ok := w.take(n, k, 0, v, deeper, set)
	if !ok {
		w.reset(set, before)
	}
	w.quiet--
	return ok
}

// fail records that a keyword of the schema at hand fails. It returns false, as do
// failWith and giveUp, for the caller to return.
func (w *walk) fail(k keyword) bool { return w.failWith(failure{keyword: k}) }

func (w *walk) failWith(f failure) bool {
	if w.quiet == 0 {
		f.way = w.way()
		w.failures = append(w.failures, f)
	}
	return false
}

// way returns the way to the schema at hand. It records the frames that are not
// recorded yet: those below belong to an earlier failure, whose way this one continues.
func (w *walk) way() int32 {
	// From the top down to the last frame that an earlier failure has recorded.
	i := len(w.stack) - 1
	for i >= 0 && w.stack[i].way < 0 {
		i--
	}
	parent := int32(-1)
	if i >= 0 {
		parent = w.stack[i].way
	}
	for i++; i < len(w.stack); i++ {
		f := &w.stack[i]
		w.ways = append(w.ways, way{node: f.node, value: f.value, parent: parent, index: f.index, depth: f.depth, keyword: f.keyword})
		parent = int32(len(w.ways) - 1)
		f.way = parent
	}
	return parent
}

// forget drops the failures and ways after some, and their numbers from the frames that
// are still at hand.
// Ways are numbered in the order in which they are recorded. A frame whose way is dropped
// records it anew when it fails again.
func (w *walk) forget(failures, ways int) {
	w.failures = w.failures[:failures]
	w.ways = w.ways[:ways]
	for i := len(w.stack) - 1; i >= 0; i-- {
		switch f := &w.stack[i]; {
		case f.way < 0:
		case int(f.way) < ways:
			return
		default:
			f.way = -1
		}
	}
}

// value validates the value against the schema at hand, and adds the members or items
// that it evaluates to a set. It is where steps are counted, once for each schema and
// value. A schema with unevaluatedProperties or unevaluatedItems needs a set of its own
// for the keywords beside them.
func (w *walk) value(n *node, v jsonvalue.Ref, set int) bool {
	// The schema false has no keyword that could be named (Core §4.3.2).
	if n.never {
		return w.fail(kwNone)
	}
	w.left--
	switch {
	case w.err != nil:
		return false
	// Cost and nesting are bounded apart: a short chain can be wide, a cheap one deep.
	case w.left < 0 || len(w.stack) > maxWay:
		return w.giveUp(errSpent)
	}
	switch kind := w.tree.Kind(v); {
	case kind == jsonvalue.Object && n.fields != nil && n.fields.unevaluated.state != ruleAbsent:
		return w.unevaluatedFields(n, v, set)
	case kind == jsonvalue.Array && n.items != nil && n.items.unevaluated != nil:
		return w.unevaluatedItems(n, v, set)
	}
	return w.keywords(n, v, set)
}

// keywords validates by everything but unevaluatedProperties and unevaluatedItems. A
// value of the wrong JSON type has that one failure: the other keywords of its schema
// are for another type, and to list them would repeat the mistake.
func (w *walk) keywords(n *node, v jsonvalue.Ref, set int) bool {
	kind := w.tree.Kind(v)
	if !n.kinds.Has(kind) {
		// An object for a string, or the other way round, is a larger mistake than a
		// number for a string: it counts in the distance of a branch.
		f := failure{keyword: kwType}
		if isStructured(kind) != isStructured(n.kinds) {
			f.detail = otherKind
		}
		return w.failWith(f)
	}
	// The cheapest rules first: most failures are of these, and in a test the first one
	// ends it.
	ok := n.scalar == nil || w.scalar(n.scalar, v, kind)
	if !ok && w.stops() {
		return false
	}
	switch {
	case kind == jsonvalue.Object && n.fields != nil:
		ok = w.object(n.fields, v, set) && ok
	case kind == jsonvalue.Array && n.items != nil:
		ok = w.array(n.items, v, set) && ok
	}
	if n.also == nil || !ok && w.stops() {
		return ok
	}
	return w.also(n.also, v, set) && ok
}

// isStructured reports whether values of a kind have parts.
func isStructured(k jsonvalue.Kinds) bool { return k.Has(jsonvalue.Object | jsonvalue.Array) }

// also validates by the schemas that apply in place (JSON Schema 2020-12 §8.2.3,
// §10.2): $ref and $dynamicRef, not, allOf, if with then or else, and last the unions,
// which cost most. The test of if contributes what it evaluates where it matches
// (§10.2.2.1); not never does, as it is valid only where its schema fails.
func (w *walk) also(n *alsoRules, v jsonvalue.Ref, set int) bool {
	if n.unusable != "" {
		return w.failWith(failure{keyword: kwUnusable, detail: unusableSchema})
	}
	if n.foreign != nil {
		return w.foreignSchema(n.foreign, v)
	}
	// All of them apply, also after one has failed: each mistake is to be reported.
	ok := true
	failed := func(result bool) bool { // and need not go on
		ok = ok && result
		return !ok && w.stops()
	}
	if n.lazy != nil && failed(w.apply(n.lazy.node(), kwRef, 0, v, set)) ||
		n.ref != nil && failed(w.apply(n.ref, kwRef, 0, v, set)) ||
		n.dynamic != nil && failed(w.apply(n.dynamic, kwDynamicRef, 0, v, set)) ||
		n.not != nil && failed(!w.test(n.not, kwNot, v, 0, noSet) || w.fail(kwNot)) {
		return false
	}
	for i, sub := range n.allOf {
		if failed(w.apply(sub, kwAllOf, i, v, set)) {
			return false
		}
	}
	if n.test != nil {
		// The result of if is not a result of the schema, it only selects (§10.2.2.1).
		sub, k := n.then, kwThen
		if !w.test(n.test, kwIf, v, 0, set) {
			sub, k = n.otherwise, kwElse
		}
		if sub != nil && failed(w.apply(sub, k, 0, v, set)) {
			return false
		}
	}
	for _, u := range n.unions {
		if failed(w.union(u, v, set)) {
			return false
		}
	}
	return ok
}

// foreignSchema validates by jsonschema, within the steps that are left, and records
// what it reports.
func (w *walk) foreignSchema(s *foreignSchema, v jsonvalue.Ref) bool {
	if s.unusable != "" {
		return w.failWith(failure{keyword: kwUnusable, detail: unusableSchema})
	}
	failures, err := s.validate(w.tree, v, &w.left)
	if err != nil {
		return w.giveUp(err)
	}
	for _, f := range failures {
		if w.quiet == 0 && len(w.failures) < w.limit {
			w.foreign = append(w.foreign, f)
			w.failWith(failure{keyword: kwNone, detail: foreignKeyword, a: int32(len(w.foreign) - 1)})
		}
	}
	return len(failures) == 0
}
