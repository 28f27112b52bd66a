package validator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// common is a component that several properties refer to.
const common = `{"type":"object","properties":{"x":{}}}`

// jointSchemas are those of a value that two members of an allOf describe, at each of
// several places.
func jointSchemas(component string) *Schemas {
	return New(Source{
		Text:      `{"openapi":"3.1.0","components":{"schemas":{"X":` + component + `,"C":` + common + `}}}`,
		Component: componentsOf(map[string]string{"X": component, "C": common}),
		Resolve:   func(ref, _ string) (string, string, error) { return "", "", fmt.Errorf("%s is not there", ref) },
	})
}

// pointersOf returns where the problems of an instance are, and the steps that were taken.
func pointersOf(t *testing.T, g *Graph, component, instance string) (pointers string, used int) {
	t.Helper()
	tree, err := jsonvalue.Parse(instance)
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Release()
	p := Place{component, "/components/schemas/X"}
	w := g.newWalk(tree, p, steps(len(instance)))
	w.start(g.root(p), 0)
	used = steps(len(instance)) - w.left
	w.release()
	var list []string
	g.Validate(p, tree, Either, func(problems []Problem, _ int) {
		for _, p := range problems {
			list = append(list, p.Pointer)
		}
	})
	return strings.Join(list, " "), used
}

// What is kept for one place must not be taken for what describes another one, whichever is
// seen first: two properties with one schema, items, and members that go by a name that
// only the instance has.
func TestKeptJointIsThatOfItsPlace(t *testing.T) {
	t.Parallel()
	const component = `{"allOf":[
		{"type":"object","properties":{
			"a":{"$ref":"#/components/schemas/C"},
			"b":{"$ref":"#/components/schemas/C"},
			"list":{"type":"array","items":{"type":"object","properties":{"x":{}}}},
			"map":{"type":"object","additionalProperties":{"type":"object","properties":{"x":{}}}}}},
		{"type":"object","properties":{
			"a":{"type":"object","properties":{"y":{}}},
			"list":{"type":"array","items":{"type":"object","properties":{"y":{}}}},
			"map":{"type":"object","properties":{"k":{"type":"object","properties":{"y":{}}}},"additionalProperties":true}}}]}`
	instances := []struct{ text, want string }{
		{`{"a":{"x":1,"y":1}}`, ""},
		{`{"b":{"x":1,"y":1}}`, "/b/y"},
		{`{"list":[{"y":1},{"x":1},{"y":1}]}`, ""},
		{`{"list":[{"y":1},{"z":1},{"y":1,"z":1}]}`, "/list/1/z /list/2/z"},
		{`{"map":{"k":{"y":1}}}`, ""},
		{`{"map":{"m":{"y":1}}}`, "/map/m/y"},
		{`{"map":{"k":{"z":1}}}`, "/map/k/z"},
	}
	for first := range instances {
		g := jointSchemas(component).Graph(Closed)
		for i := range instances {
			tt := instances[(first+i)%len(instances)]
			if got, _ := pointersOf(t, g, component, tt.text); got != tt.want {
				t.Errorf("%s after %d others: got problems at %q, want %q", tt.text, i, got, tt.want)
			}
		}
	}
}

// The steps are the budget of a walk. With fewer for what is kept, the same instance would
// be given up at first and accepted later.
func TestKeptJointTakesAsManySteps(t *testing.T) {
	t.Parallel()
	const component = `{"allOf":[{"type":"object","properties":{"a":{"type":"object","properties":{"x":{}}}}},{"type":"object","properties":{"a":{"type":"object","properties":{"y":{}}}}}]}`
	const instance = `{"a":{"x":1,"y":1,"z":1}}`
	g := jointSchemas(component).Graph(Closed)
	_, first := pointersOf(t, g, component, instance)
	kept := g.jointCount
	_, second := pointersOf(t, g, component, instance)
	if first != second || kept == 0 || g.jointCount != kept {
		t.Errorf("took %d steps, then %d; kept %d joints, then %d", first, second, kept, g.jointCount)
	}
}

// A schema that refers to itself has as many ways as instances can be made.
func TestKeptJointsAreBounded(t *testing.T) {
	t.Parallel()
	const component = `{"type":"object","properties":{"l":{"$ref":"#/components/schemas/X"},"r":{"$ref":"#/components/schemas/X"}}}`
	g := jointSchemas(component).Graph(Closed)
	for i := range 3 * maxJoints {
		way := strings.NewReplacer("0", "/l", "1", "/r").Replace(fmt.Sprintf("%09b", i))
		instance := `{"z":1}`
		for j := len(way) - 1; j > 0; j -= 2 {
			instance = `{"` + way[j:j+1] + `":` + instance + `}`
		}
		if got, _ := pointersOf(t, g, component, instance); got != way+"/z" {
			t.Fatalf("%s: got problems at %q, want %q", instance, got, way+"/z")
		}
		if n := len(g.joints); n > maxJoints || g.jointCount > maxJoints {
			t.Fatalf("%d joints are kept", g.jointCount)
		}
	}
}
