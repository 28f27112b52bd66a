package client_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

var updateDocuments = flag.Bool("update-documents", false, "write testdata/repairs.golden anew")

// otherDocument is a document with one operation, "call", and the values that go through it.
type otherDocument struct {
	version string            // "" for 3.1.0
	method  string            // "" for get
	path    string            // "" for /a
	op      string            // members of the operation, in flow style
	root    string            // members of the document, a line each
	files   map[string]string // that the document refers to
	values  []client.Params   // each is sent, and has to arrive as it is; at least nil is sent
	options []client.Option
}

const anyResponse = `responses: {"200": {description: OK, content: {application/json: {schema: {type: object, required: [ok], properties: {ok: {type: boolean}}}}}}}`

func (d otherDocument) text() string {
	version, method, path := d.version, d.method, d.path
	if version == "" {
		version = "3.1.0"
	}
	if method == "" {
		method = "get"
	}
	if path == "" {
		path = "/a"
	}
	op := "operationId: call, "
	if d.op != "" {
		op += d.op + ", "
	}
	if !strings.Contains(d.op, "responses:") {
		op += anyResponse
	}
	return fmt.Sprintf("openapi: %s\ninfo: {title: other, version: \"1\"}\n%s\npaths:\n  %q: {%s: {%s}}\n", version, d.root, path, method, strings.TrimSuffix(op, ", "))
}

func (d otherDocument) load(t *testing.T) *schema.Document {
	t.Helper()
	fsys := fstest.MapFS{"openapi.yaml": {Data: []byte(d.text())}}
	for name, text := range d.files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	doc, err := schema.LoadFS(fsys, "openapi.yaml")
	if err != nil {
		t.Fatalf("%v in\n%s", err, d.text())
	}
	return doc
}

// TestDocumentsOfOtherAPIsLoadAndAnswer sends every value of every document through the test
// server, which validates what arrives, and compares it with what was sent.
func TestDocumentsOfOtherAPIsLoadAndAnswer(t *testing.T) {
	documents := otherDocuments()
	if len(documents) < 40 {
		t.Errorf("got %d documents, want 40 or more", len(documents))
	}
	var repairs strings.Builder
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		d := documents[name]
		t.Run(name, func(t *testing.T) {
			doc := d.load(t)
			for _, wrong := range doc.Verify() {
				t.Errorf("Verify: %v", wrong)
			}
			server := clienttest.NewServer(t, clienttest.WithDocument(doc))
			c := server.Client(append([]client.Option{client.WithResponseValidation(schema.Standard)}, d.options...)...)
			for _, params := range append([]client.Params{}, d.values...) {
				sendAndCompare(t, c, server, params)
			}
			if d.values == nil {
				sendAndCompare(t, c, server, nil)
			}
			for _, r := range doc.Repairs() {
				fmt.Fprintf(&repairs, "%s: %s: %s: %s\n", name, r.Pointer, r.Keyword, r.Reason)
			}
		})
	}
	const golden = "testdata/repairs.golden"
	if *updateDocuments {
		if err := os.WriteFile(golden, []byte(repairs.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), repairs.String()); diff != "" {
		t.Errorf("repairs (-want +got):\n%s", diff)
	}
}

func sendAndCompare(t *testing.T, c *client.Client, server *clienttest.Server, params client.Params) {
	t.Helper()
	if _, err := c.Call(t.Context(), "call", params); err != nil {
		t.Errorf("%v: %v", params, err)
		return
	}
	req := server.LastRequest("call")
	arrived := map[string]any{}
	if len(req.Body) > 0 {
		if err := json.Unmarshal(req.Body, &arrived); err != nil {
			t.Errorf("%v: body %s: %v", params, req.Body, err)
		}
	}
	for _, p := range req.Parameters {
		var v any
		if err := json.Unmarshal(p.Value, &v); err != nil {
			t.Errorf("%v: %s: %v", params, p.Name, err)
		}
		arrived[p.Name] = v
	}
	if params == nil {
		params = client.Params{}
	}
	text, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]any{}
	if err := json.Unmarshal(text, &sent); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, arrived); diff != "" {
		t.Errorf("%v went as %s?%s and arrived as another value (-sent +arrived):\n%s", params, req.Path, req.Query, diff)
	}
}

