package validator

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// The explanation starts from failures and ends with problems: one for each mistake
// that somebody has to mend, which is seldom one for each failure. A misspelt property
// is a missing one and an unknown one; a wrong tag makes every branch of a union fail;
// a field one level too deep is missing in one object and unknown in another. A failure is
// placed (explain_place.go), explained by its sort, and its problem compared with the others
// of its object (explain_merge.go).
//
// It runs only for invalid instances, so it may read schema objects again, and even
// validate parts of the instance once more, within the steps that the walk has left.

// explainer turns the failures of a walk into problems. It is for one instance, and pooled.
// It reads the record of the walk and the tree, and the schema objects of the graph, but
// not the compiled nodes, except to learn which rule a failure belongs to: a message shows
// what the document says, not what it compiles to.
type explainer struct {
	explanation

	// Memory that is kept from one explanation to the next.
	problems  []Problem
	line      line      // see say
	texts     texts     // see keep
	branches  []*branch // see taken
	names     fieldNames
	freeNames freeNames
	merging   merging // see merge
}

// explanation is what an explainer knows of the instance that it explains.
type explanation struct {
	graph    *Graph
	walk     *walk // nil where there is only a union
	tree     *jsonvalue.Tree
	more     int  // failures that are not explained
	verbatim bool // report every field that is not evaluated

	compared int // names that were compared with unknown ones, see maxCompared
	nearby   closest
	wanted   wanted
	took     took // see taken

	failedUnions map[unionAt]bool // that no branch matches, see hasFailed
	declared     set[declaredAt]
	declarations []*declaration // of these
	// Two notes for merge, by object: the tag is missing, so which fields it may have
	// is unknown; or the tag, here by name, has a value that is neither accepted nor
	// close to one.
	tagless    map[jsonvalue.Ref]bool
	foreignTag map[jsonvalue.Ref]string
}

// newExplainer begins an explanation. The caller releases it.
func newExplainer(g *Graph, w *walk, t *jsonvalue.Tree) *explainer {
	x, ok := g.schemas.explainers.Get().(*explainer)
	if !ok {
		x = &explainer{line: make(line, 0, 512)}
	}
	x.graph, x.walk, x.tree = g, w, t
	return x
}

// release returns an explainer to the pool, with the memory of its problems.
func (x *explainer) release() {
	if cap(x.line) > maxKeptLine || cap(x.problems) > 2*maxExplained ||
		max(cap(x.branches), cap(x.names.list), cap(x.freeNames.list), cap(x.freeNames.taken)) > maxNoted {
		return
	}
	pool := &x.graph.schemas.explainers
	// They hold texts of errors and of the instance. Of the names of several objects those of
	// the last stand in front of others.
	clear(x.problems)
	clear(x.names.list[:cap(x.names.list)])
	x.explanation = explanation{}
	x.problems, x.line, x.branches = x.problems[:0], x.line[:0], x.branches[:0]
	x.names = fieldNames{list: x.names.list[:0]}
	x.freeNames = freeNames{list: x.freeNames.list[:0], taken: x.freeNames.taken[:0]}
	pool.Put(x)
}

// maxKeptLine bounds the memory for a line that is kept, in bytes. A message is longer only
// where a document has long hints or names.
const maxKeptLine = 4096

// unionAt is a union and the value that it was tried on.
type unionAt struct {
	union *union
	value jsonvalue.Ref
}

// declaredAt is a schema object and the value whose fields it declares.
type declaredAt struct {
	schema *object
	value  jsonvalue.Ref
}

// failed is a failure with what is needed to show it: a keyword of a schema object that
// an instance does not match, and where both are.
// The failure itself is numbers. To show one takes the text of the schema object, which the
// walk never needs, so that it is looked up here and for failures that are shown only.
type failed struct {
	failure
	object   Place   // the schema object, as the mode reads it
	known    *object // the same, where the way leads to it
	keyword  string  // that is reported
	value    jsonvalue.Ref
	at       int32  // the way to the value
	tag      string // the name of a member of value that is reported in its place
	tagged   bool   // there is a tag, which may be ""
	pointer  string // to the value, and to the keyword: see locate
	location string
}

