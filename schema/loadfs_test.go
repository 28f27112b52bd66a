package schema_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/opcall/opcall/schema"
)

// files is a file system of these texts.
func files(texts map[string]string) fstest.MapFS {
	fsys := make(fstest.MapFS, len(texts))
	for name, text := range texts {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// split is a document as tools write it that keep a file per component and path.
func split() map[string]string {
	return map[string]string{
		"api/openapi.yaml": `openapi: 3.1.0
info: {title: split, version: "1"}
paths:
  /pets: {$ref: paths/pets.yaml}
  /pets/{id}: {$ref: "paths/pet.json"}
components:
  schemas:
    Pet: {$ref: schemas/Pet.yaml}
    Local: {type: string}
`,
		"api/paths/pets.yaml": `get:
  operationId: listPets
  parameters:
    - $ref: ../parameters.yaml#/Limit
  responses:
    "200": {$ref: "../responses/pets.yaml"}
    default: {$ref: "../responses/pets.yaml#/definitions/wrong"}
`,
		"api/paths/pet.json": `{"post": {"operationId": "changePet", "parameters": [{"$ref": "../parameters.yaml#/ID"}],
			"requestBody": {"content": {"application/json": {"schema": {"$ref": "../schemas/Pet.yaml"}}}},
			"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "../schemas/Pet.yaml#/properties/owner"}}}}}}}`,
		"api/parameters.yaml": `Limit: {name: limit, in: query, schema: {$ref: "#/definitions/count"}}
ID: {name: id, in: path, required: true, schema: {$ref: "openapi.yaml#/components/schemas/Local"}}
definitions: {count: {type: integer, maximum: 10}}
`,
		"api/responses/pets.yaml": `description: pets
content:
  application/json:
    schema: {type: array, items: {$ref: "../schemas/Pet.yaml"}}
    example: [{$ref: data.yaml}]
definitions:
  wrong: {description: wrong}
`,
		"api/schemas/Pet.yaml": `type: object
required: [name]
properties:
  name: {type: string}
  owner: {$ref: "../../common/Owner.yaml"}
  parent: {$ref: "#"}
  kind: {oneOf: [{$ref: "Cat.yaml"}, {$ref: "Dog%20x.yaml"}], discriminator: {propertyName: type, mapping: {cat: Cat.yaml, dog: "Dog%20x.yaml"}}}
`,
		"api/schemas/Cat.yaml":     "{type: object, properties: {type: {const: cat}}, required: [type]}",
		"api/schemas/Dog x.yaml":   "{type: object, properties: {type: {const: dog}}, required: [type]}",
		"common/Owner.yaml":        "{type: object, properties: {pets: {type: array, items: {$ref: ../api/schemas/Pet.yaml}}, name: {minLength: 2}}}",
		"api/never-read/wrong.yml": "a: [",
	}
}

func TestSplitDocumentIsOneDocument(t *testing.T) {
	doc, err := schema.LoadFS(files(split()), "api/openapi.yaml", schema.WithVerification())
	if err != nil {
		t.Fatal(err)
	}
	if repairs := doc.Repairs(); len(repairs) != 0 {
		t.Errorf("got repairs %v", repairs)
	}
	names := slices.Collect(doc.Components())
	if want := []string{"Pet", "Local", "Owner", "Cat", "Dog_x", "count"}; !slices.Equal(slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(want))) {
		t.Errorf("got components %q, want %q", names, want)
	}
	for text, want := range map[string]string{
		`{"name":"a","parent":{"name":"b","owner":{"pets":[{"name":"c"}]}},"kind":{"type":"dog"}}`: "",
		`{"name":"a","parent":{"name":1}}`:               "/parent/name: got number 1, want string",
		`{"name":"a","owner":{"pets":[{}]}}`:             `/owner/pets/0: missing property "name"`,
		`{"name":"a","owner":{"name":"x"}}`:              "/owner/name",
		`{"name":"a","kind":{"type":"cow"}}`:             "/kind/type",
		`{"name":"a","kind":{"type":"cat","extra":"x"}}`: "/kind/extra",
	} {
		err := doc.Validate("Pet", text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	op, err := doc.Operation("listPets")
	if err != nil {
		t.Fatal(err)
	}
	limit, ok := op.Parameter("limit")
	if !ok || limit.Schema.Validate("11") == nil || limit.Schema.Validate("10") != nil {
		t.Errorf("got parameter %+v", limit)
	}
	if r, ok := op.Response(200); !ok || len(r.Content) != 1 || r.Content[0].Schema.Validate(`[{"name":1}]`) == nil {
		t.Errorf("got response %+v", r)
	}
	if r, ok := op.Response(500); !ok || r.Description != "wrong" {
		t.Errorf("got response %+v", r)
	}
	change, err := doc.Operation("changePet")
	if err != nil || change.RequestBody == nil {
		t.Fatalf("got %+v, %v", change, err)
	}
	if got := change.RequestBody.Content[0].Schema.Name(); got != "Pet" {
		t.Errorf("the body's schema is %q, want Pet", got)
	}

	// What is one document now opens without the files.
	again, err := schema.Load(doc.JSON(), schema.WithVerification())
	if err != nil {
		t.Fatal(err)
	}
	if changes := schema.Diff(doc, again); changes.Len() != 0 {
		t.Errorf("the bundled document differs:\n%s", changes)
	}
	if !strings.Contains(string(doc.JSON()), `"example":[{"$ref":"data.yaml"}]`) {
		t.Error("a $ref in an example was taken for a reference")
	}
}

func TestLoadFileFollowsReferencesInItsFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range split() {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "api", "openapi.yaml")
	doc, err := schema.LoadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate("Cat", `{"type":"cat"}`); err != nil {
		t.Error(err)
	}
	// Owner.yaml is outside of the folder: what uses it is refused, the rest works.
	problems := doc.Verify()
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), filepath.Join("schemas", "Pet.yaml")+":5: ") || !strings.Contains(problems[0].Reason, "LoadFS") {
		t.Errorf("got %v, want the place in Pet.yaml and LoadFS", problems)
	}
	if _, err := schema.LoadFS(os.DirFS(dir), "api/openapi.yaml", schema.WithVerification()); err != nil {
		t.Errorf("from the folder above: %v", err)
	}
	t.Chdir(filepath.Join(dir, "api"))
	if _, err := schema.LoadFile("openapi.yaml"); err != nil {
		t.Errorf("by its name alone: %v", err)
	}
}

