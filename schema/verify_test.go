package schema_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// inPart are errors in a part of a document: what stands at the operation
// "broken", and in components.
var inPart = map[string]struct{ operation, components, want string }{
	"dangling response schema": {`{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Gone"}}}}}}`, `{}`, `"#/components/schemas/Gone" names nothing`},
	"dangling, two schemas away": {
		`{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}`,
		`{"schemas":{"A":{"properties":{"b":{"$ref":"#/components/schemas/B"}}},"B":{"items":{"$ref":"#/components/schemas/Gone"}}}}`,
		`/components/schemas/B/items: $ref "#/components/schemas/Gone" names nothing`,
	},
	"dangling parameter":   {`{"parameters":[{"$ref":"#/components/parameters/Gone"}]}`, `{}`, "names nothing"},
	"dangling header":      {`{"responses":{"200":{"headers":{"X":{"$ref":"#/components/headers/Gone"}}}}}`, `{}`, "names nothing"},
	"file":                 {`{"requestBody":{"$ref":"body.yaml"}}`, `{}`, "leaves the document"},
	"parameter without in": {`{"parameters":[{"name":"a"}]}`, `{}`, "want path, query, header or cookie"},
	"parameter of Swagger": {`{"parameters":[{"name":"a","in":"formData"}]}`, `{}`, "want path, query, header or cookie"},
	"parameter a string":   {`{"parameters":["a"]}`, `{}`, "want a parameter object"},
	"parameters an object": {`{"parameters":{}}`, `{}`, "want an array of parameters"},
	"bad component":        {`{"parameters":[{"$ref":"#/components/parameters/P"}]}`, `{"parameters":{"P":{"in":"query"}}}`, "the parameter has no name"},
	"circle":               {`{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}`, `{"schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/B"}]},"B":{"$ref":"#/components/schemas/A"}}}`, "is circular"},
	"component null":       {`{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}`, `{"schemas":{"A":null}}`, "want a schema"},
	"responses a list":     {`{"responses":[]}`, `{}`, "want an object of responses"},
	"circular response":    {`{"responses":{"200":{"$ref":"#/components/responses/A"}}}`, `{"responses":{"A":{"$ref":"#/components/responses/A"}}}`, "circular"},
	"operation a number":   {`7`, `{}`, "want an operation object"},
	"schemas a list":       {`{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}`, `{"schemas":[]}`, "names nothing"},
}

func TestErrorInAnOperationRefusesItAlone(t *testing.T) {
	t.Parallel()
	for name, c := range inPart {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := []byte(fmt.Sprintf(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/f":{"get":%s},"/s":{"get":{"operationId":"sound","parameters":[{"$ref":"#/components/parameters/Sound"}]}}},"components":%s}`,
				c.operation, strings.Replace(strings.Replace(c.components, `"parameters":{`, `"parameters":{"Sound":{"name":"q","in":"query"},`, 1), `{`, map[bool]string{true: `{`, false: `{"parameters":{"Sound":{"name":"q","in":"query"}},`}[strings.Contains(c.components, `"parameters"`)], 1)))
			text = []byte(strings.ReplaceAll(string(text), "},}", "}}"))
			doc, err := schema.Load(text)
			if err != nil {
				t.Fatalf("Load(%s): %v", text, err)
			}
			if op, err := doc.Operation("sound"); err != nil || len(op.Parameters) != 1 {
				t.Errorf("the sound operation gives %v, %v", op, err)
			}
			_, err = doc.Operation("GET /f")
			var docErr *schema.DocumentError
			if !errors.As(err, &docErr) || !strings.Contains(err.Error(), c.want) || docErr.Line != 1 {
				t.Errorf("the broken operation gives %v, want a *DocumentError on line 1 with %q", err, c.want)
			}
			for op := range doc.Operations() {
				if op.ID != "sound" {
					t.Errorf("Operations has %s", op.ID)
				}
			}
			docErrs := doc.Verify()
			if len(docErrs) == 0 || !strings.Contains(fmt.Sprint(docErrs), c.want) {
				t.Errorf("Verify lists %v, want %q", docErrs, c.want)
			}
			for s := range doc.Schemas() { // none that goes in a circle
				_ = s.Validate(`{"b":[1]}`)
			}
			doc.Precompile()
			if _, err := schema.Load(text, schema.WithVerification()); !errors.As(err, &docErr) {
				t.Errorf("Load WithVerification gives %v, want a *DocumentError", err)
			}
		})
	}
}

