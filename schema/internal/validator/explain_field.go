package validator

import (
	"slices"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/near"
)

// A name that is not known is usually misspelt, in another letter case, or in the wrong
// place. So a missing property is compared with the fields that the object has and the
// schema does not know, and an unknown field with the declared fields that the object
// does not have yet. Where nothing is near, a property that has a field of that name is
// looked for.

// maxProblems bounds the problems of one object for which other names are looked
// for.
const maxProblems = 100

// maxCompared bounds the names that are compared for one instance: an object of a
// thousand unknown fields, whose schema declares a thousand others, would take longer
// to explain than to validate. Ten objects of the largest kind that APIs have stay
// within it.
const maxCompared = 20_000

// nearest returns up to n names that are close to one, closest first, none once
// maxCompared is used.
func (x *explainer) nearest(want string, names []string, n int) []string {
	if x.compared += len(names); x.compared > maxCompared {
		return nil
	}
	return nearest(want, names, n)
}

// nearestOf is nearest for the strings of a document, up to three, without some of them, by
// their indexes: size is how many are left.
func (x *explainer) nearestOf(want string, list *near.List, without []bool, size int) []string {
	if x.compared += size; x.compared > maxCompared || len(want) > maxNameLength {
		return nil
	}
	return list.Nearest(want, 3, without)
}

// maxFound is how many fields a missing property may stand under.
const maxFound = 3

// fieldNames are the names of an object's fields. The last ones are kept, as an object
// often lacks several properties.
type fieldNames struct {
	object jsonvalue.Ref
	list   []string
	known  bool
	sorted bool
}

// namesNear returns the names of an object's fields that are close to one, of maxNearest of
// its fields at most. Those that are equally close are in the order of the alphabet, so that
// the order of the fields makes no difference.
func (x *explainer) namesNear(want string, object jsonvalue.Ref) []string {
	n := &x.names
	if !n.known || n.object != object {
		*n = fieldNames{object: object, list: x.tree.AppendNames(n.list[:0], object, maxNearest), known: true}
	}
	found := x.nearest(want, n.list, maxFound)
	switch {
	case len(found) < 2 || n.sorted:
		// Most names are near to one or none, which takes no sorting.
	case len(found) < maxFound:
		// These are all that are near.
		slices.Sort(found)
		found = nearest(want, found, maxFound)
	default:
		slices.Sort(n.list)
		n.sorted = true
		found = nearest(want, n.list, maxFound)
	}
	return found
}

// required reports the properties that are missing, in the order of the document, one
// problem for each. The walk only counted them.
func (x *explainer) required(f failed) {
	n := x.walk.ways[f.failure.way].node
	// The walk stops looking when it has found all names, and keeps no list. Here the
	// table says which are present, so that the missing ones come in the document's order.
	table := &n.fields.required
	present := make([]bool, len(table.list))
	for name, end := f.value+1, x.tree.Past(f.value); name < end; name = x.tree.Past(name + 1) {
		if i := table.member(x.tree, name); i >= 0 {
			present[i] = true
		}
	}
	// A schema may require thousands of names, and one object lack all of them.
	left := maxExplained
	for i, name := range table.list {
		if present[i] || left == 0 || x.optional(n.fields, name) {
			continue
		}
		left--
		p := x.problem(&f)
		p.Want, p.node = name, n
		said := x.line.text("missing property ").quoted(name)
		// Beyond these the names are listed without a suggestion.
		if left >= maxExplained-maxProblems {
			said = x.suggest(said, &p, x.misspelt(name, f))
		}
		p.Message = x.say(said)
		x.add(p)
	}
}

// optional reports whether a required property may be absent in the direction of the
// instance.
func (x *explainer) optional(f *fieldRules, name string) bool {
	return x.walk.direction != Either && f.rare != nil && f.rare.optional[x.walk.direction].index(name) >= 0
}

// suggest adds to a missing property the first of the fields that may be it, misspelt.
func (x *explainer) suggest(said line, p *Problem, misspelt []string) line {
	if len(misspelt) == 0 {
		return said
	}
	p.Nearest = misspelt[:1:1]
	p.Nearest[0] = x.keep([]byte(misspelt[0])) // it is the instance's
	return said.text("; is ").quoted(misspelt[0]).text(" a misspelling of it?")
}

