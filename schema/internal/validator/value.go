package validator

import (
	"cmp"
	"slices"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// Decoding, and whatever shows or edits a value, needs the schema of each of its parts:
// the component that a member is an instance of, the fields that it may have. This file
// finds them in the compiled graph, which Validate uses too, so that both agree on
// which branch of a union a value takes. A value need not be valid here: the closest
// branch is better than none.

// Node is the compiled schema of a value. The zero Node is that of a value of
// which the document says nothing.
type Node struct {
	node *node
	at   string // where it is in the document; "" for a plain node
}

// Node returns the compiled schema of a place.
func (g *Graph) Node(p Place) Node { return nodeOf(g.root(p)) }

// nodeOf wraps a node for callers outside of the package. A plain node, a type and nothing
// else, is shared by all places that say the same, and so has no place.
func nodeOf(n *node) Node {
	if n == nil || n.object == nil {
		return Node{node: n}
	}
	return Node{n, n.object.at}
}

// search looks through the schema objects that apply to a value, the nearest
// first: that of its place, and through it those of $ref, allOf and the branches
// taken. It stops at the first that says something about the part it is after.
type search struct {
	text  string // of the value
	after part
	name  string // of a member
	index int    // of an item
	seen  set[*node]
}

// part is what a search is after.
type part uint8

const (
	everyPart part = iota // all schema objects are looked at, and remembered
	aMember
	anItem
)

// Parts finds the schemas of the members or items of one value. Member and Item of Node
// look for one part and stop there; Parts reads the schemas of a value once, for all of
// its parts.
type Parts struct{ search }

// Parts looks at every schema object that applies to a value.
func (n Node) Parts(text string) *Parts {
	p := &Parts{search{text: text}}
	// With nothing to look for it never stops, and has seen all of them at the end.
	p.find(n.node)
	return p
}

// Member returns the schema of a member.
func (p *Parts) Member(name string) Node {
	for _, n := range p.seen.list {
		if found := n.member(name); found != nil {
			return nodeOf(found)
		}
	}
	return nodeOf(p.other())
}

// Item returns the schema of an item.
func (p *Parts) Item(index int) Node {
	for _, n := range p.seen.list {
		if found := n.item(index); found != nil {
			return nodeOf(found)
		}
	}
	return Node{}
}

// Declared returns the names of the members that the schema declares, in any of its
// parts and branches, and whether it describes others too: by a pattern, or by
// additionalProperties.
func (n Node) Declared() (names []string, open bool) {
	// Nothing is said about the value, or it is not an object.
	if n.node == nil || n.node.object == nil {
		return nil, true
	}
	d := n.node.object.everything()
	return slices.Clone(d.names.list), d.open || len(d.patterns) > 0
}

// Member returns the schema of a member of the object text.
func (n Node) Member(text, name string) Node {
	// Few values have more schema objects than that around them.
	var buf [8]*node
	s := search{text: text, after: aMember, name: name, seen: set[*node]{list: buf[:0]}}
	if found := s.find(n.node); found != nil {
		return nodeOf(found)
	}
	return nodeOf(s.other())
}

// Item returns the schema of an item of the array text.
func (n Node) Item(text string, index int) Node {
	var buf [8]*node
	s := search{text: text, after: anItem, index: index, seen: set[*node]{list: buf[:0]}}
	return nodeOf(s.find(n.node))
}

// find returns the schema of the part. Unions come last, as to choose a branch it
// has to read the value.
func (s *search) find(n *node) *node {
	// A schema may lead back to itself without going down.
	if n == nil || !s.seen.add(n) {
		return nil
	}
	switch s.after {
	case aMember:
		if found := n.member(s.name); found != nil {
			return found
		}
	case anItem:
		if found := n.item(s.index); found != nil {
			return found
		}
	}
	if n.also == nil {
		return nil
	}
	// The keywords of the object itself are nearest, then what it refers to.
	if found := s.find(n.referred()); found != nil {
		return found
	}
	for _, sub := range n.also.allOf {
		if found := s.find(sub); found != nil {
			return found
		}
	}
	for _, u := range n.also.inOrder() {
		if found := s.find(u.takenBy(s.text)); found != nil {
			return found
		}
	}
	return nil
}

// inOrder returns anyOf before oneOf, whatever their order in the document: the same schema
// must describe a value in the same way when a tool has sorted its keywords.
func (a *alsoRules) inOrder() []*union {
	if len(a.unions) == 2 && a.unions[0].keyword == kwOneOf {
		return []*union{a.unions[1], a.unions[0]}
	}
	return a.unions
}

// other is the schema of members without one of their own: the additionalProperties of the
// nearest schema object that has a schema there. It comes after all that names a member, as
// the part of an allOf that names it may be a later one.
func (s *search) other() *node {
	for _, n := range s.seen.list {
		if n.fields != nil && n.fields.additional.state == ruleSchema {
			return n.fields.additional.node
		}
	}
	return nil
}

// member returns the schema of a member by its name. Where several patterns match it
// takes the first by text, so that the result does not depend on the document's order.
func (n *node) member(name string) *node {
	if n.fields == nil {
		return nil
	}
	// A name in properties says more than a pattern that happens to match it.
	if i := n.fields.properties.index(name); i >= 0 {
		return n.fields.nodes[i]
	}
	var found *patternRule
	for i := range n.fields.patterns {
		p := &n.fields.patterns[i]
		if (found == nil || p.pattern.text < found.pattern.text) && p.pattern.re.MatchString(name) {
			found = p
		}
	}
	if found == nil {
		return nil
	}
	return found.node
}

// item returns the schema of an item by its index (JSON Schema 2020-12 §10.3.1).
func (n *node) item(index int) *node {
	if n.items == nil {
		return nil
	}
	// items is for what follows prefixItems.
	if index < len(n.items.prefix) {
		return n.items.prefix[index]
	}
	return n.items.items
}

// referred returns what a schema object's $ref names, or its $dynamicRef where there is no
// $ref. One that was too deep to be compiled with its parent is compiled here.
func (n *node) referred() *node {
	switch {
	case n.also == nil:
		return nil
	case n.also.lazy != nil:
		return n.also.lazy.node()
	case n.also.ref == nil:
		return n.also.dynamic
	}
	return n.also.ref
}

// Component names the component that a value is an instance of: the last one on
// the way through references and unions, "" when there is none.
func (n Node) Component(text string) string {
	name := ""
	var way []*node
	// Each step goes to the schema that says most about the value: what is referred to,
	// the one member of an allOf, the branch that is taken.
	for at := n.node; at != nil && text != "" && !slices.Contains(way, at); {
		way = append(way, at)
		if at.object != nil {
			if own, whole := componentOf(at.object.at); whole {
				name = own
			}
		}
		next := at.referred()
		if next == nil && at.also != nil && len(at.also.allOf) == 1 && (at.fields == nil || at.fields.nodes == nil) {
			next = at.also.allOf[0] // a reference in the manner of OpenAPI 3.0
		}
		if next == nil && at.also != nil {
			for _, u := range at.also.inOrder() {
				if next == nil {
					next = u.takenBy(text)
				}
			}
		}
		at = next
	}
	return name
}

// takenBy returns the compiled branch that a value takes.
func (u *union) takenBy(text string) *node {
	u.prepare()
	if text == "" {
		return nil
	}
	if b := u.choose(text); b != nil {
		return u.node(b)
	}
	return nil
}

// choose returns the branch that a value takes, nil when it can take none. Most values
// have one candidate by their type and tag, for which the text is only skimmed. With
// several candidates the value is parsed and validated.
func (u *union) choose(text string) *branch {
	u.prepare()
	// Tags are members of the value itself, so that its inner values need not be read.
	t := jsonvalue.Shallow(text)
	var buf [8]*branch
	candidates := u.candidates(buf[:0], t, 0)
	t.Release()
	switch len(candidates) {
	case 0:
		return nil
	case 1:
		return candidates[0]
	}
	return u.matching(candidates, text)
}

// matching picks from candidates as Validate does: the first that matches and declares
// every field, else the first that matches, else the closest. It has fewer steps than a
// validation, as each part of a value may ask for its own branch.
// What the caller gets is used to decode and to describe a value. A wrong choice shows
// another type for it, and loses nothing of the value.
func (u *union) matching(candidates []*branch, text string) *branch {
	// A value of a response is shown even where it cannot be validated, as with a name
	// that is there twice.
	t, err := jsonvalue.Parse(text)
	if err != nil {
		return candidates[0]
	}
	defer t.Release()
	isObject := t.Kind(0) == jsonvalue.Object
	w := u.graph.newWalk(t, Place{}, minSteps/10+stepsPerByte/4*len(text))
	defer w.release()
	// The walk starts inside of the union, whose own schema is not known here.
	w.stack = append(w.stack, frame{node: u.graph.accepts, way: -1})
	// The same comparison as in a validation, so that a value that fails there is read
	// by the branch that its problems are about.
	a := attempts{union: u, set: noSet}
	var first *branch // that matches
	for _, b := range candidates[:min(len(candidates), maxAttempts)] {
		switch ok := w.attempt(&a, b); {
		case !ok:
		case !isObject || u.covers(b, t, 0):
			return b
		case first == nil:
			first = b
		}
	}
	return cmp.Or(first, a.closest, candidates[0])
}

// Union is a union that is not in the document, such as that of the payloads of its
// webhooks.
type Union struct {
	union *union
	text  string
	at    string
}

// OneOf returns a union of schema objects, which belongs at a place.
// The branches are looked up and compared like those of a union in the document, so that a
// webhook is recognised by its "type" as an event of a stream is.
func (g *Graph) OneOf(texts []string, at string) *Union {
	list := ""
	for i, text := range texts {
		if i > 0 {
			list += ","
		}
		list += text
	}
	list = "[" + list + "]"
	text := `{"oneOf":` + list + `}`
	o := &object{graph: g, at: at, raw: text, text: text}
	u := &Union{union: g.union("oneOf", list, nil, o), text: text, at: at}
	u.union.prepare()
	return u
}

// Origin returns where the schema object of a place is, behind its references: two places
// with the same origin have one schema object.
func (g *Graph) Origin(p Place) string {
	p, _, _ = g.behind(p)
	return p.At
}

// Choose returns the index of the branch that a value takes, -1 when it can take
// none.
func (u *Union) Choose(text string) int {
	if b := u.union.choose(text); b != nil {
		return int(b.index)
	}
	return -1
}

// Tag returns the property that tells the branches apart, "" without one.
func (u *Union) Tag() string { return u.union.tag }

// Explain returns why a value can take no branch.
func (u *Union) Explain(t *jsonvalue.Tree) []Problem {
	x := newExplainer(u.union.graph, nil, t)
	defer x.release()
	x.noBranch(failed{
		failure: failure{keyword: kwOneOf, detail: noBranch},
		object:  Place{u.text, u.at}, keyword: "oneOf", location: u.at,
	}, u.union)
	return slices.Clone(x.problems)
}
