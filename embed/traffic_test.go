package embed_test

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"regexp"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// interaction is one recorded request and its answer.
type interaction struct{ shared.Interaction }

// recorded returns the recorded interactions that the server answered with 2xx.
func recorded(t *testing.T) []interaction {
	t.Helper()
	var list []interaction
	for _, x := range shared.Interactions(t) {
		if x.Status/100 == 2 {
			list = append(list, interaction{x})
		}
	}
	if len(list) < 300 {
		t.Fatalf("read %d interactions answered with 2xx, want at least 300", len(list))
	}
	return list
}

// operation returns what was called, false when the document does not have it.
func (r interaction) operation(document *schema.Document) (*schema.Operation, bool) {
	op, _, ok := document.Match(r.Method, strings.TrimPrefix(r.Path, "/v1"))
	return op, ok
}

// request returns the media type and the body as a JSON instance: of a multipart
// body its fields. It returns "" for requests without a body, and for the three
// whose recording is not a multipart body but a printed Elixir term.
func (r interaction) request(t *testing.T) (mediaType, instance string) {
	t.Helper()
	body := r.RequestBody
	if body == "" || strings.HasPrefix(body, "{:multipart") {
		return "", ""
	}
	mediaType, params, err := mime.ParseMediaType(r.RequestHeader.Get("Content-Type"))
	if err != nil {
		t.Fatalf("interactions.jsonl:%d: content type %q: %v", r.Line, r.RequestHeader.Get("Content-Type"), err)
	}
	if mediaType == "multipart/form-data" {
		return mediaType, fields(t, body, params["boundary"])
	}
	return mediaType, body
}

var indexed = regexp.MustCompile(`^(.*)\[\d*\]$`)

// fields reads a multipart body as the object that it writes out. A file is a
// string, a field that is a number in JSON is that number.
func fields(t *testing.T, body, boundary string) string {
	t.Helper()
	object := make(map[string]any)
	reader := multipart.NewReader(strings.NewReader(body), boundary)
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("multipart body: %v", err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			t.Fatalf("multipart body: %v", err)
		}
		var value any = string(data)
		if part.FileName() != "" {
			value = "bytes"
		} else if n := json.Number(data); json.Valid(data) && n.String() != "" && strings.Trim(n.String(), "0123456789") == "" {
			value = n
		}
		if m := indexed.FindStringSubmatch(part.FormName()); m != nil {
			list, _ := object[m[1]].([]any)
			object[m[1]] = append(list, value)
			continue
		}
		object[part.FormName()] = value
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// events returns the events of a recorded stream: name and data.
func events(stream string) [][2]string {
	var list [][2]string
	name := ""
	for line := range strings.Lines(strings.ReplaceAll(stream, "\r\n", "\n")) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			name = ""
		} else if rest, ok := strings.CutPrefix(line, "event:"); ok {
			name = strings.TrimSpace(rest)
		} else if rest, ok := strings.CutPrefix(line, "data:"); ok {
			list = append(list, [2]string{name, strings.TrimPrefix(rest, " ")})
		}
	}
	return list
}
