package schema_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// schemaWriter makes schema objects and instances of a few names and values, so that the two
// meet often.
type schemaWriter struct{ *rand.Rand }

func (w schemaWriter) pick(list ...string) string { return list[w.IntN(len(list))] }

func (w schemaWriter) name() string { return w.pick("a", "b", "x-1") }

func (w schemaWriter) scalarSchema() string {
	return w.pick(`{"type":"string"}`, `{"type":"integer"}`, `{"type":["string","null"]}`, `{"type":"null"}`, `true`, `{}`, `{"enum":["s","t"]}`, `{"enum":["s",null]}`,
		`{"const":1}`, `{"type":"number"}`, `{"type":"boolean"}`, `{"maxLength":1}`, `{"minimum":1}`, `{"$ref":"#/components/schemas/Base"}`, `{"$ref":"#/components/schemas/Text"}`,
		`{"$ref":"#/x-shared/Foo"}`, `{"type":["object","string"],"additionalProperties":false}`)
}

func (w schemaWriter) schema(depth int) string {
	if depth <= 0 || w.IntN(4) == 0 {
		return w.scalarSchema()
	}
	m := map[string]string{}
	for range 1 + w.IntN(3) {
		key, value := w.keyword(depth)
		m[key] = value
	}
	return object(m)
}

func object(m map[string]string) string {
	var b strings.Builder
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", k, m[k])
	}
	return "{" + b.String() + "}"
}

func (w schemaWriter) list(depth int) string {
	var l []string
	for range 1 + w.IntN(3) {
		l = append(l, w.schema(depth-1))
	}
	return "[" + strings.Join(l, ",") + "]"
}

func (w schemaWriter) named(depth int) string {
	m := map[string]string{}
	for range 1 + w.IntN(2) {
		m[w.name()] = w.schema(depth - 1)
	}
	return object(m)
}

func (w schemaWriter) keyword(depth int) (key, value string) {
	switch key = w.pick("type", "type", "properties", "properties", "properties", "required", "additionalProperties", "items", "enum", "const", "allOf", "anyOf", "oneOf", "not", "minLength", "maxLength",
		"minimum", "maximum", "exclusiveMinimum", "minItems", "maxItems", "minProperties", "maxProperties", "pattern", "multipleOf", "uniqueItems", "patternProperties", "prefixItems", "contains",
		"minContains", "maxContains", "dependentRequired", "unevaluatedProperties", "propertyNames", "if", "then", "$ref", "discriminator"); key {
	case "type":
		return key, w.pick(`"object"`, `"object"`, `"object"`, `"string"`, `"array"`, `["object","null"]`, `["string","null"]`, `"integer"`, `["object","string"]`)
	case "properties":
		return key, w.named(depth)
	case "patternProperties":
		return key, `{"^x-":` + w.schema(depth-1) + `}`
	case "required":
		return key, w.pick(`["a"]`, `["a","b"]`, `["x-1"]`)
	case "additionalProperties", "items", "not", "contains", "if", "then":
		return key, w.pick("false", w.schema(depth-1), w.schema(depth-1))
	case "unevaluatedProperties":
		return key, w.pick("false", w.schema(depth-1))
	case "propertyNames":
		return key, w.pick(`{"maxLength":1}`, `{"enum":["a","b"]}`)
	case "enum":
		return key, w.pick(`["s"]`, `["s","t"]`, `["s",null]`, `[1,"s"]`, `[null]`, `[{"a":1}]`)
	case "const":
		return key, w.pick(`"s"`, "1", "null", "1.0")
	case "allOf", "anyOf", "oneOf", "prefixItems":
		return key, w.list(depth)
	case "pattern":
		return key, w.pick(`"s"`, `"^t"`)
	case "uniqueItems":
		return key, w.pick("true", "false")
	case "dependentRequired":
		return key, w.pick(`{"a":["b"]}`, `{"b":["a"]}`)
	case "$ref":
		return key, w.pick(`"#/components/schemas/Base"`, `"#/components/schemas/Text"`, `"#/components/schemas/More"`, `"#/x-shared/Foo"`)
	case "discriminator":
		return key, `{"propertyName":"a"}`
	case "multipleOf":
		return key, w.pick("1", "2")
	default:
		return key, strconv.Itoa(w.IntN(3))
	}
}

// mutate changes a schema at one place.
func (w schemaWriter) mutate(text string, depth int) string {
	m := texts(text)
	if m == nil || w.IntN(10) == 0 {
		return w.schema(depth)
	}
	keys := slices.Sorted(maps.Keys(m))
	switch {
	case len(keys) > 0 && w.IntN(3) > 0:
		key := w.pick(keys...)
		switch key {
		case "properties", "patternProperties":
			w.mutateField(m, key, depth)
			return object(m)
		case "items", "not", "additionalProperties", "contains", "if", "then", "unevaluatedProperties":
			m[key] = w.mutate(m[key], depth-1)
			return object(m)
		case "allOf", "anyOf", "oneOf":
			w.mutateBranch(m, key, depth)
			return object(m)
		}
		if w.IntN(2) == 0 {
			delete(m, key)
			return object(m)
		}
	case w.IntN(4) == 0:
		return `{"allOf":[` + text + `,` + w.schema(depth-1) + `]}`
	case w.IntN(4) == 0:
		return `{"` + w.pick("anyOf", "oneOf") + `":[` + text + `,` + w.schema(depth-1) + `]}`
	}
	key, value := w.keyword(depth)
	m[key] = value
	return object(m)
}

