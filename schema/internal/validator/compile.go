package validator

import (
	"strconv"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// To compile a schema object reads its keywords into a node, and compiles the schema
// objects that it refers to, down to the branches of unions, which wait for an
// instance. Subschemas that are references and nothing else take no node of their own:
// the node of the target stands for them.
//
// Outside the Strict mode two things are added. A name that is required and never
// declared is declared, as documents forget one of the two places. And in the Closed
// mode a schema object that applies alone, and is not open by its own keywords, refuses
// the fields that no part of it declares: APIs reject or ignore such fields, so a
// misspelt name in a request is a mistake either way.

// maxAhead bounds how many schemas are compiled inside of each other: each is a few
// calls on the stack. What is deeper waits, as a lazyNode, until an instance gets
// there.
const maxAhead = 200

// build returns the compiled schema of a place, building each once for a role. Roles
// differ in the Closed mode only. The caller holds g.mu, so that one goroutine builds
// and a node is complete before another one sees it.
func (g *Graph) build(p Place, r role, depth int) *node {
	r = g.roleOf(r)
	// Most calls are for a component that several schemas refer to.
	o := g.known(p)
	if o != nil {
		if n := g.builtAt(o)[r]; n != nil {
			return n
		}
	}
	defer g.drop(len(g.scratch))
	return g.buildSplit(g.split(&g.scratch, p, o), r, depth)
}

// roleOf returns the role that a schema object has in the mode. What a role decides is
// whether unknown fields are refused, which is so in the Closed mode alone: elsewhere one
// node serves all.
func (g *Graph) roleOf(r role) role {
	if g.mode != Closed {
		return shared
	}
	return r
}

// buildAt is build for a schema object whose members, as found, are on g.scratch.
func (g *Graph) buildAt(p Place, members jsonscan.Object, r role, depth int) *node {
	if g.known(p) != nil || !g.isRead(members) {
		return g.build(p, r, depth)
	}
	return g.buildSplit(split{p, p.Text, members, nil}, g.roleOf(r), depth)
}

// buildSplit is build for a schema object whose members are on g.scratch.
func (g *Graph) buildSplit(s split, r role, depth int) *node {
	if g.follow(&g.scratch, &s) && r == conjunct {
		r = shared // a member of allOf that is a reference declares what it refers to
	}
	// The place and the role identify a node: the text of a place does not change.
	o := s.object
	if o == nil {
		o = g.objectRead(s.Place, s.read)
	}
	built := g.builtAt(o)
	if n := built[r]; n != nil {
		return n
	}
	n := newNode(o)
	// The stack of a goroutine grows up to a gigabyte, and a document of a few
	// megabytes would fill it with schemas inside of each other.
	if depth > maxAhead {
		n.also = &alsoRules{lazy: &lazyNode{graph: g, place: s.Place, role: r}}
		return n
	}
	built[r] = n // before its parts: they may refer back to it
	b := builder{Graph: g, node: n, object: o, role: r, depth: depth}
	b.read(s)
	return n
}

// asserts reports whether a keyword can make an instance invalid. Annotations cannot
// (JSON Schema 2020-12 §7.7), nor can format where it is one (Validation §7.2.1), nor
// the content keywords (§8). A keyword that is not known is taken for one that can, so
// that the schema is read in full.
func asserts(keyword string) bool {
	switch keyword {
	case "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
		"format", "contentEncoding", "contentMediaType", "contentSchema",
		"discriminator", "externalDocs", "xml", "$comment", "$defs", "definitions":
		return false
	}
	return !strings.HasPrefix(keyword, "x-") || keyword == SchemaKeyword
}

// plainNode returns the node of a schema that says nothing about objects or other
// schemas, nil for any other schema. Places with the same keywords share a node, as
// half of the schemas of a document are {"type":"string"} with one or another
// description.
//
// Such a node does not know where it is in the document. The way to a failure does: it
// leads from a node with a place through keywords, so that the pointer can be put
// together when it is shown.
func (g *Graph) plainNode(text string, members jsonscan.Object) *node {
	// The key is what the schema asserts, keyword by keyword in the order of the text.
	// Two orders of the same keywords get two nodes, which is harmless.
	var buf [128]byte
	key, typed := buf[:0], false
	for _, m := range members {
		keyword, value := m.Name, m.Text
		switch keyword {
		case "type":
			typed = !jsonvalue.ParseKinds(value).Has(jsonvalue.Object)
		case "enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
			"multipleOf", "minItems", "maxItems", "uniqueItems":
		default:
			// Any keyword that may lead to other schemas, to fields or to a reference
			// needs a place: its node is not shared.
			if asserts(keyword) || keyword == dialect.PatchKeyword {
				return nil
			}
			continue
		}
		key = append(append(append(key, keyword...), value...), ',')
	}
	// Without a type the schema may be for objects, which can be closed. A text in an
	// older dialect means something else than it says.
	if !typed || !g.isRead(members) {
		return nil
	}
	if n := g.plain[string(key)]; n != nil {
		return n
	}
	n := newNode(nil)
	g.plain[string(key)] = n
	b := builder{Graph: g, node: n}
	b.read(split{read: text, members: members})
	return n
}

// builder compiles one schema object to one node.
type builder struct {
	*Graph
	node   *node
	object *object
	role   role
	depth  int

	members    jsonscan.Object
	names      []string // of properties
	nodes      []*node
	unreadable bool // a pattern of patternProperties
}

// read fills the node from a schema's text, as this mode reads it.
func (b *builder) read(s split) {
	n := b.node
	if s.read == "false" {
		n.never = true
		return
	}
	b.members = s.members
	for _, m := range s.members {
		// A resource of its own: its references are not those of the document.
		if m.Name == "$id" {
			n.also = &alsoRules{foreign: b.schemas.foreignSchema(b.object.at)}
			return
		}
		b.keyword(m.Name, m.Text)
	}
	// then and else have no effect without if.
	if n.also != nil && n.also.test == nil {
		n.also.then, n.also.otherwise = nil, nil // (JSON Schema 2020-12 §10.2.2)
	}
	// Go's regexp has no lookahead. A schema that only lists the names it knows by such
	// a pattern would refuse them all.
	if b.unreadable && n.fields.additional.state == ruleRefuse {
		n.fields.additional = rule{} // a field may match the pattern that cannot be read
	}
	// Only schemas that accept objects have fields that could be forgotten or unknown;
	// plain nodes, which have no object, do not.
	if b.mode != Strict && n.kinds.Has(jsonvalue.Object) && b.object != nil {
		b.forgotten()
		if b.mode == Closed {
			b.close()
		}
	}
	// The table is made last: forgotten names are entries of it like the others.
	if b.names != nil {
		b.fields().properties, n.fields.nodes = newNameTable(b.names), b.nodes
	}
	n.bare = n.scalar == nil && n.fields == nil && n.items == nil && n.also == nil
}

// keyword compiles a keyword of any value or of schemas that apply in place (JSON
// Schema 2020-12 §10.2), and passes on the others. A keyword with a value that it
// cannot have is ignored, as the meta-schema of the document is not what is validated
// here.
func (b *builder) keyword(key, value string) {
	n := b.node
	switch key {
	case "type":
		n.kinds = jsonvalue.ParseKinds(value)
	case "const":
		b.scalar().constant = newChoiceSet("[" + value + "]")
	case "enum":
		if value[0] == '[' {
			b.scalar().enum = newChoiceSet(value)
		}
	case "$ref":
		b.also().ref = b.reference(jsonscan.String(value))
	case "$dynamicRef":
		b.dynamicReference(jsonscan.String(value))
	case "allOf":
		for i, item := range jsonscan.Items(value) {
			b.also().allOf = append(b.also().allOf, b.part(item, conjunct, key, strconv.Itoa(i)))
		}
		// The branches are not compiled here. A document has unions of a hundred
		// branches within each other, and an instance takes one way through them.
	case "anyOf", "oneOf":
		b.also().unions = append(b.also().unions, b.union(key, value, b.members, b.object))
	case "not":
		b.also().not = b.test(value, key)
	case "if":
		b.also().test = b.test(value, key)
		// They apply in place, on the condition of if (§10.2.2.2, §10.2.2.3).
	case "then":
		b.also().then = b.part(value, shared, key)
	case "else":
		b.also().otherwise = b.part(value, shared, key)
	case SchemaKeyword:
		if b.mode != Strict {
			b.schemaMembers(value)
		}
	case misspeltKeywords:
		b.readMisspelt(value)
	default:
		b.fieldKeyword(key, value)
		b.itemKeyword(key, value)
		b.scalarKeyword(key, value)
	}
}

func (b *builder) scalar() *scalarRules {
	if b.node.scalar == nil {
		b.node.scalar = &scalarRules{minLength: -1, maxLength: -1}
	}
	return b.node.scalar
}

func (b *builder) fields() *fieldRules {
	if b.node.fields == nil {
		b.node.fields = &fieldRules{}
	}
	return b.node.fields
}

func (b *builder) rare() *rareRules {
	f := b.fields()
	if f.rare == nil {
		f.rare = &rareRules{minimum: -1, maximum: -1}
	}
	return f.rare
}

func (b *builder) items() *itemRules {
	if b.node.items == nil {
		b.node.items = &itemRules{minimum: -1, maximum: -1, minContains: 1, maxContains: -1}
	}
	return b.node.items
}

func (b *builder) also() *alsoRules {
	if b.node.also == nil {
		b.node.also = &alsoRules{}
	}
	return b.node.also
}

// unusable makes every instance of the schema fail for a reason in the document: to pass
// what cannot be validated would be wrong in silence.
func (b *builder) unusable(reason string) { b.also().unusable = reason }

// reference compiles what $ref names (JSON Schema 2020-12 §8.2.3.1). Keywords beside it
// apply to the same instance, so the target does not apply alone.
func (b *builder) reference(ref string) *node {
	target, err := b.Resolve(ref, b.object.at)
	if err != nil {
		b.unusable(err.Error())
		return nil
	}
	return b.build(target, shared, b.depth+1)
}

// dynamicReference compiles $dynamicRef (JSON Schema 2020-12 §8.2.3.2). In a
// document without $id there is one dynamic scope: then it is a $ref.
func (b *builder) dynamicReference(ref string) {
	target, ok := b.schemas.dynamic(b.Graph, ref, b.object.at)
	switch {
	case !ok:
		b.also().foreign = b.schemas.foreignSchema(b.object.at)
	default:
		b.also().dynamic = b.build(target, shared, b.depth+1)
	}
}

// part compiles a subschema, named by its tokens below the object.
func (b *builder) part(text string, r role, tokens ...string) *node {
	// The place of a reference is needed only where it names nothing.
	if target, ok := b.component(text); ok {
		if r == conjunct {
			r = shared // see buildSplit
		}
		return b.build(target, r, b.depth+1)
	}
	return b.build(b.object.below(text, tokens...), r, b.depth+1)
}

// inner compiles the schema of a member or an item. Nothing else applies there as far
// as this object is concerned, so it can be closed.
func (b *builder) inner(text string, tokens ...string) *node {
	if target, ok := b.component(text); ok {
		return b.build(target, alone, b.depth+1)
	}
	defer b.drop(len(b.scratch))
	members := appendMembers(&b.scratch, text)
	if n := b.plainNode(text, members); n != nil {
		return n
	}
	p := b.object.below(text, tokens...)
	return b.buildAt(p, members, alone, b.depth+1)
}

// test compiles a subschema that the instance need not match, in the graph for those.
// A test that were closed would fail for an unknown field, and if and not would go by
// that: an instance would be refused, or accepted, for a field that has nothing to
// do with it.
func (b *builder) test(text string, tokens ...string) *node {
	if g := b.tests(); g != b.Graph {
		return g.compiled(b.object.below(text, tokens...), shared)
	}
	return b.part(text, shared, tokens...)
}

// forgotten declares the names that are required and not among the properties, as
// documents forget them there, unless additionalProperties or
// unevaluatedProperties has a schema for them.
// A body {"required":["model"]} beside properties that lack model is a mistake of the
// document that every server overlooks: without this rule a client could send no valid
// body.
func (b *builder) forgotten() {
	if f := b.node.fields; f != nil && (f.additional.state == ruleSchema || f.unevaluated.state == ruleSchema) {
		return
	}
	// To declare a name is to accept it with any value, and to count it as evaluated.
	for _, name := range b.object.declaredBy(b.members).required {
		b.names, b.nodes = append(b.names, name), append(b.nodes, b.accepts)
	}
}

// close refuses fields that nothing declares, where the document leaves that open. It
// never takes back what the document says: additionalProperties and
// unevaluatedProperties of the object stay. An object that says nothing about fields at
// all is a free map, and so is an empty schema in a union. Whether any branch of the
// unions declares a field is found out only when there is an unknown one, see
// lazyClosed, as it takes reading all of them.
func (b *builder) close() {
	// What the author wrote is what counts, also where it is laxer than a reader would
	// expect: additionalProperties: true is a promise.
	f := b.object.declared()
	if rules := b.node.fields; rules != nil && (rules.additional.state != ruleAbsent || rules.unevaluated.state != ruleAbsent) {
		return
	}
	switch {
	case f.open, f.free && b.role == shared:
		b.fields().additional.state = ruleAccept
		// As a part of another schema this one cannot know which fields the others
		// declare. The schema that all of them belong to refuses what none declares.
	case b.role == alone && !f.free:
		b.fields().unevaluated.state, b.node.fields.closed = ruleRefuse, true
		if !f.some() && !f.partSome() {
			b.node.fields.lazyClosed = b.object
		}
	}
}

// lazyNode stands for a schema that is compiled on first use, when the lock of the
// graph is free again.
type lazyNode struct {
	graph *Graph
	place Place
	role  role

	once   sync.Once
	target *node
}

func (l *lazyNode) node() *node {
	l.once.Do(func() {
		l.graph.mu.Lock()
		defer l.graph.mu.Unlock()
		l.target = l.graph.build(l.place, l.role, 0)
	})
	return l.target
}
