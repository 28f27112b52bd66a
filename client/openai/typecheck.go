package openai

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/invopop/jsonschema"
)

// TypeError reports a Go type that no JSON Schema describes, or none that the API
// takes as strict. Field is where, by the names in JSON: "lines[].price"; it is ""
// for the type itself.
type TypeError struct {
	Type   reflect.Type
	Field  string
	Reason string // what was got, what was wanted, what helps
}

func (e *TypeError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("type %v: %s", e.Type, e.Reason)
	}
	return fmt.Sprintf("type %v: field %s: %s", e.Type, e.Field, e.Reason)
}

// Types that encoding/json does not treat by their kind.
var (
	timeType      = reflect.TypeFor[time.Time]()
	rawType       = reflect.TypeFor[json.RawMessage]()
	numberType    = reflect.TypeFor[json.Number]()
	urlType       = reflect.TypeFor[url.URL]()
	describerType = reflect.TypeFor[interface{ JSONSchema() *jsonschema.Schema }]()
	fromJSONType  = reflect.TypeFor[json.Unmarshaler]()
	fromTextType  = reflect.TypeFor[encoding.TextUnmarshaler]()
	keyKinds      = []reflect.Kind{reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64}
	scalarKinds   = []reflect.Kind{reflect.Bool, reflect.String, reflect.Float32, reflect.Float64}
)

// maxIndirection bounds pointers to pointers: a type of Go can be a pointer to itself.
const maxIndirection = 16

// typeCheck walks a type before its schema is made, since what makes the schema
// panics or does not end for types without one.
type typeCheck struct {
	root     reflect.Type
	strict   bool
	seen     map[reflect.Type]bool
	optional map[reflect.Type]map[string]bool // which fields of a struct may be null
}

func (c *typeCheck) wrong(path, format string, args ...any) error {
	return &TypeError{c.root, path, fmt.Sprintf(format, args...)}
}

// check reports what in a type has no schema.
func (c *typeCheck) check(t reflect.Type, path string) error {
	for n := 0; t.Kind() == reflect.Pointer; n++ {
		if n == maxIndirection {
			return c.wrong(path, "got pointers to pointers without end, want a struct, list or plain value")
		}
		t = t.Elem()
	}
	if c.seen[t] {
		return nil
	}
	c.seen[t] = true
	switch has := reflect.PointerTo(t).Implements; {
	case has(describerType), t == timeType, t == numberType:
		return nil
	case t == rawType:
		return c.anything(t, path)
	case t == urlType:
		return c.wrong(path, "got url.URL, which encoding/json reads from an object; want a string")
	case has(fromJSONType):
		return c.wrong(path, "got %v, which reads JSON of a form of its own; give it a method JSONSchema() *jsonschema.Schema", t)
	case has(fromTextType):
		return nil
	}
	return c.checkKind(t, path)
}

func (c *typeCheck) checkKind(t reflect.Type, path string) error {
	switch kind := t.Kind(); {
	case kind == reflect.Struct:
		names := map[string]bool{}
		c.optional[t] = names
		return c.fields(t, path, names, []reflect.Type{t})
	case kind == reflect.Slice, kind == reflect.Array:
		return c.check(t.Elem(), path+"[]")
	case kind == reflect.Interface:
		return c.anything(t, path)
	case kind == reflect.Map:
		if c.strict {
			return c.wrong(path, "got %v, and a strict schema has no objects with arbitrary names; use a list of structs with a key and a value (or, for a tool, NotStrict)", t)
		}
		if !slices.Contains(keyKinds, t.Key().Kind()) && !reflect.PointerTo(t.Key()).Implements(fromTextType) {
			return c.wrong(path, "got %v, want keys that are text", t)
		}
		return c.check(t.Elem(), path+"{}")
	case slices.Contains(scalarKinds, kind), kind >= reflect.Int && kind <= reflect.Uint64:
		return nil
	}
	return c.wrong(path, "got %v, which JSON does not have; leave it out with the tag json:\"-\"", t)
}

// anything checks a type that takes any JSON.
func (c *typeCheck) anything(t reflect.Type, path string) error {
	switch {
	case c.strict:
		return c.wrong(path, "got %v, and a strict schema says the type of everything; use a concrete type (or, for a tool, NotStrict)", t)
	case t.Kind() == reflect.Interface && t.NumMethod() > 0:
		return c.wrong(path, "got %v, which encoding/json cannot read; use a concrete type, or any", t)
	}
	return nil
}

// fields checks the fields of a struct, and those of the structs that it embeds.
func (c *typeCheck) fields(t reflect.Type, path string, names map[string]bool, embedding []reflect.Type) error {
	for field := range structFields(t) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" && options == "" || field.Tag.Get("jsonschema") == "-" {
			continue
		}
		if inner, ok := embedded(field, name); ok {
			if slices.Contains(embedding, inner) {
				return c.wrong(path, "got %v, which embeds itself; give the field a name", inner)
			}
			if err := c.fields(inner, path, names, append(embedding, inner)); err != nil {
				return err
			}
			continue
		}
		if !field.IsExported() {
			continue
		}
		if name == "" {
			name = field.Name
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		if _, twice := names[name]; twice {
			return c.wrong(at, "got two fields of that name, want one; rename one of them")
		}
		listed := "," + options + ","
		if strings.Contains(listed, ",inline,") {
			return c.wrong(at, "got the option inline, which encoding/json does not have; embed the struct")
		}
		names[name] = field.Type.Kind() == reflect.Pointer || strings.Contains(listed, ",omitempty,") || strings.Contains(listed, ",omitzero,")
		if err := c.check(field.Type, at); err != nil {
			return err
		}
	}
	return nil
}

// structFields yields the fields that a struct has itself.
func structFields(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// embedded returns the struct whose fields count as those of the one around it.
func embedded(field reflect.StructField, name string) (reflect.Type, bool) {
	if !field.Anonymous || name != "" {
		return nil, false
	}
	t := field.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t, t.Kind() == reflect.Struct
}

// newTypeCheck checks a type whole.
func newTypeCheck(t reflect.Type, strict bool) (*typeCheck, error) {
	c := &typeCheck{root: t, strict: strict, seen: map[reflect.Type]bool{}, optional: map[reflect.Type]map[string]bool{}}
	root := t
	for n := 0; root.Kind() == reflect.Pointer && n < maxIndirection; n++ {
		root = root.Elem()
	}
	if err := c.check(root, ""); err != nil {
		return nil, err
	}
	if kind := root.Kind(); kind != reflect.Struct && kind != reflect.Map && !reflect.PointerTo(root).Implements(describerType) {
		return nil, c.wrong("", "got %s, want a struct: the API takes schemas of objects alone", kind)
	}
	return c, nil
}

// mayBeNull are the fields of the struct that a name stands for.
func (c *typeCheck) mayBeNull(names map[reflect.Type]string) map[string]map[string]bool {
	out := make(map[string]map[string]bool, len(names))
	for t, name := range names {
		out[name] = maps.Clone(c.optional[t])
	}
	return out
}
