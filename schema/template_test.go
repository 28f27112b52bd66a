package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/schema"
)

// The keys come from documents of Google's APIs, of web frameworks and of hypermedia
// tools; matches are paths that a server of the key receives, and what its values are.
func TestPathExpressionsAreRead(t *testing.T) {
	for name, tc := range map[string]struct {
		key        string
		parameters string // in flow style
		path       string
		want       string // parameters: place, name, style
		matches    map[string]string
	}{
		"reserved": {
			"/v1/{+name}", `{name: name, in: path, required: true, schema: {type: string}}`,
			"/v1/{name}", "path name simple +",
			map[string]string{"/v1/projects/p/items/i": "name=projects/p/items/i", "/v1/p": "name=p", "/v1/": "none", "/v1": "none", "/v2/p": "none"},
		},
		"reserved with a verb": {
			"/v1/{+name}:cancel", ``, "/v1/{name}:cancel", "path name simple +",
			map[string]string{"/v1/a/b:cancel": "name=a/b", "/v1/a:cancel/b": "none", "/v1/:cancel": "none"},
		},
		"reserved in the middle": {
			"/v1/{+parent}/items/{id}", ``, "/v1/{parent}/items/{id}", "path parent simple +, path id simple",
			map[string]string{"/v1/a/items/b/items/7": "id=7 parent=a/items/b", "/v1/items/7": "none", "/v1/a/items/7/x": "none"},
		},
		"reserved twice": {
			"/copy/{+from}/to/{+to}", ``, "/copy/{from}/to/{to}", "path from simple +, path to simple +",
			map[string]string{"/copy/a/b/to/c/d": "from=a/b to=c/d", "/copy/to/to/c": "from=to to=c", "/copy/a/b/c": "none"},
		},
		"reserved list": {
			"/v1/{+a,b}", ``, "/v1/{a},{b}", "path a simple +, path b simple +",
			map[string]string{"/v1/x/y,z": "a=x/y b=z"},
		},
		"explode": {
			"/v1/{name*}/x", `{name: name, in: path, required: true, schema: {type: string}}`, "/v1/{name}/x", "path name simple*",
			map[string]string{"/v1/a/x": "name=a", "/v1/a/b/x": "none"},
		},
		"list": {"/at/{lat,long}", ``, "/at/{lat},{long}", "path lat simple, path long simple", map[string]string{"/at/1,2": "lat=1 long=2"}},
		"segments": {
			"/files{/dir,name}", ``, "/files/{dir}/{name}", "path dir simple /, path name simple /",
			map[string]string{"/files/a/b": "dir=a name=b", "/files/a": "none"},
		},
		"exploded segments": {
			"/files{/path*}/raw", ``, "/files{path}/raw", "path path simple*/",
			map[string]string{"/files/a/b/raw": "path=/a/b", "/filesa/raw": "none", "/files/raw": "none"},
		},
		"exploded segments alone": {"{/path*}", ``, "{path}", "path path simple*/", map[string]string{"/a/b": "path=/a/b"}},
		"label": {
			"/pets{.format}", `{name: format, in: path, required: true, schema: {type: string}}`, "/pets{format}", "path format label .",
			map[string]string{"/pets.json": "format=.json", "/petsjson": "none", "/pets": "none"},
		},
		"two labels": {"/a{.x,y}", ``, "/a{x}{y}", "path x label ., path y label .", map[string]string{"/a.1.2.3": "x=.1 y=.2.3", "/a.1": "none"}},
		"matrix": {
			"/map{;x,y*}/tile", ``, "/map{x}{y}/tile", "path x matrix ;, path y matrix*;",
			map[string]string{"/map;x=1;y=2;y=3/tile": "x=;x=1 y=;y=2;y=3", "/map;x;y/tile": "x=;x y=;y", "/map;x=1/tile": "none"},
		},
		"prefix": {
			"/u/{name:2}/{name}", ``, "/u/{name:2}/{name}", "path name simple",
			map[string]string{"/u/an/anna": "name=anna"},
		},
		"prefix alone": {"/u/{name:2}", ``, "/u/{name}", "path name simple:2", map[string]string{"/u/an": "name=an"}},
		"query": {
			"/search{?q,page,tags*}", `{name: q, in: query, required: true, schema: {type: string}}, {name: tags, in: query, schema: {type: array, items: {type: string}}}`,
			"/search", "query q form?, query tags form*?, query page form?",
			map[string]string{"/search": ""},
		},
		"query beside a fixed one": {
			"/search?v=2{&ids}", `{name: ids, in: query, schema: {type: array, items: {type: string}}}`, "/search", "query ids form?",
			map[string]string{"/search?v=2": "", "/search": "none"},
		},
		"query whose style is declared":     {"/s{?ids}", `{name: ids, in: query, explode: true, schema: {type: array}}`, "/s", "query ids form*?", nil},
		"query parameter that is in a path": {"/s{?id}", `{name: id, in: path, required: true, schema: {type: string}}`, "/s", "query id form?", nil},
		"fragment":                          {"/docs{#section}", `{name: section, in: path, required: true, schema: {type: string}}`, "/docs", "", map[string]string{"/docs": ""}},
		"parameter called as the expression is": {
			"/v1/{+name}", `{name: +name, in: path, required: true, schema: {type: string}}`, "/v1/{name}", "path name simple +", nil,
		},
		"pattern":                 {"/u/{id:[0-9]{3}}", `{name: id, in: path, required: true, schema: {type: integer}}`, "/u/{id}", "path id simple", map[string]string{"/u/123": "id=123", "/u/1/2": "none"}},
		"pattern of a whole path": {"/f/{path:.*}", ``, "/f/{path}", "path path simple +", map[string]string{"/f/a/b": "path=a/b"}},
		"converter":               {"/f/{file_path:path}", ``, "/f/{file_path}", "path file_path simple +", map[string]string{"/f/a/b": "file_path=a/b"}},
		"catch-all":               {"/f/{**rest}", ``, "/f/{rest}", "path rest simple +", map[string]string{"/f/a/b": "rest=a/b"}},
		"remainder":               {"/f/{rest...}", ``, "/f/{rest}", "path rest simple +", map[string]string{"/f/a/b": "rest=a/b"}},
		"resource name":           {"/v1/{name=projects/*/items/*}", ``, "/v1/{name}", "path name simple +", map[string]string{"/v1/projects/a/items/b": "name=projects/a/items/b"}},
		"a name with signs":       {"/u/{user-id}.{x.y}", ``, "/u/{user-id}.{x.y}", "path user-id simple, path x.y simple", map[string]string{"/u/a.b": "user-id=a x.y=b"}},
		"an operator to come":     {"/u/{=x}", ``, "/u/{=x}", "path =x simple", map[string]string{"/u/a": "=x=a"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprintf("openapi: 3.1.0\ninfo: {title: t, version: \"1\"}\npaths:\n  %q:\n    get: {operationId: call, parameters: [%s], responses: {\"200\": {description: OK}}}\n", tc.key, tc.parameters)
			doc, err := schema.Load([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			op, err := doc.Operation("call")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range op.Parameters {
				form := p.In + " " + p.Name + " " + p.Style
				if p.Explode {
					form += "*"
				} else if p.Operator != "" && p.Operator != "?" {
					form += " "
				}
				form += p.Operator
				if p.Prefix > 0 {
					form += fmt.Sprintf(":%d", p.Prefix)
				}
				got = append(got, form)
			}
			if diff := cmp.Diff([]string{tc.path, tc.want}, []string{op.Path, strings.Join(got, ", ")}); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.key, diff)
			}
			for path, want := range tc.matches {
				found := "none"
				if _, values, ok := doc.Match("GET", path); ok {
					found = strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(values), "map["), "]")
					found = strings.ReplaceAll(found, ":", "=")
				}
				if found != want {
					t.Errorf("%s matches %s with %q, want %q", tc.key, path, found, want)
				}
			}
		})
	}
}

