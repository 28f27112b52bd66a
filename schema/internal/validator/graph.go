package validator

import (
	"maps"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
)

// A document has more schema objects than a program ever uses: to compile all of them
// before the first call would cost every start of it. So everything is built on first
// use, and the text of the document is the source until then. What is built is not
// changed afterwards, so that walks read it without a lock. The locks are taken in one
// order: g.mu or factsMu before objectsMu, those of the Closed graph before those of
// the Open one, which compiles its tests.

// Mode is one reading of a document's schemas. Each has a Graph of its own, as
// the same schema object compiles differently.
type Mode uint8

// The modes.
const (
	Strict Mode = iota // by the letter
	Closed             // errata applied; fields that nothing declares are a failure
	Open               // errata applied; such fields are accepted
)

// Source is a document as the validator sees it.
type Source struct {
	Text     string            // JSON text of the whole document
	Sections map[string]string // the other components by their kind, each kind an object

	// Component returns a component schema as JSON text.
	Component func(name string) (text string, ok bool)

	// Resolve returns the text of what a reference names and where it is. The
	// validator asks it for what it cannot find in the schemas itself.
	Resolve func(ref, at string) (text, pointer string, err error)

	// ByDirection makes a required property optional in requests when it is
	// readOnly, in responses when it is writeOnly (OpenAPI 3.0.3 §4.7.24.2).
	ByDirection bool

	// Strict is the text of the document's StrictKeyword, "" for none.
	Strict string
}

// Place is a schema object: its text as it is found in the document, and the JSON
// Pointer to it.
type Place struct{ Text, At string }

// Schemas holds the compiled schemas of a document in all modes. It is safe for
// concurrent use. A mode takes memory once it is used.
type Schemas struct {
	source Source
	graphs [Open + 1]Graph
	wide   jsonscan.Index // of what references lead through

	strict  func() *strictRules
	anchors func() anchors
	foreign foreign

	// The memory of walks and explainers leads into the graphs. A pool for all documents would
	// keep one alive as long as another is in use.
	walks, explainers sync.Pool
}

// New returns the schemas of a document. Nothing is compiled yet.
func New(source Source) *Schemas {
	s := &Schemas{source: source}
	s.strict = sync.OnceValue(func() *strictRules { return readStrict(source.Strict) })
	s.anchors = sync.OnceValue(s.findAnchors)
	for m := range s.graphs {
		s.graphs[m].init(s, Mode(m))
	}
	return s
}

// Graph returns the compiled schemas of a mode.
func (s *Schemas) Graph(m Mode) *Graph { return &s.graphs[m] }

// Graph is the compiled schemas of a document in one mode. It is built from the
// JSON text as it is used: a schema object, with all that it refers to, when an
// instance is first validated against it, but a branch of a union when an instance
// is first tried on it. Each object is built once.
type Graph struct {
	schemas *Schemas
	mode    Mode

	mu      sync.Mutex // guards what follows, and the nodes of objects
	roots   map[nodeKey]*node
	plain   map[string]*node // see plainNode
	scratch jsonscan.Object  // members of the schema objects that are being compiled

	accepts  *node // everything
	patterns patterns

	objectsMu sync.Mutex
	objects   map[string]*object
	unions    map[string]*union
	large     map[string]string // large schema objects that references lead into, as read, by pointer

	factsMu sync.Mutex

	choicesMu sync.Mutex
	choices   map[string]*choices // of enums that an instance did not match, by their text

	plainsMu sync.Mutex
	plains   map[plainAt]Place // see plainBelow

	keywordsMu sync.Mutex
	keywords   map[keywordAt]string // see keywordBelow

	jointsMu   sync.Mutex
	joints     map[jointKey][]*keptJoint
	jointCount int
}

// nodeKey is a place with what applies to the instance beside it: the same schema
// object is one node as a part of an allOf, where another part may declare further
// fields, and another node on its own.
type nodeKey struct {
	at   string
	role role
}