func TestReferencesDoNotLeaveTheirRoot(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.yaml")
	root := filepath.Join(dir, "root")
	if err := os.MkdirAll(filepath.Join(root, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, []byte("{type: string, description: SECRET}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(root, "link.yaml")); err != nil {
		t.Skip(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(root, "zero.yaml")); err != nil {
		t.Skip(err)
	}
	path := filepath.Join(root, "openapi.yaml")
	for ref, reason := range map[string]string{
		"../secret.yaml":                    "leads out of the folder",
		"folder/../../secret.yaml":          "leads out of the folder",
		"%2e%2e/secret.yaml":                "leads out of the folder",
		secret:                              "absolute path",
		"file://" + secret:                  "nothing is fetched",
		"http://169.254.169.254/x.yaml":     "nothing is fetched",
		"//169.254.169.254/x.yaml":          "nothing is fetched",
		"link.yaml":                         "cannot be read",
		"zero.yaml":                         "cannot be read",
		"folder":                            "a folder",
		"nowhere.yaml":                      "cannot be read",
		`..\\secret.yaml`:                   "not the path of a file",
		"openapi.yaml?x=1":                  "not the path of a file",
		"x\\u0000.yaml":                     "not the path of a file",
		"other.yaml#Anchor":                 "names an anchor",
		"good.yaml#/nowhere":                "names nothing in the file",
		"broken.yaml":                       "broken.yaml:",
		strings.Repeat("a", 5000) + ".yaml": "cannot be read",
		"good.yaml#/" + strings.Repeat("b/", 5000): "names nothing in the file",
	} {
		for name, text := range map[string]string{
			"openapi.yaml": fmt.Sprintf("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    A: {properties: {a: {$ref: \"%s\"}}}\n    B: {type: string}\n", ref),
			"good.yaml":    "{type: string}",
			"broken.yaml":  "a: 1\nb: [\n",
		} {
			if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		doc, err := schema.LoadFile(path)
		if err != nil {
			t.Errorf("%.60q: the whole document is refused: %v", ref, err)
			continue
		}
		if strings.Contains(string(doc.JSON()), "SECRET") {
			t.Errorf("%.60q: read", ref)
		}
		problems := doc.Verify()
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), reason) || problems[0].Line != 6 || problems[0].Path != path {
			t.Errorf("%.60q: got %v, want one error at line 6 with %q", ref, problems, reason)
		}
		for _, problem := range problems {
			if len(problem.Error()) > 2500 {
				t.Errorf("%.60q: the message has %d bytes", ref, len(problem.Error()))
			}
		}
		if err := doc.Validate("B", `"b"`); err != nil {
			t.Errorf("%.60q: what is sound is refused: %v", ref, err)
		}
	}
}

// All files count against one limit, each once, and what is referred to often does not
// multiply.
func TestFilesOfADocumentAreBounded(t *testing.T) {
	texts := map[string]string{"a.yaml": "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents: {schemas: {A: {$ref: big.yaml}}}\n"}
	texts["big.yaml"] = `{"description": "` + strings.Repeat("x", 10_000) + `"}`
	if _, err := schema.LoadFS(files(texts), "a.yaml", schema.WithMaxSize(5_000)); err == nil {
		doc, _ := schema.LoadFS(files(texts), "a.yaml", schema.WithMaxSize(5_000))
		if problems := doc.Verify(); len(problems) != 1 || !strings.Contains(problems[0].Error(), "WithMaxSize") {
			t.Errorf("got %v, want the limit", problems)
		}
	}

	// Each level of the file refers to the next by name and by way of the whole: were
	// every reference copied, the result would have the square of its size.
	var deep strings.Builder
	for range 400 {
		deep.WriteString(`{"type":"object","properties":{"p":`)
	}
	deep.WriteString(`{"type":"string"}` + strings.Repeat("}}", 400))
	var list []string
	for i := range 400 {
		list = append(list, fmt.Sprintf(`{"$ref":"deep.json#%s"}`, strings.Repeat("/properties/p", i)))
	}
	texts["a.yaml"] = `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{"A":{"anyOf":[` + strings.Join(list, ",") + `]}}}}`
	texts["deep.json"] = deep.String()
	var docErr *schema.DocumentError
	if _, err := schema.LoadFS(files(texts), "a.yaml", schema.WithMaxSize(100_000)); !errors.As(err, &docErr) || !strings.Contains(err.Error(), "WithMaxSize") {
		t.Errorf("got %v, want the limit", err)
	}
}

func FuzzLoadFS(f *testing.F) {
	for _, text := range split() {
		f.Add(split()["api/openapi.yaml"], text)
	}
	f.Add(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"$ref":"b#/x"}},"components":{"schemas":{"A":{"$ref":"b"},"B":{"$ref":"a#/components/schemas/A"}}}}`,
		`{"$ref":"b","x":{"$ref":"a#/paths/~1a"}}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		texts := map[string]string{"a": a, "b": b, "api/openapi.yaml": a, "schemas/Pet.yaml": b, "paths/pets.yaml": b}
		doc, err := schema.LoadFS(files(texts), "a", schema.WithMaxSize(1<<20))
		if err != nil {
			var docErr *schema.DocumentError
			if !errors.As(err, &docErr) {
				t.Errorf("got %T: %v", err, err)
			}
			return
		}
		if problems := doc.Verify(); len(problems) == 0 {
			if _, err := schema.Load(doc.JSON()); err != nil {
				t.Errorf("the bundled document does not open: %v\n%s", err, doc.JSON())
			}
		}
		for name := range doc.Components() {
			_ = doc.Validate(name, `{"a":1}`)
		}
	})
}

// A member $ref is one however its name is written (RFC 8259 §8.3).
func TestReferenceWithEscapedNameIsFollowed(t *testing.T) {
	for _, name := range []string{`$ref`, `\u0024ref`, `$\u0072ef`, `\u0024\u0072\u0065\u0066`, `$re\u0066`} {
		fsys := files(map[string]string{
			"a.json": `{"openapi":"3.1.0","info":{"title":"t & co \u0026","version":"1"},"paths":{},"components":{"schemas":{"X":{"` + name + `":"b.json"}}}}`,
			"b.json": `{"type":"integer"}`,
		})
		doc, err := schema.LoadFS(fsys, "a.json")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if doc.Validate("X", `"text"`) == nil || doc.Validate("X", `1`) != nil {
			t.Errorf("%s: the reference is not followed", name)
		}
	}
}
