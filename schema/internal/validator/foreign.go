package validator

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// A schema object with $id is a resource of its own, against whose URI references
// within it resolve (JSON Schema 2020-12 §8.2.1), and in a document with $id a
// $dynamicRef depends on the resources on the way to it. OpenAPI documents hardly
// ever use either, so the jsonschema package validates these schema objects, by
// the letter and with a budget of its own. What it reports is converted here.

const documentURL = "opcall:///document.json"

// foreign compiles schema objects with jsonschema. One compiler serves all of them, as
// to read the document takes as long for one as for many.
// jsonschema counts no steps of its own. An extension keyword that every schema has does it:
// its Validate is called for each use of a schema. The count is in the compiler's extension,
// so one validation runs at a time.
type foreign struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	compiled map[string]*foreignSchema
	failed   int
	steps    int // left for the validation that holds mu
}

// maxFailedCompiles bounds the schema objects that do not compile. Each of them spoils
// the compiler, so that the document must be read again for the next one.
const maxFailedCompiles = 4

// foreignSchema is a schema object that jsonschema validates.
type foreignSchema struct {
	owner    *foreign
	schema   *jsonschema.Schema
	unusable string // why there is no schema
}

// foreignSchema compiles the schema object at a pointer, once. One that does not
// compile is kept too, with the reason: every instance then has that problem of the
// document.
func (s *Schemas) foreignSchema(at string) *foreignSchema {
	f := &s.foreign
	f.mu.Lock()
	defer f.mu.Unlock()
	if done, ok := f.compiled[at]; ok {
		return done
	}
	if f.compiled == nil {
		f.compiled = make(map[string]*foreignSchema)
	}
	done := &foreignSchema{owner: f}
	// Kept before it is known whether it compiles: a second try would fail too.
	f.compiled[at] = done
	var err error
	if f.failed >= maxFailedCompiles {
		err = errors.New("too many schemas with $id do not compile")
	} else if done.schema, err = f.compile(s, at); err != nil {
		f.failed++
		f.compiler = nil
	}
	if err != nil {
		done.unusable = fmt.Sprintf("the schema at %.200s does not compile: %v", at, err)
	}
	return done
}

// compile compiles the schema object at a pointer. jsonschema panics on some documents,
// which must not reach the caller. It may read nothing but this document: a URL in it
// is neither fetched nor opened as a file.
func (f *foreign) compile(s *Schemas, at string) (compiled *jsonschema.Schema, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	if f.compiler == nil {
		c := jsonschema.NewCompiler()
		c.Draft = jsonschema.Draft2020
		// The package would otherwise read files and URLs that a document names.
		c.LoadURL = func(target string) (io.ReadCloser, error) {
			return nil, fmt.Errorf("%.120q leaves the document, and nothing is fetched", target)
		}
		c.RegisterExtension("opcall steps", nil, f)
		if err := c.AddResource(documentURL, strings.NewReader(s.repaired())); err != nil {
			return nil, err
		}
		f.compiler = c
	}
	// The fragment is a JSON Pointer with the escapes of a URI (RFC 6901 §6).
	return f.compiler.Compile(documentURL + "#" + (&url.URL{Path: at}).EscapedPath())
}

// repaired returns the document in the dialect of JSON Schema 2020-12, without the
// patterns that Go cannot read. With $schema, format is an annotation (§7.2.1).
func (s *Schemas) repaired() string { return Repaired(s.source.Text) }

// Repaired returns an OpenAPI document as jsonschema can read it: its schemas in
// the dialect of JSON Schema 2020-12, without the patterns that Go cannot read.
func Repaired(document string) string {
	text := dialect.Rewrite(document, func(at, text string) string {
		text, _ = dialect.Translate(text, at)
		return dialect.WithoutUnreadablePatterns(text)
	})
	return `{"$schema":"https://json-schema.org/draft/2020-12/schema",` + strings.TrimPrefix(strings.TrimSpace(text), "{")
}

// Compile implements jsonschema.ExtCompiler: every schema counts its uses.
func (f *foreign) Compile(jsonschema.CompilerContext, map[string]any) (jsonschema.ExtSchema, error) {
	return f, nil
}

// Validate implements jsonschema.ExtSchema. It ends a validation that has used
// its steps by a panic, which validate recovers: there is no other way out.
func (f *foreign) Validate(_ jsonschema.ValidationContext, v any) error {
	f.steps--
	switch v := v.(type) { // whose parts are walked
	case map[string]any:
		f.steps -= len(v)
	case []any:
		f.steps -= len(v)
	}
	if f.steps < 0 {
		panic(errSpent)
	}
	return nil
}