// role says whether other schemas apply to the same instance. Only a schema that
// applies alone can report a field that is not declared: another one may declare
// it.
type role uint8

const (
	shared   role = iota // with schemas that may declare fields too
	conjunct             // as a member of allOf: to declare no fields is not to accept any
	alone                // the schema of the place
)

func (g *Graph) init(s *Schemas, m Mode) {
	g.schemas, g.mode = s, m
	g.roots = make(map[nodeKey]*node)
	g.plain = make(map[string]*node)
	g.accepts = newNode(nil)
	// One node serves all names that are required and not declared.
	g.accepts.bare = true
	g.objects = make(map[string]*object)
	g.unions = make(map[string]*union)
}

// root returns the compiled schema of a place, which applies alone.
func (g *Graph) root(p Place) *node { return g.compiled(p, alone) }

// compiled returns the compiled schema of a place in a role, building it where it is
// not built yet.
func (g *Graph) compiled(p Place, r role) *node {
	key := nodeKey{p.At, r}
	// It is locked for as long as the schema compiles, so that others wait for a whole
	// one. Once it is there, this is a lookup in a map.
	g.mu.Lock()
	defer g.mu.Unlock()
	n, ok := g.roots[key]
	if !ok {
		n = g.build(p, r, 0)
		g.roots[key] = n
	}
	return n
}

// branchNode returns the compiled schema of a union's branch. The schema of the union
// may declare fields beside it, so the branch does not apply alone.
func (g *Graph) branchNode(p Place) *node {
	g.mu.Lock()
	defer g.mu.Unlock()
	if target, ok := g.component(p.Text); ok {
		return g.build(target, shared, 0)
	}
	// A union of strings and enums takes no nodes of its own.
	defer g.drop(len(g.scratch))
	members := appendMembers(&g.scratch, p.Text)
	if n := g.plainNode(p.Text, members); n != nil {
		return n
	}
	return g.buildAt(p, members, shared, 0)
}

// tests returns the graph for schemas that an instance need not match: those of if, not
// and contains. They are not closed, as that would change which instances are valid:
// {"a":1,"b":2} must fail {"not":{"properties":{"a":{"const":1}}}}, whether or not b is
// declared.
func (g *Graph) tests() *Graph {
	if g.mode == Closed {
		return &g.schemas.graphs[Open]
	}
	return g
}

// Precompile compiles the components with these names and all branches of their unions,
// those in branches included: unions are found while others are compiled, until there
// are no new ones.
func (g *Graph) Precompile(names []string) {
	g.reserve(4 * len(names))
	for _, name := range names {
		text, _ := g.schemas.source.Component(name)
		g.root(Place{text, componentsAt + jsonscan.EscapeToken(name)})
	}
	// Each round compiles the branches of the unions that the round before has found.
	done := make(map[*union]bool)
	for {
		unions := g.unionsExcept(done)
		if len(unions) == 0 {
			return
		}
		for _, u := range unions {
			for _, b := range u.all() {
				u.node(b)
			}
			done[u] = true
		}
	}
}

// reserve makes room for so many schema objects: maps that grow step by step are moved
// a dozen times, which is a tenth of the time that compiling takes.
func (g *Graph) reserve(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.roots = grown(g.roots, n/4)
	g.objectsMu.Lock()
	defer g.objectsMu.Unlock()
	g.objects = grown(g.objects, n)
}

// grown returns a map with room for n entries.
func grown[K comparable, V any](m map[K]V, n int) map[K]V {
	if len(m) > n/2 {
		return m
	}
	larger := make(map[K]V, n)
	maps.Copy(larger, m)
	return larger
}

// unionsExcept returns the unions that are not among those done.
func (g *Graph) unionsExcept(done map[*union]bool) []*union {
	g.objectsMu.Lock()
	defer g.objectsMu.Unlock()
	var list []*union
	for _, u := range g.unions {
		if !done[u] {
			list = append(list, u)
		}
	}
	return list
}

