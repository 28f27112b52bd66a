package clienttest_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

func TestParametersAreTypedByTheirSchemas(t *testing.T) {
	tests := map[string]struct {
		request request
		want    map[string]string
	}{
		"path":            {request{path: "/animals/7"}, map[string]string{"id": `7`}},
		"integer":         {request{path: "/animals?limit=10"}, map[string]string{"limit": `10`}},
		"either, integer": {request{path: "/animals?after=5"}, map[string]string{"after": `5`}},
		"either, string":  {request{path: "/animals?after=start"}, map[string]string{"after": `"start"`}},
		"array, once":     {request{path: "/animals?kinds=cat"}, map[string]string{"kinds": `["cat"]`}},
		"array":           {request{path: "/animals?kinds=cat&limit=1&kinds=a%2Cb"}, map[string]string{"kinds": `["cat","a,b"]`, "limit": `1`}},
		"pipes":           {request{path: "/animals?ids=1%7C2"}, map[string]string{"ids": `[1,2]`}},
		"deep object":     {request{path: "/animals?born%5Bgte%5D=2"}, map[string]string{"born": `{"gte":2}`}},
		"spread object":   {request{path: "/animals?width=2.5&limit=1"}, map[string]string{"size": `{"width":2.5}`, "limit": `1`}},
		"JSON":            {request{path: "/animals?filter=%7B%22a%22:1%7D"}, map[string]string{"filter": `{"a":1}`}},
		"header":          {request{path: "/animals", header: "X-Tags: a, b"}, map[string]string{"X-Tags": `["a","b"]`}},
		"cookie":          {request{path: "/animals", header: "Cookie: x=y; night=true"}, map[string]string{"night": `true`}},
		"query in path":   {request{path: "/animals?beta=true"}, map[string]string{}},
	}
	server := zooServer(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.request.method = "GET"
			if status, _, body := send(t, server, tt.request); status != 200 {
				t.Fatalf("got %d %s", status, body)
			}
			requests := server.Requests()
			sent := requests[len(requests)-1]
			got := map[string]string{}
			for _, p := range sent.Parameters {
				got[p.Name] = string(p.Value)
				if raw := sent.Param(p.Name).Raw; raw != string(p.Value) {
					t.Errorf("got Param(%q) %s, want %s", p.Name, raw, p.Value)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormsBecomeObjects(t *testing.T) {
	urlencoded := "Content-Type: application/x-www-form-urlencoded"
	tests := map[string]struct {
		header, body, want string
	}{
		"nothing":           {multipart, "--b--\r\n", `{}`},
		"scalars":           {multipart, parts("text", "5", "count", "5", "ratio", "1e3", "yes", "true"), `{"text":"5","count":5,"ratio":1e3,"yes":true}`},
		"null":              {multipart, parts("count", "null"), `{"count":null}`},
		"either, number":    {multipart, parts("either", "5"), `{"either":5}`},
		"either, string":    {multipart, parts("either", "auto"), `{"either":"auto"}`},
		"array, once":       {multipart, parts("tags", "a"), `{"tags":["a"]}`},
		"array":             {multipart, parts("counts", "1", "text", "x", "counts", "2"), `{"counts":[1,2],"text":"x"}`},
		"JSON by encoding":  {multipart, parts("extra", `{"a": [1]}`), `{"extra":{"a": [1]}}`},
		"JSON by header":    {multipart, "--b\r\nContent-Disposition: form-data; name=point\r\nContent-Type: application/json\r\n\r\n{\"x\":1}\r\n--b--\r\n", `{"point":{"x":1}}`},
		"file":              {multipart, filePart("file", "a b.txt", "content"), `{"file":"a b.txt"}`},
		"files":             {multipart, filePart("files", "a", "content"), `{"files":["a"]}`},
		"text, not decoded": {multipart, parts("text", "a=20%20b+c"), `{"text":"a=20%20b+c"}`},

		"urlencoded scalars": {urlencoded, "text=a+b&count=5&yes=true&either=7", `{"count":5,"either":7,"text":"a b","yes":true}`},
		"urlencoded array":   {urlencoded, "counts=1&counts=2", `{"counts":[1,2]}`},
		"urlencoded spread":  {urlencoded, "x=1&y=2", `{"point":{"x":1,"y":2}}`},
		"urlencoded joined":  {urlencoded, "map=a,b,c,d", `{"map":{"a":"b","c":"d"}}`},
		"urlencoded nothing": {urlencoded, "", `{}`},

		"text as it is": {"Content-Type: text/markdown", "# Zoo", "# Zoo"},
		"no body":       {"", "", ""},
	}
	server := zooServer(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, _, body := send(t, server, request{method: "POST", path: "/forms", header: tt.header, body: tt.body})
			if status != 200 {
				t.Fatalf("got %d %s", status, body)
			}
			if got := string(server.LastRequest("sendForm").Body); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func filePart(name, file, content string) string {
	return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" + file + "\"\r\nContent-Type: text/plain\r\n\r\n" + content + "\r\n--b--\r\n"
}

func TestPartsAreRecorded(t *testing.T) {
	server := clienttest.NewServer(t)
	_, err := server.Client().Call(t.Context(), "createFile", client.Params{
		"purpose": "user_data",
		"file":    client.File{Name: "größe.txt", MediaType: "text/x-odd", Body: strings.NewReader("content")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []clienttest.Part{
		{Name: "file", FileName: "größe.txt", ContentType: "text/x-odd", Size: 7, Content: []byte("content")},
		{Name: "purpose", Size: 9, Content: []byte("user_data")},
	}
	sent := server.LastRequest("createFile")
	if diff := cmp.Diff(want, sent.Parts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if got, want := string(sent.Body), `{"file":"größe.txt","purpose":"user_data"}`; got != want {
		t.Errorf("got body %s, want %s", got, want)
	}
	if sent.Size < 100 {
		t.Errorf("got size %d, want that of the whole form", sent.Size)
	}
}

func TestBracketsOfTheOpenAIAPIAreRead(t *testing.T) {
	server := clienttest.NewServer(t)
	image := func(name string) client.File { return client.File{Name: name, Body: strings.NewReader("png")} }
	_, err := server.Client().Call(t.Context(), "createImageEdit", client.Params{
		"prompt": "a zoo", "n": 2, "image": []client.File{image("a.png"), image("b.png")},
	})
	if err != nil {
		t.Fatal(err)
	}
	sent := server.LastRequest("createImageEdit")
	if got, want := string(sent.Body), `{"image":["a.png","b.png"],"n":2,"prompt":"a zoo"}`; got != want {
		t.Errorf("got body %s, want %s", got, want)
	}
	if sent.Parts[0].Name != "image[]" {
		t.Errorf("got part %q, want image[]", sent.Parts[0].Name)
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	server := clienttest.NewServer(t)
	c := server.Client(client.WithHeader("X-Mine", "1"))
	for _, model := range []string{"a", "b/c"} {
		if _, err := c.Call(t.Context(), "retrieveModel", client.Params{"model": model}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Call(t.Context(), "listFiles", client.Params{"limit": 3}); err != nil {
		t.Fatal(err)
	}
	type line struct{ ID, Operation, Method, Path, Query, Mine string }
	var got []line
	for _, r := range server.Requests() {
		got = append(got, line{r.ID, r.Operation, r.Method, r.Path, r.Query, r.Header.Get("X-Mine")})
		if r.Time.IsZero() || r.Refusal != nil {
			t.Errorf("got %+v", r)
		}
	}
	want := []line{
		{"req_test_0001", "retrieveModel", "GET", "/v1/models/a", "", "1"},
		{"req_test_0002", "retrieveModel", "GET", "/v1/models/b%2Fc", "", "1"},
		{"req_test_0003", "listFiles", "GET", "/v1/files", "limit=3", "1"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if got := server.LastRequest("retrieve_model").Param("model").String(); got != "b/c" {
		t.Errorf("got model %q, want b/c", got)
	}
	if r := server.LastRequest("createFile"); r != nil {
		t.Errorf("got %+v for an operation that was not called", r)
	}
}

// endless yields n bytes without holding them.
func endless(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestLargeUploadsAreNotHeldInMemory(t *testing.T) {
	const size = 64 << 20
	server := clienttest.NewServer(t)
	c := server.Client()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := c.Call(t.Context(), "createFile", client.Params{
		"purpose": "user_data", "file": client.File{Name: "zeros", Body: endless(size)},
	})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	part := server.LastRequest("createFile").Parts[0]
	if part.Size != size || len(part.Content) != 1<<20 {
		t.Errorf("got %d bytes, %d recorded, want %d and 1 MiB", part.Size, len(part.Content), size)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 32<<20 {
		t.Errorf("got %d MiB allocated for an upload of %d MiB, want at most 32", allocated>>20, size>>20)
	}
}

func TestOldRequestsAreForgotten(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 70 MB: run without -short")
	}
	server := clienttest.NewServer(t)
	c := server.Client()
	for i := range 70 { // of 1 MiB and a few bytes each, of which 64 MiB are kept
		content := bytes.Repeat([]byte{'x'}, 1<<20)
		file := client.File{Name: fmt.Sprint(i), Body: bytes.NewReader(content)}
		if _, err := c.Call(t.Context(), "createFile", client.Params{"purpose": "user_data", "file": file}); err != nil {
			t.Fatal(err)
		}
	}
	requests := server.Requests()
	if first, last := requests[0].ID, requests[len(requests)-1].ID; first != "req_test_0008" || last != "req_test_0070" {
		t.Errorf("got requests %s to %s, want 0008 to 0070", first, last)
	}
}