// The values that a parameter of each type carries: what needs escapes, and what could be taken
// for a delimiter.
var (
	awkwardTexts   = []any{"a/b?c#d", "50% & more", "ä é 漢", "a=b;c", "x,y", "[z]|~", "{q}"}
	awkwardObjects = []any{client.Params{"r": "a&b", "g h": "c=d/e"}, client.Params{"r": "ü,%41"}}
)

// otherDocuments returns the table. Styles make a document per place, style and explode.
func otherDocuments() map[string]otherDocument {
	documents := make(map[string]otherDocument)
	for in, styles := range map[string][]string{
		"path":  {"simple", "label", "matrix"},
		"query": {"form", "spaceDelimited", "pipeDelimited", "deepObject"},
	} {
		for _, style := range styles {
			for _, explode := range []bool{false, true} {
				documents[fmt.Sprintf("%s %s explode %v", in, style, explode)] = styled(in, style, explode)
			}
		}
	}
	for _, more := range []map[string]otherDocument{headersAndCookies(), securityDocuments(), bodyDocuments(), dialectDocuments(), operatorDocuments(), kindDocuments()} {
		maps.Copy(documents, more)
	}
	return documents
}

func styled(in, style string, explode bool) otherDocument {
	d := otherDocument{op: fmt.Sprintf(`parameters: [
		{name: text p, in: %[1]s, style: %[2]s, explode: %[3]v, required: %[4]v, schema: {type: string}},
		{name: list, in: %[1]s, style: %[2]s, explode: %[3]v, required: %[4]v, schema: {type: array, items: {type: string}}},
		{name: numbers, in: %[1]s, style: %[2]s, explode: %[3]v, required: %[4]v, schema: {type: array, items: {type: integer}}},
		{name: object, in: %[1]s, style: %[2]s, explode: %[3]v, required: %[4]v, schema: {type: object, properties: {r: {type: string}, "g h": {type: string}}}}]`,
		in, style, explode, in == "path")}
	if in == "path" {
		d.path = "/a/{text p}/b/{list}/{numbers}/{object}"
	}
	scalars, lists, objects := true, true, true
	switch style {
	case "spaceDelimited", "pipeDelimited": // no form for a single value, nor for an object that is exploded
		scalars, objects = false, !explode
	}
	for i := range awkwardTexts {
		params := client.Params{"numbers": []int{i, 42}}
		if scalars {
			params["text p"] = awkwardTexts[i]
		}
		if lists && style != "pipeDelimited" && style != "spaceDelimited" {
			params["list"] = []any{awkwardTexts[i], "b"}
		}
		if objects && style != "pipeDelimited" && style != "spaceDelimited" {
			params["object"] = awkwardObjects[i%2]
		}
		d.values = append(d.values, params)
	}
	return d
}

