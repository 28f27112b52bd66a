package validator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// Several problems can be one mistake. Here problems of one object are compared, and
// those that repeat another one are dropped, so that each mistake is reported once:
//
//   - An object without its tag: which fields it may have is unknown, so none of them
//     is reported as unknown.
//   - An object of another kind: its wrong tag is the mistake, not all the fields
//     that differ.
//   - Properties that are missing, and present inside of an unknown field: they
//     belong one level up.
//   - Unknown fields that are those of a missing property: they belong inside of it.

// isUnknownField reports whether a problem is a field that nothing declares.
func (p *Problem) isUnknownField() bool {
	return p.Keyword == UnknownKeyword || p.Keyword == "additionalProperties"
}

// mixed is an object with fields that are missing and others that are unknown.
// Both sorts in one object are a sign that something is in the wrong place, or has the
// wrong name.
type mixed struct {
	pointer          string
	missing, unknown []*Problem
	value            jsonvalue.Ref
	found            bool
}

// few objects are compared with each other: that is what most instances have, and a table
// of them takes longer.
const few = 8

// merging is memory for the objects of one explanation, which the next one uses again.
type merging struct {
	objects []mixed
	byPlace map[string]int32 // the indexes in objects, where they are many
}

// at returns the object at a pointer.
func (m *merging) at(pointer string) *mixed {
	if m.byPlace == nil {
		for i := range m.objects {
			if m.objects[i].pointer == pointer {
				return &m.objects[i]
			}
		}
	} else if i, ok := m.byPlace[pointer]; ok {
		return &m.objects[i]
	}
	n := len(m.objects)
	if n < cap(m.objects) {
		m.objects = m.objects[:n+1] // with the memory of its lists
	} else {
		m.objects = append(m.objects, mixed{})
	}
	o := &m.objects[n]
	*o = mixed{pointer: pointer, missing: o.missing[:0], unknown: o.unknown[:0]}
	switch {
	case m.byPlace != nil:
		m.byPlace[pointer] = int32(n)
	case n == few:
		m.byPlace = make(map[string]int32)
		for i := range m.objects {
			m.byPlace[m.objects[i].pointer] = int32(i)
		}
	}
	return o
}

// reset forgets the objects, but not their memory.
func (m *merging) reset() {
	if m.byPlace != nil {
		*m = merging{} // many, as few instances have
		return
	}
	for i := range m.objects {
		o := &m.objects[i]
		clear(o.missing)
		clear(o.unknown)
		*o = mixed{missing: o.missing[:0], unknown: o.unknown[:0]}
	}
	m.objects = m.objects[:0]
}

// merge looks at each object that has unknown fields, and drops the problems that
// another one covers.
func (x *explainer) merge() {
	if len(x.problems) < 2 {
		return
	}
	// Sorted, so that what is dropped does not depend on the order of the walk: the same
	// mistake in two notations of an instance gives the same problems.
	SortProblems(x.problems)
	x.problems = slices.CompactFunc(x.problems, func(a, b Problem) bool { return a.Pointer == b.Pointer && a.Message == b.Message })
	// Without an unknown field nothing is in the wrong place.
	unknown := false
	for i := range x.problems {
		unknown = unknown || x.problems[i].isUnknownField()
	}
	if !unknown {
		return
	}
	m := &x.merging
	for i := range x.problems {
		switch p := &x.problems[i]; {
		case p.isUnknownField():
			o := m.at(parentOf(p.Pointer))
			o.unknown = append(o.unknown, p)
		case p.Keyword == "required":
			o := m.at(p.Pointer)
			o.missing = append(o.missing, p)
		}
	}
	for i := range m.objects {
		x.mergeObject(&m.objects[i])
	}
	m.reset()
	// Problems are marked and dropped at the end, as they are compared across objects.
	x.problems = slices.DeleteFunc(x.problems, func(p Problem) bool { return p.gone })
}

func (x *explainer) mergeObject(o *mixed) {
	if len(o.unknown) == 0 {
		return
	}
	// A pointer that was cut leads to no value; such an object stays as it is.
	if o.value, o.found = follow(x.tree, 0, o.pointer); !o.found {
		return
	}
	switch {
	// Without its tag it is not known which fields the object may have.
	case x.tagless[o.value]:
		drop(o.unknown)
	case len(o.missing) == 0:
	case x.isOtherKind(o):
		drop(o.unknown)
		drop(o.missing)
	default:
		x.unwrap(o)
		x.wrap(o)
	}
}

