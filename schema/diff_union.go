package schema

import (
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/schema/internal/validator"
)

// oneSided compares a schema with a union of schemas: what was one is a branch
// now, or the other way round. APIs grow in this way: a string becomes a string or a list
// of parts. The schema that stands alone is compared with the branch that is like it, and
// the others are what is new or gone.
//
// Null is compared first, by itself, because a branch {type: null} on one side is
// often nullable on the other. Both sides then are lists of branches without null.
func (c *comparison) oneSided(a, b *sketch, old, new schemaAt, place []string, label string) {
	if was, is := a.nullable(), b.nullable(); was != is {
		if is {
			c.note(ChangeType, place, b.at, foreign, "%snull is possible now", label)
		} else {
			c.note(ChangeType, place, b.at, narrower, "%snull is no longer possible", label)
		}
	}
	before := newSide(c.old, []schemaAt{old}, jsonvalue.Any, "")
	now := newSide(c.new, []schemaAt{new}, jsonvalue.Any, "")
	if a.isBareUnion() {
		before = newSide(c.old, a.branches, a.types, "")
	} else {
		now = newSide(c.new, b.branches, b.types, "")
	}
	c.branchesOf(a.union, b.union, before, now, place, label)
	if before.isCut(a.types) || now.isCut(b.types) {
		c.note(ChangeType, place, b.at, unsure, "%sthe type beside the union excludes what a branch accepts", label)
	}
	for _, key := range []string{"default", "readOnly", "writeOnly"} {
		if was, is := a.keywords[key], b.keywords[key]; was != is {
			c.keyword(key, was, is, b.at, place, label)
		}
	}
	c.definitions(a, b, place, label)
	c.texts(a, b, place)
}

// unions compares the branches of two unions. A union that is added to an object
// restricts it, as in anyOf: [{required: [a]}, {required: [b]}]; one that is taken away
// frees it.
//
// oneOf and anyOf differ only for values that are valid against two branches (JSON Schema
// 2020-12 §10.2.1.3). Where types and tags exclude that, one in place of the other is not
// a change. Descriptions go back and forth between them.
//
// The discriminator of the new document chooses the tag on both sides. Tags are only
// comparable if they are values of one property, and a document may get its
// discriminator later than its branches.
func (c *comparison) unions(a, b *sketch, place []string, label string) {
	switch {
	case a.union == "" && b.union == "":
		return
	case a.union == "":
		c.note(ChangeKeyword, place, b.at, narrower, "%snew %s of %d schemas", label, b.union, len(b.branches))
		return
	case b.union == "":
		c.note(ChangeKeyword, place, b.at, wider, "%sno %s, was one of %d schemas", label, a.union, len(a.branches))
		return
	}
	declared := ""
	if text := b.keywords["discriminator"]; text != "" {
		name, _ := jsonscan.Member(text, "propertyName")
		declared = jsonscan.String(name)
	}
	before, now := newSide(c.old, a.branches, a.types, declared), newSide(c.new, b.branches, b.types, declared)
	if a.union != b.union && !(before.exclusive() && now.exclusive()) {
		c.note(ChangeKeyword, place, b.at, unsure, "%s%s, was %s", label, b.union, a.union)
		c.branches(before, now, place, label)
		return
	}
	c.branchesOf(a.union, b.union, before, now, place, label)
}

// branchesOf compares the branches of two unions. Where those of a oneOf overlap, a value that
// fits one more branch is refused for it, and one that fits one less may be accepted now: then
// nothing is proven by what the branches accept more or less.
func (c *comparison) branchesOf(was, is string, before, now *side, place []string, label string) {
	found := len(c.found)
	c.branches(before, now, place, label)
	overlap := effect{}
	if is == "oneOf" && !now.exclusive() {
		overlap.request = SeverityUnknown
	}
	if was == "oneOf" && !before.exclusive() {
		overlap.response = SeverityUnknown
	}
	if overlap == harmless || !slices.ContainsFunc(c.found[found:], func(d difference) bool { return d.Kind != ChangeProse && d.Kind != ChangeDeprecation }) {
		return
	}
	c.note(ChangeKeyword, place, now.at(), overlap, "%sbranches of oneOf changed that one value may fit at the same time", label)
}