// maxExplained bounds the problems that failures are turned into: a few more than
// are shown, as several may be one mistake.
// Each takes a few microseconds, most of them for the names that are near.
const maxExplained = 128

// explainAll adds the problems of all failures.
func (x *explainer) explainAll() {
	// It may be called a second time, with another setting of verbatim.
	x.problems, x.more = x.problems[:0], 0
	x.explainEach(0, len(x.walk.failures))
	x.merge()
}

// hasFailed reports whether the walk found that no branch of a union matches a value:
// then the branches need not be tried again. The failures are read when it is first
// asked.
func (x *explainer) hasFailed(u *union, v jsonvalue.Ref) bool {
	// A union of its own, such as that of webhooks, is explained without a walk.
	if x.walk == nil {
		return false
	}
	if x.failedUnions == nil {
		x.failedUnions = make(map[unionAt]bool)
		for _, f := range x.walk.failures {
			if f.detail >= noBranch && f.detail <= severalBranches {
				step := &x.walk.ways[f.way]
				x.failedUnions[unionAt{step.node.unionOf(f.keyword), step.value}] = true
			}
		}
	}
	return x.failedUnions[unionAt{u, v}]
}

// explainEach adds the problems of some failures. The causes of a union precede it in
// the list, so it reads the list from the end, leaves the causes to their union, and
// explains in the order in which the failures were found.
func (x *explainer) explainEach(start, end int) {
	var buf [16]int
	list := buf[:0]
	// A failure with n causes follows them, so the next failure of this level is n+1
	// places before it.
	for i := end - 1; i >= start; i -= 1 + int(x.walk.failures[i].causes) {
		list = append(list, i)
	}
	for _, i := range slices.Backward(list) {
		// What is not explained is counted, so that nobody takes the list for complete.
		if len(x.problems) >= maxExplained {
			x.more++
			continue
		}
		x.explain(i)
	}
}

// explain adds the problems of one failure: none where a better explanation exists,
// several where one failure stands for several mistakes.
// The order of the cases is from what stands for several mistakes to what is one. Keywords
// that only compare a value with a bound, which are most, are the last.
func (x *explainer) explain(i int) {
	f := x.place(x.walk.failures[i])
	switch {
	case f.failure.keyword == kwAnyOf || f.failure.keyword == kwOneOf:
		x.union(f, i)
	case f.keyword == UnknownKeyword && f.failure.detail != foreignKeyword:
		x.unknown(f)
	case f.failure.keyword == kwRequired:
		x.required(f)
	case f.failure.keyword == kwAdditionalProperties:
		x.additional(f)
	case f.failure.detail == notStrict:
		x.notStrict(f)
	case f.failure.keyword == kwMisspelt:
		x.misspeltKeyword(f)
	default:
		p := x.describe(f)
		if f.failure.keyword == kwEnum || f.failure.keyword == kwConst {
			// A wrong constant may be the tag of an object that is meant for something
			// else, which merge decides when it knows the other problems.
			x.noteTag(f, &p)
		}
		x.add(p)
	}
}

// explainFirst adds a problem of the first keyword that failed.
func (x *explainer) explainFirst() {
	x.add(x.describe(x.place(x.walk.failures[0])))
}

// member returns the value of a keyword of the failed schema object, "" when it is
// absent.
func (f *failed) member(key string) string {
	value, _ := jsonscan.Member(f.object.Text, key)
	return value
}

// problem begins a problem at the failed instance. The component is named so that a
// reader finds the schema in the documentation; without one its title has to do.
func (x *explainer) problem(f *failed) Problem {
	x.locate(f)
	// Inline schemas are called by the component that they are in, as that is what the
	// documentation of an API has a page for.
	name, _ := componentOf(f.object.At)
	if name == "" {
		name = jsonscan.String(f.member("title"))
	}
	if len(f.pointer) > maxPointer {
		f.pointer = bounded(f.pointer, maxPointer)
	}
	return Problem{Pointer: f.pointer, Keyword: f.keyword, Component: name, Schema: f.location}
}

func (x *explainer) add(p Problem) { x.problems = append(x.problems, p) }
