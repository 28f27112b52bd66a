package schema_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/opcall/opcall/schema"
)

// TestReferencesToFilesAreNamedWhole: a message shows a reference as it is written, with
// its fragment and its escapes, wherever it stands.
func TestReferencesToFilesAreNamedWhole(t *testing.T) {
	for _, ref := range []string{
		"a.json#/gone", "a.json#/x%2fy", "a.json#/x~1y", "dir%2Fb.json#/gone", "none.json#/x", "none%2fat%20all.json#/x", "none.json",
		"a.json#/x%zz", "../out.json#/x", "a.json#anchor", "a.json#/100%2525",
	} {
		for where, members := range map[string]string{
			"path item":         `"paths":{"/a":{"$ref":%q}}`,
			"path item, beside": `"paths":{"/a":{"summary":"s","$ref":%q}}`,
			"component":         `"components":{"schemas":{"A":{"$ref":%q}}}`,
			"response":          `"components":{"responses":{"A":{"$ref":%q}}}`,
			"schema":            `"components":{"schemas":{"A":{"items":{"$ref":%q}}}}`,
			"parameter":         `"paths":{"/a":{"get":{"operationId":"g","parameters":[{"$ref":%q}],"responses":{"200":{"description":""}}}}}`,
		} {
			t.Run(where+" "+ref, func(t *testing.T) {
				if !strings.Contains(members, "paths") {
					members = `"paths":{},` + members
				}
				doc, err := schema.LoadFS(fstest.MapFS{
					"main.json":  {Data: fmt.Appendf(nil, `{"openapi":"3.1.0","info":{"title":"t","version":"1"},`+members+`}`, ref)},
					"a.json":     {Data: []byte(`{"x":{"z":{}}}`)},
					"dir/b.json": {Data: []byte(`{}`)},
				}, "main.json")
				if err != nil {
					t.Fatal(err)
				}
				problems := doc.Verify()
				named := func(e *schema.DocumentError) bool { return strings.Contains(e.Error(), fmt.Sprintf("$ref %q", ref)) }
				if !slices.ContainsFunc(problems, named) {
					t.Errorf("got %v, want the reference %q in it", problems, ref)
				}
			})
		}
	}
}

// TestPercentSignsInNamesSurviveReferences: a name with a percent sign, escaped in a reference as
// it must be, is still that name when the files are one document.
func TestPercentSignsInNamesSurviveReferences(t *testing.T) {
	doc, err := schema.LoadFS(fstest.MapFS{
		"main.json": {Data: []byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{
			"A":{"$ref":"other.json#/all"}, "100%2f":{"$ref":"other.json#/100%252f"}, "slash":{"$ref":"other.json#%2fall/properties/a%252Fb"}}}}`)},
		"other.json": {Data: []byte(`{
			"all":{"type":"object","properties":{
				"a%2Fb":{"type":"integer"}, "here":{"$ref":"#/100%252f"}, "main":{"$ref":"main.json#/components/schemas/100%252f"},
				"part":{"$ref":"other.json#/all/properties/a%252Fb"}, "odd":{"$ref":"other.json#/50%"}}},
			"100%2f":{"type":"boolean"}, "50%":{"type":"null"}}`)},
	}, "main.json")
	if err != nil {
		t.Fatal(err)
	}
	if problems := doc.Verify(); len(problems) > 0 {
		t.Errorf("got %v", problems)
	}
	for name, text := range map[string]string{
		"here": `{"here":1}`, "main": `{"main":1}`, "part": `{"part":true}`, "odd": `{"odd":1}`, "a%2Fb": `{"a%2Fb":true}`,
	} {
		component, err := doc.Component("A")
		if err != nil {
			t.Fatal(err)
		}
		if err := component.Validate([]byte(text)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want an error", text, err)
		}
	}
	component, err := doc.Component("A")
	if err != nil {
		t.Fatal(err)
	}
	if err := component.Validate([]byte(`{"here":true,"main":false,"part":1,"odd":null,"a%2Fb":2}`)); err != nil {
		t.Error(err)
	}
}
