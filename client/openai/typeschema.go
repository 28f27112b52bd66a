package openai

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/invopop/jsonschema"
)

// typeKey is a type with what its schema is for.
type typeKey struct {
	t      reflect.Type
	strict bool
}

// typeSchemas caches the schema of each type: made once, kept for good, as the
// types are.
var typeSchemas sync.Map // typeKey to func() (*ownSchema, error)

// schemaOf returns the schema of a type, made at its first use.
func schemaOf(t reflect.Type, strict bool) (*ownSchema, error) {
	key := typeKey{t, strict}
	made, ok := typeSchemas.Load(key)
	if !ok {
		made, _ = typeSchemas.LoadOrStore(key, sync.OnceValues(func() (*ownSchema, error) {
			text, err := makeSchema(t, strict)
			if err != nil {
				return nil, err
			}
			return newOwnSchema(text)
		}))
	}
	return made.(func() (*ownSchema, error))()
}

// makeSchema makes the JSON Schema of a type.
func makeSchema(t reflect.Type, strict bool) (text string, err error) {
	checked, err := newTypeCheck(t, strict)
	if err != nil {
		return "", err
	}
	defer func() { // what a type's own method JSONSchema does is not ours
		if r := recover(); r != nil {
			text, err = "", &TypeError{t, "", fmt.Sprintf("no JSON Schema can be made of it: %.200v", r)}
		}
	}()
	names := typeNames{names: map[reflect.Type]string{}, taken: map[string]bool{}}
	reflector := jsonschema.Reflector{Anonymous: true, Namer: names.name, Mapper: mapped}
	made, err := json.Marshal(reflector.ReflectFromType(t))
	if err != nil {
		return "", &TypeError{t, "", "its JSON Schema cannot be written: " + err.Error()}
	}
	return arrange(string(made), checked.mayBeNull(names.names), strict), nil
}

// typeNames gives each type of a schema a name of its own under $defs: that of the
// type, in letters that need no escape in a reference.
type typeNames struct {
	names map[reflect.Type]string
	taken map[string]bool
}

func (n typeNames) name(t reflect.Type) string {
	if name, ok := n.names[t]; ok {
		return name
	}
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '_'
	}, t.Name())
	if plain == "" {
		if t.Kind() != reflect.Struct {
			return ""
		}
		plain = "Object"
	}
	name := plain
	for i := 2; n.taken[name]; i++ {
		name = plain + strconv.Itoa(i)
	}
	n.names[t], n.taken[name] = name, true
	return name
}

// mapped are the schemas of types whose JSON is not that of their kind.
func mapped(t reflect.Type) *jsonschema.Schema {
	pointer := reflect.PointerTo(t)
	switch {
	case t == numberType:
		return &jsonschema.Schema{Type: "number"}
	case t == timeType, t.Implements(describerType):
		return nil
	case pointer.Implements(describerType):
		return reflect.New(t).Interface().(interface{ JSONSchema() *jsonschema.Schema }).JSONSchema()
	case pointer.Implements(fromTextType):
		return &jsonschema.Schema{Type: "string"}
	}
	return nil
}
