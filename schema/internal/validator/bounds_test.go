package validator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// componentsOf finds components in a map.
func componentsOf(components map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		text, ok := components[name]
		return text, ok
	}
}

// stepsOf validates an instance of component X and returns the steps and the
// failures that it took.
func stepsOf(t *testing.T, components map[string]string, instance string) (used, failures int, err error) {
	t.Helper()
	var members []string
	for name, text := range components {
		members = append(members, fmt.Sprintf("%q:%s", name, text))
	}
	document := `{"openapi":"3.1.0","components":{"schemas":{` + strings.Join(members, ",") + `}}}`
	schemas := New(Source{Text: document, Component: componentsOf(components), Resolve: func(ref, _ string) (string, string, error) {
		return "", "", fmt.Errorf("%s is not there", ref)
	}})
	tree, parseErr := jsonvalue.Parse(instance)
	if parseErr != nil {
		t.Fatal(parseErr)
	}
	p := Place{components["X"], "/components/schemas/X"}
	g := schemas.Graph(Closed)
	w := g.newWalk(tree, p, steps(len(instance)))
	w.start(g.root(p), 0)
	return steps(len(instance)) - w.left, len(w.failures), w.err
}

const filters = `{"anyOf":[{"type":"object","required":["type","filters"],"properties":{"type":{"const":"and"},"filters":{"type":"array","items":{"$ref":"#/components/schemas/X"}}}},{"type":"object","required":["type","key"],"properties":{"type":{"const":"eq"},"key":{"type":"string"}}}]}`

// An instance with many mistakes takes no more steps than a valid one of its size,
// and notes no more than is shown, however deep in unions they are.
func TestMistakesCostNoMoreThanValues(t *testing.T) {
	t.Parallel()
	nested := func(leaf string) string {
		return strings.Repeat(`{"type":"and","filters":[`, 120) + strings.Repeat(leaf+",", 9_999) + leaf + strings.Repeat(`]}`, 120)
	}
	components := map[string]string{"X": filters}
	valid, _, err := stepsOf(t, components, nested(`{"type":"eq","key":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range []string{`{"type":"eq","key":1}`, `{"type":"or"}`, `{}`, `1`, `{"type":"eq","no":1}`} {
		used, failures, err := stepsOf(t, components, nested(leaf))
		if err != nil || used > valid || failures > 2*maxNoted {
			t.Errorf("10,000 × %s: %d steps and %d failures, %v; want at most %d and %d", leaf, used, failures, err, valid, 2*maxNoted)
		}
	}
}

// Keywords that jsonschema alone knows do not switch the budget off.
func TestEveryDocumentHasABudget(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{
		"anchor":     `{"$anchor":"a","type":"object","required":["a"]}`,
		"dynamicRef": `{"$dynamicAnchor":"b","type":"object","anyOf":[{"required":["a"]},{"$dynamicRef":"#b"}]}`,
		"id":         `{"$id":"https://example.com/x","type":"object","required":["a"]}`,
	} {
		components := map[string]string{"X": `{"$ref":"#/components/schemas/L0"}`, "L24": last}
		for i := range 24 {
			ref := fmt.Sprintf(`{"$ref":"#/components/schemas/L%d"}`, i+1)
			components[fmt.Sprintf("L%d", i)] = fmt.Sprintf(`{"allOf":[%s,%s]}`, ref, ref)
		}
		used, _, err := stepsOf(t, components, `{"a":1}`)
		if err != errSpent || used > 2*steps(100) {
			t.Errorf("%s: got %v after %d steps, want %v", name, err, used, errSpent)
		}
	}
	nested := `{"$id":"https://example.com/x","$defs":{"l24":{"type":"object"}`
	for i := range 24 {
		ref := fmt.Sprintf(`{"$ref":"#/$defs/l%d"}`, i+1)
		nested += fmt.Sprintf(`,"l%d":{"allOf":[%s,%s]}`, i, ref, ref)
	}
	if _, _, err := stepsOf(t, map[string]string{"X": nested + `},"$ref":"#/$defs/l0"}`}, `{"a":1}`); err != errSpent {
		t.Errorf("all within $id: got %v, want %v", err, errSpent)
	}
}

// A step is counted for what is passed over: a large value that is sent through many
// schemas costs no more than many values.
func TestLargeValuesThroughManySchemasAreBounded(t *testing.T) {
	t.Parallel()
	n := 10_000
	if testing.Short() {
		n = 2_000
	}
	last := fmt.Sprintf(`"p%d"`, n-1)
	numbers := "[" + strings.Trim(objectOf(n, func(i int) string { return fmt.Sprint(i) }), "{}") + "]"
	names := strings.NewReplacer("{", "[", "}", "]").Replace(objectOf(2000, func(i int) string { return fmt.Sprintf(`"p%d"`, i) }))
	members := objectOf(n, func(i int) string { return fmt.Sprintf(`"p%d":1`, i) })
	for name, tt := range map[string]struct{ last, instance string }{
		"required":          {`{"type":"object","required":[` + last + `]}`, members},
		"properties":        {`{"type":"object","properties":{"a":{}}}`, members},
		"dependentRequired": {`{"type":"object","dependentRequired":{` + last + `:` + names + `}}`, members},
		"tags":              {`{"anyOf":` + branchesOf(2, `{"required":["t"],"properties":{"t":{"const":"%d"}}}`) + `}`, strings.Replace(members, "{", `{"t":"1",`, 1)},
		"items":             {`{"type":"array","items":{"type":"integer"}}`, numbers},
		"uniqueItems":       {`{"type":"array","uniqueItems":true}`, numbers},
		"id":                {`{"$id":"https://example.com/x","type":"object","required":[` + last + `]}`, members},
	} {
		components := map[string]string{"X": `{"$ref":"#/components/schemas/L0"}`, "L20": tt.last}
		for i := range 20 {
			ref := fmt.Sprintf(`{"$ref":"#/components/schemas/L%d"}`, i+1)
			components[fmt.Sprintf("L%d", i)] = fmt.Sprintf(`{"allOf":[%s,%s]}`, ref, ref)
		}
		if _, _, err := stepsOf(t, components, tt.instance); err != errSpent {
			t.Errorf("%s: got %v, want %v", name, err, errSpent)
		}
	}
}

func TestPatternsAreBounded(t *testing.T) {
	t.Parallel()
	var p patterns
	for text, ok := range map[string]bool{
		`^[a-z0-9_-]{1,64}$`: true, `(.{300}){3}`: true, strings.Repeat(`(.{1000})`, 10): false, `((x{10}){10}){100}`: false, `(`: false,
	} {
		if _, err := p.compile(text); (err == nil) != ok {
			t.Errorf("%.40s: got %v, want it compiled: %v", text, err, ok)
		}
	}
	if _, _, err := stepsOf(t, map[string]string{"X": `{"pattern":"(.{500})?(.{500})?z$"}`}, `"`+strings.Repeat("x", 100_000)+`"`); err != errSpent {
		t.Errorf("a large pattern on a long text: got %v, want %v", err, errSpent)
	}
}