// isOtherKind reports whether an object with a wrong tag is of another kind, rather
// than of this one with a mistake: beside the tag, more than half of its fields are
// unknown, or more than half of those that are required are missing. A field that is
// close to a declared name is a sign of this kind.
func (x *explainer) isOtherKind(o *mixed) bool {
	// Only an object whose tag is wrong can be of another kind.
	tag, wrong := x.foreignTag[o.value]
	if !wrong || slices.ContainsFunc(o.unknown, func(p *Problem) bool { return len(p.Nearest) > 0 }) {
		return false
	}
	var by set[string]
	required := 0
	for _, p := range o.missing {
		if by.add(p.Schema) {
			// The tag is left out: it is present, with a wrong value.
			list, _ := jsonscan.Member(x.readAt(parentOf(p.Schema)), "required")
			names := slices.DeleteFunc(jsonscan.Strings(list), func(name string) bool { return name == tag })
			required += len(names)
		}
	}
	return 2*len(o.unknown) > x.tree.Len(o.value)-1 || 2*len(o.missing) > required
}

// readAt returns the schema object at a pointer as the mode reads it.
func (x *explainer) readAt(pointer string) string {
	text, _ := x.graph.textAt(pointer)
	return x.graph.Read(Place{text, pointer})
}

// drop marks problems that another one covers.
func drop(problems []*Problem) {
	for _, p := range problems {
		p.gone = true
	}
}

// unwrap finds missing properties inside of an unknown field: an object wrapped in one that
// the API does not have. Such a field is explained by that, and belongs nowhere else.
// Somebody sends {"response":{"model":…}} where {"model":…} is wanted. By itself that is an
// unknown field and a missing property for each required one; together it is one mistake.
func (x *explainer) unwrap(o *mixed) {
	o.unknown = slices.DeleteFunc(o.unknown, func(unknown *Problem) bool { return x.wraps(unknown, o.missing) })
}

// wraps reports whether an unknown field is an object with missing properties in it, and
// names them with their neighbours there that belong one level up too.
func (x *explainer) wraps(unknown *Problem, missing []*Problem) bool {
	inner, ok := follow(x.tree, 0, unknown.Pointer)
	if !ok || x.tree.Kind(inner) != jsonvalue.Object {
		return false
	}
	var names []string
	at := "" // of the schema that misses them
	for _, missing := range missing {
		if _, ok := x.tree.Find(inner, missing.Want); ok && !missing.gone {
			names = append(names, missing.Want)
			missing.gone = true
			at = parentOf(missing.Schema)
		}
	}
	if len(names) == 0 {
		return false
	}
	// With the properties that are missed go those that are optional and would be
	// unknown inside of the wrapper all the same.
	known := x.graph.object(Place{x.readAt(at), at}).everything()
	for name, end := inner+1, x.tree.Past(inner); name < end && len(names) <= maxProblems; name = x.tree.Past(name + 1) {
		if name := x.tree.String(name); known.names.has(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	unknown.Nearest = nil
	unknown.Message = "unknown field " + Quoted(unknown.Got) + "; its " + belong(names) + " one level up"
	return true
}

// wrap finds unknown fields that are those of a missing property: an object whose
// wrapper was left out.
// Somebody sends {"name":…,"parameters":…} where {"function":{"name":…}} is wanted: each
// field is unknown, and the property that they belong in is missing.
func (x *explainer) wrap(o *mixed) {
	for _, missing := range o.missing[:min(len(o.missing), maxProblems)] {
		if missing.gone {
			continue
		}
		property := x.property(missing)
		if property == nil {
			continue
		}
		inner := property.everything()
		var names []string
		for _, unknown := range o.unknown {
			if inner.names.has(unknown.Got) && !unknown.gone {
				names = append(names, unknown.Got)
				unknown.gone = true
			}
		}
		if len(names) > 0 {
			missing.Nearest = nil
			missing.Message = "missing property " + Quoted(missing.Want) + "; " + belong(names) + " in it"
		}
	}
}

// Most missing properties are those of a compiled schema, which has the schemas of its
// properties in a table. The text of a large component takes microseconds to search, more
// than all the rest of an explanation.

// property returns the schema object of a property that is missing, nil for one that is only
// required or has no fields: it could not say which fields belong in it.
func (x *explainer) property(missing *Problem) *object {
	// The compiled schema has it at hand.
	if n := missing.node; n != nil {
		if i := n.fields.properties.index(missing.Want); i >= 0 {
			return n.fields.nodes[i].object
		}
		return nil
	}
	// A tag that is missing, and what jsonschema has reported, is at a schema object that
	// the walk did not compile.
	at := parentOf(missing.Schema)
	properties, _ := jsonscan.Member(x.readAt(at), "properties")
	text, ok := jsonscan.Member(properties, missing.Want)
	if !ok {
		return nil
	}
	return x.graph.object(Place{text, pointerBelow(at, "properties", missing.Want)})
}

// belong names fields, eight at most, with the verb in the right number.
func belong(names []string) string {
	slices.Sort(names)
	if len(names) == 1 {
		return Quoted(names[0]) + " belongs"
	}
	quoted := QuotedAll(names[:min(len(names), maxChoices)])
	if more := len(names) - len(quoted); more > 0 {
		quoted = append(quoted, strconv.Itoa(more)+" more")
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " and " + quoted[last] + " belong"
}
