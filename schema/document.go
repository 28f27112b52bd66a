package schema

import (
	"encoding/binary"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema/internal/validator"
)

// Document is an OpenAPI document: its JSON text, and an index of the operations and
// components in it. Operations are parsed and schemas compiled on first use, once.
// Every string of the index is a part of the text, which therefore stays in memory as
// long as anything of the document does. A Document never changes and is safe for
// concurrent use.
//
// What the index holds is decided by what is asked for by name: operations by ID, and
// component schemas. The other components are few in most documents; their objects are
// kept whole and searched when a reference leads there. What depends on all of the
// document, such as the table of paths or the repairs, is made when somebody asks.
//
// What is made later, by the first goroutine that needs it, is behind a once, a lock or an
// atomic; all else is final when Load returns.
type Document struct {
	text       string            // JSON, overlays applied
	top        Root              // the members beside paths, webhooks and components
	schemas    *jsonscan.Table   // component schemas, in document order
	components map[string]string // the other kinds of components, each an object's text
	pathItems  []pathItem        // paths, in document order
	webhooks   []pathItem
	referred   []int // indexes of the path items that are references
	operations []*operationEntry
	spare      []operationEntry           // made, and not used yet
	byID       map[string]*operationEntry // aliases, too
	unnamed    []*operationEntry          // those without an ID of their own

	unnamedRepairs []int    // their indexes in repairs
	repairs        []Repair // made while indexing; the others are found on demand

	unmatched []UnmatchedAction

	errors   []*DocumentError // see Verify
	checked  sync.Once
	refused  map[unit]*DocumentError
	dangling atomic.Int32 // references that led nowhere

	source source
	wide   jsonscan.Index // of what references lead through

	folded     func() map[string][]*operationEntry
	matcher    func() *matcher
	allRepairs struct {
		once sync.Once
		list []Repair
	}
	payloads struct { // of webhooks, each list in document order
		once    sync.Once
		names   []string
		places  []validator.Place
		union   *validator.Union
		sharing map[int][]int // those that share the schema of one, itself included; without those that share none
	}

	compiled *validator.Schemas // in the readings of tier.go
}

// maxDepth bounds the nesting of documents and of Values, since both are read
// recursively.
// Real documents stay far below it; a stack of a thousand small frames does no harm.
const maxDepth = 1000

// pathItem is one entry of paths or webhooks.
type pathItem struct {
	key  string // "/files/{file_id}", or the webhook's name
	text string

	parameters, servers string // of all its operations, "" for none
}

// newDocument indexes text in one pass, in time linear in its length. A member that an
// object has twice is indexed by its last value; Load refuses such text unless
// WithoutChecks says otherwise. Where the structure leaves no document to speak of, the
// error is a *DocumentError; other mistakes refuse only their own part.
//
// It makes room for as many operations and components as a compact document of that
// length has: one operation in 2,500 bytes, one component in 500.
//
// Steps of an earlier time, with the same text, save most of the pass: see jsonscan.Steps.
func newDocument(text string, source source, steps *jsonscan.Steps) (*Document, error) {
	d := &Document{
		text:       text,
		components: make(map[string]string, 8),
		byID:       make(map[string]*operationEntry, len(text)/2500),
		operations: make([]*operationEntry, 0, len(text)/2500),
		schemas:    jsonscan.NewTable(len(text) / 500),
		source:     source,
	}
	c := jsonscan.NewSteppingCursor(text, steps)
	if !c.Enter() {
		return nil, errNoObject()
	}
	members := make(map[string]string, 16)
	for c.Next() {
		var err error
		switch key := c.Key(); key {
		case "paths":
			d.pathItems, err = d.indexPaths(c, "/paths")
		case "webhooks":
			d.webhooks, err = d.indexPaths(c, "/webhooks")
		case "components":
			d.indexComponents(c)
		default:
			members[key] = c.Value()
		}
		if err != nil {
			return nil, err
		}
	}
	var err error
	if d.top, err = rootOf(members); err != nil {
		return nil, err
	}
	// Behind the loop: a path item may refer to one that stands further down, or to components.
	d.followPathItems()
	d.nameOperations()
	d.folded = sync.OnceValue(d.foldIDs)
	d.matcher = sync.OnceValue(d.newMatcher)
	d.compiled = validator.New(validator.Source{
		Text:      text,
		Component: d.schemas.Get,
		Sections:  d.components,
		Strict:    members[validator.StrictKeyword],
		// readOnly and required together mean something else in 3.0, see the package.
		ByDirection: strings.HasPrefix(d.top.version, "3.0."),
		Resolve: func(ref, at string) (string, string, error) {
			text, pointer, err := d.resolve(ref, Pointer(at))
			return text, string(pointer), err
		},
	})
	return d, nil
}