func headersAndCookies() map[string]otherDocument {
	return map[string]otherDocument{
		"header simple": {
			op:     `parameters: [{name: X-Text, in: header, schema: {type: string}}, {name: X-List, in: header, schema: {type: array, items: {type: integer}}}, {name: X-Object, in: header, schema: {type: object, properties: {r: {type: integer}}}}]`,
			values: []client.Params{{"X-Text": "a, b; c=%41", "X-List": []int{1, 2}, "X-Object": client.Params{"r": 1}}},
		},
		"header simple explode": {
			op:     `parameters: [{name: X-Object, in: header, explode: true, schema: {type: object, properties: {r: {type: integer}, s: {type: string}}}}]`,
			values: []client.Params{{"X-Object": client.Params{"r": 1, "s": "x"}}},
		},
		"header content": {
			op:     `parameters: [{name: X-JSON, in: header, content: {application/json: {schema: {type: object}}}}]`,
			values: []client.Params{{"X-JSON": client.Params{"ä": []any{1, "b,c"}}}},
		},
		"header Host": {
			op:     `parameters: [{name: Host, in: header, required: true, schema: {type: string}}, {name: User-Agent, in: header, schema: {type: string}}]`,
			values: []client.Params{{"Host": "api.example.com", "User-Agent": "mine/1"}},
		},
		"cookie form": {
			op:     `parameters: [{name: text, in: cookie, schema: {type: string}}, {name: list, in: cookie, explode: false, schema: {type: array, items: {type: string}}}, {name: object, in: cookie, explode: false, schema: {type: object, properties: {r: {type: string}}}}]`,
			values: []client.Params{{"text": "a b;c,d%", "list": []string{"a,b", "c"}, "object": client.Params{"r": "x;y"}}},
		},
		"cookie content": {
			op:     `parameters: [{name: json, in: cookie, content: {application/json: {schema: {type: object}}}}]`,
			values: []client.Params{{"json": client.Params{"a": "b;c"}}},
		},
		"query content": {
			op:     `parameters: [{name: json, in: query, content: {application/json: {schema: {type: object}}}}]`,
			values: []client.Params{{"json": client.Params{"a": []any{"b&c", nil}}}},
		},
		"query allowReserved": {
			op:     `parameters: [{name: url, in: query, allowReserved: true, schema: {type: string}}]`,
			values: []client.Params{{"url": "http://h/p?a=b"}},
		},
		"query brackets": {
			root: "x-opcall-brackets: true", op: `parameters: [{name: list, in: query, schema: {type: array, items: {type: object, properties: {p: {type: string}, q: {type: integer}}}}}]`,
			values: []client.Params{{"list": []any{client.Params{"p": "a&b", "q": 1}, client.Params{"p": "c"}}}},
		},
		"query deepObject of lists and scalars": {
			op:     `parameters: [{name: created, in: query, style: deepObject, schema: {anyOf: [{type: object, properties: {gt: {type: integer}}}, {type: integer}]}}, {name: filter, in: query, style: deepObject, schema: {type: object, properties: {status: {type: array, items: {type: string}}, since: {type: string}}}}]`,
			values: []client.Params{{"created": 5}, {"created": client.Params{"gt": 5}}, {"filter": client.Params{"status": []string{"a b"}, "since": "x"}}},
		},
	}
}

func securityDocuments() map[string]otherDocument {
	schemes := `components: {securitySchemes: {H: {type: apiKey, in: header, name: X-Api-Key}, Q: {type: apiKey, in: query, name: api_key}, C: {type: apiKey, in: cookie, name: session}, B: {type: http, scheme: basic}, T: {type: http, scheme: Token}, Bearer: {type: http, scheme: bearer}, D: {type: http, scheme: digest}, O: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://x/t", scopes: {}}}}, I: {type: openIdConnect, openIdConnectUrl: "https://x/i"}, M: {type: mutualTLS}, R: {$ref: "#/components/securitySchemes/H"}}}`
	documents := make(map[string]otherDocument)
	for name, tt := range map[string]struct {
		security string
		options  []client.Option
	}{
		"key in header":     {"[{H: []}]", []client.Option{client.WithCredential("H", "my-header-key")}},
		"key in query":      {"[{Q: []}]", []client.Option{client.WithCredential("Q", "my&query=key")}},
		"key in cookie":     {"[{C: []}]", []client.Option{client.WithCredential("C", "my-cookie-key")}},
		"basic":             {"[{B: []}]", []client.Option{client.WithBasicAuth("B", "ann", "pass:word")}},
		"another scheme":    {"[{T: []}]", []client.Option{client.WithCredential("T", "my-token")}},
		"bearer":            {"[{Bearer: []}]", []client.Option{client.WithCredential("Bearer", "my-token")}},
		"oauth2":            {"[{O: [read]}]", []client.Option{client.WithCredential("O", "my-token")}},
		"openIdConnect":     {"[{I: []}]", []client.Option{client.WithCredential("I", "my-token")}},
		"digest":            {"[{D: []}]", nil},
		"mutualTLS":         {"[{M: []}]", nil},
		"reference":         {"[{R: []}]", []client.Option{client.WithCredential("R", "my-header-key")}},
		"both":              {"[{H: [], Q: []}]", []client.Option{client.WithCredential("H", "my-header-key"), client.WithCredential("Q", "my-query-key")}},
		"either":            {"[{B: []}, {H: []}]", []client.Option{client.WithCredential("H", "my-header-key")}},
		"optional":          {"[{}, {H: []}]", nil},
		"beside an unknown": {"[{Nowhere: [], H: []}]", []client.Option{client.WithCredential("H", "my-header-key")}},
	} {
		documents["security "+name] = otherDocument{root: schemes, op: "security: " + tt.security, options: append([]client.Option{client.WithAPIKey("")}, tt.options...)}
	}
	return documents
}