// misspelt returns the fields of an object that may be the wanted one, misspelt: those
// with a similar name that the schema, with all parts and branches, does not declare.
func (x *explainer) misspelt(wanted string, f failed) []string {
	found := x.namesNear(wanted, f.value)
	if len(found) == 0 {
		return nil
	}
	// A field that the schema declares is there on its own account, even if its name is
	// similar: "input" is not a misspelt "inputs" where both exist.
	d := x.around(f).everything()
	return slices.DeleteFunc(found, d.knows)
}

// additional reports each field that additionalProperties: false refused. By the letter
// the keyword looks at the properties and patternProperties beside it only (JSON Schema
// 2020-12 §10.3.2.3): fields that another part declares are refused too.
func (x *explainer) additional(f failed) {
	d := x.schema(&f).beside()
	var whole *joint
	if n := x.walk.ways[f.failure.way].node; n.object != nil && n.object.graph.mode != Strict {
		whole = n.object.graph.joint(x.tree, x.walk.stepsTo(f.failure.way), &x.walk.left)
	}
	for name, end := f.value+1, x.tree.Past(f.value); name < end && len(x.problems) < maxExplained; name = x.tree.Past(name + 1) {
		// The walk has one failure for all of them: which fields they are is known by
		// their names alone.
		if field := x.tree.String(name); !d.knows(field) && (whole == nil || !whole.knows(field)) {
			x.unknownField(f, name, d)
		}
	}
}

// unknown reports a field that nothing declares. A branch with a mistake elsewhere
// contributes no annotations, so its fields are not evaluated; they are declared all
// the same, and not reported.
func (x *explainer) unknown(f failed) {
	name := x.walk.ways[f.failure.way].value - 1
	d := x.declaration(f)
	// Where the declaration is open, some part may accept the field: it is not
	// the mistake, see Validate.
	if x.verbatim || !d.open && !d.knows(x.tree.String(name)) {
		x.unknownField(f, name, d)
	}
}

// unknownField adds the problem of one unknown field: at the schema object that would
// declare it, with the names that are near, or else the property that it belongs in.
func (x *explainer) unknownField(f failed, ref jsonvalue.Ref, d *declaration) {
	name := x.tree.String(ref)
	f.tag, f.tagged = name, true
	p := x.problem(&f)
	// additionalProperties: false stands at one place. What the mode closes stands
	// nowhere, so the place is where a declaration of the field would be added.
	if f.keyword == UnknownKeyword {
		o, component := x.closest(f)
		p.Schema = o.at // where it would be declared
		if component != "" {
			p.Component = component
		}
	}
	p.Got = x.say(x.line.bounded(name, maxShown))
	// What the document says about a name is better than what looks like it:
	// "max_tokens" is near to "max_output_tokens" and means it, "functions" is near to
	// nothing.
	if hint := x.fieldHint(f, name); hint != "" {
		p.Message = x.say(x.line.text("unknown field ").quoted(name).text("; ", hint))
		x.add(p)
		return
	}
	p.Nearest = x.nearestFree(name, f.value, d)
	if other := x.reported(&p); other != nil {
		// Of two descriptions of the object, the one that has a near name says more.
		if len(other.Nearest) == 0 && len(p.Nearest) > 0 {
			p.Message = x.say(x.line.text("unknown field ").quoted(name).question(p.Nearest))
			*other = p
		}
		return
	}
	said := x.line.text("unknown field ").quoted(name).question(p.Nearest)
	// No name is near, so the name may be right and the place wrong.
	if len(p.Nearest) == 0 {
		if owner := x.owner(x.around(f), name, f.value); owner != "" {
			said = said.text("; it belongs in ").quoted(owner)
		}
	}
	p.Message = x.say(said)
	x.add(p)
}