// closed returns the schemas as the Standard and Lenient tiers read them.
func (d *Document) closed() *validator.Graph { return d.compiled.Graph(validator.Closed) }

// Precompile compiles all components, with all branches of their unions, as the
// Standard and Lenient tiers read them. Without it each is compiled when it is
// first used, which is cheaper for programs that use a few of them; a server can
// call Precompile to pay before its first request. It may be called at any time, by
// any goroutine. What is compiled already costs nothing.
func (d *Document) Precompile() {
	d.closed().Precompile(slices.DeleteFunc(d.schemas.Names(), func(name string) bool {
		return d.refusedAt(componentPointer(name)) != nil
	}))
}

// indexComponents records each component schema by name, and the other kinds of
// components as one object per kind, whose members are looked up when they are used.
// A section of the wrong type is an error of its own and not of the document: operations
// without components can still be called.
func (d *Document) indexComponents(c *jsonscan.Cursor) {
	if !c.Enter() {
		d.addError(&DocumentError{Pointer: "/components", Reason: "got " + jsonscan.TypeName(c.Value()) + ", want an object"})
		return
	}
	for c.Next() {
		key := c.Key()
		if key != "schemas" {
			d.components[key] = c.Value()
			continue
		}
		if !c.Enter() {
			d.addError(&DocumentError{Pointer: "/components/schemas", Reason: "got " + jsonscan.TypeName(c.Value()) + ", want an object"})
			continue
		}
		for c.Next() {
			name := c.Key()
			d.schemas.Set(name, c.Value())
		}
	}
}

// OpenAPI returns the version of the specification that the document follows,
// as it stands there: "3.1.0".
func (d *Document) OpenAPI() string { return d.top.OpenAPI() }

// Title returns info.title.
func (d *Document) Title() string { return d.top.Title() }

// Version returns info.version, the version of the API.
func (d *Document) Version() string { return d.top.Version() }

// Unmatched returns the actions of overlays that selected nothing (OpenAPI Overlay 1.0
// §4.4.3), in the order in which they were applied. Those of WithOverlayIf and WithOverlayFrom are left out:
// an overlay with a condition, such as the errata of this library, is written for many
// documents.
func (d *Document) Unmatched() []UnmatchedAction { return slices.Clone(d.unmatched) }

// Components yields the names of the component schemas in document order.
func (d *Document) Components() iter.Seq[string] {
	return func(yield func(string) bool) {
		for name := range d.schemas.All() {
			if !yield(name) {
				return
			}
		}
	}
}

// Index returns where the parts of the document are, for WithIndex: a few bytes for each
// operation and component. It is for those who keep the text that JSON returns. It
// indexes the document anew.
func (d *Document) Index() []byte {
	var steps jsonscan.Steps
	_, _ = newDocument(d.text, source{}, &steps) // no error: it has been indexed before
	return append(binary.AppendUvarint(nil, uint64(len(d.text))), steps.Bytes()...)
}

// JSON returns a copy of the document's JSON text, with overlays applied and without
// repairs. The caller may modify it. Each call copies the whole document.
func (d *Document) JSON() []byte { return []byte(d.text) }

// Lookup returns the JSON text at a pointer, such as
// "/components/schemas/Model/properties/id" or "/info/title". References are
// not followed.
//
// The text is a part of the document and not a copy. It is the way to what this package
// does not keep: examples, callbacks, links, extensions of any object.
func (d *Document) Lookup(pointer Pointer) (string, bool) {
	text, rest, ok := d.indexed(pointer)
	if !ok {
		return "", false
	}
	for _, token := range rest.Tokens() {
		if text, ok = d.wide.Child(text, token); !ok {
			return "", false
		}
	}
	return text, true
}

// indexed returns the text that the index has of the way to a pointer, and the rest of
// the way. Most references lead to components, and some documents have thousands of
// both: without the index each would be searched from the root, past all others.
func (d *Document) indexed(pointer Pointer) (text string, rest Pointer, ok bool) {
	tokens := strings.SplitN(string(pointer), "/", 5) // "", "components", "schemas", a name, the rest
	switch {
	case len(tokens) > 3 && tokens[1] == "components" && tokens[2] == "schemas":
		text, ok = d.schemas.Get(jsonscan.UnescapeToken(tokens[3]))
		return text, pointer[len(componentsAt)+len(tokens[3]):], ok
	case len(tokens) > 2 && tokens[1] == "components" && tokens[2] != "schemas":
		text, ok = d.components[jsonscan.UnescapeToken(tokens[2])]
		return text, pointer[len("/components/")+len(tokens[2]):], ok
	}
	return d.text, pointer, true
}

// Extension returns the JSON text of a root member such as "x-opcall-errata".
func (d *Document) Extension(name string) (string, bool) {
	return d.top.Extension(name)
}
