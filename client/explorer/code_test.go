package explorer_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// forms is a document whose operations cannot be called by names alone.
const forms = `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/put":{"post":{"operationId":"put",
	"parameters":[{"name":"name","in":"query","schema":{"type":"string"}},{"name":"f[a.b]","in":"query","schema":{"type":"array","items":{"type":"string"}}}],
	"requestBody":{"content":{
		"application/json":{"schema":{"type":"object","properties":{"name":{"type":"string"},"n":{"type":"number"}}}},
		"multipart/form-data":{"schema":{"type":"object","properties":{"files":{"type":"array","items":{"type":"string","format":"binary"}}}}},
		"application/octet-stream":{"schema":{"type":"string","format":"binary"}}}},
	"responses":{"200":{"description":"ok"}}}}}}`

func TestCodeSendsWhatThePageSends(t *testing.T) {
	t.Parallel()
	c, err := client.New(client.WithoutEnvironment(), client.WithBaseURL("http://127.0.0.1:1"), client.WithSpec([]byte(forms)))
	if err != nil {
		t.Fatal(err)
	}
	b := openClient(t, c)
	const file = `{"$file":{"name":"a.png","type":"image/png","data":"/+8="}}`
	for name, tt := range map[string]struct {
		body, more          string
		command, goes, curl string // parts of the code
	}{
		"a field named as a parameter": {
			`{"name":"x"}`, `,"parameters":{"query":{"f[a.b]":["y"]}}`,
			`# opcall call cannot send the field "name"`, "client.Input{\n\tQuery: map[string]any{", `--data-raw '{"name":"x"}'`,
		},
		"a list":             {`{"n":1}`, `,"parameters":{"query":{"f[a.b]":["@y"]}}`, `'f[a.b]:=["@y"]'`, `client.Params{`, "f%5Ba.b%5D=%40y"},
		"an optional body":   {`{}`, "", "-d '{}'", "Body: client.Params{}", "--data-raw '{}'"},
		"a number too large": {`{"n":1e999}`, "", "-d '{\"n\":1e999}'", `json.Number("1e999")`, "1e999"},
		"a name twice":       {`{"n":{"a":1,"a":2}}`, "", "-d", "\"a\": 2,\n", "curl"},
		"files":              {`{"files":[` + file + `,` + file + `]}`, `,"mediaType":"multipart/form-data"`, "'files[]=@a.png' 'files[]=@a.png'", `client.File{Name: "a.png", Body: file}`, `-F 'files=@"a.png";type=image/png'`},
		"a form without parts": {
			`{}`, `,"mediaType":"multipart/form-data"`,
			"# opcall call cannot send this as multipart/form-data", `MediaType: "multipart/form-data"`, "--data-raw",
		},
		"a file as the body": {file, `,"mediaType":"application/octet-stream"`, "# opcall call cannot send a file", `Body: client.File{Name: "a.png", Body: file}`, "--data-binary @a.png"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, text := b.post("/check", ask("put", tt.body, tt.more))
			var v struct {
				Code []struct{ Language, Text string }
			}
			if err := json.Unmarshal([]byte(text), &v); err != nil || status != http.StatusOK || len(v.Code) != 3 {
				t.Fatalf("status %d, %v: %s", status, err, text)
			}
			for i, want := range []string{tt.command, tt.goes, tt.curl} {
				if !strings.Contains(v.Code[i].Text, want) {
					t.Errorf("%s: got\n%s\nwant %s in it", v.Code[i].Language, v.Code[i].Text, want)
				}
			}
		})
	}
}

// The verdict comes with each key that is pressed: a long body does not come back with it.
func TestLongBodyIsNotInTheCode(t *testing.T) {
	t.Parallel()
	b, _ := open(t)
	_, text := b.post("/check", ask("createEmbedding", `{"model":"m","input":"`+strings.Repeat("x", 100_000)+`"}`, ""))
	for _, want := range []string{"-d @body.json", "os.ReadFile(", "Body: json.RawMessage(body)", "--data-binary @body.json"} {
		if !strings.Contains(text, want) {
			t.Errorf("got %.2000s, want %s in it", text, want)
		}
	}
	if len(text) > 2000 {
		t.Errorf("got %d bytes", len(text))
	}
}

// What a Go program would do is not a remedy in a browser.
func TestProblemsNameNoGo(t *testing.T) {
	t.Parallel()
	b, _ := open(t)
	for path, kind := range map[string]string{"/check": "problems", "/send": "error"} {
		_, text := b.post(path, ask("createFile", `{"file":"x","purpose":"batch"}`, ""))
		if !strings.Contains(text, kind) || !strings.Contains(text, "want a file: choose it in the form") || strings.Contains(text, "client.File") {
			t.Errorf("%s: got %s", path, text)
		}
	}
}