// object is a schema object as a mode reads it: in the dialect of JSON Schema 2020-12,
// its erratum applied. All that is found out about it uncompiled is kept here, for all
// nodes, unions and explanations that use it.
type object struct {
	graph *Graph
	at    string
	raw   string // as it was found
	text  string // as it is read

	second bool             // there is an object with another text at this pointer
	built  [alone + 1]*node // by role, once it is compiled; Graph.mu guards them

	once   sync.Once
	fields *fields // see declared
	facts  *Facts  // see Graph.Facts, whose lock guards it
}

// object returns the schema object of a place. Each is read once. A text that differs
// from the one known at the pointer, as found or as read, gets an object of its own.
func (g *Graph) object(p Place) *object { return g.objectRead(p, "") }

// objectRead is object for a text that the caller has read already.
func (g *Graph) objectRead(p Place, read string) *object {
	g.objectsMu.Lock()
	defer g.objectsMu.Unlock()
	first := g.objects[p.At]
	if first.is(p) {
		return first
	}
	if read == "" {
		read = g.translate(p)
	}
	o := &object{graph: g, at: p.At, raw: p.Text, text: read}
	if o.second = first != nil; !o.second {
		g.objects[p.At] = o
	}
	return o
}

// is reports whether an object is that of a place where there is one at the pointer.
// Callers have the text from the document or from an object around it, which has been
// read already: both are the same schema object. Comparing texts that share memory takes
// no time.
func (o *object) is(p Place) bool { return o != nil && (o.raw == p.Text || o.text == p.Text) }

// known returns the schema object of a place where it is read already, or nil.
func (g *Graph) known(p Place) *object {
	g.objectsMu.Lock()
	defer g.objectsMu.Unlock()
	if o := g.objects[p.At]; o.is(p) {
		return o
	}
	return nil
}

// builtAt returns where the nodes of a pointer are kept: in its first object, also for
// another text at the pointer, whose parts could lead back to it without end.
func (g *Graph) builtAt(o *object) *[alone + 1]*node {
	if o.second {
		g.objectsMu.Lock()
		defer g.objectsMu.Unlock()
		o = g.objects[o.at]
	}
	return &o.built
}

// place returns where an object is, with its text as it was found.
func (o *object) place() Place { return Place{o.raw, o.at} }

// below returns the place of a part of the object.
func (o *object) below(text string, tokens ...string) Place {
	return Place{text, pointerBelow(o.at, tokens...)}
}

// translate reads a schema object's text in the dialect of JSON Schema 2020-12:
// nullable, boolean exclusiveMinimum and others of OpenAPI 3.0, and outside the Strict
// mode the errata that the document carries.
func (g *Graph) translate(p Place) string {
	if g.mode == Strict {
		return dialect.ByTheLetter(p.Text, p.At)
	}
	return dialect.Read(p.Text, p.At)
}

// isRead reports whether translate leaves a schema object with these members as it is.
func (g *Graph) isRead(members jsonscan.Object) bool {
	if g.mode == Strict {
		return dialect.IsByTheLetter(members)
	}
	return dialect.IsRead(members)
}

// Read returns a schema object's text as this mode reads it.
func (g *Graph) Read(p Place) string {
	if o := g.known(p); o != nil {
		return o.text
	}
	return g.translate(p)
}

// readOnce is Read, which keeps the result where it is large: any number of
// references may lead into one schema object.
func (g *Graph) readOnce(p Place) string {
	if len(p.Text) < jsonscan.Large {
		return g.Read(p)
	}
	g.objectsMu.Lock()
	read, ok := g.large[p.At]
	g.objectsMu.Unlock()
	if ok {
		return read
	}
	read = g.Read(p)
	g.objectsMu.Lock()
	defer g.objectsMu.Unlock()
	if g.large == nil {
		g.large = make(map[string]string)
	}
	g.large[p.At] = read
	return read
}

