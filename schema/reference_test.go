package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// component makes one component of a kind, and an operation that refers to it.
var componentKinds = map[string]struct{ component, operation string }{
	"schemas":       {`{"type":"string"}`, `"responses":{"200":{"description":"OK","content":{"application/json":{"schema":REF}}}}`},
	"responses":     {`{"description":"OK"}`, `"responses":{"200":REF}`},
	"parameters":    {`{"name":"a","in":"query"}`, `"parameters":[REF]`},
	"requestBodies": {`{"content":{"text/plain":{}}}`, `"requestBody":REF`},
	"headers":       {`{"schema":{"type":"string"}}`, `"responses":{"200":{"description":"OK","headers":{"X":REF}}}`},
	"examples":      {`{"value":1}`, `"responses":{"200":{"description":"OK","content":{"application/json":{"examples":{"a":REF}}}}}`},
	"links":         {`{"operationId":"o0"}`, `"responses":{"200":{"description":"OK","links":{"a":REF}}}`},
	"callbacks":     {`{"x":{}}`, `"callbacks":{"a":REF}`},
	"pathItems":     {`{"get":{}}`, `"x-none":0`},
}

func manyComponents(kind string, n int) string {
	var paths, components strings.Builder
	for i := range n {
		ref := fmt.Sprintf(`{"$ref":"#/components/%s/R%d"}`, kind, i)
		fmt.Fprintf(&paths, `"/p%d":{"get":{"operationId":"o%d",%s}},`, i, i, strings.ReplaceAll(componentKinds[kind].operation, "REF", ref))
		if kind == "pathItems" {
			fmt.Fprintf(&paths, `"/q%d":%s,`, i, ref)
		}
		fmt.Fprintf(&components, `"R%d":%s,`, i, componentKinds[kind].component)
	}
	return fmt.Sprintf(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{%s},"components":{"%s":{%s}}}`,
		strings.TrimSuffix(paths.String(), ","), kind, strings.TrimSuffix(components.String(), ","))
}

// Were each reference looked for from the section's start, these would take
// minutes each.
func TestReferencesToManyComponentsResolveInOnePass(t *testing.T) {
	t.Parallel()
	n := 20_000
	if testing.Short() {
		n = 2_000
	}
	for kind := range componentKinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			doc, err := schema.Load([]byte(manyComponents(kind, n)))
			if err != nil {
				t.Fatal(err)
			}
			op, err := doc.Operation(fmt.Sprintf("o%d", n-1))
			if err != nil {
				t.Fatal(err)
			}
			if kind == "parameters" && (len(op.Parameters) != 1 || op.Parameters[0].Name != "a") {
				t.Errorf("got %v, want the parameter of the component", op.Parameters)
			}
		})
	}
}

func TestReferencesIntoLargeValuesAreFollowed(t *testing.T) {
	t.Parallel()
	n := 20_000
	if testing.Short() {
		n = 5_000
	}
	for name, c := range map[string]struct{ value, at string }{
		"properties": {`"components":{"schemas":{"Big":{"properties":{EACH}}}}`, "/components/schemas/Big/properties/k%d"},
		"a list":     {`"components":{"schemas":{"Big":{"prefixItems":[LIST]}}}`, "/components/schemas/Big/prefixItems/%d"},
		"a root":     {`"x-big":{EACH}`, "/x-big/k%d"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var each, list, refs strings.Builder
			for i := range n {
				fmt.Fprintf(&each, `"k%d":{"minimum":%d},`, i, i)
				fmt.Fprintf(&list, `{"minimum":%d},`, i)
				fmt.Fprintf(&refs, `{"$ref":"#%s"},`, fmt.Sprintf(c.at, i))
			}
			value := strings.NewReplacer("EACH", strings.TrimSuffix(each.String(), ","), "LIST", strings.TrimSuffix(list.String(), ",")).Replace(c.value)
			head, tail, ok := strings.Cut(value, `"schemas":{`)
			all := `"All":{"prefixItems":[` + strings.TrimSuffix(refs.String(), ",") + `]}`
			if ok {
				value = head + `"schemas":{` + all + "," + tail
			} else {
				value += `,"components":{"schemas":{` + all + "}}"
			}
			doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},` + value + "}"))
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := doc.Lookup(schema.Pointer(fmt.Sprintf(c.at, n-1) + "/minimum")); got != fmt.Sprint(n-1) {
				t.Errorf("the last value has minimum %s, want %d", got, n-1)
			}
		})
	}
}
