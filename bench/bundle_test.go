package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/pb33f/libopenapi/bundler"
	"github.com/pb33f/libopenapi/datamodel"

	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// splitDocuments are documents of several files, as tools write them.
var splitDocuments = map[string]map[string]string{
	"a file per component": {
		"openapi.yaml": "openapi: 3.1.0\ninfo: {title: split, version: '1'}\npaths:\n  /pets: {$ref: paths/pets.yaml}\n  /pets/{id}: {$ref: paths/pet.yaml}\n" +
			"components:\n  schemas:\n    Pet: {$ref: schemas/Pet.yaml}\n    Local: {type: string, minLength: 2}\n",
		"paths/pets.yaml": "get:\n  operationId: listPets\n  parameters: [{$ref: ../parameters/limit.yaml}]\n  responses:\n    '200':\n      description: OK\n" +
			"      content: {application/json: {schema: {type: array, items: {$ref: ../schemas/Pet.yaml}}}}\n    default: {$ref: ../responses/error.yaml}\n",
		"paths/pet.yaml": "post:\n  operationId: changePet\n  parameters: [{name: id, in: path, required: true, schema: {type: integer}}]\n" +
			"  requestBody: {content: {application/json: {schema: {$ref: ../schemas/Pet.yaml}}}}\n  responses: {'200': {description: OK, content: {application/json: {schema: {$ref: ../schemas/Owner.yaml}}}}}\n",
		"parameters/limit.yaml": "name: limit\nin: query\nschema: {type: integer, maximum: 10}\n",
		"responses/error.yaml":  "description: wrong\ncontent: {application/json: {schema: {$ref: ../schemas/Error.yaml}}}\n",
		"schemas/Error.yaml":    "type: object\nrequired: [code]\nproperties: {code: {type: integer}}\n",
		"schemas/Owner.yaml":    "type: object\nproperties: {name: {type: string, minLength: 2}, age: {type: integer, minimum: 0}}\n",
		"schemas/Pet.yaml":      "type: object\nrequired: [name]\nproperties: {name: {type: string}, owner: {$ref: Owner.yaml}, tags: {type: array, items: {$ref: Tag.yaml}}}\n",
		"schemas/Tag.yaml":      "type: string\nenum: [small, large]\n",
	},
	"a file of definitions": {
		"openapi.yaml": "openapi: 3.0.3\ninfo: {title: split, version: '1'}\npaths:\n  /a:\n    post:\n      operationId: a\n" +
			"      requestBody: {content: {application/json: {schema: {$ref: 'common.yaml#/components/schemas/Order'}}}}\n" +
			"      responses: {'200': {$ref: 'common.yaml#/components/responses/Done'}}\n",
		"common.yaml": "components:\n  schemas:\n    Order: {type: object, required: [items], properties: {items: {type: array, items: {$ref: '#/components/schemas/Item'}}}}\n" +
			"    Item: {type: object, properties: {price: {type: number, nullable: true}, next: {$ref: '#/components/schemas/Item'}}}\n" +
			"  responses:\n    Done: {description: done, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}\n",
	},
	"two files with one name": {
		"openapi.yaml": "openapi: 3.1.0\ninfo: {title: split, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n      responses:\n" +
			"        '200': {description: OK, content: {application/json: {schema: {$ref: one/Thing.yaml}}}}\n        '404': {description: no, content: {application/json: {schema: {$ref: two/Thing.yaml}}}}\n",
		"one/Thing.yaml": "type: object\nproperties: {a: {$ref: ../two/Thing.yaml}}\nadditionalProperties: false\n",
		"two/Thing.yaml": "type: object\nproperties: {b: {type: boolean}}\nadditionalProperties: false\n",
	},
}

// instances are told apart by one schema or another of splitDocuments.
var instances = []string{
	`1`, `11`, `"x"`, `null`, `[]`, `{}`, `true`, `{"name":"a"}`, `{"name":1}`, `{"name":"ab","age":-1}`, `{"name":"a","owner":{"name":"b"}}`, `{"name":"a","tags":["small"]}`,
	`{"name":"a","tags":["tiny"]}`, `[{"name":"a"}]`, `[{}]`, `{"code":1}`, `{"code":"x"}`, `{"items":[]}`, `{"items":[{"price":null,"next":{"price":1}}]}`, `{"items":[{"next":{"price":"x"}}]}`,
	`{"a":{"b":true}}`, `{"b":true}`, `{"a":{"a":{}}}`,
}

// TestBundlesMeanTheSame reads documents of several files, and what libopenapi's bundler makes of
// them in one: every schema of an operation accepts the same values.
func TestBundlesMeanTheSame(t *testing.T) {
	for name, files := range splitDocuments {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range files {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			ours, err := schema.LoadFile(filepath.Join(dir, "openapi.yaml"), schema.WithVerification())
			if err != nil {
				t.Fatal(err)
			}
			text, err := bundler.BundleBytesComposed([]byte(files["openapi.yaml"]),
				&datamodel.DocumentConfiguration{BasePath: dir, AllowFileReferences: true, ExtractRefsSequentially: true}, nil)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := schema.Load(text, schema.WithVerification())
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			n := 0
			for op := range ours.Operations() {
				other, err := theirs.Operation(op.ID)
				if err != nil {
					t.Fatal(err)
				}
				mine, its := schemasOf(op), schemasOf(other)
				for place, s := range mine {
					if its[place] == nil {
						t.Errorf("%s: %s is missing in\n%s", op.ID, place, text)
						continue
					}
					sameMeaning(t, op.ID+" "+place, s, its[place])
					n++
				}
				if len(its) != len(mine) {
					t.Errorf("%s: got %d schemas, want %d", op.ID, len(mine), len(its))
				}
			}
			if n < 2 {
				t.Errorf("compared %d schemas, want more", n)
			}
		})
	}
}

// schemasOf returns the schemas of an operation by where they stand.
func schemasOf(op *schema.Operation) map[string]*schema.Schema {
	found := make(map[string]*schema.Schema)
	for _, p := range op.Parameters {
		found[fmt.Sprint(p.In, " ", p.Name, " ", p.Required)] = p.Schema
	}
	if op.RequestBody != nil {
		for _, m := range op.RequestBody.Content {
			found["body "+m.Name] = m.Schema
		}
	}
	for _, r := range op.Responses {
		for _, m := range r.Content {
			found[r.Status+" "+m.Name] = m.Schema
		}
	}
	return found
}

func sameMeaning(t *testing.T, place string, a, b *schema.Schema) {
	t.Helper()
	list := slices.Clone(instances)
	for _, s := range []*schema.Schema{a, b} {
		for _, make := range []func(*schema.Schema) (json.RawMessage, error){sample.Minimal, sample.Full} {
			instance, err := make(s)
			if err != nil {
				t.Errorf("%s: %v", place, err)
			}
			list = append(list, string(instance))
		}
	}
	for _, instance := range list {
		if mine, its := a.Validate(instance), b.Validate(instance); (mine == nil) != (its == nil) {
			t.Errorf("%s: %s: got %v, want as in the other bundle: %v", place, instance, mine, its)
		}
	}
}
