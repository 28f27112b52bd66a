package validator

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// A union fails for one of two reasons. Either the tag is wrong: missing, misspelt, or
// a value that no branch has. Then the accepted values are the explanation, and the
// fields of the object say nothing. Or the tag selects a branch, and the mistakes in
// this branch are the explanation. The rules are tried in that order, the discriminator
// before the tag that is derived from the schemas.

// union explains why no branch of a union matches: by the tag where that is what is
// wrong, else by the failures of the closest branch.
func (x *explainer) union(f failed, i int) {
	// Five explanations are tried, the surest first. Each of them names the one value that
	// has to be changed; only the last shows the failures of a branch.
	u := x.walk.ways[f.failure.way].node.unionOf(f.failure.keyword)
	if f.failure.detail != branchFailed {
		x.noBranch(f, u)
		return
	}
	// What the document declares as the discriminator is what its author would look at.
	if tags := x.discriminator(u, f.value); tags != nil {
		x.add(x.wrongTag(f, tags))
		return
	}
	if x.misspeltTag(f, u) {
		// The tag is there under another name, and the field of that name is unknown to
		// the branch that was tried: one mistake, of which merge drops the second half.
		x.noteTagless(f.value)
		x.add(x.wrongTag(f, u.tagsOf()))
		return
	}
	// The tag is right, and a second property selects among the branches that have it.
	if tags := x.secondTag(u, f.value); tags != nil {
		x.add(x.wrongTag(f, tags))
		return
	}
	// A string that none of several enums lists: all their values are accepted.
	if known, others := x.values(u, f.value); known != nil {
		f.keyword = "enum"
		x.add(x.choose(f, newChoices(known, others)))
		return
	}
	// Nothing tells the branches apart better than what the walk has measured.
	x.explainEach(i-int(f.failure.causes), i)
}

// noteTagless records an object whose tag is missing, for merge.
func (x *explainer) noteTagless(v jsonvalue.Ref) {
	if x.tagless == nil {
		x.tagless = make(map[jsonvalue.Ref]bool)
	}
	x.tagless[v] = true
}

// values returns the strings that are accepted where every branch for strings lists
// them: a union of enums is shown as one enum. others are the types that are accepted
// besides.
func (x *explainer) values(u *union, v jsonvalue.Ref) (known, others []string) {
	if x.tree.Kind(v) != jsonvalue.String {
		return nil, nil
	}
	for _, b := range u.candidates(nil, x.tree, v) {
		// A branch that accepts any string, or strings of a pattern, is not a list.
		allowed, _ := u.graph.allowed(b.Place, 0)
		if allowed == nil {
			return nil, nil
		}
		known = append(known, allowed...)
	}
	return known, (u.kinds() &^ (jsonvalue.String | jsonvalue.Null)).Names()
}

// discriminator returns the values of the declared discriminator that the branches do
// not restrict, when an object has none of them. Without a mapping the values are
// component names, which many documents do not send: then a value counts as wrong only
// if it is close to one of them.
func (x *explainer) discriminator(u *union, v jsonvalue.Ref) *tags {
	if x.tree.Kind(v) != jsonvalue.Object || len(u.named) == 0 || u.namedBranch(x.tree, v) != nil {
		return nil
	}
	// In the order of the alphabet, as a mapping has none.
	values := slices.Sorted(maps.Keys(u.named))
	if value, ok := x.tree.Find(v, u.declared); ok && x.tree.Kind(value) == jsonvalue.String && len(u.mapping) == 0 && len(x.nearest(x.tree.String(value), values, 1)) == 0 {
		return nil // the names of components are a default that many documents do not mean
	}
	return &tags{name: u.declared, choices: newChoices(values, nil), of: u.named}
}

// misspeltTag reports whether an object without the tag has, under a similar name, a
// value that the tag accepts. It is asked where some branches do not require the tag,
// so that one of them was tried.
// An object {"tipe":"text"} matches the branch that has no type best, whose unknown fields
// say nothing about the mistake.
func (x *explainer) misspeltTag(f failed, u *union) bool {
	if u.tag == "" || x.tree.Kind(f.value) != jsonvalue.Object {
		return false
	}
	// An object that has the tag has a wrong value for it, if anything.
	if _, tagged := x.tree.FindHashed(f.value, u.tag, u.tagHash); tagged {
		return false
	}
	tags := u.tagsOf()
	// A value of the tag is seldom there, and sooner found than a similar name.
	found := false
	for name, end := f.value+1, x.tree.Past(f.value); name < end && !found; name = x.tree.Past(name + 1) {
		found = tags.accept(x.tree, name+1)
	}
	return found && x.firstTag(tags, f.value, x.misspelt(u.tag, f)) >= 0
}

// firstTag returns the index of the first of some fields of an object whose value the tag
// accepts, -1 if there is none.
func (x *explainer) firstTag(w *tags, object jsonvalue.Ref, names []string) int {
	return slices.IndexFunc(names, func(name string) bool {
		value, ok := x.tree.Find(object, name)
		return ok && w.accept(x.tree, value)
	})
}

