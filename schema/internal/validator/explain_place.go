package validator

import (
	"strconv"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// A failure knows the way to a node and a value. What a reader is shown of it are places: a
// pointer into the instance, and one into the document with the text of the schema object
// there.

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
	f.pointer = x.say(x.walk.appendPointer(x.line, f.at, f.tag, f.tagged))
	switch {
	case f.keyword == UnknownKeyword:
	// The list of dependentRequired has an entry per name, and the entry has names: the
	// pointer leads to the one that is missing (/dependentRequired/card/0).
	case f.failure.detail == dependentOn:
		d := &x.walk.ways[f.at].node.fields.rare.dependentRequired[f.failure.a]
		f.location = pointerBelow(f.object.At, f.keyword, d.name, strconv.Itoa(int(f.failure.b)))
	// The keyword that failed, which is not always the one that is reported.
	case f.failure.keyword != kwNone:
		f.location = x.graph.keywordBelow(f.object.At, f.failure.keyword)
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
	// A plain node is shared by all places with its keywords. The steps to it say which of
	// them is meant.
	for i := w.ways[way].parent; i >= 0; i = w.ways[i].parent {
		if o := w.ways[i].node.object; o != nil {
			var buf [128]byte
			return x.graph.plainBelow(o, w.appendBelow(buf[:0], way)), nil
		}
	}
	at := w.root.At + string(w.appendBelow(nil, way))
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
