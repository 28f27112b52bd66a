package validator

import (
	"slices"
	"strconv"
	"sync"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// The explanation starts from failures and ends with problems: one for each mistake
// that somebody has to mend, which is seldom one for each failure. A misspelt property
// is a missing one and an unknown one; a wrong tag makes every branch of a union fail;
// a field one level too deep is missing in one object and unknown in another. The files
// explain_*.go each take one sort of failure, and explain_merge.go what is left over.
//
// It runs only for invalid instances, so it may read schema objects again, and even
// validate parts of the instance once more, within the steps that the walk has left.

// explainer turns the failures of a walk into problems. It is used once, for one
// instance.
// It reads the record of the walk and the tree, and the schema objects of the graph, but
// not the compiled nodes, except to learn which rule a failure belongs to: a message shows
// what the document says, not what it compiles to.
type explainer struct {
	graph    *Graph
	walk     *walk // nil where there is only a union
	tree     *jsonvalue.Tree
	problems []Problem
	more     int  // failures that are not explained
	verbatim bool // report every field that is not evaluated

	compared  int // names that were compared with unknown ones, see maxCompared
	names     fieldNames
	freeNames freeNames
	nearby    closest
	wanted    wanted

	// Memory that is kept from one explanation to the next.
	line     line      // see say
	branches []*branch // see taken

	failedUnions map[unionAt]bool // that no branch matches, see hasFailed
	declared     set[declaredAt]
	declarations []*declaration // of these
	// Two notes for merge, by object: the tag is missing, so which fields it may have
	// is unknown; or the tag, here by name, has a value that is neither accepted nor
	// close to one.
	tagless    map[jsonvalue.Ref]bool
	foreignTag map[jsonvalue.Ref]string
}

// explainers keep the memory of a line and of lists.
var explainers = sync.Pool{New: func() any { return &explainer{line: make(line, 0, 512)} }}

// newExplainer begins an explanation. The caller releases it.
func newExplainer(g *Graph, w *walk, t *jsonvalue.Tree) *explainer {
	x := explainers.Get().(*explainer)
	x.graph, x.walk, x.tree = g, w, t
	return x
}

// release returns an explainer to the pool. The problems are the caller's.
func (x *explainer) release() {
	if cap(x.line) > maxKeptLine || max(cap(x.branches), cap(x.names.sorted), cap(x.freeNames.list)) > maxNoted {
		return
	}
	// They point into the document and the instance.
	clear(x.branches)
	clear(x.names.sorted)
	clear(x.freeNames.list)
	*x = explainer{
		line: x.line[:0], branches: x.branches[:0],
		names: fieldNames{sorted: x.names.sorted[:0]}, freeNames: freeNames{list: x.freeNames.list[:0]},
	}
	explainers.Put(x)
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
	x.problems, x.more = nil, 0
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
	x.problems = slices.Grow(x.problems, min(len(list), maxExplained)) // at least one each, nearly always
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

// place finds where a failure is: the schema object, the keyword in it, the value. An
// unknown field failed a schema that no document contains, so it is placed at the
// object that has the field.
// Pointers are put together here, and not in the walk: of four hundred failures a few are
// shown, and of a dropped branch none.
func (x *explainer) place(f failure) failed {
	w := x.walk
	way := f.way
	step := &w.ways[way]
	out := failed{failure: f, keyword: f.keyword.String(), value: step.value, at: way}
	switch {
	// What jsonschema reports has pointers in place of a way.
	case f.detail == foreignKeyword:
		return x.placeForeign(out)
		// The way ends at the value of the field, below a schema that stands for "nothing
		// declares it". What is shown is the object around it.
	case step.node == unknownField:
		out.at = step.parent
		out.keyword, out.value = UnknownKeyword, w.ways[out.at].value
	}
	out.object, out.known = x.objectAt(out.at)
	return out
}

// locate writes the pointers of a failure, when it is known that it becomes a problem and
// of which member. Of an unknown field the keyword is nowhere, and its place is found
// otherwise.
func (x *explainer) locate(f *failed) {
	// What jsonschema reports, and a union without a walk, have their pointers already.
	if x.walk == nil || f.failure.detail == foreignKeyword {
		if f.tagged {
			f.pointer = pointerBelow(f.pointer, f.tag)
		}
		return
	}
	f.pointer = x.walk.instancePointer(f.at, f.tag, f.tagged)
	switch {
	case f.keyword == UnknownKeyword:
	// The list of dependentRequired has an entry per name, and the entry has names: the
	// pointer leads to the one that is missing (/dependentRequired/card/0).
	case f.failure.detail == dependentOn:
		d := &x.walk.ways[f.at].node.fields.rare.dependentRequired[f.failure.a]
		f.location = pointerBelow(f.object.At, f.keyword, d.name, strconv.Itoa(int(f.failure.b)))
	// The keyword that failed, which is not always the one that is reported.
	case f.failure.keyword != kwNone:
		f.location = f.object.At + "/" + f.failure.keyword.String()
	default:
		f.location = f.object.At
	}
}

// placeForeign places a failure that jsonschema reported, by its pointers.
func (x *explainer) placeForeign(f failed) failed {
	own := x.walk.foreign[f.failure.a]
	text, _ := x.graph.textAt(own.schema)
	f.object = Place{x.graph.Read(Place{text, own.schema}), own.schema}
	f.keyword, f.value = own.keyword, own.value
	f.location, f.pointer = pointerBelow(own.schema, own.keyword), x.pointerTo(own.value)
	return f
}

// pointerTo returns the pointer to a value of the instance, from the root down: at each
// level it skips the parts that end before the value.
func (x *explainer) pointerTo(value jsonvalue.Ref) string {
	var at []byte
	v := jsonvalue.Ref(0)
	for v != value && len(at) <= maxPointer {
		part, step := v+1, jsonvalue.Ref(0)
		if x.tree.Kind(v) == jsonvalue.Object {
			part, step = part+1, 1
		}
		for x.tree.Past(part) <= value {
			part = x.tree.Past(part) + step
		}
		at, v = x.walk.appendToken(at, v, part), part
	}
	return string(at)
}

// objectAt returns the schema object at the end of a way, as the mode reads it. A plain
// node is found below the last object on the way that is in one place; its own object is
// looked up where somebody asks for more than its text.
func (x *explainer) objectAt(way int32) (Place, *object) {
	w := x.walk
	if o := w.ways[way].node.object; o != nil {
		return Place{o.text, o.at}, o
	}
	// A plain node is shared by all places with its keywords. Its pointer says which of
	// them is meant, and the text is found by following the pointer from there.
	at := w.schemaPointer(way)
	for i := way; i >= 0; i = w.ways[i].parent {
		if o := w.ways[i].node.object; o != nil {
			text, _ := x.graph.descend(Place{o.text, o.at}, dialect.Schema, at[len(o.at):])
			return Place{x.graph.Read(Place{text, at}), at}, nil
		}
	}
	return Place{x.graph.Read(w.root), at}, nil
}

// schema returns the schema object of a failure.
func (x *explainer) schema(f *failed) *object {
	if f.known == nil {
		f.known = x.graph.object(f.object)
	}
	return f.known
}

// around returns the outermost schema object that applies to the same value. The failed
// one may be only a part of it, and a name that is unknown to a part may be declared by
// another.
func (x *explainer) around(f failed) *object {
	if x.walk == nil || f.failure.detail == foreignKeyword {
		return x.schema(&f)
	}
	// Steps that stay at the same value apply in place: the first of them is the schema
	// that all others are parts of.
	way, ways := f.at, x.walk.ways
	for parent := ways[way].parent; parent >= 0 && ways[parent].value == ways[way].value; parent = ways[way].parent {
		way = parent
	}
	// Nothing is around most objects.
	if way == f.at {
		return x.schema(&f)
	}
	p, known := x.objectAt(way)
	if known == nil {
		known = x.graph.object(p)
	}
	return known
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

// say returns a line as a text of its own, and keeps its memory for the next one.
func (x *explainer) say(l line) string {
	x.line = l[:0]
	return string(l)
}
