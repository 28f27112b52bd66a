package schema

import (
	"cmp"
	"slices"
	"strings"
)

// What failures say that count for more than others.
const (
	noTag  = "no branch with that tag" // noBranch, of an object
	noKind = "a value of another kind" // an object or array for a scalar, or the other way round
)

// attempt is a branch of a union that an instance does not fit, and why.
type attempt struct {
	branch   *branch
	failures []failure
	knows    accounted // of the instance's fields
}

// maxAttempts bounds the branches that are compared.
const maxAttempts = 100

// union judges by anyOf and oneOf, as union.Validate does.
func (r *refutation) union(u *union, v any, seen *accounted) bool {
	u.prepare()
	candidates := u.candidates(v)
	object, _ := v.(map[string]any)
	if len(candidates) == 0 {
		if u.compiler.mode == modeClosed {
			seen.addAll() // which fields are known cannot be told
		}
		if _, tagged := object[u.tag].(string); tagged {
			return r.fail(u.keyword, noTag)
		}
		return r.fail(u.keyword, noBranch)
	}
	var attempts []attempt
	fits := 0
	for _, b := range candidates {
		a, ok := r.attempt(u, b, v, seen, len(attempts) < maxAttempts)
		if !ok {
			if len(attempts) < maxAttempts {
				attempts = append(attempts, a)
			}
			continue
		}
		fits++
		switch {
		case u.exact && u.keyword == "oneOf":
			if fits > 1 {
				return r.fail(u.keyword, overlap)
			}
		case !seen.wants(v): // else later branches may account for more
			return true
		}
	}
	if r.quiet > 0 || r.gaveUp != nil {
		return fits > 0
	}
	if fits > 0 {
		r.noteInstead(u, attempts, object, seen)
		return true
	}
	verdict, meant := r.failure(u.keyword, branchFailed), attempts[0]
	if u.meant(v) != candidates[0] {
		for _, b := range u.tagged(nil, v) {
			if len(attempts) < maxAttempts && !slices.Contains(candidates, b) {
				a, _ := r.attempt(u, b, v, seen, true)
				attempts = append(attempts, a)
			}
		}
		meant = leastFar(attempts, u.compiler, object, len(r.way))
	}
	verdict.causes = only(meant.failures)
	r.failures = append(r.failures, verdict)
	seen.addThose(meant.knows)
	return false
}

// noteInstead notes for an object that fits a branch, but has fields which that
// one does not declare, the branch that it fits but for one mistake further down.
func (r *refutation) noteInstead(u *union, attempts []attempt, object map[string]any, seen *accounted) {
	if u.compiler.mode != modeClosed || object == nil || !seen.wants(object) {
		return
	}
	for _, a := range attempts {
		f := a.farness(u.compiler, object, len(r.way))
		if f.strangers == 0 && f.here == 0 && f.deeper == 1 && f.unknown == 0 {
			verdict := r.failure(u.keyword, branchFailed)
			verdict.causes = only(a.failures)
			seen.prefer(&instead{u.at, verdict})
			return
		}
	}
}

// attempt tries one branch. Its failures, if they are wanted, are not yet faults,
// and what it knows of fields counts only if it is met.
func (r *refutation) attempt(u *union, b *branch, v any, seen *accounted, wanted bool) (a attempt, ok bool) {
	if !wanted {
		r.quiet++
		defer func() { r.quiet-- }()
	}
	start, ways, before := len(r.failures), len(r.ways), seen.mark()
	if r.apply(u.schemaOf(b), u.keyword, b.at.last(), v, seen) {
		r.failures = r.failures[:start]
		if seen == nil || seen.instead == nil { // which has ways of its own
			r.ways = r.ways[:ways]
		}
		return a, true
	}
	a = attempt{branch: b, failures: slices.Clone(r.failures[start:]), knows: seen.since(before)}
	r.failures = r.failures[:start]
	seen.reset(before)
	return a, false
}

// only makes one failure of several.
func only(failures []failure) []failure {
	if len(failures) == 1 {
		return failures
	}
	return []failure{{message: onlyWrapping, causes: failures}}
}

// leastFar picks the branch that an instance was meant for, to which so many steps
// lead. A value that is there says more than one that is missing: so first come
// the branches that declare most of its fields, then those whose tags, and the
// tags of whose parts, it does not contradict. After that the fewest faults at
// the instance itself count, then in all, and then how deep the first fault lies.
func leastFar(attempts []attempt, c *compiler, object map[string]any, steps int) attempt {
	best, least := attempts[0], attempts[0].farness(c, object, steps)
	for _, a := range attempts[1:] {
		if f := a.farness(c, object, steps); f.compare(least) < 0 {
			best, least = a, f
		}
	}
	return best
}

// farness says how far an instance is from a branch.
type farness struct {
	strangers int // fields that the branch does not declare
	tags      int // that the instance contradicts, and parts of another kind
	faults
	depth int // of the fault that lies least deep
}

func (a attempt) farness(c *compiler, object map[string]any, steps int) farness {
	f := farness{depth: 1 << 30}
	for _, t := range a.branch.tags {
		if value, ok := object[t.name].(string); ok && len(t.allowed) > 0 && !slices.Contains(t.allowed, value) {
			f.tags++
		}
	}
	if !c.covers(a.branch, object) {
		for name := range object {
			if !a.branch.declares.knows(name) {
				f.strangers++
			}
		}
	}
	for _, failure := range a.failures {
		f.look(failure, steps)
	}
	return f
}

// look adds a failure: what kind it is of, and how deep it lies below the instance
// to which so many steps lead.
func (f *farness) look(failure failure, steps int) {
	for _, cause := range failure.causes {
		f.look(cause, steps)
	}
	if len(failure.causes) > 0 {
		return
	}
	depth := 0
	for _, s := range failure.way[steps:] {
		if s.to != nothing {
			depth++
		}
	}
	switch {
	case failure.unknown():
		f.unknown++
	case depth == 0:
		f.here += 1 + strings.Count(failure.message, "', '") // a list of what is missing
	default:
		f.deeper++
	}
	isTag := failure.message == noTag
	if (isTag || failure.message == noKind) && depth > 0 {
		f.tags++
	}
	if isTag {
		depth++ // it is the tag that is wrong
	}
	f.depth = min(f.depth, depth)
}

func (f farness) compare(other farness) int {
	return cmp.Or(f.strangers-other.strangers, f.tags-other.tags, f.faults.compare(other.faults), other.depth-f.depth)
}