// reported returns the problem of the same unknown field where another description of its
// object has one, else nil. The Strict mode reports each by itself, as the letter asks for.
func (x *explainer) reported(p *Problem) *Problem {
	if p.Keyword != UnknownKeyword || x.graph.mode == Strict {
		return nil
	}
	for i := range x.problems {
		if other := &x.problems[i]; other.Keyword == UnknownKeyword && other.Pointer == p.Pointer && other.Got == p.Got {
			return other
		}
	}
	return nil
}

// freeNames are the declared fields that an object does not have. The last ones are
// kept, as an object with one unknown field often has others.
type freeNames struct {
	object jsonvalue.Ref
	of     *declaration
	list   []string // but for shared declarations
	taken  []bool   // by the indexes of names
	left   int      // that are not taken
}

// nearestFree returns the declared fields that an object does not have and that are close to
// a name, of maxNearest at most: one that it has cannot be what an unknown field stands for.
func (x *explainer) nearestFree(name string, object jsonvalue.Ref, d *declaration) []string {
	free := &x.freeNames
	if free.of != d || free.object != object {
		x.findFree(object, d)
	}
	if d.isLasting() {
		return x.nearestOf(name, d.prepared(), free.taken, free.left)
	}
	return x.nearest(name, free.list, 3)
}

func (x *explainer) findFree(object jsonvalue.Ref, d *declaration) {
	free := &x.freeNames
	*free = freeNames{object: object, of: d, list: free.list[:0], taken: free.taken[:0], left: len(d.names.list)}
	free.taken = slices.Grow(free.taken, free.left)[:free.left]
	clear(free.taken)
	for name, end := object+1, x.tree.Past(object); name < end; name = x.tree.Past(name + 1) {
		if i := d.names.position(x.tree.String(name)); i >= 0 {
			free.taken[i] = true
			free.left--
		}
	}
	if d.isLasting() {
		return
	}
	for i, name := range d.names.list {
		if !free.taken[i] && len(free.list) < maxNearest {
			free.list = append(free.list, name)
		}
	}
}

// owner returns the one property, absent from an instance, whose own fields include a
// name and, where that is a tag, accept its value. A property that is there would show
// the mistake itself.
func (x *explainer) owner(o *object, name string, instance jsonvalue.Ref) string {
	p := o.propertyOwning(name)
	if p.object == nil {
		return ""
	}
	// If the property is there, its own schema reports what is wrong inside.
	if _, present := x.tree.Find(instance, p.name); present {
		return ""
	}
	// "type" is a field of nearly everything; its value says whether it belongs there.
	facts := o.graph.Facts(p.place())
	if !facts.allows(name, x.tree, instance) {
		return ""
	}
	return p.name
}

// declaration collects the fields that a schema object declares for the value at hand:
// with the branches that it matches, or else with all that it may be close to. It is
// kept, as an object has many unknown fields as often as one.
func (x *explainer) declaration(f failed) *declaration {
	// Most objects have no unions and no conditions, and declare the same fields for
	// every instance.
	o := x.describing(x.schema(&f), f.value)
	if d := o.everything(); !d.varies {
		return d
	}
	key := declaredAt{o, f.value}
	if !x.declared.add(key) {
		return x.declarations[x.declared.position(key)]
	}
	d := &declaration{}
	// It is entered before it is filled: a schema may refer to itself.
	x.declarations = append(x.declarations, d)
	d.add(o, func(a applied) bool { return x.applies(a, f.value) }, func(u *union) []*branch {
		branches := x.taken(u, f.value)
		if len(branches) == 0 {
			d.open = true // a mistake in the tag hides which fields are known
		}
		return branches
	})
	return d
}

// describing returns the one schema object that says which fields a value has, where those
// around it only lead to it: a reference, or a union with one branch for the value. The
// declaration of a branch is made once, that of the union for each value anew.
func (x *explainer) describing(o *object, v jsonvalue.Ref) *object {
	for range maxReferences {
		f := o.declared()
		if f.some() || len(f.names) > 0 || len(f.parts)+len(f.unions) != 1 {
			return o
		}
		var next *object
		if len(f.parts) == 1 {
			if p := f.parts[0]; p.field == "" && p.test == nil {
				next = p.object
			}
		} else if taken := x.taken(f.unions[0], v); len(taken) == 1 {
			next = f.unions[0].object(taken[0])
		}
		// One that accepts any field opens the declaration, see declaration.add.
		if next == nil || next.declared().free {
			return o
		}
		o = next
	}
	return o
}