// foreignFailure is a failure that jsonschema reported.
type foreignFailure struct {
	schema  string // pointer to the schema object
	keyword string
	value   jsonvalue.Ref
	message string
}

// validate returns the failures of an instance, and an error when it did not come to an
// end within the steps that are left. They are counted in f, so there is one validation
// at a time. Decoding the instance takes steps too.
func (s *foreignSchema) validate(t *jsonvalue.Tree, v jsonvalue.Ref, steps *int) (failures []foreignFailure, err error) {
	f := s.owner
	f.mu.Lock()
	defer f.mu.Unlock()
	// The instance is decoded, which takes a step per value.
	f.steps = *steps - t.Size(v)
	if f.steps < 0 {
		return nil, errSpent
	}
	defer func() {
		*steps = f.steps
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
			// Any other panic is one of jsonschema: the instance is not validated, and the
			// document is what has to be changed.
			if r == errSpent {
				err = errSpent
			}
		}
	}()
	switch reported := s.schema.Validate(t.Decode(v)).(type) {
	case nil:
		return nil, nil
	case *jsonschema.ValidationError:
		return appendForeign(nil, reported, t, v), nil
	default:
		return nil, reported
	}
}

// appendForeign converts the innermost failures of an error: those around them only say
// that something inside failed. Of a union's branches it takes the one with the fewest
// failures.
// An error of jsonschema is a tree that follows the schemas, references and allOf included.
// Its leaves are what this package calls failures.
func appendForeign(list []foreignFailure, err *jsonschema.ValidationError, t *jsonvalue.Tree, root jsonvalue.Ref) []foreignFailure {
	// A schema with $id has another base URI. Its fragment is a pointer into the
	// resource, which is the best that can be said of the place.
	location := strings.TrimPrefix(err.AbsoluteKeywordLocation, documentURL)
	if _, fragment, ok := strings.Cut(location, "#"); ok {
		location = fragment
	}
	location = unescapedLocation(location)
	keyword := lastToken(location)
	if len(err.Causes) > 0 && (keyword == "anyOf" || keyword == "oneOf") {
		var best []foreignFailure
		// Which branch is closest is not measured here. The one with the fewest failures
		// is a fair guess, and such documents are rare.
		for _, cause := range err.Causes {
			if own := appendForeign(nil, cause, t, root); best == nil || len(own) < len(best) {
				best = own
			}
		}
		return append(list, best...)
	}
	for _, cause := range err.Causes {
		if list = appendForeign(list, cause, t, root); len(list) >= maxNoted {
			return list
		}
	}
	if len(err.Causes) > 0 {
		return list
	}
	v, _ := follow(t, root, unescapedLocation(err.InstanceLocation))
	return append(list, foreignFailure{parentOf(location), keyword, v, err.Message})
}

// unescapedLocation undoes the URL escapes of a location.
func unescapedLocation(location string) string {
	if plain, err := url.PathUnescape(location); err == nil {
		return plain
	}
	return location
}

// anchors is the schema objects of a document by the names that $anchor and
// $dynamicAnchor give them (JSON Schema 2020-12 §8.2.2). The first of a name counts.
type anchors struct {
	places map[string]Place
	hasID  bool
}

func (s *Schemas) findAnchors() anchors {
	a := anchors{places: make(map[string]Place)}
	dialect.Rewrite(s.source.Text, func(at, text string) string {
		for key, value := range jsonscan.Members(text) {
			switch key {
			case "$id":
				a.hasID = true
				// Outside of dynamic scopes the two are the same (§8.2.2).
			case "$anchor", "$dynamicAnchor":
				name := jsonscan.String(value)
				if _, taken := a.places[name]; !taken {
					a.places[name] = Place{text, at}
				}
			}
		}
		return text
	})
	return a
}

// dynamic returns what a $dynamicRef names (§8.2.3.2), if that does not depend on the
// way to it. A document without $id is one resource and so one dynamic scope. Otherwise
// jsonschema resolves it.
func (s *Schemas) dynamic(g *Graph, ref, at string) (Place, bool) {
	a := s.anchors()
	if a.hasID {
		return Place{}, false
	}
	if name, ok := strings.CutPrefix(ref, "#"); ok {
		if p, ok := a.places[name]; ok {
			return p, true
		}
	}
	// A $dynamicRef to a pointer, and not to an anchor, is a $ref.
	p, err := g.Resolve(ref, at)
	return p, err == nil
}
