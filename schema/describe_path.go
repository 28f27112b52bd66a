package schema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// place is what a path of Describe leads to. Exactly one of operation and reading is
// set, neither for a tag. A place deeper in the document is made from the one before
// it, so that path keeps the document's spelling whatever the user typed.
//
// A path is not a JSON Pointer. It names what people see (fields, status codes, tag
// values) and leaves out how the document gets there (properties, items, $ref, allOf), so
// that it stays the same when a schema moves into a component.
type place struct {
	doc       *Document
	path      []string // as the document spells it
	kind      string
	operation *Operation // of an operation
	reading   *reading   // of everything else but a tag
	required  bool
	in        string
}

// maxJoined bounds how many names are tried as one: tag values such as
// response.output_text.delta have dots of their own, and nobody wants to escape them.
// More would cost time by their number at each step and help nobody: a name of nine parts
// can still be escaped.
const maxJoined = 8

// locate follows a path. Its first name may have dots of its own, as operation IDs and
// tags do; the shortest name that leads to the end of the path is taken. The nearest names of an
// error are looked for among everything that a path can begin with.
//
// The time is that of the names of the document for each try, of which there are at most
// maxJoined: paths come from users, and may be of any length.
func (d *Document) locate(names []string) (*place, error) {
	if len(names) == 0 {
		return nil, &UnknownPathError{}
	}
	// The shortest first: "listFiles.limit" is a field of listFiles, unless there is no
	// listFiles.
	// Where it leads nowhere the next one is tried: Content may be a tag, and Content.Get
	// an operation.
	var failed error
	for n := range min(len(names), maxJoined) {
		p, ok := d.root(strings.Join(names[:n+1], "."))
		if !ok {
			continue
		}
		p, err := p.follow(names[n+1:])
		if err == nil {
			return p, nil
		}
		failed = cmp.Or(failed, err)
	}
	if failed != nil {
		return nil, failed
	}
	var known []string
	for _, entry := range d.operations {
		known = append(known, entry.id)
	}
	known = append(append(known, d.schemas.Names()...), d.tagNames()...)
	return nil, &UnknownPathError{Name: names[0], Nearest: nearest(names[0], known, 3)}
}

// root finds the operation, component or tag of that name. An exact name wins over one
// that differs in case or punctuation, and among equals an operation over a component
// over a tag, in the order in which people look for them.
func (d *Document) root(name string) (*place, bool) {
	if entry, ok := d.byID[name]; ok {
		if op, err := entry.parsed(); err == nil {
			return &place{doc: d, path: []string{op.ID}, kind: "operation", operation: op}, true
		}
	}
	// Before any folded name, so that components "file" and "File" are both within
	// reach.
	if p, ok := d.rootNamed(func(other string) bool { return other == name }); ok {
		return p, true
	}
	if op, err := d.Operation(name); err == nil {
		return &place{doc: d, path: []string{op.ID}, kind: "operation", operation: op}, true
	}
	return d.rootNamed(func(other string) bool { return fold(other) == fold(name) })
}

// rootNamed finds a component, else a tag. A component that is refused is not found:
// its description would be that of a part of it.
// Of two components whose names differ in case only, a third spelling finds the first.
func (d *Document) rootNamed(same func(string) bool) (*place, bool) {
	for name, text := range d.schemas.All() {
		if !same(name) {
			continue
		}
		if at := componentPointer(name); d.refusedAt(at) == nil {
			return &place{doc: d, path: []string{name}, kind: "component", reading: d.read(schemaAt{text, at})}, true
		}
		break
	}
	// Last, because tags are words of prose that may be anything, names of components
	// too.
	tags := d.tagNames()
	if i := slices.IndexFunc(tags, same); i >= 0 {
		return &place{doc: d, path: []string{tags[i]}, kind: "tag"}, true
	}
	return nil, false
}

