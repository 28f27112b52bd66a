package validator

import "github.com/opcall/opcall/internal/jsonvalue"

// A JSON Schema within an instance has two sorts of mistakes that no other value has:
// keywords that are misspelt, and those that an API does not take in a strict schema.

// misspeltKeyword reports one. The problem is at the member and not at the schema, as the
// member is what has to be renamed.
func (x *explainer) misspeltKeyword(f failed) {
	name := jsonvalue.Ref(f.failure.a)
	text := x.tree.String(name)
	p := x.problem(&f)
	p.Keyword = UnknownKeyword
	p.Schema = f.object.At
	p.Pointer = bounded(pointerBelow(p.Pointer, text), maxPointer)
	p.Got = bounded(text, maxShown)
	p.Nearest = []string{x.walk.ways[f.failure.way].node.fields.misspeltKeyword(x.tree, f.value, name)}
	p.Message = "unknown keyword " + Quoted(text) + "; did you mean " + Quoted(p.Nearest[0]) + "?"
	x.add(p)
}

// notStrict reports what in a schema breaks the rules. The walk records one failure for the
// whole schema; the rules are asked once more here for all places. The Schema of a problem is
// the extension that states the rules: the schemas of the document do not have them.
func (x *explainer) notStrict(f failed) {
	m := &x.walk.ways[f.failure.way].node.fields.rare.schemas[f.failure.a]
	for _, wrong := range m.rules().check(x.tree, jsonvalue.Ref(f.failure.b)) {
		p := x.problem(&f)
		p.Pointer = bounded(x.pointerTo(wrong.at), maxPointer)
		p.Keyword, p.Component, p.Schema = StrictKeyword, "strict JSON Schema", "/"+StrictKeyword
		p.Message = wrong.message
		x.add(p)
	}
}
