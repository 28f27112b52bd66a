package inbound

import (
	"sync"

	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
	"github.com/opcall/opcall/schema"
)

// reading says what the text "5" is where a schema allows strings and numbers.
// No schema of types alone can tell, so that a value which is invalid one way is
// read the other way.
type reading int

const (
	asText  reading = iota // a string
	asValue                // a number, boolean or null, if it is one
)

// shapes keeps the shapes of the schemas that were asked for.
type shapes struct {
	known      sync.Map // shapeKey → *style.Shape
	knownFiles sync.Map // schema.Pointer → map[string]bool, see filefield.go
}

type shapeKey struct {
	pointer schema.Pointer
	reading reading
}

// of returns what a schema says about types. A nil schema allows everything.
func (s *shapes) of(sch *schema.Schema, r reading) *style.Shape {
	if sch == nil {
		return nil
	}
	key := shapeKey{sch.Pointer(), r}
	if known, ok := s.known.Load(key); ok {
		return known.(*style.Shape)
	}
	b := shapeBuilder{doc: sch.Document(), reading: r}
	shape, _ := s.known.LoadOrStore(key, b.shape([]part{partOf(sch)}, 0))
	return shape.(*style.Shape)
}

// Bounds of a shape. What lies beyond is read as text.
const (
	maxLevels  = 8    // of nesting
	maxObjects = 5000 // schema objects looked at
)

// shapeBuilder makes the shape of one schema.
type shapeBuilder struct {
	doc     *schema.Document
	reading reading
	objects int
}

// part is a schema of the document, and the component that it belongs to.
type part struct{ text, component string }

// shape joins what schemas say about one location of the instance.
func (b *shapeBuilder) shape(schemas []part, level int) *style.Shape {
	if level > maxLevels {
		return nil
	}
	s := &style.Shape{}
	var items, additional []part
	properties := make(map[string][]part)
	for _, p := range b.flatten(nil, schemas, make(map[string]bool)) {
		s.Type |= kindsOf(p.text)
		for key, value := range jsonscan.Members(p.text) {
			switch key {
			case "items":
				items = append(items, p.inner(value))
			case "prefixItems":
				for _, item := range jsonscan.Items(value) {
					items = append(items, p.inner(item))
				}
			case "additionalProperties":
				if value != "false" {
					additional = append(additional, p.inner(value))
				}
			case "properties":
				for name, property := range jsonscan.Members(value) {
					properties[name] = append(properties[name], p.inner(property))
				}
			case "patternProperties":
				for _, property := range jsonscan.Members(value) {
					additional = append(additional, p.inner(property))
				}
			}
		}
	}
	if scalars := s.Type &^ (jsonvalue.Array | jsonvalue.Object); b.reading == asValue && scalars != jsonvalue.String {
		s.Type &^= jsonvalue.String
	}
	if items != nil {
		s.Items = b.shape(items, level+1)
	}
	if additional != nil {
		if s.Additional = b.shape(additional, level+1); s.Additional == nil {
			s.Additional = &style.Shape{}
		}
	}
	if len(properties) > 0 {
		s.Properties = make(map[string]*style.Shape, len(properties))
		for name, parts := range properties {
			s.Properties[name] = b.shape(parts, level+1)
		}
	}
	return s
}

func partOf(s *schema.Schema) part {
	return part{s.JSON(), dialect.Component(string(s.Pointer()))}
}

func (p part) inner(text string) part { return part{text, p.component} }

// flatten appends the schema objects that may apply to a location: the given
// ones, what they refer to and their branches, with errata and without, since
// the Strict tier reads without.
func (b *shapeBuilder) flatten(flat, schemas []part, followed map[string]bool) []part {
	for _, p := range schemas {
		if b.objects++; b.objects > maxObjects || p.text == "" || p.text[0] != '{' {
			continue
		}
		letter, read := dialect.ByTheLetter(p.text, p.component), dialect.Read(p.text, p.component)
		flat = b.branches(append(flat, p.inner(letter)), p.inner(letter), followed)
		if read != letter {
			flat = b.branches(append(flat, p.inner(read)), p.inner(read), followed)
		}
	}
	return flat
}

func (b *shapeBuilder) branches(flat []part, p part, followed map[string]bool) []part {
	var inner []part
	for key, value := range jsonscan.Members(p.text) {
		switch key {
		case "$ref":
			ref := jsonscan.String(value)
			if target, ok := b.lookup(ref); ok && !followed[ref] {
				followed[ref] = true
				inner = append(inner, target)
			}
		case "allOf", "anyOf", "oneOf":
			for _, branch := range jsonscan.Items(value) {
				inner = append(inner, p.inner(branch))
			}
		case "then", "else":
			inner = append(inner, p.inner(value))
		}
	}
	return b.flatten(flat, inner, followed)
}

// lookup returns what a reference within the document points to.
func (b *shapeBuilder) lookup(ref string) (part, bool) {
	pointer, ok := dialect.LocalPointer(ref)
	if !ok {
		return part{}, false
	}
	text, ok := b.doc.Lookup(schema.Pointer(pointer))
	return part{text, dialect.Component(pointer)}, ok
}

// kindsOf returns the kinds that a schema object itself names or, where it names
// none, has values or keywords for.
func kindsOf(text string) (kinds jsonvalue.Kinds) {
	var implied jsonvalue.Kinds
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "type":
			kinds |= jsonvalue.ParseKinds(value)
		case "const":
			implied |= jsonvalue.KindOfText(value)
		case "enum":
			for _, item := range jsonscan.Items(value) {
				implied |= jsonvalue.KindOfText(item)
			}
		case "properties", "additionalProperties", "patternProperties":
			implied |= jsonvalue.Object
		case "items", "prefixItems":
			implied |= jsonvalue.Array
		}
	}
	if kinds&^jsonvalue.Null == 0 {
		kinds |= implied
	}
	return kinds
}
