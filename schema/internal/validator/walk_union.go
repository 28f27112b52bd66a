package validator

import (
	"cmp"
	"slices"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// maxAttempts bounds the branches that are compared.
const maxAttempts = 100

// attempts are the branches of a union that an instance does not match. Of their
// failures only those of the closest branch are kept, from start on.
type attempts struct {
	*union
	value   jsonvalue.Ref
	set     int
	start   int  // in walk.failures
	named   bool // the first candidate is the one that the discriminator names
	tried   int
	closest *branch
	best    distance
	knows   evaluated // by the closest branch
	instead []failure // see alternative
}

// union validates by anyOf or oneOf (JSON Schema 2020-12 §10.2.1.2, §10.2.1.3).
// The first branch that matches decides, unless somebody asks for fields or items
// that it does not evaluate: then later branches may evaluate more (§11.3). In
// the Strict mode the branches of oneOf that match are counted.
//
// Where none matches there is one failure: that the kind or the tag is none of the
// known ones, or what is wrong with the closest branch.
func (w *walk) union(u *union, v jsonvalue.Ref, set int) bool {
	u.prepare()
	first := len(w.branches)
	w.branches = u.candidates(w.branches, w.tree, v)
	last := len(w.branches)
	ok := w.candidates(u, v, set, first, last)
	clear(w.branches[first:])
	w.branches = w.branches[:first]
	return ok
}

func (w *walk) candidates(u *union, v jsonvalue.Ref, set, first, last int) bool {
	if first == last {
		if u.graph.mode == Closed {
			w.addAll(set) // which fields are known cannot be told
		}
		f := failure{keyword: u.keyword, detail: noBranch}
		if tag, ok := w.tree.Find(v, u.tag); ok && w.tree.Kind(tag) == jsonvalue.String && u.tag != "" {
			f.detail = noTag
		}
		return w.failWith(f)
	}
	a := attempts{union: u, value: v, set: set, start: len(w.failures), named: u.namedBranch(w.tree, v) == w.branches[first]}
	ways, matched := len(w.ways), 0
	for i := first; i < last; i++ {
		if !w.attempt(&a, w.branches[i]) {
			if w.err != nil {
				return false
			}
			continue
		}
		matched++
		if u.exact() {
			if matched > 1 {
				w.forget(a.start, ways)
				return w.failWith(failure{keyword: u.keyword, detail: severalBranches})
			}
		} else if !w.wants(set, v) {
			break
		}
	}
	if matched > 0 {
		if a.instead != nil && w.wants(set, v) {
			w.prefer(set, &alternative{u.at, a.instead})
		}
		w.forget(a.start, w.keptWays(set, ways))
		return true
	}
	if w.quiet > 0 {
		return false
	}
	if !a.named {
		for _, b := range u.tagged(w.tree, v) {
			if !slices.Contains(w.branches[first:last], b) {
				w.attempt(&a, b)
			}
		}
	}
	f := failure{keyword: u.keyword, detail: branchFailed, causes: int32(len(w.failures) - a.start)}
	w.failWith(f)
	w.join(set, a.knows)
	return false
}

// keptWays returns how many ways stay when so many were there before: an
// alternative has ways of its own.
func (w *walk) keptWays(set, before int) int {
	if set != noSet && w.evaluated[set].alternative != nil {
		return len(w.ways)
	}
	return before
}

// attempt tries one branch. Its failures are kept if it is the closest so far, and
// the fields that it knows count only if it matches.
func (w *walk) attempt(a *attempts, b *branch) bool {
	noted := w.quiet == 0 && a.tried < maxAttempts
	if !noted {
		w.quiet++
	}
	start, ways, limit, before := len(w.failures), len(w.ways), w.limit, w.mark(a.set)
	w.limit = start + maxNoted
	ok := w.apply(a.node(b), a.keyword, int(b.index), a.value, a.set)
	w.limit = limit
	switch {
	case ok:
		w.forget(start, w.keptWays(a.set, ways))
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

// keepCloser keeps the failures of a branch from start on if it is closer than the
// one that is kept. A single one is not measured.
func (w *walk) keepCloser(a *attempts, b *branch, start, ways int) {
	var d distance
	measured := false
	if a.mayBeInstead(w.tree) {
		d, measured = w.distance(a.union, b, a.value, start, len(w.failures)), true
		w.noteInstead(a, d, start)
	}
	if a.tried == 1 {
		a.closest, a.knows = b, w.mark(a.set)
		return
	}
	if a.tried == 2 {
		a.best = w.distance(a.union, a.closest, a.value, a.start, start)
	}
	if !measured {
		d = w.distance(a.union, b, a.value, start, len(w.failures))
	}
	if a.named || d.compare(a.best) >= 0 {
		w.forget(start, w.keptWays(a.set, ways))
		return
	}
	a.closest, a.best, a.knows = b, d, w.mark(a.set)
	w.failures = append(w.failures[:a.start], w.failures[start:]...)
}

// mayBeInstead reports whether a branch may be an alternative.
func (a *attempts) mayBeInstead(t *jsonvalue.Tree) bool {
	return a.graph.mode == Closed && a.set != noSet && a.instead == nil && t.Kind(a.value) == jsonvalue.Object && len(a.branches) > 1
}

// noteInstead notes the first branch that an object matches but for one mistake
// further down: if it matches another branch that does not declare all of its
// fields, that mistake explains more.
func (w *walk) noteInstead(a *attempts, d distance, start int) {
	if d.undeclared == 0 && d.here == 0 && d.deeper == 1 && d.unknown == 0 {
		a.instead = append(slices.Clone(w.failures[start:]), failure{way: w.way(), keyword: a.keyword, detail: branchFailed, causes: int32(len(w.failures) - start)})
	}
}

// distance says how far an instance is from a branch. A value that is there says
// more than one that is missing: so first count the fields that the branch does
// not declare, then the tags that the instance contradicts and the parts that are
// of another kind, then the failures at the instance itself, then those below it,
// and at last how deep the first of them is.
type distance struct {
	undeclared int
	tags       int
	here       int
	deeper     int
	unknown    int // fields that a part does not declare
	depth      int
}

// distance looks at some failures of a branch.
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
	base := int(w.stack[len(w.stack)-1].depth)
	for i := start; i < end; i++ {
		f := &w.failures[i]
		if f.causes > 0 {
			continue
		}
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

// compare returns less than 0 if d is closer. Unknown fields of parts count only
// where there is nothing else: beside another failure, most of them are known to
// the schema that failed.
func (d distance) compare(other distance) int {
	order := cmp.Or(d.undeclared-other.undeclared, d.tags-other.tags, d.here-other.here, d.deeper-other.deeper)
	if order == 0 && d.here+d.deeper == 0 {
		order = d.unknown - other.unknown
	}
	return cmp.Or(order, other.depth-d.depth)
}
