package validator

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// costOf validates an instance of component X in the Closed mode, and explains what is
// wrong. It returns the steps of both and the bytes that were allocated, those for the
// index of the text included.
func costOf(t *testing.T, schemas *Schemas, component, instance string) (used int, allocated uint64, problems int) {
	t.Helper()
	p := Place{component, "/components/schemas/X"}
	g := schemas.Graph(Closed)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tree, err := jsonvalue.Parse(instance)
	if err != nil {
		t.Fatal(err)
	}
	w := g.newWalk(tree, p, steps(len(instance)))
	ok := w.start(g.root(p), 0)
	if w.err != nil {
		t.Fatal(w.err)
	}
	if !ok {
		x := explainer{explanation: explanation{graph: g, walk: w, tree: tree}}
		x.explainAll()
		problems = len(x.problems)
	}
	runtime.ReadMemStats(&after)
	used = steps(len(instance)) - w.left
	w.release()
	tree.Release()
	return used, after.TotalAlloc - before.TotalAlloc, problems
}

// objectOf returns an object with n members, each made from its number.
func objectOf(n int, member func(i int) string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = member(i)
	}
	return "{" + strings.Join(list, ",") + "}"
}

// arrayOf returns an array of n items.
func arrayOf(n int, item string) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }

// branchesOf returns the branches of a union, each made from its number.
func branchesOf(n int, branch string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.ReplaceAll(branch, "%d", fmt.Sprint(i))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// An invalid instance costs at most three times a valid one of its size, in steps, and
// under 20 bytes for each of its own, whatever keyword fails and however often. It is
// not parallel, as it counts what all goroutines allocate.
func TestInvalidCostsAtMostThreeTimesValid(t *testing.T) {
	n := 16_000
	if testing.Short() {
		n = 6_000
	}
	count := fmt.Sprint(n)
	items := func(schema string) string { return `{"type":"array","items":` + schema + `}` }
	tagged := `{"type":"object","required":["type","a"],"properties":{"type":{"const":"t%d"},"a":{"type":"string"},"b":{"type":"integer"}}}`
	untagged := `{"type":"object","required":["a%d"],"properties":{"a%d":{"type":"string"},"z":{"type":"integer"}}}`
	named := func(pattern string) func(i int) string {
		return func(i int) string { return fmt.Sprintf(pattern, i) }
	}
	tests := map[string]struct{ schema, valid, invalid string }{
		"enum":                  {items(`{"enum":["a","b",1]}`), arrayOf(n, `"a"`), arrayOf(n, `"c"`)},
		"enum of objects":       {items(`{"enum":[{"a":[1,2]}]}`), arrayOf(n, `{"a":[1,2]}`), arrayOf(n, `{"a":[1,3]}`)},
		"const":                 {items(`{"const":"a"}`), arrayOf(n, `"a"`), arrayOf(n, `"c"`)},
		"type":                  {items(`{"type":"integer"}`), arrayOf(n, `1`), arrayOf(n, `{}`)},
		"type of many kinds":    {items(`{"type":["integer","string"]}`), arrayOf(n, `1`), arrayOf(n, `[]`)},
		"pattern":               {items(`{"type":"string","pattern":"^a+$"}`), arrayOf(n, `"aaaa"`), arrayOf(n, `"aaab"`)},
		"maxLength":             {items(`{"type":"string","maxLength":3}`), arrayOf(n, `"aaa"`), arrayOf(n, `"aaaa"`)},
		"multipleOf":            {items(`{"type":"number","multipleOf":0.1}`), arrayOf(n, `0.3`), arrayOf(n, `0.33`)},
		"required":              {items(`{"type":"object","required":["a","b"]}`), arrayOf(n, `{"a":1,"b":2}`), arrayOf(n, `{"a":1,"c":2}`)},
		"required by thousands": {items(`{"type":"object","required":` + strings.NewReplacer("{", "[", "}", "]").Replace(objectOf(2000, named(`"p%d"`))) + `}`), arrayOf(n/500, objectOf(2000, named(`"p%d":1`))), arrayOf(n, `{}`)},
		"unknown field":         {items(`{"type":"object","properties":{"a":{}}}`), arrayOf(n, `{"a":1}`), arrayOf(n, `{"b":1}`)},
		"unknown fields":        {`{"type":"object","properties":` + objectOf(n, named(`"p%d":{}`)) + `}`, objectOf(n, named(`"p%d":1`)), objectOf(n, named(`"q%d":1`))},
		"additionalProperties":  {`{"type":"object","properties":` + objectOf(n, named(`"p%d":{}`)) + `,"additionalProperties":false}`, objectOf(n, named(`"p%d":1`)), objectOf(n, named(`"q%d":1`))},
		"additional schema":     {`{"type":"object","additionalProperties":{"type":"string"}}`, objectOf(n, named(`"p%d":""`)), objectOf(n, named(`"p%d":1`))},
		"patternProperties":     {`{"type":"object","patternProperties":{"^p":{"type":"string"},"^p[0-9]+$":{}}}`, objectOf(n, named(`"p%d":""`)), objectOf(n, named(`"p%d":1`))},
		"propertyNames":         {`{"type":"object","propertyNames":{"maxLength":6},"additionalProperties":true}`, objectOf(n, named(`"p%d":1`)), objectOf(n, named(`"long_%d":1`))},
		"maxProperties":         {`{"type":"object","maxProperties":` + count + `,"additionalProperties":true}`, objectOf(n, named(`"p%d":1`)), objectOf(n+1, named(`"p%d":1`))},
		"dependentRequired":     {items(`{"type":"object","dependentRequired":{"a":["b","c"]}}`), arrayOf(n, `{"a":1,"b":1,"c":1}`), arrayOf(n, `{"a":1,"d":1,"e":1}`)},
		"dependentSchemas":      {items(`{"type":"object","properties":{"a":{},"b":{}},"dependentSchemas":{"a":{"properties":{"b":{"type":"string"}}}}}`), arrayOf(n, `{"a":1,"b":""}`), arrayOf(n, `{"a":1,"b":1}`)},
		"uniqueItems":           {`{"type":"array","uniqueItems":true}`, "[" + strings.Trim(objectOf(n, named(`%d`)), "{}") + "]", arrayOf(n, `1`)},
		"uniqueItems, long":     {items(`{"type":"array","uniqueItems":true}`), arrayOf(n, `[1,2,3,4]`), arrayOf(n, `[1,2,3,1]`)},
		"contains":              {items(`{"type":"array","contains":{"type":"integer"}}`), arrayOf(n, `["a",1]`), arrayOf(n, `["a",""]`)},
		"maxContains":           {`{"type":"array","contains":{"type":"integer"},"maxContains":` + count + `}`, arrayOf(n, `1`), arrayOf(n+1, `1`)},
		"unevaluatedItems":      {`{"type":"array","prefixItems":[{}],"contains":{"type":"integer"},"unevaluatedItems":false}`, arrayOf(n, `1`), arrayOf(n, `""`)},
		"not":                   {items(`{"not":{"type":"string"}}`), arrayOf(n, `1`), arrayOf(n, `""`)},
		"if":                    {items(`{"if":{"type":"string"},"then":{"minLength":1},"else":{"minimum":1}}`), arrayOf(n, `"a"`), arrayOf(n, `0`)},
		"allOf":                 {items(`{"allOf":[{"type":"object","properties":{"a":{}}},{"properties":{"b":{"type":"string"}}}]}`), arrayOf(n, `{"a":1,"b":""}`), arrayOf(n, `{"a":1,"b":1,"c":1}`)},
		"union, wrong kind":     {items(`{"anyOf":` + branchesOf(60, tagged) + `}`), arrayOf(n, `{"type":"t7","a":""}`), arrayOf(n, `"text"`)},
		"union without its tag": {items(`{"anyOf":` + branchesOf(60, tagged) + `}`), arrayOf(n, `{"type":"t7","a":""}`), arrayOf(n, `{"a":""}`)},
		"union, unknown tag":    {items(`{"oneOf":` + branchesOf(60, tagged) + `}`), arrayOf(n, `{"type":"t7","a":""}`), arrayOf(n, `{"type":"u7","a":""}`)},
		"union, wrong branch":   {items(`{"anyOf":` + branchesOf(60, tagged) + `}`), arrayOf(n, `{"type":"t7","a":""}`), arrayOf(n, `{"type":"t7","b":""}`)},
		"ambiguous union":       {items(`{"anyOf":` + branchesOf(20, untagged) + `}`), arrayOf(n, `{"a19":"","z":1}`), arrayOf(n, `{"b19":"","z":1}`)},
		"ambiguous, fields":     {items(`{"anyOf":` + branchesOf(20, untagged) + `}`), arrayOf(n, `{"a19":"","z":1}`), arrayOf(n, `{"a19":"","y":1}`)},
		"ambiguous, nested":     {items(`{"anyOf":[{"type":"object","required":["a"],"properties":{"a":{"anyOf":` + branchesOf(8, untagged) + `}}},{"type":"object","required":["a","b"],"properties":{"a":{"anyOf":` + branchesOf(8, untagged) + `},"b":{}}}]}`), arrayOf(n, `{"a":{"a7":""},"b":1}`), arrayOf(n, `{"a":{"a7":1},"b":1}`)},
		"$dynamicRef":           {`{"$dynamicAnchor":"x","anyOf":[{"type":"integer"},{"type":"array","items":{"$dynamicRef":"#x"}}]}`, arrayOf(200, arrayOf(100, `1`)), arrayOf(200, arrayOf(100, `""`))},
		"recursive":             {`{"anyOf":[{"type":"integer"},{"type":"array","items":{"$ref":"#/components/schemas/X"}}]}`, strings.Repeat("[", 200) + arrayOf(n, `1`) + strings.Repeat("]", 200), strings.Repeat("[", 200) + arrayOf(n, `""`) + strings.Repeat("]", 200)},
		"long names":            {`{"type":"object","properties":` + objectOf(200, named(`"p%d":{}`)) + `}`, objectOf(200, named(`"p%d":"`+strings.Repeat("x", 6000)+`"`)), objectOf(200, named(`"`+strings.Repeat("key", 2000)+`%d":1`))},
		"escaped names":         {`{"type":"object","additionalProperties":{"type":"string"}}`, objectOf(n, named(`"\u0070%d":""`)), objectOf(n, named(`"\u0070%d":1`))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			schemas := New(Source{
				Text:      `{"openapi":"3.1.0","components":{"schemas":{"X":` + tt.schema + `}}}`,
				Component: componentsOf(map[string]string{"X": tt.schema}),
				Resolve: func(ref, _ string) (string, string, error) {
					return "", "", fmt.Errorf("%s is not there", ref)
				},
			})
			costOf(t, schemas, tt.schema, tt.valid) // compiles
			costOf(t, schemas, tt.schema, tt.invalid)
			valid, _, none := costOf(t, schemas, tt.schema, tt.valid)
			invalid, allocated, some := costOf(t, schemas, tt.schema, tt.invalid)
			if none != 0 || some == 0 {
				t.Fatalf("got %d problems of the valid instance and %d of the other", none, some)
			}
			// Both as if they had the same size.
			allowed := 3*valid*len(tt.invalid)/len(tt.valid) + 500
			if invalid > allowed {
				t.Errorf("%d bytes with mistakes took %d steps, want at most %d: %d bytes without took %d", len(tt.invalid), invalid, allowed, len(tt.valid), valid)
			}
			// What is shown is bounded, but may be more than the instance: each of 128
			// problems has a pointer, which is as long as the instance is deep.
			const shown = 1 << 20
			if most := uint64(20*len(tt.invalid) + shown); allocated > most {
				t.Errorf("%d bytes with mistakes allocated %d, want at most %d", len(tt.invalid), allocated, most)
			}
			t.Logf("steps %.2f times, %.1f bytes for each byte", float64(invalid)/float64(allowed-500)*3, float64(allocated)/float64(len(tt.invalid)))
		})
	}
}