// Resolve returns what a reference in a schema object names (JSON Schema 2020-12
// §8.2.3.1). It looks in the schemas as this mode reads them first, as an erratum may
// have added the target; other files and names are the document's to find.
// Also a reference within a component goes through the schemas as they are read, since a
// repair may have moved what it names: a member of allOf that says nullable is gone.
func (g *Graph) Resolve(ref, at string) (Place, error) {
	if pointer, ok := dialect.LocalPointer(ref); ok {
		if text, ok := g.textAt(pointer); ok {
			return Place{text, pointer}, nil
		}
	}
	// Parameters, responses and the parts of other files are not schemas of the graph.
	text, pointer, err := g.schemas.source.Resolve(ref, at)
	return Place{text, pointer}, err
}

// component returns the component that a schema object refers to where that is all that
// the object says: the form of most references, which is found without a walk.
func (g *Graph) component(text string) (Place, bool) {
	const before, behind = `{"$ref":"#`, `"}`
	if !strings.HasPrefix(text, before+componentsAt) || !strings.HasSuffix(text, behind) {
		return Place{}, false
	}
	at := text[len(before) : len(text)-len(behind)]
	name := at[len(componentsAt):]
	for i := range len(name) {
		switch name[i] {
		// The name is escaped, or the pointer goes on into the component, or there is more
		// than a reference.
		case '~', '%', '\\', '/', '"':
			return Place{}, false
		}
	}
	target, ok := g.schemas.source.Component(name)
	return Place{target, at}, ok && target != ""
}

// textAt returns the text at a pointer into the document, found in the schemas as
// this mode reads them. The text itself is as it was found.
func (g *Graph) textAt(pointer string) (string, bool) {
	// Most references are to components, and found without walking the document.
	text, at, place := g.schemas.source.Text, "", dialect.Object
	rest := pointer
	if inner, ok := strings.CutPrefix(pointer, metaschemaAt); ok && (inner == "" || inner[0] == '/') {
		return g.descend(Place{metaschema, metaschemaAt}, dialect.Schema, inner)
	}
	if inner, ok := strings.CutPrefix(pointer, componentsAt); ok {
		name, deeper, more := strings.Cut(inner, "/")
		component, ok := g.schemas.source.Component(jsonscan.UnescapeToken(name))
		if !ok || !more {
			return component, ok
		}
		text, at, place = component, pointer[:len(pointer)-len(deeper)-1], dialect.Schema
		rest = "/" + deeper
	} else if inner, ok := strings.CutPrefix(pointer, "/components/"); ok {
		kind, deeper, more := strings.Cut(inner, "/")
		if section, ok := g.schemas.source.Sections[kind]; ok && more {
			text, at, place = section, pointer[:len(pointer)-len(deeper)-1], dialect.Inner(dialect.Object, kind)
			rest = "/" + deeper
		}
	}
	return g.descend(Place{text, at}, place, rest)
}

// descend follows the rest of a pointer from a place, reading each schema object on the
// way as the mode does.
func (g *Graph) descend(p Place, place dialect.Place, rest string) (string, bool) {
	for _, token := range pointerTokens(rest) {
		given := p.Text
		// A pointer into a schema object goes by its text as this mode reads it: an
		// erratum may have added what the pointer names.
		if place == dialect.Schema {
			p.Text = g.readOnce(p)
		}
		next, ok := g.schemas.wide.Child(p.Text, token)
		if !ok {
			// A repair or an erratum may have moved what a reference means.
			if next, ok = g.schemas.wide.Child(given, token); !ok {
				return "", false
			}
		}
		if p.Text[0] == '[' {
			place = dialect.Item(place)
		} else {
			place = dialect.Inner(place, token)
		}
		p = Place{next, p.At + "/" + jsonscan.EscapeToken(token)}
	}
	return p.Text, true
}