// side is the branches of one document, and what tells them apart: their JSON types, and
// the values of the property by which a reader chooses. These facts are read without
// compiling a schema.
//
// A branch that has found its partner is taken, so that no branch is compared twice and
// what is left at the end is what came and went.
type side struct {
	doc    *Document
	list   []schemaAt
	facts  []*validator.Facts
	by     string
	taken  []bool
	target []Pointer // of a branch that is a reference and nothing else
}

// newSide reads branches, those left out that a type beside the union excludes.
// Errata are not applied to the schemas that are compared, but they are to the facts that
// pair them: how branches are told apart does not decide what is reported about them.
func newSide(d *Document, list []schemaAt, types jsonvalue.Kinds, declared string) *side {
	s := &side{doc: d}
	for _, item := range list {
		facts := d.closed().Facts(item.place())
		if facts.Kinds&types == 0 {
			continue
		}
		var target Pointer
		if ref, ok := jsonscan.Member(item.text, "$ref"); ok {
			if _, at, err := d.resolve(jsonscan.String(ref), item.at); err == nil {
				target = at
			}
		}
		s.list, s.facts, s.target = append(s.list, item), append(s.facts, &facts), append(s.target, target)
	}
	s.taken = make([]bool, len(s.list))
	s.by = validator.ChooseTag(s.facts, declared)
	return s
}

// exclusive reports whether no value can be valid against two branches, as far as
// their types and tags say: oneOf and anyOf then mean the same.
//
// Of objects, only the tag is asked. Two objects with different required fields may be
// exclusive too, by additionalProperties or by the types of fields; to prove that would be
// to solve satisfiability, and false is the careful result.
func (s *side) exclusive() bool {
	var kinds jsonvalue.Kinds // of branches that no tag tells apart
	tags := make(map[string]bool)
	for i, f := range s.facts {
		own := f.Kinds
		for _, v := range s.values(i) {
			if tags[v] {
				return false
			}
			tags[v] = true
			if f.Requires(s.by) {
				own &^= jsonvalue.Object // as an object it is told apart by its tag
			}
		}
		if kinds.Has(own) {
			return false
		}
		kinds |= own
	}
	return len(tags) == 0 || !kinds.Has(jsonvalue.Object)
}

// isCut reports whether a type beside the union excludes some of what a branch accepts.
func (s *side) isCut(types jsonvalue.Kinds) bool {
	return slices.ContainsFunc(s.facts, func(f *validator.Facts) bool { return f.Kinds&^types&^jsonvalue.Null != 0 })
}

// at returns where the first branch stands.
func (s *side) at() Pointer {
	if len(s.list) == 0 {
		return ""
	}
	return s.list[0].at
}

// values returns the tag values that choose a branch, none where the union has no tag.
func (s *side) values(i int) []string {
	if s.by == "" {
		return nil
	}
	return valuesOf(&variant{Facts: *s.facts[i]}, s.by)
}

// name is what a branch is called in a path of Describe: by its tag, else its
// component; "" where it has neither.
//
// Of several tag values the first is taken, in the order of the document, which any of
// them would find.
func (s *side) name(i int) string {
	if values := s.values(i); len(values) > 0 {
		return values[0]
	}
	if name, ok := wholeComponent(s.target[i]); ok {
		return name
	}
	return ""
}

// branches pairs the branches of two unions and compares each pair. Branches are
// the same that refer to one component, have a tag value in common, have the same
// title, or are the only ones of their JSON type; never those that only stand at
// the same position.
//
// The order matters. A tag says what a branch is for, and survives any rewriting; the text
// is exact, but equal only where nothing changed; the name and the shape are what is
// left when a generator has inlined a component; the JSON type is the last resort.
func (c *comparison) branches(a, b *side, place []string, label string) {
	c.pair(a, b, func(i int) []string { return pointerKey(c.newPlace(a.target[i])) }, func(j int) []string { return pointerKey(b.target[j]) }, place, label)
	// Values of two different properties may be the same word by accident.
	if a.by == b.by {
		c.pair(a, b, a.values, b.values, place, label)
	}
	c.pair(a, b, textKey(a), textKey(b), place, label)
	c.pair(a, b, nameKey(a), nameKey(b), place, label)
	c.pair(a, b, exprKey(a), exprKey(b), place, label)
	c.pair(a, b, kindKey(a), kindKey(b), place, label)
	c.unpaired(ChangeBranchRemoved, a, narrower, "no longer possible", place, label)
	c.unpaired(ChangeBranchAdded, b, wider, "possible too", place, label)
}

