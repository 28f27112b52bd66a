package clienttest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

// shop is a document of things that are made and listed in the style of a vendor: with
// parameters "page:integer" and a schema of the list.
func shop(t *testing.T, query, list string) *schema.Document {
	t.Helper()
	var parameters []string
	for _, word := range strings.Fields(query) {
		name, kind, _ := strings.Cut(word, ":")
		parameters = append(parameters, fmt.Sprintf(`{name: %q, in: query, schema: {type: %s}}`, name, kind))
	}
	doc, err := schema.Load([]byte(`
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example/api/v2"}]
paths:
  /things:
    get:
      operationId: list
      parameters: [` + strings.Join(parameters, ", ") + `]
      responses: {"200": {description: OK, content: {application/json: {schema: ` + list + `}}}}
    post:
      operationId: create
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}}
  /things/{thing_id}:
    get:
      operationId: get
      parameters: [{name: thing_id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}}
    patch:
      operationId: change
      parameters: [{name: thing_id, in: path, required: true, schema: {type: integer}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}}
    delete:
      operationId: delete
      parameters: [{name: thing_id, in: path, required: true, schema: {type: integer}}]
      responses: {"204": {description: gone}}
components:
  schemas:
    New: {type: object, properties: {name: {type: string}, tags: {type: array, items: {type: string}}}}
    Thing:
      type: object
      required: [id, name, tags]
      properties: {id: {type: integer}, name: {type: string}, tags: {type: array, items: {type: string}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestListsOfOtherAPIsComeInPages(t *testing.T) {
	const items = `{type: array, items: {$ref: "#/components/schemas/Thing"}}`
	for name, tt := range map[string]struct{ query, list, size string }{
		"one page":            {"", items, ""},
		"page numbers":        {"page:integer per_page:integer", items, "per_page"},
		"starting_after":      {"limit:integer starting_after:string ending_before:string", `{type: object, required: [data, has_more], properties: {data: ` + items + `, has_more: {type: boolean}}}`, "limit"},
		"page token":          {"pageSize:integer pageToken:string", `{type: object, properties: {things: ` + items + `, nextPageToken: {type: string}}}`, "pageSize"},
		"nested cursor":       {"cursor:string limit:integer", `{type: object, properties: {things: ` + items + `, response_metadata: {type: object, properties: {next_cursor: {type: string}}}}}`, "limit"},
		"links":               {"page[size]:integer page[number]:integer", `{type: object, properties: {data: ` + items + `, links: {type: object, properties: {next: {type: [string, "null"]}}}}}`, "page[size]"},
		"offset and total":    {"offset:integer limit:integer", `{type: object, required: [items, total], properties: {items: ` + items + `, total: {type: integer}}}`, "limit"},
		"next is a URL":       {"limit:integer offset:integer", `{type: object, properties: {count: {type: integer}, next: {type: [string, "null"], format: uri-reference}, results: ` + items + `}}`, "limit"},
		"number of next page": {"page:integer limit:integer", `{type: object, properties: {items: ` + items + `, next_page: {type: [integer, "null"]}}}`, "limit"},
		"last page":           {"page:integer size:integer", `{type: object, properties: {content: ` + items + `, last: {type: boolean}, totalPages: {type: integer}, totalElements: {type: integer}}}`, "size"},
	} {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t, clienttest.WithDocument(shop(t, tt.query, tt.list)))
			call := calls(t, server)
			var want []int64
			for n := range 5 {
				thing := call("create", client.Params{"name": fmt.Sprint("thing ", n)})
				is(t, thing, map[string]string{"name": fmt.Sprint("thing ", n), "tags": "[]"})
				want = append(want, thing.Get("id").Int())
			}
			params := client.Params{}
			if tt.size != "" {
				params[tt.size] = 2
			}
			c := server.Client(client.WithResponseValidation(schema.Standard))
			var got []int64
			pages := 0
			for page, err := range c.Pages(t.Context(), "list", params) {
				if err != nil {
					t.Fatal(err)
				}
				if pages++; pages > 10 {
					t.Fatalf("there is no end: %s", page.Raw())
				}
			}
			for thing, err := range c.Items(t.Context(), "list", params) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, number(t, thing.Get("id")))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
			if tt.size != "" && pages < 3 {
				t.Errorf("got %d pages of 2 objects, want 3", pages)
			}
			id := client.Params{"thing_id": want[2]}
			is(t, call("change", client.Params{"thing_id": want[2], "tags": []string{"new"}}), map[string]string{"name": "thing 2", "tags.0": "new"})
			is(t, call("get", id), map[string]string{"name": "thing 2", "tags.0": "new"})
			call("delete", id)
			_, err := server.Client(client.WithMaxRetries(0)).Call(t.Context(), "get", id)
			if refused := refusalOf(t, err); refused.StatusCode != 404 {
				t.Errorf("got %d for what was deleted, want 404", refused.StatusCode)
			}
		})
	}
}

func number(t *testing.T, v schema.Value) int64 {
	t.Helper()
	n, err := v.Int64()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// What is posted to a list is in it, where its objects have no path of their own, too.
func TestListsWithoutPathsOfTheirObjects(t *testing.T) {
	doc, err := schema.Load([]byte(`
openapi: 3.1.0
info: {title: Notes, version: "1"}
servers: [{url: "https://notes.example"}]
paths:
  /users/{user}/notes:
    parameters: [{name: user, in: path, required: true, schema: {type: string}}]
    get: {operationId: notesOf, responses: {"200": {description: OK, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
    post:
      operationId: addNoteOf
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
  /notes:
    get: {operationId: notes, responses: {"200": {description: OK, content: {application/json: {schema: {type: object, properties: {notes: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}}}
    post:
      operationId: addNote
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
components: {schemas: {Note: {type: object, required: [text], properties: {text: {type: string}}}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	call := kept(t, clienttest.WithDocument(doc))
	call("addNote", client.Params{"text": "a"})
	call("addNote", client.Params{"text": "b"})
	is(t, call("notes", nil), map[string]string{"notes.#": "2", "notes.0.text": "a", "notes.1.text": "b"})
	call("addNoteOf", client.Params{"user": "u1", "text": "c"})
	is(t, call("notesOf", client.Params{"user": "u1"}), map[string]string{"#": "1", "0.text": "c"})
	is(t, call("notesOf", client.Params{"user": "u2"}), map[string]string{"#": "1", "0.text": "text"})
}

// An object whose name its request gives has an empty list below it, not a sample.
func TestListsBelowWhatARequestNames(t *testing.T) {
	doc, err := schema.Load([]byte(`
openapi: 3.1.0
info: {title: Buckets, version: "1"}
servers: [{url: "https://buckets.example"}]
paths:
  /buckets/{bucket}:
    parameters: [{name: bucket, in: path, required: true, schema: {type: string}}]
    put:
      operationId: putBucket
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {"200": {description: OK, content: {application/json: {schema: {type: object, properties: {region: {type: string}}}}}}}
    delete: {operationId: deleteBucket, responses: {"204": {description: gone}}}
    get: {operationId: getBucket, responses: {"200": {description: OK, content: {application/json: {schema: {type: object, properties: {region: {type: string}}}}}}}}
  /buckets/{bucket}/keys:
    parameters: [{name: bucket, in: path, required: true, schema: {type: string}}]
    get: {operationId: keys, responses: {"200": {description: OK, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: string}}}}}}}}}
    post:
      operationId: addKey
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	call := kept(t, clienttest.WithDocument(doc))
	call("putBucket", client.Params{"bucket": "b", "region": "eu"})
	is(t, call("getBucket", client.Params{"bucket": "b"}), map[string]string{"region": "eu"})
	is(t, call("keys", client.Params{"bucket": "b"}), map[string]string{"#": "0"})
	call("addKey", client.Params{"bucket": "b"})
	is(t, call("keys", client.Params{"bucket": "b"}), map[string]string{"#": "1"})
	c := clienttest.NewServer(t, clienttest.WithDocument(doc))
	calls(t, c)("putBucket", client.Params{"bucket": "b"})
	calls(t, c)("deleteBucket", client.Params{"bucket": "b"})
	for _, id := range []string{"getBucket", "keys"} {
		_, err := c.Client(client.WithMaxRetries(0)).Call(t.Context(), id, client.Params{"bucket": "b"})
		if refused := refusalOf(t, err); refused.StatusCode != 404 {
			t.Errorf("%s of what was deleted: got %d, want 404", id, refused.StatusCode)
		}
	}
	calls(t, c)("putBucket", client.Params{"bucket": "b", "region": "us"})
	is(t, calls(t, c)("getBucket", client.Params{"bucket": "b"}), map[string]string{"region": "us"})
}
