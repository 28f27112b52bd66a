package validator

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// maxClosedWork bounds the schema objects and names that are looked at to list the
// closed parts of a document: thousands of components could each be an allOf of all
// others. The largest real descriptions take a hundredth of it.
const maxClosedWork = 1 << 22

// ClosedParts lists where a document refuses, by the letter, what it declares itself:
// schema objects with additionalProperties: false that are a part of an allOf, or have
// one, whose other parts declare further fields. See knownByWhole for how the Standard
// tier reads them. It is used by one goroutine.
type ClosedParts struct {
	graph *Graph
	left  int              // of maxClosedWork; below 0 the list is cut
	seen  map[*object]bool // closed parts that are listed: one entry for each, however often it is used
}

// ClosedParts begins a list.
func (g *Graph) ClosedParts() *ClosedParts {
	return &ClosedParts{graph: g, left: maxClosedWork, seen: make(map[*object]bool)}
}

// ClosedPart is one entry of the list.
type ClosedPart struct {
	At    string // the closed schema object
	Field string // that it refuses and another part declares

	// Property is the JSON Pointer of the value, by the names of properties that several
	// parts of an allOf describe; "" for the value of the allOf itself.
	Property string
}

// Of returns the closed parts of the schema object at a place that are not listed yet.
// Without an allOf, or a reference with something beside it, no two schema objects apply to
// one value: most places are passed by after a look at their text.
func (c *ClosedParts) Of(p Place) []ClosedPart {
	if _, ok := jsonscan.Member(p.Text, "allOf"); !ok {
		if _, ok := jsonscan.Member(p.Text, "$ref"); !ok {
			return nil
		}
	}
	// A reference alone is asked at its target, which is a place as well.
	if _, _, moved := c.graph.behind(p); moved || c.left < 0 {
		return nil
	}
	return c.together([]*object{c.graph.object(p)}, "", make(map[string]bool))
}

// together returns the closed parts of what describes one value: a schema object with its
// parts, or those that several parts have for a property that they share. Property is the
// pointer of that value; visited are the groups that were looked at on the way to it.
func (c *ClosedParts) together(objects []*object, property string, visited map[string]bool) []ClosedPart {
	w := wholeParts{left: &c.left, seen: make(map[*object]bool)}
	for _, o := range objects {
		w.add(o, false)
	}
	var list []ClosedPart
	// An object is listed once, with the first name that it refuses: the same component may be
	// a part of many wholes, and one name is enough to find the rest by.
	for i, o := range w.closed {
		name, found := w.refused(o, w.inUnion[i])
		if found && !c.seen[o] {
			c.seen[o] = true
			list = append(list, ClosedPart{o.at, name, property})
		}
	}
	for _, s := range w.shared() {
		if c.left < 0 || visited[s.key] {
			continue
		}
		visited[s.key] = true // schemas that lead back to themselves share for ever
		below := property + "/" + jsonscan.EscapeToken(s.name)
		list = append(list, c.together(s.objects, below, visited)...)
	}
	return list
}

// sharedProperty is a property that several parts describe.
type sharedProperty struct {
	name, key string
	objects   []*object
}

// shared returns the properties that several of the parts of every instance have a
// schema object for, in the order in which they are declared.
func (w *wholeParts) shared() []sharedProperty {
	if len(w.parts) < 2 {
		return nil
	}
	var names []string
	byName := make(map[string][]*object)
	for _, o := range w.parts {
		properties, _ := jsonscan.Member(o.text, "properties")
		for name, text := range jsonscan.Members(properties) {
			if *w.left--; *w.left < 0 {
				return nil
			}
			// true and false declare no fields that could be missed elsewhere.
			if text[0] != '{' {
				continue
			}
			if byName[name] == nil {
				names = append(names, name)
			}
			byName[name] = append(byName[name], o.graph.object(o.below(text, "properties", name)))
		}
	}
	var list []sharedProperty
	for _, name := range names {
		var objects set[*object]
		var key strings.Builder
		for _, o := range byName[name] {
			// Two parts that refer to one component describe the property once. The key is made of
			// the places, so that the same group is known again on another way.
			for _, o := range (&describing{}).whole(o) {
				if objects.add(o) {
					key.WriteString(" " + o.at)
				}
			}
		}
		if len(objects.list) > 1 {
			list = append(list, sharedProperty{name, key.String(), objects.list})
		}
	}
	return list
}

// wholeParts is a schema object with all that applies in place with it.
type wholeParts struct {
	left    *int
	seen    map[*object]bool
	parts   []*object // that apply to every instance
	closed  []*object
	inUnion []bool   // of closed
	always  []string // names that parts declare for every instance
	chosen  []string // names that branches of unions declare
}

// add adds an object. A branch of a union is a part for some instances, so that what it
// declares is nothing to other branches.
func (w *wholeParts) add(o *object, inUnion bool) {
	if *w.left--; *w.left < 0 || w.seen[o] {
		return
	}
	w.seen[o] = true
	f := o.declared()
	// The names are searched for each closed part, so they count like objects.
	*w.left -= len(f.names)
	// The last names are those of required. A name that is required and nowhere declared is
	// not a field that a part adds: to refuse it is the author's own contradiction.
	names := f.names[:len(f.names)-len(f.required)]
	if inUnion {
		w.chosen = append(w.chosen, names...)
	} else {
		w.always = append(w.always, names...)
		w.parts = append(w.parts, o)
	}
	if value, ok := jsonscan.Member(o.text, "additionalProperties"); ok && value == "false" {
		w.closed, w.inUnion = append(w.closed, o), append(w.inUnion, inUnion)
	}
	for _, p := range f.parts {
		// if is a test, and then and else are parts of what it selects.
		if p.test == nil {
			w.add(p.object, inUnion || p.field != "")
		} else if p.object != p.test {
			w.chosen = append(w.chosen, p.declared().names...)
		}
	}
	for _, u := range f.unions {
		for _, b := range u.all() {
			w.add(u.object(b), true)
		}
	}
}

// refused returns the first name of another part that a closed object does not know.
// What branches declare is compared only with an object that every instance meets and that
// has no union itself: two branches exclude each other, and closing one against the other
// is what their author wants.
func (w *wholeParts) refused(o *object, inUnion bool) (string, bool) {
	d := o.beside()
	lists := [][]string{w.always}
	if !inUnion && len(o.declared().unions) == 0 {
		lists = append(lists, w.chosen)
	}
	for _, list := range lists {
		for _, name := range list {
			if *w.left--; *w.left < 0 {
				return "", false
			}
			if !d.knows(name) {
				return name, true
			}
		}
	}
	return "", false
}