func (w schemaWriter) mutateField(m map[string]string, key string, depth int) {
	fields := texts(m[key])
	name := w.pick(slices.Sorted(maps.Keys(fields))...)
	if w.IntN(5) == 0 && len(fields) > 1 {
		delete(fields, name)
	} else {
		fields[name] = w.mutate(fields[name], depth-1)
	}
	m[key] = object(fields)
}

func (w schemaWriter) mutateBranch(m map[string]string, key string, depth int) {
	var branches []json.RawMessage
	_ = json.Unmarshal([]byte(m[key]), &branches)
	i := w.IntN(len(branches))
	var list []string
	for j, branch := range branches {
		switch {
		case j != i:
			list = append(list, string(branch))
		case w.IntN(4) > 0 || len(branches) == 1:
			list = append(list, w.mutate(string(branch), depth-1))
		}
	}
	if w.IntN(4) == 0 {
		list = append(list, w.schema(depth-1))
	}
	if w.IntN(4) == 0 {
		delete(m, key)
		key = w.pick("anyOf", "oneOf", "allOf")
	}
	m[key] = "[" + strings.Join(list, ",") + "]"
}

// texts returns the members of an object, nil of anything else.
func texts(object string) map[string]string {
	var m map[string]json.RawMessage
	if json.Unmarshal([]byte(object), &m) != nil || m == nil {
		return nil
	}
	list := make(map[string]string, len(m))
	for key, value := range m {
		list[key] = string(value)
	}
	return list
}

func (w schemaWriter) instance(depth int) any {
	switch w.IntN(10) {
	case 0:
		return nil
	case 1:
		return w.pick("", "s", "t", "ts")
	case 2:
		return w.IntN(3)
	case 3:
		return []any{true, 1.5}[w.IntN(2)]
	case 4, 5:
		if depth > 0 {
			l := []any{}
			for range w.IntN(3) {
				l = append(l, w.instance(depth-1))
			}
			return l
		}
	}
	if depth <= 0 {
		return w.pick("s", "t")
	}
	m := map[string]any{}
	for range w.IntN(4) {
		m[w.name()] = w.instance(depth - 1)
	}
	return m
}

// document has the parts among its components, and Foo at a place that is not one. S is sent, or
// received.
func (w schemaWriter) document(t *testing.T, request bool, parts map[string]string) *schema.Document {
	t.Helper()
	content := `"content":{"application/json":{"schema":{"$ref":"#/components/schemas/S"}}}`
	operation := `"responses":{"200":{"description":"ok",` + content + `}}`
	if request {
		operation = `"requestBody":{` + content + `},"responses":{"200":{"description":"ok"}}`
	}
	return loadText(t, `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"x-shared":{"Foo":`+parts["Foo"]+`},"paths":{"/a":{"post":{"operationId":"send",`+
		operation+`}}},"components":{"schemas":`+object(parts)+`}}`)
}

// TestNoInstanceRefutesThatAChangeIsSafe makes pairs of schemas and instances. Where Diff finds
// nothing but safe changes, what the old schema accepts must be valid in the new one if it is sent,
// and the other way round if it is received. New fields are left out: that they are called safe is
// a convention, which fields explains.
func TestNoInstanceRefutesThatAChangeIsSafe(t *testing.T) {
	t.Parallel()
	pairs, instances := 2500, 0
	if testing.Short() {
		pairs = 500
	}
	for seed := range uint64(pairs) {
		w := schemaWriter{rand.New(rand.NewPCG(seed, 1))}
		old := map[string]string{
			"S": w.schema(3), "Base": w.pick(w.schema(2), `{"type":"object","properties":{"a":{"type":"string"}}}`),
			"Text": `{"type":"string","maxLength":2}`, "More": w.schema(1), "Foo": w.scalarSchema(),
		}
		newer := maps.Clone(old)
		for range 1 + w.IntN(2) {
			part := w.pick("S", "S", "S", "S", "Base", "Foo", "More")
			newer[part] = w.mutate(newer[part], 3)
		}
		for _, request := range []bool{true, false} {
			a, b := w.document(t, request, old), w.document(t, request, newer)
			changes := schema.Diff(a, b)
			proven := changes.Count(schema.SeverityUnknown)+changes.Count(schema.SeverityBreaking) == 0
			for change := range changes.All() {
				proven = proven && change.Kind != schema.ChangeFieldAdded
			}
			if !proven {
				continue
			}
			from, to := a, b // what from accepts, to must accept
			if !request {
				from, to = b, a
			}
			for range 40 {
				instance := w.instance(3)
				if from.Validate("S", instance, schema.WithTier(schema.Strict)) != nil {
					continue
				}
				instances++
				if err := to.Validate("S", instance, schema.WithTier(schema.Strict)); err != nil {
					text, _ := json.Marshal(instance)
					t.Errorf("seed %d, request %v: old %s\nnew %s\n%s\n%s is not valid any longer: %v", seed, request, object(old), object(newer), changes, text, err)
					break
				}
			}
		}
	}
	if instances < pairs {
		t.Errorf("%d instances were tried with %d pairs, too few to prove anything", instances, pairs)
	}
}
