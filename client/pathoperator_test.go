package client_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/conform"
)

// operatorDocuments are documents whose path keys have expressions of RFC 6570 §3.2.
func operatorDocuments() map[string]otherDocument {
	text, list := `schema: {type: string}`, `schema: {type: array, items: {type: string}}`
	object := `schema: {type: object, properties: {r: {type: string}, s: {type: integer}}}`
	in := func(place, name, schema string) string {
		return fmt.Sprintf("{name: %s, in: %s, required: %v, %s}", name, place, place == "path", schema)
	}
	doc := func(path string, values []client.Params, parameters ...string) otherDocument {
		return otherDocument{path: path, op: "parameters: [" + strings.Join(parameters, ", ") + "]", values: values}
	}
	deep := []client.Params{{"name": "projects/p 1/items/ä:x@y"}, {"name": "plain"}, {"name": "dir/"}}
	items := []client.Params{{"list": []any{"a/b", "c.d", "e;f=g", "h,i"}}, {"list": []any{"one", "two"}}}
	return map[string]otherDocument{
		"path operator reserved":             doc("/v1/{+name}", deep, in("path", "name", text)),
		"path operator reserved with verb":   doc("/v1/{+name}:cancel", deep[:2], in("path", "name", text)),
		"path operator reserved inside":      doc("/v1/{+name}/items/{id}", []client.Params{{"name": "a/items", "id": "7/8"}}, in("path", "name", text), in("path", "id", text)),
		"path operator reserved list":        doc("/v1/{+list}", []client.Params{{"list": []any{"a/b", "c,d"}}}, in("path", "list", list)),
		"path operator explode":              doc("/v1/{object*}/x", []client.Params{{"object": client.Params{"r": "a=b", "s": 1}}}, in("path", "object", object)),
		"path operator segment":              doc("/v1{/list}", items, in("path", "list", list)),
		"path operator segments":             doc("/v1{/list*}/end", items, in("path", "list", list)),
		"path operator segments of object":   doc("/v1{/object*}", []client.Params{{"object": client.Params{"r": "a/b", "s": 1}}}, in("path", "object", object)),
		"path operator matrix":               doc("/v1{;list,name}", []client.Params{{"list": []any{"a;b", "c"}, "name": "x;y"}}, in("path", "list", list), in("path", "name", text)),
		"path operator matrix explode":       doc("/v1{;list*}", items, in("path", "list", list)),
		"path operator label":                doc("/v1/a{.list}", items[1:], in("path", "list", list)),
		"path operator label explode":        doc("/v1/a{.list*}", items, in("path", "list", list)),
		"path operator prefix and whole":     doc("/v1/{name:1}/{name}", []client.Params{{"name": "ännchen"}}, in("path", "name", text)),
		"path operator query":                doc("/v1{?list,name}", append(items, client.Params{"name": "a b"}), in("query", "list", list), in("query", "name", text)),
		"path operator query explode":        doc("/v1{?list*}", items, in("query", "list", list)),
		"path operator query continuation":   doc("/v1?fixed=yes{&list*}", items, in("query", "list", list)),
		"path operator fragment":             doc("/v1{#part}", nil, in("path", "part", text)),
		"path operator undeclared":           doc("/v1/{+name}{?page}", []client.Params{{"name": "a/b", "page": "2"}}),
		"path operator of a framework":       doc("/v1/{id:[0-9]+}/{path:.*}", []client.Params{{"id": 7, "path": "a/b"}}, in("path", "id", "schema: {type: integer}"), in("path", "path", text)),
		"path operator in the name declared": doc("/v1/{+name}", deep, in("path", "+name", text)),
	}
}

