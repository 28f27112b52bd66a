package validator

import (
	"fmt"
	"slices"
	"testing"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// An object matches a branch that does not declare all of its fields, and would match
// another one but for a mistake below it, which explains more. The branch between them,
// which is closer and explains nothing, must not drop what the explanation refers to.
func TestOtherBranchExplainsUndeclaredFields(t *testing.T) {
	t.Parallel()
	const component = `{"anyOf":[
		{"type":"object","properties":{"a":{"type":"object","properties":{"x":{}}},"b":{},"c":{}}},
		{"type":"object","properties":{"a":{"anyOf":[{"type":"object","properties":{"y":{"type":"string"}}},{"type":"null"}]},"b":{},"c":{}}},
		{"type":"object","properties":{"a":{"allOf":[{"type":"object"},{"additionalProperties":true}]}}}]}`
	schemas := New(Source{
		Text:      `{"openapi":"3.1.0","components":{"schemas":{"X":` + component + `}}}`,
		Component: componentsOf(map[string]string{"X": component}),
		Resolve:   func(ref, _ string) (string, string, error) { return "", "", fmt.Errorf("%s is not there", ref) },
	})
	tree, err := jsonvalue.Parse(`{"a":{"y":1},"b":1,"c":1}`)
	if err != nil {
		t.Fatal(err)
	}
	var problems []Problem
	schemas.Graph(Closed).Validate(Place{component, "/components/schemas/X"}, tree, Either, func(list []Problem, _ int) { problems = slices.Clone(list) })
	if len(problems) != 1 || problems[0].Pointer != "/a/y" || problems[0].Message != "got number 1, want string" {
		t.Errorf("got %+v, want that /a/y is not a string", problems)
	}
}