// unpaired reports the branches that only one side has, as one change. What a union
// accepts less is breaking for requests even where another branch accepts the same: that
// cannot be known without comparing each with each.
// One change for all keeps a union that grew by ten item types a single line, with a single
// severity, which is the same for each of them anyway.
func (c *comparison) unpaired(kind ChangeKind, s *side, e effect, what string, place []string, label string) {
	var names []string
	var at Pointer
	for i, item := range s.list {
		if s.taken[i] {
			continue
		}
		if len(names) == 0 {
			at = item.at
		}
		names = append(names, s.shown(i))
	}
	switch n := len(names); {
	case n == 0:
	case n == 1:
		c.note(kind, place, at, e, "%s%s is %s", label, names[0], what)
	case n > maxBranches:
		c.note(kind, place, at, e, "%s%s and %d more are %s", label, strings.Join(names[:maxBranches], ", "), n-maxBranches, what)
	default:
		c.note(kind, place, at, e, "%s%s are %s", label, strings.Join(names, ", "), what)
	}
}

// maxBranches bounds how many branches a change names.
const maxBranches = 20

// newPlace returns where a schema of the old document stands in the new one, which is the
// same place unless its component has been renamed.
func (c *comparison) newPlace(at Pointer) Pointer {
	if other, ok := c.renamed[at]; ok {
		return other
	}
	return at
}

// pair compares the branches that have a key in common, the first of each side that
// has it. It is called with keys that prove less and less, and looks only at branches
// that have found no partner yet; so that a branch which has changed its name is found
// by its tag, and one that has changed its tag by its name.
//
// A pair is compared at the place of its name in a path. Branches without one have the
// place of the union, and the label to tell them by.
func (c *comparison) pair(a, b *side, keysOfA, keysOfB func(int) []string, place []string, label string) {
	byKey := make(map[string]int)
	for j := range b.list {
		if b.taken[j] {
			continue
		}
		for _, key := range keysOfB(j) {
			if _, ok := byKey[key]; !ok {
				byKey[key] = j
			}
		}
	}
	for i := range a.list {
		if a.taken[i] {
			continue
		}
		for _, key := range keysOfA(i) {
			j, ok := byKey[key]
			if !ok || b.taken[j] {
				continue
			}
			a.taken[i], b.taken[j] = true, true
			at, inner := place, label
			if name := b.name(j); name != "" {
				at, inner = append(place[:len(place):len(place)], name), ""
			}
			c.schemas(a.list[i], b.list[j], at, inner)
			break
		}
	}
}

// pointerKey is the component that a branch refers to.
func pointerKey(at Pointer) []string {
	if at == "" {
		return nil
	}
	return []string{string(at)}
}

// textKey is the branch itself.
func textKey(s *side) func(int) []string {
	return func(i int) []string { return []string{s.list[i].text} }
}

// nameKey is the title, or the component's name, of a branch.
func nameKey(s *side) func(int) []string {
	return func(i int) []string {
		if s.facts[i].Name == "" {
			return nil
		}
		return []string{s.facts[i].Name}
	}
}

// exprKey tells an array of strings from an array of numbers.
// It is Describe's line of a branch, and so tells unnamed branches apart about as well as a
// person would.
func exprKey(s *side) func(int) []string {
	return func(i int) []string { return []string{s.doc.exprAt(s.list[i])} }
}

// kindKey gives a key to the branches that alone are of their JSON types: the only
// string among objects is the same string, whatever else changed about it. Null is left
// out, since it comes and goes with any type.
func kindKey(s *side) func(int) []string {
	count := make(map[jsonvalue.Kinds]int)
	for i, f := range s.facts {
		if !s.taken[i] {
			count[f.Kinds&^jsonvalue.Null]++
		}
	}
	return func(i int) []string {
		kinds := s.facts[i].Kinds &^ jsonvalue.Null
		if count[kinds] != 1 || kinds == jsonvalue.Any&^jsonvalue.Null {
			return nil
		}
		return []string{kinds.String()}
	}
}

// shown describes a branch in a message.
// The values of the tag are preferred to the text: they are what a program finds in the
// data, while the text may be "object" for all branches.
func (s *side) shown(i int) string {
	text := s.doc.exprAt(s.list[i])
	values := s.values(i)
	if len(values) > 0 && !slices.Contains(values, text) {
		return shown(s.by+" "+listed(values), 2*maxName)
	}
	return text
}