// tagNames lists the tags of the document, those first that it declares.
func (d *Document) tagNames() []string {
	var names []string
	for _, item := range jsonscan.Items(d.top.members["tags"]) {
		name, _ := jsonscan.Member(item, "name")
		names = append(names, jsonscan.String(name))
	}
	for op := range d.Operations() {
		for _, name := range op.Tags {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// tagDescription returns what the document says of a tag, "" for one that operations
// use and the root does not declare (OpenAPI 3.1 §4.8.22 allows both).
func (d *Document) tagDescription(tag string) string {
	for _, item := range jsonscan.Items(d.top.members["tags"]) {
		if name, _ := jsonscan.Member(item, "name"); jsonscan.String(name) == tag {
			text, _ := jsonscan.Member(item, "description")
			return jsonscan.String(text)
		}
	}
	return ""
}

// follow goes on from a place by name after name. The error names the first that leads
// nowhere, with the way up to it as the document spells it.
func (p *place) follow(names []string) (*place, error) {
	for len(names) > 0 {
		next, used := p.step(names)
		if next == nil {
			return nil, p.unknown(names[0])
		}
		p, names = next, names[used:]
	}
	return p, nil
}

// step finds what the first few names mean together, or the first alone. The most names
// win, so that a tag value with dots is found before a field that begins like it; exact
// names of any number win over folded ones.
func (p *place) step(names []string) (next *place, used int) {
	for _, match := range []func(a, b string) bool{
		func(a, b string) bool { return a == b },
		func(a, b string) bool { return fold(a) == fold(b) },
	} {
		// The longest first, other than at the root: a tag value "response.done" would
		// otherwise be read as its first part, where that is a field.
		for n := min(len(names), maxJoined); n > 0; n-- {
			if next := p.named(strings.Join(names[:n], "."), match); next != nil {
				return next, n
			}
		}
	}
	if name, ok := withoutIndex(names[0]); ok {
		return p.step(append([]string{name}, names[1:]...))
	}
	if len(p.names()) == 0 {
		// A map: any name is one of its keys.
		if next := p.named("*", func(a, b string) bool { return a == b }); next != nil {
			return next, 1
		}
	}
	return nil, 0
}

// withoutIndex takes the brackets off messages[0] and input[], which is how arguments and
// errors name the items of a list; a path leads into them by itself.
func withoutIndex(name string) (string, bool) {
	before, brackets, ok := strings.Cut(name, "[")
	return before, ok && before != "" && strings.HasSuffix(brackets, "]") && strings.Trim(brackets, "[]0123456789") == ""
}

// named finds what a name leads to from a place, nil where it leads nowhere.
func (p *place) named(name string, match func(a, b string) bool) *place {
	switch {
	case p.operation != nil:
		return p.ofOperation(name, match)
	case p.reading != nil:
		f := finder{doc: p.doc, name: name, match: match}
		f.find(p.reading, 0)
		return p.join(f.hits)
	}
	return nil
}

// ofOperation finds a parameter, a response, or a field of the body. A parameter hides
// a field of its name, as in Params; of a response the JSON form is taken, of a body
// the first form that has the field.
//
// A status code is compared like any other name, so that 4xx finds 4XX. Fields of a
// response need the code before them: without it a path means what one sends.
func (p *place) ofOperation(name string, match func(a, b string) bool) *place {
	doc := p.doc
	for _, param := range p.operation.Parameters {
		if match(strings.TrimSuffix(param.Name, "[]"), strings.TrimSuffix(name, "[]")) {
			// A parameter without a schema accepts anything, and can still be
			// described.
			next := p.next(param.Name, "parameter", &reading{types: jsonvalue.Any})
			next.required, next.in = param.Required, param.In
			if param.Schema != nil {
				next.reading = doc.read(param.Schema.here())
			}
			return next
		}
	}
	for _, r := range p.operation.Responses {
		// A response without a body has nothing that a path could lead to.
		if m := jsonFirst(r.Content); match(r.Status, name) && m != nil && m.Schema != nil {
			return p.next(r.Status, "response", doc.read(m.Schema.here()))
		}
	}
	if p.operation.RequestBody == nil {
		return nil
	}
	for _, m := range p.operation.RequestBody.Content {
		if m.Schema != nil {
			f := finder{doc: doc, name: name, match: match}
			f.find(doc.read(m.Schema.here()), 0)
			if next := p.join(f.hits); next != nil {
				return next
			}
		}
	}
	return nil
}

func (s *Schema) here() schemaAt { return schemaAt{s.text, s.pointer} }

// jsonFirst picks the JSON form of a body, else its first: a path has no place for a
// media type.
func jsonFirst(content []*MediaType) *MediaType {
	for _, m := range content {
		if IsJSON(m.Name) {
			return m
		}
	}
	if len(content) > 0 {
		return content[0]
	}
	return nil
}

func (p *place) next(name, kind string, r *reading) *place {
	return &place{doc: p.doc, path: append(slices.Clone(p.path), name), kind: kind, reading: r}
}

// join makes one place of everything that a name can mean: a field that several
// branches have is the one or the other, so that the place is a union of them. It is
// required where it is in all.
//
// The union is one of this package and stands nowhere in the document. fold then makes a
// union of one branch that branch, which is the usual case.
func (p *place) join(hits []hit) *place {
	if len(hits) == 0 {
		return nil
	}
	doc := p.doc
	r := &reading{types: jsonvalue.Any}
	required := true
	for _, h := range hits {
		// Required in one kind of message and absent in another is not required.
		required = required && h.required
		r.addVariant(doc, h.schemaAt)
	}
	r.fold(doc)
	next := p.next(hits[0].name, "field", r)
	next.required = required
	return next
}

// unknown returns the error of a name that leads nowhere from here.
func (p *place) unknown(name string) error {
	known := p.names()
	err := &UnknownPathError{Path: joinPath(p.path), Name: name, Nearest: nearest(name, known, 3)}
	if p.reading != nil && len(known) == 0 {
		e := expander{doc: p.doc, left: maxShapes}
		err.leaf = e.shape(p.reading, 0).String()
	}
	return err
}

// names are those that lead on from here. They are collected by a match that accepts none,
// so that they are exactly those that would have been found.
func (p *place) names() []string {
	var known []string
	collect := func(name, _ string) bool { known = append(known, name); return false }
	switch {
	case p.operation != nil:
		p.ofOperation("", collect)
	case p.reading != nil:
		f := finder{doc: p.doc, match: collect}
		f.find(p.reading, 0)
	}
	return known
}

// hit is a schema that a name can mean.
type hit struct {
	name string
	schemaAt
	required bool
}

// finder looks for a name among the fields and branches of a reading. It collects, and
// does not stop at the first hit, because "content" of a message may be that of three
// kinds of messages. Places that were looked at are not looked at again: a union may
// lead back to itself.
//
// The match is a parameter so that three questions share one search: the exact name, the
// name without case and punctuation, and which names there are at all.
type finder struct {
	doc   *Document
	name  string
	match func(name, wanted string) bool
	hits  []hit
	seen  map[Pointer]bool // places that were looked at
	found map[Pointer]bool // places of hits
}

// maxFindDepth bounds how far a name may be from its place: items of branches
// of items.
const maxFindDepth = 6

// find looks at fields, then branches, then into items and branches: the nearest
// meaning of a name is the one that people have in mind. A field that is found hides
// what lies deeper. "*" stands for the fields of any name that a map has.
//
// Readings that stand nowhere, such as that of join, share the empty pointer; of those
// only the first is entered, and it is where the search begins.
func (f *finder) find(r *reading, depth int) {
	if depth > maxFindDepth || f.seen[r.at] {
		return
	}
	if f.seen == nil {
		f.seen = make(map[Pointer]bool)
	}
	f.seen[r.at] = true
	for _, field := range r.fields {
		if f.match(field.name, f.name) {
			f.add(field.name, field.schemaAt, r.required[field.name])
			return
		}
	}
	if f.branches(r, depth) {
		return
	}
	if r.items != nil {
		f.find(f.doc.read(*r.items), depth+1)
	}
	for _, v := range r.variants {
		f.find(f.doc.read(v.schemaAt), depth+1)
	}
	if r.other != nil && len(f.hits) == 0 && f.name == "*" {
		f.add("*", *r.other, false)
	}
}

// One schema may be reached in several ways, through two branches that share a part.
func (f *finder) add(name string, s schemaAt, required bool) {
	if f.found[s.at] {
		return
	}
	if f.found == nil {
		f.found = make(map[Pointer]bool)
	}
	f.found[s.at] = true
	f.hits = append(f.hits, hit{name, s, required})
}

// branches finds branches by the values of their tag or by name, the innermost ones of
// unions in unions: a user who names "function" wants the function, not the group of
// tools that it is in.
func (f *finder) branches(r *reading, depth int) bool {
	found := false
	for _, v := range r.variants {
		name := ""
		// By tag first: the values are what a request says, the name is the document's
		// alone.
		for _, value := range append(slices.Clone(valuesOf(v, r.by)), v.Name) {
			if value != "" && name == "" && f.match(value, f.name) {
				name = value
			}
		}
		if name == "" {
			continue
		}
		found = true
		if inner := f.doc.read(v.schemaAt); depth > maxFindDepth || !f.branches(inner, depth+1) {
			f.add(name, schemaAt{v.text, v.at}, false)
		}
	}
	return found
}
