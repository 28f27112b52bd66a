package schema_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/opcall/opcall/schema"
)

// Made-up schemas in full:
//
//	go test ./schema -run MadeUpSchemas -schemas 100000
var schemas = flag.Int("schemas", 300, "made-up schemas that are compared with jsonschema")

// TestMadeUpSchemasHaveTheVerdictsOfJSONSchema makes up schemas, of all keywords in company, and instances
// of them. In the Strict tier the verdict is that of jsonschema; what the Standard
// tier accepts is accepted with unknown fields; and the same instance, written in
// another way, has the same problems.
func TestMadeUpSchemasHaveTheVerdictsOfJSONSchema(t *testing.T) {
	t.Parallel()
	const instances = 20
	validated, valid, count := 0, 0, *schemas
	if testing.Short() {
		count = min(count, 60)
	}
	for i := range count {
		m := maker{random: rand.New(rand.NewPCG(31, uint64(i)))}
		m.components = map[string]any{"B": m.schema(1)}
		m.components["X"] = m.schema(3)
		text, err := json.Marshal(map[string]any{
			"openapi": "3.1.0", "info": map[string]any{"title": "t", "version": "1"}, "paths": map[string]any{},
			"components": map[string]any{"schemas": m.components},
		})
		if err != nil {
			t.Fatal(err)
		}
		doc, err := schema.Load(text)
		if err != nil { // a reference in a circle, say
			continue
		}
		stock := stockOf(doc)
		// The Strict tier reads by the letter what the others repair, and parts of one value
		// that are closed each for itself.
		repaired := len(doc.Repairs()) > 0 || bytes.Contains(text, []byte(`"additionalProperties":false`))
		for range instances {
			raw, err := json.Marshal(m.like(m.components["X"], 4))
			if err != nil {
				t.Fatal(err)
			}
			instance := string(raw)
			strict := doc.Validate("X", instance, schema.WithTier(schema.Strict))
			if want, ok := stock(parsed(t, raw)); ok {
				validated++
				if want {
					valid++
				}
				if want != (strict == nil) {
					t.Errorf("%s\n%s\nstrict: %v, by the stock compiler valid: %v", text, instance, strict, want)
				}
			}
			first, again := doc.Validate("X", instance), doc.Validate("X", reencoded(m.random, instance))
			open := doc.Validate("X", instance, schema.WithUnknownFields())
			if !repaired && !mentions(text, "oneOf", "required", "dependentRequired") && (open == nil) != (strict == nil) ||
				monotone(string(text)) && first == nil && open != nil {
				t.Errorf("%s\n%s\nstrict: %v\nstandard: %v\nopen: %v", text, instance, strict, first, open)
			}
			if problems(t, first) != problems(t, again) {
				t.Errorf("%s\n%s\nfirst: %v\nagain: %v", text, instance, first, again)
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d verdicts, %d of them that it is valid", validated, valid)
	if validated < 10*count || valid < validated/10 || validated-valid < validated/10 {
		t.Errorf("%d verdicts, %d of them that it is valid: that says little", validated, valid)
	}
}

// mentions reports whether a schema has one of some keywords.
func mentions(text []byte, keywords ...string) bool {
	return slices.ContainsFunc(keywords, func(keyword string) bool { return bytes.Contains(text, []byte(`"`+keyword+`"`)) })
}

// maker makes up schemas and instances. There are few names and values, so that
// they meet.
type maker struct {
	random     *rand.Rand
	components map[string]any
}

var (
	someNames    = []string{"a", "b", "c", "xy", "é"}
	someStrings  = []any{"a", "b", "", "\u00e9", "e\u0301", "\U0001F600", "a/b~c%d"}
	someNumbers  = []any{json.Number("0"), json.Number("-0"), json.Number("0.0"), json.Number("1"), json.Number("1.0"), json.Number("10e-1"), json.Number("0.1"), json.Number("0.3"), json.Number("-1.5"), json.Number("2"), json.Number("1e400"), json.Number("12345678901234567890123")}
	somePatterns = []any{"^a", "b\\z", "^.\\z", "x|é", ""}
	someTypes    = []any{"object", "array", "string", "number", "integer", "boolean", "null"}
)

func pick[T any](m *maker, list []T) T { return list[m.random.IntN(len(list))] }

func (m *maker) chance(percent int) bool { return m.random.IntN(100) < percent }

// scalar returns a value that is neither an object nor an array.
func (m *maker) scalar() any {
	return pick(m, []any{pick(m, someStrings), pick(m, someNumbers), pick(m, someStrings), pick(m, someNumbers), true, false, nil})
}

// value returns any value, so many levels deep.
func (m *maker) value(depth int) any {
	switch n := m.random.IntN(5); {
	case n < 2 && depth > 0:
		object := make(map[string]any)
		for range m.random.IntN(4) {
			object[pick(m, someNames)] = m.value(depth - 1)
		}
		return object
	case n == 2 && depth > 0:
		return m.list(m.random.IntN(4), func() any { return m.value(depth - 1) })
	}
	return m.scalar()
}

func (m *maker) list(n int, item func() any) []any {
	list := make([]any, 0, n)
	for range n {
		list = append(list, item())
	}
	return list
}

// schema returns a schema, so many levels deep.
func (m *maker) schema(depth int) any {
	switch {
	case m.chance(6):
		return m.chance(60)
	case m.chance(12) && m.components != nil:
		return map[string]any{"$ref": "#/components/schemas/B"}
	}
	s := make(map[string]any)
	if m.chance(50) {
		s["type"] = pick(m, someTypes)
		if m.chance(30) {
			s["type"] = []any{someTypes[m.random.IntN(3)], someTypes[3+m.random.IntN(4)]}
		}
	}
	for range 1 + m.random.IntN(4) {
		if depth > 0 && m.chance(75) {
			m.applicator(s, depth-1)
		} else {
			m.assertion(s)
		}
	}
	return s
}

// part returns the schema of a member or an item, which may be the whole again.
func (m *maker) part(depth int) any {
	if m.components != nil && m.chance(8) {
		return map[string]any{"$ref": "#/components/schemas/X"}
	}
	return m.schema(depth)
}

func (m *maker) some(depth int) []any {
	return m.list(1+m.random.IntN(3), func() any { return m.schema(depth) })
}

func (m *maker) named(names []string, schema func() any) map[string]any {
	s := make(map[string]any)
	for range 1 + m.random.IntN(3) {
		s[pick(m, names)] = schema()
	}
	return s
}

// applicator adds a keyword that has schemas.
func (m *maker) applicator(s map[string]any, depth int) {
	switch keyword := pick(m, []string{
		"properties", "properties", "properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "unevaluatedProperties", "propertyNames", "dependentSchemas",
		"items", "prefixItems", "contains", "unevaluatedItems",
		"allOf", "anyOf", "oneOf", "tagged", "not", "if", "$ref",
	}); keyword {
	case "properties":
		s[keyword] = m.named(someNames, func() any { return m.part(depth) })
	case "dependentSchemas":
		s[keyword] = m.named(someNames, func() any { return m.schema(depth) })
	case "patternProperties":
		s[keyword] = m.named([]string{"^a", "^[bc]", "y\\z"}, func() any { return m.part(depth) })
	case "items":
		s[keyword] = m.part(depth)
	case "additionalProperties", "unevaluatedProperties", "unevaluatedItems":
		s[keyword] = m.part(depth)
		if m.chance(50) {
			s[keyword] = false
		}
	case "contains":
		s[keyword] = m.schema(depth)
		if m.chance(50) {
			s["minContains"] = m.random.IntN(3)
		}
		if m.chance(30) {
			s["maxContains"] = m.random.IntN(3)
		}
	case "prefixItems", "allOf", "anyOf", "oneOf":
		s[keyword] = m.some(depth)
	case "tagged": // a union that is pruned
		s["anyOf"] = m.list(2+m.random.IntN(2), func() any {
			b := map[string]any{"properties": map[string]any{"a": map[string]any{"enum": m.list(1+m.random.IntN(2), m.scalar)}, "b": m.schema(depth)}}
			if m.chance(60) {
				b["required"] = []any{"a"}
			}
			if m.chance(30) {
				b["properties"].(map[string]any)["a"] = map[string]any{"const": pick(m, someStrings)}
			}
			return b
		})
	case "if":
		s["if"] = m.schema(depth)
		if m.chance(70) {
			s["then"] = m.schema(depth)
		}
		if m.chance(70) {
			s["else"] = m.schema(depth)
		}
	case "$ref":
		if m.components != nil {
			s[keyword] = "#/components/schemas/B"
		}
	default:
		s[keyword] = m.schema(depth)
	}
}

// assertion adds a keyword that has no schemas.
func (m *maker) assertion(s map[string]any) {
	switch keyword := pick(m, []string{
		"const", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
		"minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required", "dependentRequired",
	}); keyword {
	case "const":
		s[keyword] = m.value(1)
	case "enum":
		s[keyword] = m.list(1+m.random.IntN(3), func() any { return m.value(1) })
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		s[keyword] = pick(m, someNumbers)
	case "multipleOf":
		s[keyword] = pick(m, []any{json.Number("0.1"), json.Number("2"), json.Number("1e-1"), json.Number("0.3"), json.Number("1e3")})
	case "pattern":
		s[keyword] = pick(m, somePatterns)
	case "uniqueItems":
		s[keyword] = true
	case "required":
		s[keyword] = []any{pick(m, someNames)}
	case "dependentRequired":
		s[keyword] = map[string]any{pick(m, someNames): []any{pick(m, someNames)}}
	default:
		s[keyword] = m.random.IntN(3)
	}
}

// like returns a value that a schema may accept, now and then another one.
func (m *maker) like(s any, depth int) any {
	schema, ok := s.(map[string]any)
	if !ok || m.chance(7) || depth < 0 {
		return m.value(2)
	}
	if list, ok := schema["enum"].([]any); ok {
		return shallow(pick(m, list))
	}
	if value, ok := schema["const"]; ok && m.chance(90) {
		return shallow(value)
	}
	own := m.own(schema, depth)
	for _, keyword := range []string{"$ref", "allOf", "anyOf", "oneOf", "then", "else", "if"} {
		var other any
		switch sub := schema[keyword].(type) {
		case string:
			other = m.like(m.components[sub[len(sub)-1:]], depth-1)
		case []any:
			other = m.like(pick(m, sub), depth-1)
		case map[string]any:
			other = m.like(sub, depth-1)
		default:
			continue
		}
		object, isObject := own.(map[string]any)
		more, both := other.(map[string]any)
		switch {
		case isObject && both:
			maps.Copy(object, more)
		case schema["type"] == nil:
			own = other
		}
	}
	return own
}

// shallow copies a value of a schema, whose fields may be added to.
func shallow(v any) any {
	if object, ok := v.(map[string]any); ok {
		return maps.Clone(object)
	}
	return v
}

// own returns a value by the keywords of a schema that stand for themselves.
func (m *maker) own(schema map[string]any, depth int) any {
	kind := schema["type"]
	if list, ok := kind.([]any); ok {
		kind = pick(m, list)
	}
	properties, _ := schema["properties"].(map[string]any)
	prefix, _ := schema["prefixItems"].([]any)
	if kind == nil {
		switch {
		case properties != nil || schema["required"] != nil || schema["patternProperties"] != nil || schema["unevaluatedProperties"] != nil:
			kind = "object"
		case prefix != nil || schema["items"] != nil || schema["contains"] != nil || schema["uniqueItems"] != nil:
			kind = "array"
		}
	}
	switch kind {
	case "object":
		object := make(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if m.chance(70) {
				object[name] = m.like(properties[name], depth-1)
			}
		}
		if required, ok := schema["required"].([]any); ok && m.chance(80) {
			name := fmt.Sprint(required[0])
			if _, present := object[name]; !present {
				object[name] = m.like(schema["additionalProperties"], depth-1)
			}
		}
		if m.chance(30) {
			object[pick(m, someNames)] = m.value(1)
		}
		return object
	case "array":
		list := []any{}
		for _, item := range prefix {
			list = append(list, m.like(item, depth-1))
		}
		return append(list, m.list(m.random.IntN(3), func() any {
			return m.like(schema[pick(m, []string{"items", "contains", "unevaluatedItems"})], depth-1)
		})...)
	case "string":
		return pick(m, someStrings)
	case "number", "integer":
		return pick(m, someNumbers)
	case "boolean":
		return m.chance(50)
	case "null":
		return nil
	}
	return m.scalar()
}
