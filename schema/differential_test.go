package schema_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// The differential test in full:
//
//	OPCALL_SHARED=../shared go test ./schema -run Differential -mutations 100000
var mutations = flag.Int("mutations", 3000, "instances that the differential test validates for each document")

// TestDifferentialVerdictsAreThoseOfJSONSchema compares the Strict tier with the stock compiler of
// jsonschema, on the same repaired document: the verdicts on valid instances of
// its components, and on what becomes of them by a mistake or two, are the same.
func TestDifferentialVerdictsAreThoseOfJSONSchema(t *testing.T) {
	t.Parallel()
	t.Run("built-in", func(t *testing.T) {
		t.Parallel()
		differ(t, builtin(t))
	})
	for _, name := range []string{"openapi.yaml", "openapi-2025-04-29.yaml"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() {
				t.Skip("reads the official descriptions")
			}
			differ(t, official(t, name))
		})
	}
}

// official opens one of the descriptions that OpenAI published.
func official(tb testing.TB, name string) *schema.Document {
	tb.Helper()
	doc, err := schema.LoadFile(shared.Path(tb, "openai-api", name))
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func differ(t *testing.T, doc *schema.Document) {
	wantComponents, count := 200, *mutations
	if testing.Short() {
		wantComponents, count = 30, min(count, 200)
	}
	names := slices.Collect(doc.Components())
	if count < 10*len(names) { // every third, say
		step := max(1, len(names)/wantComponents/3*2)
		var some []string
		for i := 0; i < len(names); i += step {
			some = append(some, names[i])
		}
		names = some
	}
	stock := newStock(t, doc)
	var pool []any // parts of instances, to be put in the wrong places
	var instances []instance
	components := 0
	for _, name := range names {
		s, err := doc.Component(name)
		if err != nil {
			t.Fatal(err)
		}
		made := 0
		for _, make := range []func(*schema.Schema) (json.RawMessage, error){sample.Minimal, sample.Full} {
			raw, err := make(s)
			if err != nil {
				continue
			}
			made++
			v := parsed(t, raw)
			instances = append(instances, instance{name, v})
			pool = append(pool, parts(v)...)
			stock.compare(t, doc, name, raw)
		}
		components += min(made, 1)
	}
	if components < wantComponents {
		t.Fatalf("instances of %d components were found, want at least %d", components, wantComponents)
	}
	random := rand.New(rand.NewPCG(3, 1415))
	for i := range count {
		at := instances[i%len(instances)]
		m := mutator{random: random, pool: pool}
		raw, err := json.Marshal(m.mutate(at.value))
		if err != nil {
			t.Fatal(err)
		}
		stock.compare(t, doc, at.component, raw)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d components, %d mutations, %d of them valid", components, count, stock.valid)
}

// instance is a valid instance of a component.
type instance struct {
	component string
	value     any
}

// stock validates by the compiler of jsonschema.
type stock struct {
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
	valid    int
}

const stockResource = "opcall:///stock.json"

func newStock(tb testing.TB, doc *schema.Document) *stock {
	tb.Helper()
	c := jsonschema.NewCompiler()
	c.Draft = jsonschema.Draft2020
	if err := c.AddResource(stockResource, strings.NewReader(doc.OracleText())); err != nil {
		tb.Fatal(err)
	}
	return &stock{compiler: c, compiled: make(map[string]*jsonschema.Schema)}
}

func (s *stock) compare(t *testing.T, doc *schema.Document, component string, raw []byte) (valid bool) {
	t.Helper()
	compiled := s.compiled[component]
	if compiled == nil {
		pointer := url.URL{Path: string(schema.Pointer("/components/schemas").Append(component))}
		var err error
		// A failure would spoil the compiler for the next component: none is allowed.
		if compiled, err = s.compiler.Compile(stockResource + "#" + pointer.EscapedPath()); err != nil {
			t.Fatalf("the stock compiler on %s: %v", component, err)
		}
		s.compiled[component] = compiled
	}
	want := compiled.Validate(parsed(t, raw))
	got := doc.Validate(component, raw, schema.WithTier(schema.Strict))
	if (got == nil) != (want == nil) {
		t.Errorf("%s: %s\nstrict: %v\n stock: %#v", component, raw, got, want)
	}
	if want == nil {
		s.valid++
	}
	_ = doc.Validate(component, raw) // must not panic, and must explain
	return want == nil
}

func parsed(t *testing.T, raw []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}

// parts returns the values within a value, itself included.
func parts(v any) []any {
	list := []any{v}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			list = append(list, parts(v[key])...)
		}
	case []any:
		for _, item := range v {
			list = append(list, parts(item)...)
		}
	}
	return list
}

// mutator makes mistakes in instances.
type mutator struct {
	random *rand.Rand
	pool   []any
}

// mutate returns a copy of a value with one mistake, sometimes two.
func (m *mutator) mutate(v any) any {
	v = m.at(v, m.random.IntN(len(parts(v))))
	if m.random.IntN(4) == 0 {
		v = m.at(v, m.random.IntN(len(parts(v))))
	}
	return v
}

// at copies a value and makes a mistake in its n-th part.
func (m *mutator) at(v any, n int) any {
	if n == 0 {
		return m.mistake(v)
	}
	n--
	switch v := v.(type) {
	case map[string]any:
		clone := maps.Clone(v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			size := len(parts(v[key]))
			if n < size {
				clone[key] = m.at(v[key], n)
				return clone
			}
			n -= size
		}
	case []any:
		clone := slices.Clone(v)
		for i, item := range v {
			size := len(parts(item))
			if n < size {
				clone[i] = m.at(item, n)
				return clone
			}
			n -= size
		}
	}
	return v
}

// mistake returns something else than v, usually close to it.
func (m *mutator) mistake(v any) any {
	switch m.random.IntN(8) {
	case 0:
		return nil
	case 1:
		return []any{"wrong", json.Number("7"), json.Number("0.5"), true, []any{}, map[string]any{}, "", []any{v}}[m.random.IntN(8)]
	case 2:
		return m.pool[m.random.IntN(len(m.pool))] // a part of something else: another branch
	}
	switch v := v.(type) {
	case map[string]any:
		return m.object(maps.Clone(v))
	case []any:
		return m.array(slices.Clone(v))
	case string:
		return []any{v + "x", strings.ToUpper(v), "", strings.Repeat("long ", 500), "auto"}[m.random.IntN(5)]
	case json.Number:
		return []any{json.Number("-1"), json.Number("0"), json.Number("1e9"), json.Number("1.5"), json.Number("123456789012345678901234567890"), json.Number("1.0")}[m.random.IntN(6)]
	case bool:
		return !v
	}
	return m.pool[m.random.IntN(len(m.pool))]
}

func (m *mutator) object(v map[string]any) any {
	keys := slices.Sorted(maps.Keys(v))
	switch {
	case m.random.IntN(4) == 0 || len(keys) == 0:
		v[fmt.Sprintf("extra_%d", m.random.IntN(3))] = m.pool[m.random.IntN(len(m.pool))]
	case m.random.IntN(2) == 0:
		delete(v, keys[m.random.IntN(len(keys))])
	default:
		key := keys[m.random.IntN(len(keys))]
		v[key] = m.pool[m.random.IntN(len(m.pool))]
	}
	return v
}

func (m *mutator) array(v []any) any {
	switch {
	case len(v) == 0 || m.random.IntN(3) == 0:
		return append(v, m.pool[m.random.IntN(len(m.pool))])
	case m.random.IntN(2) == 0:
		return v[:m.random.IntN(len(v))]
	}
	return append(v, v...)
}