// Each expression is written as RFC 6570 has it, where that is safe in a path.
func TestPathOperatorsOnTheWire(t *testing.T) {
	for key, tests := range map[string][]struct {
		params client.Params
		want   string
	}{
		"/v1/{+name}": {
			{client.Params{"name": "projects/p/items/i"}, "/v1/projects/p/items/i"},
			{client.Params{"name": "a?b#c"}, "/v1/a%3Fb%23c"},
			{client.Params{"name": "a%2Fb"}, "/v1/a%2Fb"},
			{client.Params{"name": "50%"}, "/v1/50%25"},
			{client.Params{"name": "../v2/admin"}, "dot segment"},
			{client.Params{"name": "a/%2e%2E/b"}, "dot segment"},
			{client.Params{"name": `a\..\b`}, "dot segment"},
			{client.Params{"name": "//evil.example/x"}, "empty segment"},
			{client.Params{"name": "/a"}, "got a slash where the path"},
			{client.Params{"name": ""}, "empty text"},
		},
		"/v1{+name}":            {{client.Params{"name": "/a/b"}, "/v1/a/b"}},
		"/v1/{+name}/end":       {{client.Params{"name": "a/"}, "got a slash where the path"}},
		"/{+name}":              {{client.Params{"name": "//evil.example"}, "empty segment"}, {client.Params{"name": "a/b"}, "/a/b"}},
		"/v1{/name}":            {{client.Params{"name": "a/b"}, "/v1/a%2Fb"}, {client.Params{"name": ".."}, "dot segment"}},
		"/v1{/name*}":           {{client.Params{"name": []string{"a/b", "c"}}, "/v1/a%2Fb/c"}, {client.Params{"name": []string{"a", ".."}}, "dot segment"}},
		"/v1{;name}":            {{client.Params{"name": []string{"a", "b"}}, "/v1;name=a,b"}},
		"/v1{;name*}":           {{client.Params{"name": []string{"a", "b"}}, "/v1;name=a;name=b"}},
		"/v1{.name}":            {{client.Params{"name": "json"}, "/v1.json"}},
		"/v1{.name*}":           {{client.Params{"name": []string{"a", "b"}}, "/v1.a.b"}},
		"/v1/{name:3}":          {{client.Params{"name": "abcdef"}, "/v1/abc"}, {client.Params{"name": []string{"a"}}, "has no prefix"}},
		"/v1{?name}":            {{client.Params{"name": []string{"a", "b"}}, "/v1?name=a,b"}, {nil, "/v1"}},
		"/v1{?name*}":           {{client.Params{"name": []string{"a", "b"}}, "/v1?name=a&name=b"}},
		"/v1{#name}":            {{nil, "/v1"}},
		"/v1/{name=shelves/**}": {{client.Params{"name": "shelves/1"}, "/v1/shelves/1"}},
	} {
		place := "path"
		if strings.Contains(key, "{?") {
			place = "query"
		}
		doc := otherDocument{path: key, op: fmt.Sprintf("parameters: [{name: name, in: %s, required: %v}]", place, place == "path")}.load(t)
		c, err := client.New(client.WithDocument(doc), client.WithBaseURL("https://api.example.com/base"))
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range tests {
			req, err := c.Request(t.Context(), "call", tc.params)
			switch {
			case err != nil && strings.HasPrefix(tc.want, "/"):
				t.Errorf("%s %v: %v", key, tc.params, err)
			case err != nil && !strings.Contains(err.Error(), tc.want):
				t.Errorf("%s %v: got %v, want %s", key, tc.params, err, tc.want)
			case err == nil && req.URL.String() != "https://api.example.com/base"+tc.want:
				t.Errorf("%s %v: got %s, want %s", key, tc.params, req.URL, tc.want)
			}
		}
	}
}

// A request of another program that leads out of its path is refused, and one that keeps to
// it is found and validated.
func TestConformReadsPathOperators(t *testing.T) {
	doc := otherDocument{path: "/v1/{+name}", op: `parameters: [{name: name, in: path, required: true, schema: {type: string, pattern: "^projects/[^/]+$"}}]`}.load(t)
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"ok": true}`)
	})
	gateway := httptest.NewServer(conform.NewHandler(doc, api, conform.WithReport(func(conform.Report) {})))
	defer gateway.Close()
	for path, want := range map[string]int{
		"/v1/projects/p":             http.StatusOK,
		"/v1/projects%2Fp":           http.StatusOK,
		"/v1/projects/p/items":       http.StatusBadRequest,
		"/v1/projects/%2e%2e%2fp":    http.StatusBadRequest,
		"/v1/projects%5C..%5Csecret": http.StatusBadRequest,
	} {
		resp, err := gateway.Client().Get(gateway.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: got %d, want %d", path, resp.StatusCode, want)
		}
	}
}