func bodyDocuments() map[string]otherDocument {
	object := `{schema: {type: object, properties: {name: {type: string}, config: {type: object}, list: {type: array, items: {type: object}}, n: {type: integer}}}}`
	values := []client.Params{{"name": "a&b=c ä", "config": client.Params{"name": "other", "d": []any{1.0}}, "list": []any{client.Params{"x": 1}, client.Params{"x": 2}}, "n": 3}}
	body := func(content string) otherDocument {
		return otherDocument{method: "post", op: "requestBody: {content: {" + content + "}}", values: values}
	}
	return map[string]otherDocument{
		"body json":               body("application/json: " + object),
		"body text/json":          body("text/json: " + object),
		"body vendor json":        body("application/vnd.x+json: " + object),
		"body range of json":      body("application/*+json: " + object),
		"body json with versions": body(`"application/json;v=2": ` + object + `, "application/json;v=1": {schema: {type: string}}`),
		"body any":                body(`"*/*": ` + object),
		"body urlencoded":         body("application/x-www-form-urlencoded: " + object),
		"body urlencoded deepObject": {
			method: "post", op: `requestBody: {content: {application/x-www-form-urlencoded: {encoding: {expand: {style: deepObject}, meta: {style: deepObject}}, schema: {type: object, properties: {expand: {type: array, items: {type: string}}, meta: {type: object, additionalProperties: {type: string}}}}}}}`,
			values: []client.Params{{"expand": []string{"a&b"}, "meta": client.Params{"k": "v=w"}}},
		},
		"response text/json":   {op: `responses: {"200": {description: OK, content: {text/json: {schema: {type: object, required: [ok], properties: {ok: {type: boolean}}}}}}}`},
		"response vendor json": {op: `responses: {"2XX": {description: OK, content: {"application/vnd.x+json; version=1": {schema: {type: object}}}}}`},
	}
}

func dialectDocuments() map[string]otherDocument {
	file := "get: {operationId: call, parameters: [{$ref: './parts/q.yaml'}], " + anyResponse + "}\n"
	split := otherDocument{
		files:  map[string]string{"parts/q.yaml": "{name: q, in: query, schema: {$ref: '../schemas.yaml#/Text'}}\n", "schemas.yaml": "Text: {type: string, minLength: 1}\n", "paths.yaml": file},
		op:     "parameters: [{$ref: './parts/q.yaml'}]",
		values: []client.Params{{"q": "a&b"}},
	}
	query := `parameters: [{name: q, in: query, schema: {type: string, nullable: true}}, {name: n, in: query, schema: {type: integer, minimum: 0, exclusiveMinimum: true}}]`
	return map[string]otherDocument{
		"dialect 3.0":        {version: "3.0.3", op: query, values: []client.Params{{"q": "x", "n": 1}}},
		"dialect 3.0 mixed":  {version: "3.1.0", op: query, values: []client.Params{{"q": "x", "n": 1}}},
		"dialect 3.1 types":  {op: `parameters: [{name: q, in: query, schema: {type: [string, "null"]}}]`, values: []client.Params{{"q": "x"}}},
		"split files":        split,
		"server with a path": {root: `servers: [{url: "https://{region}.example.com/{base}", variables: {region: {default: eu}, base: {default: v2}}}]`},
		"server relative":    {root: "servers: [{url: /api/v3}]"},
		"path with fragment": {path: "/a#stream"},
		"path with query":    {path: "/a?beta=true"},
		"method head":        {method: "head", op: `responses: {"200": {description: OK}}`},
	}
}
