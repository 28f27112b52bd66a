package validator

import (
	"cmp"
	"slices"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// A union is valid when a branch matches. In the Standard tier the walk stops at the
// first branch that does; by the letter, it counts the branches of oneOf.
//
// When no branch matches, a list of what is wrong with every branch is of no use. One
// branch is reported, the closest, and its failures are kept as the causes of the
// failure of the union. The closest branch is found by comparing what was recorded
// while the branches were tried, see distance: none is validated twice.

// maxAttempts bounds the branches that are compared, as to measure one costs more than
// to try it. Later branches are tried without recording failures: they may still match.
const maxAttempts = 100

// attempts are the branches of one union that have been tried on one value without a
// match. Their failures are at the end of walk.failures from start on: first those of
// the closest branch so far, then, while it is compared, those of the branch that was
// tried last. So memory does not grow with the number of branches.
type attempts struct {
	*union
	value   jsonvalue.Ref
	set     int
	start   int  // in walk.failures
	named   bool // the first candidate is the one that the discriminator names
	single  bool // there is one candidate
	tried   int
	closest *branch
	best    distance
	knows   evaluated // by the closest branch
	instead []failure // see alternative
	circles int       // branches that are the union again
	ways    int       // that instead refers to
}

// union validates by anyOf or oneOf (JSON Schema 2020-12 §10.2.1.2, §10.2.1.3).
//
// The first branch that matches decides, unless an unevaluatedProperties around the
// union wants to know of fields that this branch does not evaluate: annotations are
// collected from every branch that matches (§11.3), so later branches are tried too. In
// the Strict mode the branches of oneOf that match are counted.
//
// Where no branch matches there is one failure: no branch accepts the type or
// the tag, or else it is what is wrong with the closest branch.
func (w *walk) union(u *union, v jsonvalue.Ref, set int) bool {
	u.prepare()
	w.left -= w.tree.Size(v) / valuesPerStep // to find the tag
	first := len(w.branches)
	w.branches = u.candidates(w.branches, w.tree, v)
	last := len(w.branches)
	ok := w.candidates(u, v, set, first, last)
	w.branches = w.branches[:first]
	return ok
}

// candidates tries the branches that are left, which are in w.branches from first up to
// last.
func (w *walk) candidates(u *union, v jsonvalue.Ref, set, first, last int) bool {
	if first == last {
		// No branch can say which fields it knows. To report every field of the object
		// as unknown beside the wrong tag would bury it.
		if u.graph.mode == Closed {
			w.addAll(set) // which fields are known cannot be said
		}
		f := failure{keyword: u.keyword, detail: noBranch}
		// Whether the tag is missing or unknown matters to a union around this one: an object
		// with a wrong tag was meant for it, see distance.
		if tag, ok := w.tree.Find(v, u.tag); ok && w.tree.Kind(tag) == jsonvalue.String && u.tag != "" {
			f.detail = noTag
		}
		return w.failWith(f)
	}
	a := attempts{union: u, value: v, set: set, start: len(w.failures), single: last-first == 1, named: u.namedBranch(w.tree, v) == w.branches[first]}
	ways, matched := len(w.ways), 0
	for i := first; i < last; i++ {
		if !w.attempt(&a, w.branches[i]) {
			// A walk that was given up has no result, and no failure either.
			if w.err != nil {
				return false
			}
			continue
		}
		matched++
		if u.exact() {
			// Which branches they are is found out by the explanation.
			if matched > 1 {
				w.forget(a.start, ways)
				return w.failWith(failure{keyword: u.keyword, detail: severalBranches})
			}
		} else if !w.wants(set, v) {
			break
		}
	}
	if matched > 0 {
		// The object matches a branch, but not all of its fields are declared there:
		// another branch may explain them, see alternative.
		if a.instead != nil && w.wants(set, v) {
			w.prefer(set, &alternative{u.at, a.instead})
		}
		w.forget(a.start, w.keptWays(&a, ways))
		return true
	}
	if a.circles == last-first {
		if len(u.branches) == a.circles {
			return w.giveUp(errSpent) // a union of nothing but itself
		}
		return w.failWith(failure{keyword: u.keyword, detail: noBranch})
	}
	// Nobody reads the failures of a test, so it is enough that there is one.
	if w.quiet > 0 {
		return false
	}
	// The properties beyond the tag have excluded branches that may be closer all the
	// same: the mistake may be in one of these properties.
	if !a.named {
		w.branches = u.appendTagged(w.branches, w.tree, v)
		for i, end := last, len(w.branches); i < end; i++ {
			if b := w.branches[i]; !slices.Contains(w.branches[first:last], b) {
				w.attempt(&a, b)
			}
		}
	}
	f := failure{keyword: u.keyword, detail: branchFailed, causes: int32(len(w.failures) - a.start)}
	w.failWith(f)
	// The fields that the closest branch declares are not what is wrong.
	w.join(set, a.knows)
	return false
}

// keptWays returns how many ways stay when so many were there before. An alternative
// refers to ways of its own, which must outlive the branch: that of the set, or the one
// that this union has found.
func (w *walk) keptWays(a *attempts, before int) int {
	if a.set != noSet && w.evaluated[a.set].alternative != nil {
		return len(w.ways)
	}
	return max(before, a.ways)
}

// attempt tries one branch. Its failures are kept if it is the closest so far. The
// fields that it evaluates count only if it matches: a schema that fails produces no
// annotations (JSON Schema 2020-12 §7.7.1.2).
// Each branch starts with the same limit of failures and the same evaluated set, and leaves
// neither failures nor ways behind unless it is the closest so far: that keeps memory flat
// over a hundred branches at every level of nesting.
func (w *walk) attempt(a *attempts, b *branch) bool {
	if n := a.node(b); n.also != nil && w.circle(n, a.value, a.keyword) == throughUnions {
		a.circles++
		return false
	}
	// Without notes a branch is a test: it ends at its first failure.
	noted := w.quiet == 0 && a.tried < maxAttempts
	if !noted {
		w.quiet++
	}
	start, ways, limit, before := len(w.failures), len(w.ways), w.limit, w.mark(a.set)
	// Each branch may record as many failures as the whole instance: with what an
	// earlier part has used up, the first branch of a union far down would look
	// perfect.
	w.limit = start + maxNoted
	ok := w.apply(a.node(b), a.keyword, int(b.index), a.value, a.set)
	w.limit = limit
	switch {
	case ok:
		w.forget(start, w.keptWays(a, ways))
	case noted && w.err == nil:
		a.tried++
		w.keepCloser(a, b, start, ways)
		w.reset(a.set, before)
	default:
		w.reset(a.set, before)
	}
	if !noted {
		w.quiet--
	}
	return ok
}

// keepCloser keeps the failures of a branch, from start on, if it is closer than the
// one that is kept, and drops them if it is not. Distances are computed only when there
// are two branches to compare; most unions leave one candidate. A branch that the
// discriminator names is kept in any case.
func (w *walk) keepCloser(a *attempts, b *branch, start, ways int) {
	var d distance
	measured := false
	if a.mayBeInstead(w.tree) {
		d, measured = w.distance(a.union, b, a.value, start, len(w.failures)), true
		w.noteInstead(a, d, start)
	}
	// The first branch is the closest so far, and is not measured yet: it may stay
	// alone.
	if a.tried == 1 {
		a.closest, a.knows = b, w.mark(a.set)
		return
	}
	// Now there are two to compare, so the first is measured too.
	if a.tried == 2 {
		a.best = w.distance(a.union, a.closest, a.value, a.start, start)
	}
	if !measured {
		d = w.distance(a.union, b, a.value, start, len(w.failures))
	}
	if a.named || d.compare(a.best) >= 0 {
		w.forget(start, w.keptWays(a, ways))
		return
	}
	// Its failures take the place of those of the branch before.
	a.closest, a.best, a.knows = b, d, w.mark(a.set)
	w.failures = append(w.failures[:a.start], w.failures[start:]...)
}

// mayBeInstead reports whether a branch that fails may become an alternative: only
// where unknown fields are refused, for objects of which another branch may be chosen,
// and one per union.
func (a *attempts) mayBeInstead(t *jsonvalue.Tree) bool {
	return !a.single && a.graph.mode == Closed && a.set != noSet && a.instead == nil && t.Kind(a.value) == jsonvalue.Object
}

// noteInstead records the first branch that an object matches but for one mistake below
// it. If the object then matches a more tolerant branch, which does not declare all of
// its fields, that one mistake explains more than a list of unknown fields: a message
// whose content is misspelt also matches the branch that has next to no required
// fields.
func (w *walk) noteInstead(a *attempts, d distance, start int) {
	if d.undeclared == 0 && d.here == 0 && d.deeper == 1 && d.unknown == 0 {
		a.instead = append(slices.Clone(w.failures[start:]), failure{way: w.way(), keyword: a.keyword, detail: branchFailed, causes: int32(len(w.failures) - start)})
		a.ways = len(w.ways)
	}
}

// distance is how far an instance is from a branch. Its parts are compared in this
// order:
//
//   - undeclared: the fields that the branch does not declare. A field that is there
//     is the strongest sign of what its author had in mind; one that is missing says
//     little.
//   - tags: the const or enum that the instance contradicts, here or in a part, and
//     parts that are of another JSON type. Whoever writes "type":"image" wants an
//     image.
//   - here: the failures at the instance itself, each missing property counted.
//   - deeper: the failures of its members and items. A branch that fails only there
//     has been recognised.
//   - depth: how deep the first failure is. The deeper, the more of the branch
//     matched before it.
//
// It is a heuristic. It decides only which failures are shown, never whether an
// instance is valid.
type distance struct {
	undeclared int
	tags       int
	here       int
	deeper     int
	unknown    int // fields that a part does not declare
	depth      int
}

// distance measures a branch by its failures, those from start up to end. It costs a
// step for each tag that is looked up.
func (w *walk) distance(u *union, b *branch, v jsonvalue.Ref, start, end int) distance {
	d := distance{depth: 1 << 30}
	for i := range b.Tags {
		t := &b.Tags[i]
		if len(t.Values) == 0 {
			continue
		}
		if value, ok := w.tree.FindHashed(v, t.Name, t.hash); ok && w.tree.Kind(value) == jsonvalue.String && !slices.Contains(t.Values, w.tree.String(value)) {
			d.tags++
		}
	}
	w.left -= 1 + len(b.Tags)
	d.undeclared = u.undeclared(b, w.tree, v, 1000)
	// Depths in ways are those in the instance; here they count from the value of the
	// union.
	base := int(w.stack[len(w.stack)-1].depth)
	for i := start; i < end; i++ {
		f := &w.failures[i]
		// The failure of an inner union stands for its causes, which are counted
		// themselves.
		if f.causes > 0 {
			continue
		}
		// A failure is at the value of its way.
		step := &w.ways[f.way]
		depth := int(step.depth) - base
		switch {
		case step.keyword == kwUnevaluatedProperties && f.keyword == kwNone:
			d.unknown++
		case depth <= 0:
			d.here++
			if f.detail == missingNames {
				d.here += int(f.a) - 1
			}
		default:
			d.deeper++
		}
		if (f.detail == noTag || f.detail == otherKind) && depth > 0 {
			d.tags++
		}
		if f.detail == noTag {
			depth++ // it is the tag that is wrong
		}
		d.depth = min(d.depth, depth)
	}
	return d
}

// compare returns less than 0 if d is closer. Unknown fields of parts count only where
// nothing else failed: beside another failure, most of them are declared by the very
// schema that failed.
func (d distance) compare(other distance) int {
	order := cmp.Or(d.undeclared-other.undeclared, d.tags-other.tags, d.here-other.here, d.deeper-other.deeper)
	if order == 0 && d.here+d.deeper == 0 {
		order = d.unknown - other.unknown
	}
	return cmp.Or(order, other.depth-d.depth)
}
