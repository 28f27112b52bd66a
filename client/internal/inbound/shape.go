package inbound

import (
	"net/url"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
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
	known sync.Map // shapeKey → *style.Shape
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
	shape, _ := s.known.LoadOrStore(key, b.shape([]string{sch.JSON()}, 0))
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

// shape joins what schemas say about one location of the instance.
func (b *shapeBuilder) shape(schemas []string, level int) *style.Shape {
	if level > maxLevels {
		return nil
	}
	s := &style.Shape{}
	var items, additional []string
	properties := make(map[string][]string)
	for _, text := range b.flatten(nil, schemas, make(map[string]bool)) {
		s.Type |= typesOf(text)
		for key, value := range jsonscan.Members(text) {
			switch key {
			case "items":
				items = append(items, value)
			case "prefixItems":
				for _, item := range jsonscan.Items(value) {
					items = append(items, item)
				}
			case "additionalProperties":
				if value != "false" {
					additional = append(additional, value)
				}
			case "properties":
				for name, property := range jsonscan.Members(value) {
					properties[name] = append(properties[name], property)
				}
			case "patternProperties":
				for _, property := range jsonscan.Members(value) {
					additional = append(additional, property)
				}
			}
		}
	}
	if scalars := s.Type &^ (style.Array | style.Object); b.reading == asValue && scalars != style.String {
		s.Type &^= style.String
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
		for name, texts := range properties {
			s.Properties[name] = b.shape(texts, level+1)
		}
	}
	return s
}

// flatten appends the schema objects that may speak about a location: the given
// ones, what they refer to, their branches and their errata.
func (b *shapeBuilder) flatten(flat, schemas []string, followed map[string]bool) []string {
	for _, text := range schemas {
		if b.objects++; b.objects > maxObjects || text == "" || text[0] != '{' {
			continue
		}
		flat = append(flat, text)
		var inner []string
		for key, value := range jsonscan.Members(text) {
			switch key {
			case "$ref":
				ref := jsonscan.String(value)
				if target, ok := b.lookup(ref); ok && !followed[ref] {
					followed[ref] = true
					inner = append(inner, target)
				}
			case "allOf", "anyOf", "oneOf":
				for _, branch := range jsonscan.Items(value) {
					inner = append(inner, branch)
				}
			case "then", "else", "x-opcall-patch":
				inner = append(inner, value)
			}
		}
		flat = b.flatten(flat, inner, followed)
	}
	return flat
}

// lookup returns what a reference within the document points to.
func (b *shapeBuilder) lookup(ref string) (string, bool) {
	fragment, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return "", false
	}
	pointer, err := url.PathUnescape(fragment)
	if err != nil {
		return "", false
	}
	return b.doc.Lookup(schema.Pointer(pointer))
}

// typesOf returns the types that a schema object itself names or, where it names
// none, has values or keywords for.
func typesOf(text string) (types style.Type) {
	var implied style.Type
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "type":
			if value[0] == '"' {
				types |= style.ParseType(jsonscan.String(value))
			}
			for _, name := range jsonscan.Strings(value) {
				types |= style.ParseType(name)
			}
		case "nullable":
			if value == "true" {
				types |= style.Null
			}
		case "const":
			implied |= typeOf(value)
		case "enum":
			for _, item := range jsonscan.Items(value) {
				implied |= typeOf(item)
			}
		case "properties", "additionalProperties", "patternProperties":
			implied |= style.Object
		case "items", "prefixItems":
			implied |= style.Array
		}
	}
	if types&^style.Null == 0 {
		types |= implied
	}
	return types
}

// typeOf is the type of a JSON value.
func typeOf(value string) style.Type {
	switch value[0] {
	case '"':
		return style.String
	case '{':
		return style.Object
	case '[':
		return style.Array
	case 't', 'f':
		return style.Boolean
	case 'n':
		return style.Null
	}
	return style.Number
}
