package client_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// Path keys with a query: it comes first, and what a call gives joins it.
func TestQueryOfThePathKeyComesFirst(t *testing.T) {
	tests := map[string]struct {
		operation   string
		params      client.Params
		path, query string
	}{
		"alone":         {"beta_createResponse", client.Params{"model": "m", "input": "Hello"}, "/responses", "beta=true"},
		"with others":   {"beta_getResponse", client.Params{"response_id": "r", "starting_after": 3, "include_obfuscation": true}, "/responses/r", "beta=true&include_obfuscation=true&starting_after=3"},
		"and lists":     {"beta_getResponse", client.Params{"response_id": "r", "include": []string{"reasoning.encrypted_content"}}, "/responses/r", "beta=true&include%5B%5D=reasoning.encrypted_content"},
		"without a key": {"getResponse", client.Params{"response_id": "r", "include_obfuscation": true}, "/responses/r", "include_obfuscation=true"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := reach(t, test.operation, test.params)
			if got.Path != test.path || got.Query != test.query {
				t.Errorf("got %s?%s, want %s?%s", got.Path, got.Query, test.path, test.query)
			}
		})
	}
}

// The OpenAI API reads arrays and objects in brackets; the errata say so.
func TestQueryListsOfOpenAIHaveBrackets(t *testing.T) {
	tests := map[string]struct {
		operation string
		params    client.Params
		want      url.Values
	}{
		"list whose name has brackets": {
			"list-audit-logs", client.Params{"project_ids[]": []string{"a", "b&c"}}, url.Values{"project_ids[]": {"a", "b&c"}},
		},
		"the name without its brackets": {
			"list-audit-logs", client.Params{"project_ids": []string{"a"}}, url.Values{"project_ids[]": {"a"}},
		},
		"list":       {"usage-costs", client.Params{"start_time": 1, "group_by": []string{"project_id", "line_item"}}, url.Values{"start_time": {"1"}, "group_by[]": {"project_id", "line_item"}}},
		"object":     {"list-audit-logs", client.Params{"effective_at": client.Params{"gte": 1700000000, "lt": 1800000000}}, url.Values{"effective_at[gte]": {"1700000000"}, "effective_at[lt]": {"1800000000"}}},
		"deepObject": {"listPaginatedFineTuningJobs", client.Params{"metadata": map[string]string{"a": "1", "b c": "2"}}, url.Values{"metadata[a]": {"1"}, "metadata[b c]": {"2"}}},
		"empty list": {"usage-costs", client.Params{"start_time": 1, "group_by": []string{}}, url.Values{"start_time": {"1"}}},
		"null":       {"listFiles", client.Params{"after": nil}, url.Values{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := url.ParseQuery(reach(t, test.operation, test.params).Query)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// Other documents say themselves how their parameters are written, and mean the
// letter of OpenAPI where they say nothing.
func TestParametersAreWrittenInTheStyleOfTheirDocument(t *testing.T) {
	styles := document(`{"/s/{simple}/{label}/{matrix}/{json}":{"get":{"operationId":"styles","parameters":[
		{"name":"simple","in":"path","required":true,"explode":true,"schema":{"type":"object"}},
		{"name":"label","in":"path","required":true,"style":"label","schema":{"type":"array"}},
		{"name":"matrix","in":"path","required":true,"style":"matrix","explode":true,"schema":{"type":"array"}},
		{"name":"json","in":"path","required":true,"content":{"application/json":{"schema":{"type":"array"}}}},
		{"name":"form","in":"query","schema":{"type":"array"}},
		{"name":"joined","in":"query","explode":false,"schema":{"type":"array"}},
		{"name":"spread","in":"query","schema":{"type":"object"}},
		{"name":"space","in":"query","style":"spaceDelimited","explode":false,"schema":{"type":"array"}},
		{"name":"pipe","in":"query","style":"pipeDelimited","explode":false,"schema":{"type":"array"}},
		{"name":"deep","in":"query","style":"deepObject","schema":{"type":"object"}},
		{"name":"filter","in":"query","content":{"application/json":{"schema":{"type":"object"}}}},
		{"name":"url","in":"query","allowReserved":true,"schema":{"type":"string"}},
		{"name":"X-List","in":"header","schema":{"type":"array"}},
		{"name":"X-JSON","in":"header","content":{"application/json":{}}},
		{"name":"c","in":"cookie","explode":false,"schema":{"type":"array"}}],
		"responses":{"200":{"description":"ok"}}}}}`)
	list := []any{"a", "b,c", 1}
	got := reach(t, "styles", client.Params{
		"simple": client.Params{"k": "v"}, "label": list, "matrix": []int{1, 2}, "json": []int{1},
		"form": list, "joined": list, "spread": client.Params{"p": 1, "q": true}, "space": []int{1, 2}, "pipe": []int{1, 2},
		"deep": client.Params{"a": client.Params{"b": 1}}, "filter": client.Params{"a": []int{1}}, "url": "http://h/?a#",
		"X-List": []any{"a", 1}, "X-JSON": client.Params{"é": 1}, "c": []any{"a", 1},
	}, styles)
	if want := "/s/k=v/.a,b%2Cc,1/;matrix=1;matrix=2/%5B1%5D"; got.Path != want {
		t.Errorf("path\n got: %s\nwant: %s", got.Path, want)
	}
	if want := strings.Join([]string{
		"deep%5Ba%5D%5Bb%5D=1", "filter=%7B%22a%22%3A%5B1%5D%7D", "form=a&form=b%2Cc&form=1", "joined=a,b%2Cc,1",
		"pipe=1%7C2", "space=1%202", "p=1&q=true", "url=http://h/?a%23",
	}, "&"); got.Query != want {
		t.Errorf("query\n got: %s\nwant: %s", got.Query, want)
	}
	if got.Header.Get("X-List") != "a,1" || got.Header.Get("X-Json") != `{"\u00e9":1}` || got.Header.Get("Cookie") != "c=a,1" {
		t.Errorf("got headers %v", got.Header)
	}
}

// A document's paths and names are text, whatever characters they have.
func TestPathKeysMayHaveAnyCharacters(t *testing.T) {
	tests := map[string]struct {
		key, param string
		want       string // as it arrives
		err        string
	}{
		"no parameter escapes beside odd characters": {"/a|b c/{id}", "id", "/a%7Cb%20c/x%2F..%2Fy", ""},
		"non-ASCII":                 {"/é/{id}", "id", "/%C3%A9/x%2F..%2Fy", ""},
		"braces without a name":     {"/a/{}/{id}", "id", "", `odd: path /: missing path parameter ""`},
		"name of odd characters":    {"/{the id!}", "the id!", "/x%2F..%2Fy", ""},
		"suffix":                    {"/{id}.json", "id", "/x%2F..%2Fy.json", ""},
		"twice":                     {"/{id}/{id}", "id", "/x%2F..%2Fy/x%2F..%2Fy", ""},
		"escaped in the document":   {"/a%2Fb/{id}", "id", "/a%2Fb/x%2F..%2Fy", ""},
		"invalid escape":            {"/a%zz/{id}", "id", "", `odd: the path "/a%zz/{id}" of the document is not a URL path`},
		"query with spaces":         {"/a/{id}?x=a b", "id", "/a/x%2F..%2Fy?x=a%20b", ""},
		"fragment":                  {"/a/{id}#b", "id", "/a/x%2F..%2Fy", ""}, // is not sent (RFC 9110 §7.1)
		"query and fragment":        {"/a/{id}?x=a#b/c", "id", "/a/x%2F..%2Fy?x=a", ""},
		"without its leading slash": {"a/{id}", "id", "/a/x%2F..%2Fy", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			odd := document(`{"` + test.key + `":{"get":{"operationId":"odd","parameters":[
				{"name":"` + test.param + `","in":"path","required":true,"schema":{"type":"string"}}],
				"responses":{"200":{"description":"ok"}}}}}`)
			w := newWitness(t)
			c := newClient(t, odd, client.WithBaseURL(w.URL+"/"), client.WithMaxRetries(0))
			_, err := c.Call(t.Context(), "odd", client.Params{test.param: "x/../y"})
			if test.err != "" {
				if err == nil || err.Error() != test.err || len(w.all()) > 0 {
					t.Errorf("got %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			arrived := w.only(t)
			if got := strings.TrimSuffix(arrived.Path+"?"+arrived.Query, "?"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// A base URL may have a path, escapes and a slash at its end.
func TestBaseURLKeepsItsPathAndEscapes(t *testing.T) {
	for base, want := range map[string]string{
		"http://host":              "http://host/files/a%2Fb",
		"http://host/":             "http://host/files/a%2Fb",
		"http://host/v1":           "http://host/v1/files/a%2Fb",
		"http://host/v1/":          "http://host/v1/files/a%2Fb",
		"http://host/a%2Fb/v1":     "http://host/a%2Fb/v1/files/a%2Fb",
		"https://[::1]:8080/v1":    "https://[::1]:8080/v1/files/a%2Fb",
		"http://host/deployments/": "http://host/deployments/files/a%2Fb",
	} {
		t.Run(base, func(t *testing.T) {
			req, err := newClient(t, client.WithBaseURL(base)).Request(t.Context(), "retrieveFile", client.Params{"file_id": "a/b"})
			if err != nil || req.URL.String() != want {
				t.Errorf("got %v, %v; want %s", req, err, want)
			}
		})
	}
}

// media is an operation for each kind of body.
var media = document(`{
	"/json":{"post":{"operationId":"json","requestBody":{"content":{
		"application/vnd.x+json":{"schema":{"type":"object"}}}},"responses":{"200":{"description":"ok"}}}},
	"/both":{"post":{"operationId":"both","requestBody":{"content":{
		"multipart/form-data":{"schema":{"type":"object"}},"text/plain":{},"application/json":{}}},"responses":{"200":{"description":"ok"}}}},
	"/form":{"post":{"operationId":"form","requestBody":{"required":true,"content":{"application/x-www-form-urlencoded":{
		"schema":{"type":"object","properties":{"a":{},"list":{"type":"array"},"joined":{"type":"array"},"object":{"type":"object"},
			"deep":{"type":"object"},"json":{"type":"object"},"url":{"type":"string"}}},
		"encoding":{"joined":{"explode":false},"deep":{"style":"deepObject"},"json":{"contentType":"application/json"},
			"url":{"allowReserved":true}}}}},"responses":{"200":{"description":"ok"}}}},
	"/bytes":{"put":{"operationId":"bytes","requestBody":{"required":true,"content":{"application/octet-stream":{}}},"responses":{"200":{"description":"ok"}}}},
	"/text":{"put":{"operationId":"text","requestBody":{"content":{"text/plain":{},"text/csv":{}}},"responses":{"200":{"description":"ok"}}}},
	"/image":{"put":{"operationId":"image","requestBody":{"content":{"image/*":{}}},"responses":{"200":{"description":"ok"}}}},
	"/any":{"put":{"operationId":"any","requestBody":{"content":{"*/*":{}}},"responses":{"200":{"description":"ok"}}}}}`)

const png = "\x89PNG\x0D\x0A\x1A\x0A"

func TestMediaTypeFollowsTheParams(t *testing.T) {
	type form struct {
		A int `json:"a"`
	}
	tests := map[string]struct {
		operation  string
		params     any
		body, want string // want is the Content-Type
	}{
		"JSON of another name":                   {"json", client.Params{"a": 1}, `{"a":1}`, "application/vnd.x+json"},
		"JSON is the default":                    {"both", client.Params{"a": 1}, `{"a":1}`, "application/json"},
		"JSON, as a body":                        {"both", client.Input{Body: []int{1}, MediaType: "application/json; charset=utf-8"}, `[1]`, "application/json"},
		"the type decides":                       {"both", client.Input{Body: "a b", MediaType: "text/plain"}, "a b", "text/plain"},
		"with its parameters":                    {"both", client.Input{Body: "a b", MediaType: "text/plain; charset=utf-8"}, "a b", "text/plain; charset=utf-8"},
		"a whole file is none of JSON and forms": {"both", client.Input{Body: strings.NewReader("a b")}, "a b", "text/plain"},

		"form":             {"form", client.Params{"a": "1 &=é"}, "a=1%20%26%3D%C3%A9", "application/x-www-form-urlencoded"},
		"form, of JSON":    {"form", `{"a":1e2}`, "a=1e2", "application/x-www-form-urlencoded"},
		"form, of struct":  {"form", form{3}, "a=3", "application/x-www-form-urlencoded"},
		"form, of Input":   {"form", client.Input{Body: form{3}}, "a=3", "application/x-www-form-urlencoded"},
		"form, list":       {"form", client.Params{"list": []int{1, 2}, "joined": []int{1, 2}}, "joined=1,2&list=1&list=2", "application/x-www-form-urlencoded"},
		"form, object":     {"form", client.Params{"object": client.Params{"a": 1, "b": 2}}, "object=%7B%22a%22%3A1%2C%22b%22%3A2%7D", "application/x-www-form-urlencoded"},
		"form, deepObject": {"form", client.Params{"deep": client.Params{"a": 1}}, "deep%5Ba%5D=1", "application/x-www-form-urlencoded"},
		"form, JSON field": {"form", client.Params{"json": client.Params{"a": 1}}, "json=%7B%22a%22%3A1%7D", "application/x-www-form-urlencoded"},
		"form, reserved":   {"form", client.Params{"url": "http://h?a"}, "url=http://h?a", "application/x-www-form-urlencoded"},
		"form, nothing":    {"form", nil, "", "application/x-www-form-urlencoded"},

		"bytes":            {"bytes", client.Input{Body: []byte("\x00\xff")}, "\x00\xff", "application/octet-stream"},
		"bytes, text":      {"bytes", client.Input{Body: "{}"}, "{}", "application/octet-stream"},
		"bytes, reader":    {"bytes", client.Input{Body: iotest.OneByteReader(strings.NewReader("abc"))}, "abc", "application/octet-stream"},
		"bytes, of a type": {"bytes", client.Input{Body: client.File{Body: strings.NewReader("abc"), MediaType: "audio/wav"}}, "abc", "audio/wav"},
		"bytes, none":      {"bytes", client.Input{Body: ""}, "", "application/octet-stream"},
		"the first":        {"text", client.Input{Body: "a"}, "a", "text/plain"},
		"the second":       {"text", client.Input{Body: "a", MediaType: "text/csv"}, "a", "text/csv"},
		"SDP":              {"create-realtime-call", client.Input{Body: "v=0\r\n", MediaType: "application/sdp"}, "v=0\r\n", "application/sdp"},

		"range, by content":     {"image", client.Input{Body: []byte(png)}, png, "image/png"},
		"range, by name":        {"image", client.Input{Body: client.File{Name: "a.webp", Body: strings.NewReader("x")}}, "x", "image/webp"},
		"range, chosen":         {"image", client.Input{Body: "x", MediaType: "image/x-y"}, "x", "image/x-y"},
		"range, as it is given": {"image", client.Input{Body: []byte(png), MediaType: "image/*"}, png, "image/png"},
		"anything, JSON":        {"any", client.Params{"a": 1}, `{"a":1}`, "application/json"},
		"anything, struct":      {"any", client.Input{Body: form{1}}, `{"a":1}`, "application/json"},
		"anything, text":        {"any", client.Input{Body: "<a/>", MediaType: "application/xml"}, "<a/>", "application/xml"},
		"anything, form":        {"any", client.Input{Body: form{1}, MediaType: "application/x-www-form-urlencoded"}, "a=1", "application/x-www-form-urlencoded"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			opts := []client.Option{media}
			if test.operation == "create-realtime-call" {
				opts = nil
			}
			got := reach(t, test.operation, test.params, opts...)
			if got.Body != test.body || got.Header.Get("Content-Type") != test.want {
				t.Errorf("got %q as %s, want %q as %s", got.Body, got.Header.Get("Content-Type"), test.body, test.want)
			}
		})
	}
}

func TestMediaTypeThatCannotCarryTheParamsIsRefused(t *testing.T) {
	tests := map[string]struct {
		operation string
		params    any
		want      string
	}{
		"file in a form":         {"form", client.Params{"a": strings.NewReader("x")}, `form: /a: got a file, but the operation takes application/x-www-form-urlencoded`},
		"fields for bytes":       {"bytes", client.Params{"a": 1}, `bytes: /: got fields, but the operation takes application/octet-stream: give its bytes as Input.Body`},
		"file among the fields":  {"bytes", client.Params{"a": strings.NewReader("x")}, `bytes: /a: got a file, but the operation takes application/octet-stream: give its bytes as Input.Body`},
		"text as the params":     {"bytes", "x", `bytes: /: the params cannot be read as JSON (the operation takes application/octet-stream: give its bytes as Input.Body): line 1, column 1: got 'x', want a value`},
		"nothing for bytes":      {"bytes", nil, `bytes: /: missing request body: application/octet-stream`},
		"list for a form":        {"form", client.Input{Body: "[1]"}, `form: /: got a body that is an array, want an object for application/x-www-form-urlencoded`},
		"media type of another":  {"image", client.Input{Body: "x", MediaType: "text/plain"}, `image: /: got media type "text/plain", want image/*`},
		"media type, no subtype": {"any", client.Input{Body: "x", MediaType: "text"}, `any: /: got media type "text", want */*`},
		"media type, line end":   {"any", client.Input{Body: "x", MediaType: "text/plain\r\nX: y"}, `any: /: got media type "text/plain\r\nX: y", want */*`},
		"file for JSON":          {"json", client.Input{Body: strings.NewReader("{}")}, `json: /: got *strings.Reader as body, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes`},
	}
	c := newClient(t, media, client.WithBaseURL("http://host"))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := c.Request(t.Context(), test.operation, test.params)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

// A raw body streams: its length is announced where it is known, and it is sent
// again where it can be read again.
func TestRawBodyStreams(t *testing.T) {
	text := strings.Repeat("0123456789", 1000)
	path := t.TempDir() + "/a.bin"
	if err := os.WriteFile(path, []byte("skipped"+text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Seek(int64(len("skipped")), io.SeekStart); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		body     any
		length   int64
		attempts int
	}{
		"bytes":       {[]byte(text), 10_000, 3},
		"text":        {text, 10_000, 3},
		"seekable":    {strings.NewReader(text), 10_000, 3},
		"file":        {file, 10_000, 3},
		"buffer":      {bytes.NewBufferString(text), 10_000, 1},
		"once only":   {io.MultiReader(strings.NewReader(text)), -1, 1},
		"a few bytes": {iotest.HalfReader(strings.NewReader("abc")), 3, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, responding(500, "", ""))
			c := newClient(t, media, client.WithBaseURL(w.URL))
			_, err := c.Call(t.Context(), "bytes", client.Input{Body: test.body})
			var failure *client.APIError
			if !errors.As(err, &failure) || failure.Attempts != test.attempts {
				t.Errorf("got %v, want an APIError after %d attempts", err, test.attempts)
			}
			want := text
			if name == "a few bytes" {
				want = "abc"
			}
			for i, got := range w.all() {
				if got.Body != want || got.Length != test.length {
					t.Errorf("attempt %d: got %d bytes, announced %d; want %d, %d", i+1, len(got.Body), got.Length, len(want), test.length)
				}
			}
		})
	}
}

func TestExtraBodySetsTheNamedMember(t *testing.T) {
	messages := `"messages":[{"content":"Hello","role":"user"}],"model":"gpt-5-mini"`
	tests := map[string]struct {
		operation string
		params    any
		opts      []client.Option
		want      string
	}{
		"field":  {"createChatCompletion", chat(), []client.Option{client.WithExtraBody("top_k", 5)}, `{` + messages + `,"top_k":5}`},
		"path":   {"createChatCompletion", chat(), []client.Option{client.WithExtraBody("/provider/order", []string{"<a>"})}, `{` + messages + `,"provider":{"order":["<a>"]}}`},
		"append": {"createChatCompletion", chat(), []client.Option{client.WithExtraBody("/messages/-", hello[0])}, `{"messages":[{"content":"Hello","role":"user"},{"content":"Hello","role":"user"}],"model":"gpt-5-mini"}`},
		"in order": {
			"createChatCompletion", chat(),
			[]client.Option{client.WithExtraBody("a", 1), client.WithExtraBody("a", 2), client.WithExtraBody("model", "m")},
			`{"messages":[{"content":"Hello","role":"user"}],"model":"m","a":2}`,
		},
		"item": {"createChatCompletion", chat(), []client.Option{client.WithExtraBody("/messages/0/name", "Ann")}, `{"messages":[{"content":"Hello","role":"user","name":"Ann"}],"model":"gpt-5-mini"}`},
		"number as name": {
			"createChatCompletion", chat(),
			[]client.Option{client.WithExtraBody("/logit_bias/50256", -100), client.WithExtraBody("/logit_bias/0", 1)},
			`{` + messages + `,"logit_bias":{"50256":-100,"0":1}}`,
		},
		"odd names": {
			"createChatCompletion", chat(),
			[]client.Option{client.WithExtraBody("a*|#@", 1), client.WithExtraBody("/a.b/c~1d~0", 2), client.WithExtraBody("-1", 3)},
			`{` + messages + `,"a*|#@":1,"a.b":{"c/d~":2},"-1":3}`,
		},
		"through null":         {"createChatCompletion", chat("metadata", nil), []client.Option{client.WithExtraBody("/metadata/a", "b")}, `{"messages":[{"content":"Hello","role":"user"}],"metadata":{"a":"b"},"model":"gpt-5-mini"}`},
		"digits":               {"createChatCompletion", chat(), []client.Option{client.WithExtraBody("n", 9007199254740993)}, `{` + messages + `,"n":9007199254740993}`},
		"without body":         {"json", nil, []client.Option{media, client.WithExtraBody("a", 1)}, `{"a":1}`},
		"no body taken":        {"listModels", nil, []client.Option{client.WithExtraBody("a", 1)}, ``},
		"form":                 {"form", client.Params{"a": 1, "list": []int{1}}, []client.Option{media, client.WithExtraBody("a", 2)}, `a=2&list=1`},
		"form, within a field": {"form", client.Params{"a": client.Params{"b": 1}}, []client.Option{media, client.WithExtraBody("/a/c", 2)}, `a=%7B%22b%22%3A1%2C%22c%22%3A2%7D`},
		"form, empty":          {"form", nil, []client.Option{media, client.WithExtraBody("b", 2)}, `b=2`},
		"bytes":                {"bytes", client.Input{Body: "x"}, []client.Option{media, client.WithExtraBody("b", 2)}, `x`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := reach(t, test.operation, test.params, test.opts...); got.Body != test.want {
				t.Errorf("body\n got: %s\nwant: %s", got.Body, test.want)
			}
		})
	}
}

// What the body has no place for is an error, and not an edit of something else.
func TestExtraBodyHasNoPlace(t *testing.T) {
	for path, want := range map[string]string{
		"/model/a":         `extra body field "/model/a" cannot be set: got a string where "a" is to be set, want an object`,
		"/messages/1/name": `got item "1" of an array of 1, want an index below that, or "-" to add one`,
		"/messages/-1":     `got item "-1" of an array of 1`,
		"/messages/00":     `got item "00" of an array of 1`,
		"/messages/a":      `got item "a" of an array of 1`,
	} {
		_, err := newClient(t).Request(t.Context(), "createChatCompletion", chat(), client.WithExtraBody(path, 1))
		var invalid *schema.ValidationError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

// The document's own headers are sent, and give way to those of the caller.
func TestDocumentHeadersGiveWayToTheCallers(t *testing.T) {
	assistants := document(`{"/a":{"x-opcall-headers":{"Beta":"1","Bad\r\nName":"x","Other":"a\r\nb"},"get":{"operationId":"beta",
		"parameters":[{"name":"beta","in":"header","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}}}`)
	for name, test := range map[string]struct {
		params any
		opts   []client.Option
		want   []string
	}{
		"document":       {nil, nil, []string{"1"}},
		"setting":        {nil, []client.Option{client.WithHeader("beta", "2")}, []string{"2"}},
		"parameter":      {client.Params{"beta": "3"}, []client.Option{client.WithHeader("beta", "2")}, []string{"3"}},
		"taken away":     {nil, []client.Option{client.WithHeader("Beta", ""), client.WithRequestValidation(schema.Off)}, nil},
		"null parameter": {client.Params{"beta": nil}, nil, []string{"1"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := reach(t, "beta", test.params, append(test.opts, assistants)...)
			if diff := cmp.Diff(test.want, got.Header.Values("Beta")); diff != "" || got.Header.Values("Other") != nil {
				t.Errorf("got %v (-want +got):\n%s", got.Header, diff)
			}
		})
	}
}

func TestAcceptNamesWhatTheOperationReturns(t *testing.T) {
	for operation, want := range map[string]string{
		"createChatCompletion": "application/json", // and not text/event-stream
		"createSpeech":         "application/octet-stream",
		"json":                 "*/*",
	} {
		t.Run(operation, func(t *testing.T) {
			opts := []client.Option{client.WithBaseURL("http://host")}
			if operation == "json" {
				opts = append(opts, media)
			}
			req, err := newClient(t, opts...).Request(t.Context(), operation, nil, client.WithRequestValidation(schema.Off))
			if err != nil || req.Header.Get("Accept") != want {
				t.Errorf("got %v, %v; want %s", req, err, want)
			}
		})
	}
}

// A POST without a body is a request like any other.
func TestPostWithoutBodyIsSent(t *testing.T) {
	got := reach(t, "cancelRun", client.Params{"thread_id": "t", "run_id": "r"})
	if got.Method != http.MethodPost || got.Length != 0 || got.Header.Get("Content-Type") != "" || got.Header.Get("OpenAI-Beta") != "assistants=v2" {
		t.Errorf("got %+v", got)
	}
}

func basic(credential string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(credential))
}

// TestLargeBodyStaysAsBound: the text of a large body is not copied, so the buffer
// that it was written into must be nobody else's.
func TestLargeBodyStaysAsBound(t *testing.T) {
	c := newClient(t, client.WithAPIKey("sk-test"))
	bound := make([]*client.Bound, 2)
	for i := range bound {
		var err error
		text := strings.Repeat(string(rune('a'+i)), 200<<10)
		bound[i], err = c.Bind("createChatCompletion", client.Params{"model": "m", "messages": []any{client.Params{"role": "user", "content": text}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, b := range bound {
		req, err := b.Request(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(req.Body)
		want := `{"messages":[{"content":"` + strings.Repeat(string(rune('a'+i)), 200<<10) + `","role":"user"}],"model":"m"}`
		if string(body) != want {
			t.Errorf("body %d: got %.60q… of %d bytes, want %.60q… of %d", i, body, len(body), want, len(want))
		}
	}
}