func TestComponentWithAnErrorIsRefused(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","paths":{},"components":{"schemas":{"A":{"$ref":"#/components/schemas/Gone"},"B":{"items":{"$ref":"#/components/schemas/A"}},"C":{"type":"string"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"A", "B"} {
		var docErr *schema.DocumentError
		if err := doc.Validate(name, `1`); !errors.As(err, &docErr) {
			t.Errorf("Validate(%s) gives %v, want a *DocumentError", name, err)
		}
	}
	var invalid *schema.ValidationError
	if err := doc.Validate("C", `1`); !errors.As(err, &invalid) {
		t.Errorf("Validate(C) gives %v, want a *ValidationError", err)
	}
}

func TestVerifyListsEveryErrorOnce(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    parameters: [{name: x}]\n    get: {operationId: a}\n    put: {operationId: b}\n  /b: text\n  /c: {get: {operationId: c, requestBody: {$ref: '#/x'}}}\ncomponents:\n  schemas:\n    A: {properties: {p: {$ref: '#/y'}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[schema.Pointer]int{"/paths/~1a/parameters/0/in": 5, "/paths/~1b": 8, "/paths/~1c/get/requestBody": 9, "/components/schemas/A/properties/p": 12}
	docErrs := doc.Verify()
	for _, docErr := range docErrs {
		if want[docErr.Pointer] != docErr.Line {
			t.Errorf("%v on line %d, want %d", docErr, docErr.Line, want[docErr.Pointer])
		}
	}
	if len(docErrs) != len(want) {
		t.Errorf("Verify lists %d errors, want %d: %v", len(docErrs), len(want), docErrs)
	}
	if docErrs := load(t, minimal+"}").Verify(); len(docErrs) != 0 {
		t.Errorf("a valid document has %v", docErrs)
	}
}

func load(t *testing.T, text string) *schema.Document {
	t.Helper()
	doc, err := schema.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestReferenceCountsWhereTheSpecificationHasOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		errors int
	}{
		"info.description":    {`"info":{"title":"t","version":"1","description":{"$ref":"intro.md"}},"paths":{}`, 0},
		"tags[].description":  {`"tags":[{"name":"a","description":{"$ref":"a.md"}}],"paths":{}`, 0},
		"servers":             {`"servers":[{"$ref":"s.yaml"}],"paths":{}`, 0},
		"media type":          {`"paths":{"/a":{"get":{"responses":{"200":{"content":{"text/plain":{"$ref":"m.yaml"}}}}}}}`, 0},
		"example value":       {`"paths":{"/a":{"get":{"responses":{"200":{"content":{"text/plain":{"example":{"$ref":"m.yaml"}}}}}}}}`, 0},
		"property of a name":  {`"paths":{},"components":{"schemas":{"A":{"properties":{"$ref":{"type":"string"}}}}}`, 0},
		"link":                {`"paths":{"/a":{"get":{"responses":{"200":{"links":{"l":{"$ref":"l.yaml"}}}}}}}`, 1},
		"callback":            {`"paths":{"/a":{"get":{"callbacks":{"c":{"$ref":"c.yaml"}}}}}`, 1},
		"callback path item":  {`"paths":{"/a":{"get":{"callbacks":{"c":{"{$url}":{"$ref":"c.yaml"}}}}}}`, 1},
		"security scheme":     {`"paths":{},"components":{"securitySchemes":{"s":{"$ref":"s.yaml"}}}`, 1},
		"path item":           {`"paths":{"/a":{"$ref":"p.yaml"}}`, 1},
		"webhook":             {`"webhooks":{"a":{"$ref":"p.yaml"}}`, 1},
		"component path item": {`"paths":{},"components":{"pathItems":{"a":{"$ref":"p.yaml"}}}`, 1},
		"component response":  {`"paths":{},"components":{"responses":{"a":{"$ref":"p.yaml"}}}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if docErrs := load(t, `{"openapi":"3.1.0",`+c.text+`}`).Verify(); len(docErrs) != c.errors {
				t.Errorf("got %v, want %d errors", docErrs, c.errors)
			}
		})
	}
}

func TestReferenceIntoPastedDefinitionsIsRepaired(t *testing.T) {
	t.Parallel()
	doc := load(t, `{"openapi":"3.1.0","paths":{"/s":{"get":{"operationId":"s","responses":{"200":{"content":{"application/json":{"schema":{
		"properties":{"e":{"$ref":"#/$defs/E"}},"$defs":{"E":{"type":"string"}}}}}}}}}},
		"components":{"schemas":{
			"A":{"properties":{"e":{"$ref":"#/definitions/E"},"deep":{"items":{"properties":{"e":{"$ref":"#/definitions/E"}},"definitions":{"E":{"type":"integer"}}}}},"definitions":{"E":{"type":"boolean"}}},
			"B":{"properties":{"e":{"$ref":"#/$defs/Gone"}},"$defs":{"E":{}}}}}}`)
	for instance, valid := range map[string]bool{`{"e":true}`: true, `{"e":1}`: false, `{"deep":[{"e":1}]}`: true, `{"deep":[{"e":true}]}`: false} {
		if err := doc.Validate("A", instance); (err == nil) != valid {
			t.Errorf("Validate(A, %s) = %v, want valid %t", instance, err, valid)
		}
	}
	op, err := doc.Operation("s")
	if err != nil {
		t.Fatal(err)
	}
	response, _ := op.Response(200)
	if err := response.Content[0].Schema.Validate(`{"e":5}`); err == nil {
		t.Error("a number in place of the pasted string is valid")
	}
	if docErrs := doc.Verify(); len(docErrs) != 1 || docErrs[0].Pointer != "/components/schemas/B/properties/e" {
		t.Errorf("Verify lists %v, want the reference to nothing alone", docErrs)
	}
	repaired := 0
	for _, repair := range doc.Repairs() {
		if repair.Keyword == "$ref" {
			repaired++
		}
	}
	if repaired != 3 {
		t.Errorf("Repairs lists %d references, want 3: %v", repaired, doc.Repairs())
	}
}

func TestPathKeysOfOtherVendorsMatch(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]struct{ path, query, match, name, value string }{
		"/c/{id}#stream":          {"/c/{id}", "", "/c/7", "id", "7"},
		"/#Action=List":           {"/", "", "/", "", ""},
		"/r?beta=true#x":          {"/r", "beta=true", "/r?beta=true", "", ""},
		"/v1/{+id}":               {"/v1/{id}", "", "/v1/7", "id", "7"},
		"/v1/{id*}/x":             {"/v1/{id}/x", "", "/v1/7/x", "id", "7"},
		"/v1/{id:3}":              {"/v1/{id}", "", "/v1/7", "id", "7"},
		"/v1{/id}":                {"/v1/{id}", "", "/v1/7", "id", "7"},
		"/v1/x{.id}":              {"/v1/x{id}", "", "/v1/x.7", "id", ".7"},
		"/v1/{id}{?a,b}":          {"/v1/{id}", "", "/v1/7", "id", "7"},
		"/v1/{id}{#part}":         {"/v1/{id}", "", "/v1/7", "id", "7"},
		"/v1/{id}:cancel":         {"/v1/{id}:cancel", "", "/v1/7:cancel", "id", "7"},
		"/v1/{name with a blank}": {"/v1/{name with a blank}", "", "/v1/7", "name with a blank", "7"},
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			doc := load(t, fmt.Sprintf(`{"openapi":"3.1.0","paths":{%q:{"get":{"operationId":"o","parameters":[{"name":"id","in":"path","schema":{"type":"integer"}}]}}}}`, key))
			op, err := doc.Operation("o")
			if err != nil || op.Path != want.path || op.Query != want.query {
				t.Fatalf("got %+v, %v; want path %q, query %q", op, err, want.path, want.query)
			}
			if p, ok := op.Parameter("id"); want.name == "id" && (!ok || p.Schema == nil) {
				t.Errorf("the declared parameter is not the path's: %+v", op.Parameters)
			}
			found, values, ok := doc.Match("GET", want.match)
			if !ok || found.ID != "o" || values[want.name] != want.value {
				t.Errorf("Match(%q) = %v, %v, %t", want.match, found, values, ok)
			}
		})
	}
}