// secondTag returns a property that tells apart the branches which the tag has left,
// when an object gives it a value that none of them accepts.
// A message is selected by "role", and its content by "type": the values of the second are
// those of the branches that the first has left.
func (x *explainer) secondTag(u *union, v jsonvalue.Ref) *tags {
	if x.tree.Kind(v) != jsonvalue.Object {
		return nil
	}
	start := len(x.branches)
	x.branches = u.appendTagged(x.branches, x.tree, v)
	branches := x.branches[start:len(x.branches):len(x.branches)]
	if len(branches) < 2 {
		return nil
	}
	// All branches that are left have the first tag alike. A second property that is
	// restricted in one of them is looked up in the first: it is the same in all.
	for _, t := range branches[0].Tags[:min(len(branches[0].Tags), maxNarrowing)] {
		value, ok := x.tree.FindHashed(v, t.Name, t.hash)
		if !ok || x.tree.Kind(value) != jsonvalue.String || t.Name == u.tag ||
			slices.ContainsFunc(branches, func(b *branch) bool { return b.allowsRef(t.Name, x.tree, value, true) }) {
			continue
		}
		// Where all branches accept the same values it is not a tag.
		if !slices.ContainsFunc(branches, func(b *branch) bool { return b.names(t.Name, t.Values) }) {
			continue
		}
		if w := newTags(t.Name, branches); len(w.strings) > len(t.Values) && w.of[x.tree.String(value)] == nil {
			return w
		}
	}
	return nil
}

// names reports whether a branch has another value for a property than some.
func (b *branch) names(property string, others []string) bool {
	return slices.ContainsFunc(b.Tags, func(t Tag) bool {
		return t.Name == property && slices.ContainsFunc(t.Values, func(value string) bool { return !slices.Contains(others, value) })
	})
}

// noBranch explains a union of which no branch was tried, as none is for the type or
// the tag of the value, or of which several match in the Strict mode.
func (x *explainer) noBranch(f failed, u *union) {
	if f.failure.detail == severalBranches {
		p := x.problem(&f)
		var names []string
		for i, b := range u.candidates(nil, x.tree, f.value) {
			names = append(names, b.label(i))
		}
		p.Message = "got a value that fits more than one of " + strings.Join(names[:min(len(names), maxChoices)], ", ") + "; by the letter of oneOf it may fit one only"
		x.add(p)
		return
	}
	if x.tree.Kind(f.value) == jsonvalue.Object {
		if w := u.tagsOf(); len(w.strings) > 0 {
			x.add(x.wrongTag(f, w))
			return
		}
	}
	p := x.problem(&f)
	// Neither anyOf nor its branches are of interest to who sent a number for an object.
	p.Keyword = "type"
	x.wrongKind(f, &p, u.kinds())
	x.add(p)
}

// wrongTag reports a tag that is missing, or has none of the accepted values. The
// component is that of the nearest value.
func (x *explainer) wrongTag(f failed, w *tags) Problem {
	// A missing tag is a missing property, with what it may be.
	value, ok := x.tree.Find(f.value, w.name)
	if !ok {
		p := x.problem(&f)
		p.Keyword = "required"
		p.Want = w.name
		said := x.line.text("missing property ").quoted(w.name)
		names := x.misspelt(w.name, f)
		// Where a field with such a name has such a value, to rename it is all there is to do.
		if i := x.firstTag(w, f.value, names); i >= 0 {
			names, ok = names[i:], true
		} else {
			said = said.text(", which says what this is: ", w.shown)
		}
		if hint := x.foreignHint(f); hint != "" && !ok {
			said = said.text("; ", hint)
		} else {
			said = x.suggest(said, &p, names)
		}
		p.Message = x.say(said)
		return p
	}
	// The problem is at the tag, as its value is what has to be changed.
	f.tag, f.tagged, f.value, f.keyword = w.name, true, value, "enum"
	p := x.choose(f, w.choices)
	if len(p.Nearest) > 0 {
		if name := taggedName(w.of[p.Nearest[0]], w.name, p.Nearest[0]); name != "" {
			p.Component = name
		}
	}
	return p
}

// noteTag records an object with a wrong constant that is not close to the accepted
// one: it may be an object of another kind altogether, for which merge looks at its
// other fields.
func (x *explainer) noteTag(f failed, p *Problem) {
	if f.failure.detail == foreignKeyword || x.tree.Kind(f.value) != jsonvalue.String || len(p.Nearest) > 0 || f.value == 0 || !strings.HasPrefix(p.Want, `"`) || strings.Contains(p.Want, `", "`) {
		return
	}
	// Steps that apply in place lead to the same value: the object is the value of the
	// first step that differs.
	way := f.at
	for x.walk.ways[way].value == f.value {
		if way = x.walk.ways[way].parent; way < 0 {
			return
		}
	}
	if object := x.walk.ways[way].value; x.tree.Kind(object) == jsonvalue.Object {
		if x.foreignTag == nil {
			x.foreignTag = make(map[jsonvalue.Ref]string)
		}
		x.foreignTag[object] = x.tree.String(f.value - 1)
	}
}

// taggedName returns the component that a tag's value stands for: that of the branch,
// or of a branch of the unions inside of it.
// It is the component that a reader looks up: for "type":"function" the function tool, and
// not the union of all tools.
func taggedName(b *branch, name, value string) string {
	component := b.Name
	var o *object
	next := b
	for range maxReferences {
		if next != nil {
			component, o = cmp.Or(next.Name, component), next.owner.object(next)
		}
		f := o.declared()
		next = nil
		if len(f.parts) == 1 && len(f.unions) == 0 {
			o = f.parts[0].object
			continue
		}
		for _, u := range f.unions {
			if next = u.branchWith(name, value); next != nil {
				break
			}
		}
		if next == nil {
			break
		}
	}
	return component
}

// label names a branch in a message.
func (b *branch) label(i int) string {
	if b.Name != "" {
		return b.Name
	}
	return "branch " + strconv.Itoa(i)
}