// A value that takes a whole path leaves the closer operations theirs.
func TestPathOfAnyLengthComesAfterCloserOnes(t *testing.T) {
	var paths strings.Builder
	for id, key := range map[string]string{
		"get": "/v1/{+name}", "cancel": "/v1/{+name}:cancel", "list": "/v1/{+parent}/items", "project": "/v1/projects/{id}", "one": "/v1/{id}/items/{item}",
	} {
		fmt.Fprintf(&paths, "  %q: {get: {operationId: %s, responses: {\"200\": {description: OK}}}}\n", key, id)
	}
	doc, err := schema.Load([]byte("openapi: 3.1.0\ninfo: {title: t, version: \"1\"}\npaths:\n" + paths.String()))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/v1/a/b/c": "get", "/v1/a/b:cancel": "cancel", "/v1/a:cancel": "cancel", "/v1/a/b/items": "list", "/v1/projects/7": "project", "/v1/a/items/7": "one",
	} {
		op, _, ok := doc.Match("GET", path)
		if !ok || op.ID != want {
			t.Errorf("%s: got %v, want %s", path, op, want)
		}
	}
}

// Paths come from strangers: one with very many slashes is compared in linear time.
func TestMatchOfManySegmentsIsBounded(t *testing.T) {
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{
		"/a/{+x}/b/{id}":{"get":{"operationId":"one","responses":{"200":{"description":"OK"}}}},
		"/c/{+x}-z/b/{+y}/d":{"get":{"operationId":"two","responses":{"200":{"description":"OK"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("/b", 200_000)
	if op, values, ok := doc.Match("GET", "/a"+long+"/7"); !ok || op.ID != "one" || values["id"] != "7" {
		t.Errorf("got %v, want one", op)
	}
	if op, _, ok := doc.Match("GET", "/c"+long+"/x"); ok {
		t.Errorf("got %s, want none", op.ID)
	}
}
