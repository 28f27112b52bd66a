package validator

import (
	"slices"
	"strconv"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// union is the keyword oneOf or anyOf (JSON Schema 2020-12 §10.2.1.2, §10.2.1.3).
//
// Real documents have unions of forty objects, and an instance is often an array of
// them. To try every branch on every item takes too long, and to explain why forty
// branches fail helps nobody. So branches that cannot match are excluded, without
// compiling them, by what facts.go reads from their text:
//
//   - First by the JSON type of the instance: a string excludes every branch that
//     accepts objects only.
//   - Then, for an object, by the tag: the property whose const or enum differs most
//     between the branches, such as "type". Its value selects the branches that
//     accept it.
//   - Then by further properties of the same sort, see narrow.
//
// The first two are sound: an excluded branch would have failed. So is the third, as it
// excludes only what contradicts a const or enum, and it always leaves one branch to
// explain the failure by. What is left, the candidates, is tried in the order of the
// document.
//
// A discriminator is only a hint (OpenAPI 3.1 §4.8.25): the branch that it names is
// tried first, and explains the failure where none matches. It never makes an instance
// invalid, or valid, that would not be so without it.
type union struct {
	graph    *Graph
	keyword  keyword // kwAnyOf or kwOneOf
	at       string
	text     string // the list of branches
	declared string // discriminator.propertyName
	mapping  string // discriminator.mapping

	once     sync.Once
	branches []*branch
	tag      string // "" when no property tells the branches apart
	tagHash  uint16
	byTag    map[string][]*branch // for objects, by the values of the tag that they name
	noTag    []*branch            // that name values, and accept objects without the tag
	otherTag []*branch            // that name values, and accept a tag that is not a string
	anyTag   []*branch            // that do not restrict the tag
	kindList [8]uint8             // for other values, by the bit of their kind: 0 none, 1 all, or 2 + an index in lists
	lists    [][]*branch          // of the kinds that some of the branches accept
	named    map[string]*branch   // by values of the declared discriminator

	// The tags of all branches are needed for explanations only.
	tagging sync.Once
	tags    *tags // see tagsOf
}

// branch is one schema of a union, with the facts that are known before it is compiled.
// Most branches of a large union are excluded for every instance that a program ever
// sees, and so never compiled.
// It is a candidate or not by its facts alone. Whether it is worth reporting, if it does not
// match, also depends on the fields that it declares, which are collected when a second
// branch competes with it.
type branch struct {
	Facts
	Place
	owner *union
	index int32 // in the union
	free  bool  // see fields.free; with declares

	once     sync.Once
	compiled *node

	covering sync.Once
	declares *declaration // once it is asked for
}

// union returns the union that a schema object has under a keyword. The pointer names
// it, so that the compiled node, the fields of the object and the explanation share
// one. A second text at the same pointer, as a patch of the object can bring about,
// gets a union of its own that is not remembered.
func (g *Graph) union(key, list string, members jsonscan.Object, o *object) *union {
	at := pointerBelow(o.at, key)
	g.objectsMu.Lock()
	defer g.objectsMu.Unlock()
	// The same text at the same place is the same union, in whatever role its object
	// was compiled.
	if u := g.unions[at]; u != nil && u.text == list {
		return u
	}
	u := &union{graph: g, keyword: kwAnyOf, at: at, text: list}
	if key == "oneOf" {
		u.keyword = kwOneOf
	}
	if d, ok := members.Get("discriminator"); ok {
		name, _ := jsonscan.Member(d, "propertyName")
		u.declared = jsonscan.String(name)
		// The mapping is read in readMapping, if it is of use at all.
		u.mapping, _ = jsonscan.Member(d, "mapping")
	}
	if g.unions[at] == nil {
		g.unions[at] = u
	}
	return u
}

// exact reports whether an instance may match one branch only, as oneOf requires (JSON
// Schema 2020-12 §10.2.1.3).
//
// Outside the Strict mode the first branch that matches is enough, as for anyOf.
// Documents that people write by hand or generate list overlapping schemas in oneOf all
// the time: an integer beside a number, an object beside the same object with one more
// optional field. Their servers send instances that match both.
func (u *union) exact() bool { return u.keyword == kwOneOf && u.graph.mode == Strict }

// all returns the branches in the order of the document.
func (u *union) all() []*branch {
	u.prepare()
	return u.branches
}

// kinds returns the kinds that at least one branch accepts.
func (u *union) kinds() (kinds jsonvalue.Kinds) {
	for _, b := range u.branches {
		kinds |= b.Kinds
	}
	return kinds
}

// node compiles a branch, once. The lock of the graph is taken inside, so the caller
// must not hold it: a walk holds none.
func (u *union) node(b *branch) *node {
	b.once.Do(func() { b.compiled = u.graph.branchNode(b.Place) })
	return b.compiled
}

// object returns the schema object of a branch, which takes no compiling.
func (u *union) object(b *branch) *object { return u.graph.object(b.Place) }

// prepare reads the facts of the branches and sorts them by kind and by tag, so that
// the candidates of most instances are one lookup in a map.
func (u *union) prepare() {
	u.once.Do(func() {
		// All branches in one allocation: a document has thousands of them.
		texts := jsonscan.List(u.text)
		branches, facts := make([]branch, len(texts)), make([]*Facts, len(texts))
		u.branches = make([]*branch, len(texts))
		for i, text := range texts {
			p := Place{text, pointerBelow(u.at, strconv.Itoa(i))}
			b := &branches[i]
			b.Facts, b.Place, b.owner, b.index = u.graph.Facts(p), p, u, int32(i)
			u.branches[i], facts[i] = b, &b.Facts
		}
		u.tag = ChooseTag(facts, u.declared)
		u.tagHash = jsonvalue.HashName(u.tag)
		// One list for each JSON type, so that a value finds its branches by its type
		// alone. Most unions are of objects only: then a kind has all branches or none, and
		// nothing is kept but which of the two.
		for bit := range u.kindList {
			switch list := u.accepting(1 << bit); len(list) {
			case 0:
			case len(u.branches):
				u.kindList[bit] = 1
			default:
				u.lists = append(u.lists, list)
				u.kindList[bit] = uint8(1 + len(u.lists))
			}
		}
		u.sortByTag()
		if u.declared != "" && u.tag != u.declared {
			u.readMapping()
		}
	})
}

// accepting returns the branches that accept a kind of values. Most unions are of
// objects only: then all lists but one are empty, and that one is the list of all branches.
func (u *union) accepting(kind jsonvalue.Kinds) []*branch {
	n := 0
	for _, b := range u.branches {
		if b.Kinds.Has(kind) {
			n++
		}
	}
	switch n {
	case 0:
		return nil
	case len(u.branches):
		return u.branches
	}
	list := make([]*branch, 0, n)
	for _, b := range u.branches {
		if b.Kinds.Has(kind) {
			list = append(list, b)
		}
	}
	return list
}

// candidates appends the branches that may match v to a list, the one that the
// discriminator names first. The list is the caller's, so that a walk reuses its
// memory.
func (u *union) candidates(list []*branch, t *jsonvalue.Tree, v jsonvalue.Ref) []*branch {
	start := len(list)
	// Copied, as the list is narrowed in place.
	list = u.appendTagged(list, t, v)
	if t.Kind(v) != jsonvalue.Object {
		return list
	}
	// Each round uses another property. One that would exclude every branch is passed
	// over: then the instance contradicts something, and the first tag is the better
	// guide to which branch is closest.
	for len(list) > start+1 {
		fewer := u.narrow(list[start:], t, v)
		if fewer == len(list)-start {
			break
		}
		list = list[:start+fewer]
	}
	if named := u.namedBranch(t, v); named != nil {
		if i := slices.Index(list[start:], named); i > 0 {
			copy(list[start+1:], list[start:start+i])
			list[start] = named
		}
	}
	return list
}

// appendTagged appends the branches for the JSON type of v and, where v is an object, for
// its tag, in the order of the document.
func (u *union) appendTagged(list []*branch, t *jsonvalue.Tree, v jsonvalue.Ref) []*branch {
	named, others := u.tagged(t, v)
	for len(named) > 0 && len(others) > 0 {
		from := &named
		if others[0].index < named[0].index {
			from = &others
		}
		list, *from = append(list, (*from)[0]), (*from)[1:]
	}
	return append(append(list, named...), others...)
}

// tagged returns what appendTagged appends, in two lists: a branch that does not restrict the
// tag is one for each value of it, and would stand in all lists. Callers do not change them.
func (u *union) tagged(t *jsonvalue.Tree, v jsonvalue.Ref) (named, others []*branch) {
	// A union of strings has no tag, and neither has one of objects that differ in the
	// names of their fields only.
	kind := t.Kind(v)
	if kind == jsonvalue.Object && u.tag != "" {
		value, present := t.FindHashed(v, u.tag, u.tagHash)
		switch {
		case !present:
			return u.noTag, u.anyTag
		// A tag that is a number or null is rare, and not worth a map of its own.
		case t.Kind(value) != jsonvalue.String:
			return u.otherTag, u.anyTag
		}
		return u.byTag[t.String(value)], u.anyTag
	}
	bit := 0
	for kind>>bit != 1 {
		bit++
	}
	switch i := u.kindList[bit]; i {
	case 0:
		return nil, nil
	case 1:
		return u.branches, nil
	default:
		return u.lists[i-2], nil
	}
}

// maxNarrowing bounds the properties that narrow looks at, as each is compared with
// every branch.
// Real branches restrict two or three properties.
const maxNarrowing = 32

// narrow excludes branches by the first property that excludes some and not all. It
// moves those that stay to the front, in order, and returns their number. Unions within
// unions need it: their branches share "type" and differ by "role", or by "status".
func (u *union) narrow(list []*branch, t *jsonvalue.Tree, object jsonvalue.Ref) int {
	var buf [maxNarrowing]string
	looked := buf[:0]
	for _, b := range list {
		for i := range b.Tags {
			tag := &b.Tags[i]
			if tag.Name == u.tag || slices.Contains(looked, tag.Name) {
				continue
			}
			if len(looked) == maxNarrowing {
				return len(list)
			}
			looked = append(looked, tag.Name)
			value, present := t.FindHashed(object, tag.Name, tag.hash)
			// Counted before anything is moved: a property that would leave no branch is
			// passed over.
			kept := 0
			for _, other := range list {
				if other.allowsRef(tag.Name, t, value, present) {
					kept++
				}
			}
			if kept == 0 || kept == len(list) {
				continue
			}
			kept = 0
			for _, b := range list {
				if b.allowsRef(tag.Name, t, value, present) {
					list[kept] = b
					kept++
				}
			}
			return kept
		}
	}
	return len(list)
}

// covers reports whether a branch declares every field of an object.
func (u *union) covers(b *branch, t *jsonvalue.Tree, object jsonvalue.Ref) bool {
	return u.undeclared(b, t, object, 1) == 0
}

// undeclared counts the fields of an object that a branch does not declare, up to a
// limit. The fields are those of all parts of the branch and of the branches inside of
// it, as the caller compares branches that do not match. A branch that accepts any
// field declares them all.
// It is called for every branch that is compared, so the fields of a branch are looked up
// once.
func (u *union) undeclared(b *branch, t *jsonvalue.Tree, object jsonvalue.Ref, limit int) int {
	b.covering.Do(func() {
		o := u.object(b)
		b.declares, b.free = o.everything(), o.declared().free
	})
	// A free map declares whatever an object has.
	if b.free || b.declares.open || t.Kind(object) != jsonvalue.Object {
		return 0
	}
	n := 0
	for name, end := object+1, t.Past(object); name < end && n < limit; name = t.Past(name + 1) {
		if !b.declares.knows(t.String(name)) {
			n++
		}
	}
	return n
}
