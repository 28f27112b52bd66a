package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// The operations that FuzzBind calls: of the built-in document, and of one that
// has every place and style.
var fuzzed = []string{
	"createChatCompletion", "retrieveFile", "getRunStep", "list-audit-logs", "beta_getResponse", "createImageEdit", "createTranscription",
	"styles", "formBody",
}

var fuzzDocument = document(`{
	"/x y/{a}/{b}.json/{c}/{d}":{"get":{"operationId":"styles","parameters":[
		{"name":"a","in":"path","required":true,"schema":{}},
		{"name":"b","in":"path","required":true,"style":"label","explode":true,"schema":{}},
		{"name":"c","in":"path","required":true,"style":"matrix","schema":{}},
		{"name":"d","in":"path","required":true,"content":{"application/json":{}}},
		{"name":"form","in":"query","schema":{}},{"name":"deep","in":"query","style":"deepObject","schema":{}},
		{"name":"url","in":"query","allowReserved":true,"schema":{}},
		{"name":"pipe","in":"query","style":"pipeDelimited","schema":{}},
		{"name":"X-A","in":"header","schema":{}},{"name":"X-B","in":"header","content":{"application/json":{}}},
		{"name":"c1","in":"cookie","schema":{}},{"name":"c2","in":"cookie","explode":false,"schema":{}}],
		"responses":{"200":{"description":"ok"}}}},
	"/form?a=b c":{"post":{"operationId":"formBody","requestBody":{"content":{"application/x-www-form-urlencoded":{}}},"responses":{"200":{"description":"ok"}}}}}`)

// Whatever JSON is given as params: an error, or a request to the address that
// was intended, which a server can read.
func FuzzBind(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `"text"`, ``, `{"model":"m","messages":[{"role":"user","content":"Hello"}],"n":1e400}`,
		`{"file_id":"../../a"}`, `{"file_id":".."}`, `{"file_id":"a\u0000"}`, `{"file_id":""}`, `{"file_id":{"a":"b"}}`, `{"file_id":["a","/"]}`,
		`{"thread_id":"a/b","run_id":"?","step_id":"#","include":["a&b"]}`,
		`{"effective_at":{"gte":1},"project_ids[]":["a","b"]}`, `{"response_id":"%2e%2e","openai-beta":["a\r\nb"]}`,
		`{"prompt":"\r\n--x\r\n","image":["a"],"n":{"a":{"b":[1]}}}`, `{"file":"\"; filename=\"x","model":[[1],{"a":null}]}`,
		`{"a":"..","b":"a.b","c":[1,2],"d":{"é":1},"form":[1,2],"deep":{"a":{"b":"c"}},"url":"http://h?a#b","pipe":["a","b"]}`,
		`{"a":"a","b":"b","c":"c","d":"d","X-A":"a\nb","X-B":"\u0000é","c1":"; x=y","c2":["a","b"]}`,
		`{"a":"\ud800","b":1,"b":2}`, `{"\u0000":"\u0001","a[]":1,"a[b]":{"":[]}}`,
	} {
		for i := range fuzzed {
			f.Add(i, []byte(seed), i%2 == 0)
		}
	}
	const base = "http://host.example:8080/v1%2F2"
	builtIn := newClient(f, client.WithBaseURL(base), client.WithAPIKey("sk-key"))
	other := newClient(f, client.WithBaseURL(base), fuzzDocument)
	f.Fuzz(func(t *testing.T, operation int, params []byte, validate bool) {
		id := fuzzed[max(0, operation%len(fuzzed))]
		c := builtIn
		if id == "styles" || id == "formBody" {
			c = other
		}
		b, err := c.Bind(id, json.RawMessage(params))
		if err != nil {
			expect[*schema.ValidationError](t, err)
			return
		}
		if err := b.Validate(); err != nil {
			expect[*schema.ValidationError](t, err)
			if validate {
				return
			}
		}
		req, err := b.Request(t.Context())
		if err != nil {
			expect[*schema.ValidationError](t, err)
			return
		}
		checkAddress(t, b.Operation, base, req)
		checkHeaders(t, req)
		checkBody(t, req)
	})
}

// expect fails unless err is of a type, in text of bounded length.
func expect[E error](t *testing.T, err error) {
	t.Helper()
	var want E
	if !errors.As(err, &want) || len(err.Error()) > 100_000 {
		t.Fatalf("got a %T of %d bytes, want a %T: %.200v", err, len(err.Error()), want, err)
	}
}

func checkAddress(t *testing.T, op *schema.Operation, base string, req *http.Request) {
	t.Helper()
	u, err := url.Parse(req.URL.String())
	if err != nil {
		t.Fatalf("the address cannot be read back: %v", err)
	}
	if u.Scheme != "http" || u.Host != "host.example:8080" || req.Host != u.Host || u.User != nil || u.Fragment != "" {
		t.Errorf("got address %s, want one under %s", u, base)
	}
	path := u.EscapedPath()
	if want := strings.Count("/v1%2F2"+op.Path, "/"); strings.Count(path, "/") != want || !strings.HasPrefix(path, "/v1%2F2/") {
		t.Errorf("got path %s, want %d segments under %s", path, want, base)
	}
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		plain, err := url.PathUnescape(segment)
		if err != nil || plain == "" || plain == "." || plain == ".." || strings.Contains(plain, "\x00") {
			t.Errorf("got segment %q in path %s", segment, path)
		}
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		t.Errorf("got query %s: %v", u.RawQuery, err)
	}
}

func checkHeaders(t *testing.T, req *http.Request) {
	t.Helper()
	var wire bytes.Buffer
	dry := req.Clone(t.Context())
	dry.Body, dry.ContentLength = nil, 0
	if err := dry.Write(&wire); err != nil {
		t.Fatalf("net/http does not write the request: %v", err)
	}
	for name, values := range req.Header {
		for _, value := range values {
			if strings.ContainsAny(name+value, "\r\n\x00") {
				t.Errorf("got header %q: %q", name, value)
			}
		}
	}
}

func checkBody(t *testing.T, req *http.Request) {
	t.Helper()
	if req.Body == nil {
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil || int64(len(body)) != req.ContentLength {
		t.Fatalf("got %d bytes, %v; announced %d", len(body), err, req.ContentLength)
	}
	switch mediaType, params, _ := mime.ParseMediaType(req.Header.Get("Content-Type")); mediaType {
	case "application/json":
		if !json.Valid(body) {
			t.Errorf("got body %s, which is not JSON", body)
		}
	case "application/x-www-form-urlencoded":
		if _, err := url.ParseQuery(string(body)); err != nil {
			t.Errorf("got body %s: %v", body, err)
		}
	case "multipart/form-data":
		form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
		for {
			part, err := form.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatalf("got body %q: %v", body, err)
			}
			for name := range part.Header {
				if name != "Content-Disposition" && name != "Content-Type" {
					t.Errorf("got a part with the header %s", name)
				}
			}
		}
	default:
		t.Errorf("got Content-Type %q", mediaType)
	}
}