// applies reports whether a conditional part of a schema object applies to an instance:
// dependentSchemas by the presence of a field, then and else by the test.
func (x *explainer) applies(a applied, instance jsonvalue.Ref) bool {
	if a.field != "" {
		if _, present := x.tree.Find(instance, a.field); !present {
			return false
		}
	}
	if a.test == nil {
		return true
	}
	// if is a test of the instance as it is, unknown fields and all.
	return x.matches(x.graph.tests().compiled(a.test.place(), shared), instance) != a.negated
}

// matches tests a schema with a walk of its own, within the steps that are left. With
// no steps left it reports no match: the explanation is less precise then, and still
// one.
func (x *explainer) matches(n *node, v jsonvalue.Ref) bool {
	left := steps(x.tree.Size(v))
	if x.walk != nil {
		left = min(left, x.walk.left)
	}
	w := x.graph.newWalk(x.tree, Place{}, left)
	defer w.release()
	// Nobody reads its failures.
	w.quiet = 1
	ok := w.start(n, v) && w.err == nil
	if x.walk != nil {
		x.walk.left -= max(left-w.left, 0)
	}
	return ok
}

// took is what taken has found last, as a value is asked about more than once.
type took struct {
	union    *union
	value    jsonvalue.Ref
	branches []*branch
}

// taken returns the branches of a union that an instance matches or, where it matches
// none, all candidates.
func (x *explainer) taken(u *union, v jsonvalue.Ref) []*branch {
	if x.took.union != u || x.took.value != v {
		branches := x.findTaken(u, v)
		x.took = took{u, v, branches}
	}
	return x.took.branches
}

func (x *explainer) findTaken(u *union, v jsonvalue.Ref) []*branch {
	u.prepare()
	// One after the other in one list, as the branches of a union are asked for their unions
	// while they are gone through.
	start := len(x.branches)
	x.branches = u.candidates(x.branches, x.tree, v)
	candidates := x.branches[start:len(x.branches):len(x.branches)]
	// One candidate is the branch, whether it matches or not. Where the walk has tried
	// all of them in vain, each may be the closest branch.
	if len(candidates) < 2 || x.hasFailed(u, v) {
		return candidates
	}
	var matching []*branch
	for _, b := range candidates {
		if x.matches(u.node(b), v) {
			matching = append(matching, b)
		}
	}
	if matching == nil {
		return candidates
	}
	return matching
}

// closest returns the schema object that declares the fields of an instance, behind
// references and unions with one branch for it, and the last component on the way
// there. It is where a missing declaration would be added.
func (x *explainer) closest(f failed) (o *object, component string) {
	o = x.schema(&f)
	if kept := &x.nearby; kept.of != o || kept.value != f.value {
		*kept = closest{of: o, value: f.value}
		kept.object, kept.component = x.findClosest(f)
	}
	return x.nearby.object, x.nearby.component
}

// closest is what was found last, as it is asked for more than once about one object.
type closest struct {
	of        *object
	value     jsonvalue.Ref
	object    *object
	component string
}

func (x *explainer) findClosest(f failed) (o *object, component string) {
	component, _ = componentOf(f.object.At)
	o = x.schema(&f)
	// A chain of references, of allOf with one member, of unions with one candidate: the
	// first schema object on it that names fields is where one would be added.
	for range maxReferences {
		fields := o.declared()
		switch {
		case len(fields.names) > 0 || len(fields.unions)+len(fields.parts) != 1:
			return o, component
		case len(fields.parts) == 1:
			o = fields.parts[0].object
		default:
			u := fields.unions[0]
			taken := x.taken(u, f.value)
			if len(taken) != 1 {
				return o, component
			}
			o = u.object(taken[0])
		}
		if name, whole := componentOf(o.at); whole {
			component = name
		}
	}
	return o, component
}
