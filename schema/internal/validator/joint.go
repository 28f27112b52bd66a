package validator

import (
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// A value can be described at several places: two members of an allOf each have a
// property of the same name, each with a part of its fields. JSON Schema validates the
// value by each of them apart (2020-12 Core §10.2.1.1), and none closes it. What this
// package closes by itself has to know the fields of all of them, and so has a member
// of an allOf with additionalProperties: false, whose author means the fields of the
// whole.
//
// Which places describe a value depends on the way to it from the root of the instance.
// It is followed when a field is about to be refused and not before, so that valid
// instances pay nothing for it.

// step is a step of the way from the root of an instance to a value: a frame of the walk,
// or a way that it has recorded.
type step struct {
	node    *node
	value   jsonvalue.Ref
	index   int32
	keyword keyword
}

// joint is what places beside a schema object declare of the same value. It does not change
// once it is made.
type joint struct{ declaration }

// accepts reports whether one of the places knows a field. An explicit refusal yields to
// a name alone: that another place accepts anything does not take it back.
func (j *joint) accepts(n *node, name string) bool {
	return j.knows(name) || j.open && n.fields.additional.state != ruleRefuse
}

// newJoint collects what is declared beside the schema at the end of a way. It takes a
// step of the walk for each schema object that it looks at.
func newJoint(tree *jsonvalue.Tree, way []step, left *int) *joint {
	n := way[len(way)-1].node
	j := &joint{}
	c := describing{tree: tree, left: left}
	start := 0
	for i := range way {
		// A test asks about its own schema: what stands around it is not a part.
		switch way[i].keyword {
		case kwNot, kwIf, kwContains, kwPropertyNames:
			start, c.roots = i, nil
		}
		if i == start {
			c.roots = append(c.roots[:0:0], c.whole(way[i].node.object)...)
			continue
		}
		// A segment is the steps that apply in place to one value. Where the value changes, what
		// described the old one says which schema objects describe the new one.
		if way[i].value != way[i-1].value {
			c.descend(way[start:i], way[i])
			start = i
		}
	}
	segment := way[start:]
	if n.fields.additional.state != ruleRefuse {
		// Closed by the mode: the schema alone at its place, whose own parts and branches
		// are what the walk has evaluated.
		c.skip = n.object
		c.close(segment)
	} else if c.isJoint(segment) {
		c.within = n.object
		c.close(segment)
	}
	for _, o := range c.objects {
		f := o.declared()
		j.addOwn(f)
		j.open = j.open || f.open
	}
	return j
}

// describing collects the schema objects that describe a value, on the way to it.
type describing struct {
	tree    *jsonvalue.Tree
	left    *int
	roots   []*object // of the value at hand: outermost, behind references
	objects []*object // those with all that apply in place
	seen    map[*object]bool
	skip    *object         // an object that does not count, with its parts
	within  *object         // an object whose unions do not count
	taken   map[*union]bool // unions on the way, of which the branch on the way counts
}

// whole returns the object behind a schema that is a reference and nothing else, so that an
// object is known again on whatever way it is reached. It is empty for a schema that is a
// boolean, which declares nothing.
func (c *describing) whole(o *object) []*object {
	if o == nil {
		return nil
	}
	if found, read, moved := o.graph.behind(o.place()); moved {
		o = o.graph.objectRead(found, read)
	}
	return []*object{o}
}

// isJoint reports whether the schema at the end of the way is a part of an allOf or of
// what a reference stands beside, has such parts itself, or is not the only one.
func (c *describing) isJoint(segment []step) bool {
	for _, s := range segment[1:] {
		if s.keyword == kwAllOf || s.keyword == kwRef {
			return true
		}
	}
	n := segment[len(segment)-1].node
	return len(c.roots) > 1 || n.also != nil && (len(n.also.allOf) > 0 || n.also.ref != nil)
}

// close collects everything that applies in place with the roots. Of a union on the way
// only the branch counts that is on the way, of another one all: a field that one of
// them knows may be meant.
func (c *describing) close(segment []step) {
	c.objects, c.seen, c.taken = nil, make(map[*object]bool), make(map[*union]bool)
	for i, s := range segment {
		if i == 0 || s.keyword != kwAnyOf && s.keyword != kwOneOf {
			continue
		}
		if also := segment[i-1].node.also; also != nil {
			if u := segment[i-1].node.unionOf(s.keyword); u != nil {
				c.taken[u] = true
			}
		}
	}
	// The segment is added too: a step may have come by dependentSchemas or then, which the
	// parts of the roots have only under a condition.
	for _, o := range c.roots {
		c.add(o)
	}
	// The branches on the way, whose unions add leaves out.
	for _, s := range segment {
		if s.node.object != nil {
			c.add(s.node.object)
		}
	}
}

// add adds an object and its parts, each once. A budget that is spent ends it in the middle;
// knownBeside then ends the walk, so that no verdict is based on a part of the objects.
func (c *describing) add(o *object) {
	if c.seen[o] || o == c.skip || *c.left <= 0 {
		return
	}
	c.seen[o] = true
	*c.left--
	c.objects = append(c.objects, o)
	f := o.declared()
	for _, p := range f.parts {
		c.add(p.object)
	}
	if o == c.within {
		return
	}
	for _, u := range f.unions {
		if c.taken[u] {
			continue // its branch is a step of the way
		}
		for _, b := range u.all() {
			c.add(u.object(b))
		}
	}
}

// descend goes from the value of a segment to a member or an item of it.
func (c *describing) descend(segment []step, to step) {
	c.skip = nil
	c.close(segment)
	var roots []*object
	known := make(map[*object]bool)
	parent := segment[len(segment)-1].value
	for _, o := range c.objects {
		for _, part := range c.parts(o, parent, to.value) {
			for _, o := range c.whole(part) {
				if !known[o] {
					known[o] = true
					roots = append(roots, o)
				}
			}
		}
	}
	c.roots = roots
}

// parts returns the schema objects that an object has for one of the members or items
// of a value (JSON Schema 2020-12 Core §10.3).
func (c *describing) parts(o *object, parent, value jsonvalue.Ref) []*object {
	// The text of the object is read again below, which is not free where it is long.
	*c.left -= len(o.text) / 1024
	var list []*object
	add := func(text string, tokens ...string) {
		if text[0] == '{' {
			list = append(list, o.graph.object(o.below(text, tokens...)))
		}
	}
	if c.tree.Kind(parent) == jsonvalue.Array {
		for key, text := range jsonscan.Members(o.text) {
			switch key {
			case "items":
				add(text, key)
			case "prefixItems":
				for i, item := range jsonscan.Items(text) {
					add(item, key, strconv.Itoa(i))
				}
			}
		}
		return list
	}
	name := c.tree.String(value - 1)
	for key, text := range jsonscan.Members(o.text) {
		switch key {
		case "properties":
			if text, ok := jsonscan.Member(text, name); ok {
				add(text, key, name)
			}
		case "patternProperties":
			for pattern, text := range jsonscan.Members(text) {
				*c.left--
				if re, err := o.graph.patterns.compile(pattern); err == nil && re.re.MatchString(name) {
					add(text, key, pattern)
				}
			}
		// It is for the names that nothing beside it matches (Core §10.3.2.3).
		case "additionalProperties":
			if !o.beside().knows(name) {
				add(text, key)
			}
		}
	}
	return list
}
