package validator

import "github.com/opcall/opcall/internal/jsonvalue"

// Validate reports the problems of an instance of the schema at a place, ordered by
// pointer, where it is invalid. The list is that of report for the call, and what it has of
// the document and the instance are copies. Of an instance with many mistakes not all are
// explained: more is how many others were found, and of thousands not all are looked
// for.
//
// A walk that is given up yields one problem with UnusableKeyword: the document asks for
// more work than it may.
func (g *Graph) Validate(p Place, t *jsonvalue.Tree, d Direction, report func(list []Problem, more int)) {
	// The steps are for the walk and the explanation together, and depend on the
	// instance alone: a document cannot buy more of them.
	n := g.root(p)
	w := g.newWalk(t, p, steps(len(t.Text)))
	defer w.release()
	w.direction = d
	ok := w.start(n, 0)
	switch {
	case w.err != nil:
		report([]Problem{{Keyword: UnusableKeyword, Schema: p.At, Message: unusable(w.err.Error())}}, 0)
		return
	// Nothing was allocated up to here, but for what the pools did not have.
	case ok:
		return
	}
	x := newExplainer(g, w, t)
	defer x.release()
	// An unknown field is not reported where a branch with a mistake elsewhere declares
	// it. If that leaves nothing, the unknown fields are the mistake after all, and are
	// reported as they are found.
	if x.explainAll(); len(x.problems) == 0 {
		x.verbatim = true
		x.explainAll()
	}
	if len(x.problems) == 0 { // a failure is a problem, whatever can be said about it
		x.explainFirst()
	}
	SortProblems(x.problems)
	x.problems = WithoutRepeats(x.problems)
	report(x.problems, x.more)
}
