package embed_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/opcall/opcall/schema"
)

// interaction is one recorded request and its answer.
type interaction struct {
	Line        int `json:"-"`
	Method      string
	Path        string
	ReqHeaders  map[string][]string `json:"req_headers"`
	ReqBody     string              `json:"req_body"`
	ReqBodyB64  []byte              `json:"req_body_b64"`
	Status      int
	ContentType string `json:"content_type"`
	Stream      bool
	RespBody    string `json:"resp_body"`
}

var recordedOnce struct {
	sync.Once
	list []interaction
}

// recorded returns the recorded interactions that the server answered with 2xx.
func recorded(t *testing.T) []interaction {
	t.Helper()
	data := shared(t, "recorded/interactions.jsonl")
	recordedOnce.Do(func() {
		scanner := bufio.NewScanner(bytes.NewReader(data))
		scanner.Buffer(nil, len(data))
		for line := 1; scanner.Scan(); line++ {
			var row interaction
			if err := json.Unmarshal(scanner.Bytes(), &row); err != nil {
				t.Errorf("interactions.jsonl:%d: %v", line, err)
			}
			if row.Line = line; row.Status/100 == 2 {
				recordedOnce.list = append(recordedOnce.list, row)
			}
		}
	})
	if len(recordedOnce.list) < 300 {
		t.Fatalf("read %d interactions answered with 2xx, want at least 300", len(recordedOnce.list))
	}
	return recordedOnce.list
}

// operation returns what was called, false when the document does not have it.
func (r interaction) operation(document *schema.Document) (*schema.Operation, bool) {
	op, _, ok := document.Match(r.Method, strings.TrimPrefix(r.Path, "/v1"))
	return op, ok
}

func (r interaction) header(name string) string {
	for key, values := range r.ReqHeaders {
		if strings.EqualFold(key, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// request returns the media type and the body as a JSON instance: of a multipart
// body its fields. It returns "" for requests without a body, and for the three
// whose recording is no multipart body but a printed Elixir term.
func (r interaction) request(t *testing.T) (mediaType, instance string) {
	t.Helper()
	body := r.ReqBody
	if len(r.ReqBodyB64) > 0 {
		body = string(r.ReqBodyB64)
	}
	if body == "" || strings.HasPrefix(body, "{:multipart") {
		return "", ""
	}
	mediaType, params, err := mime.ParseMediaType(r.header("Content-Type"))
	if err != nil {
		t.Fatalf("interactions.jsonl:%d: content type %q: %v", r.Line, r.header("Content-Type"), err)
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

// recordedStream is a recorded event stream of the corpus.
type recordedStream struct{ file, source, path, text string }

func recordedStreams(t *testing.T) []recordedStream {
	t.Helper()
	var manifest []struct{ File, Source, Path string }
	if err := json.Unmarshal(shared(t, "recorded/sse/manifest.json"), &manifest); err != nil {
		t.Fatal(err)
	}
	var list []recordedStream
	for _, entry := range manifest {
		list = append(list, recordedStream{entry.File, entry.Source, entry.Path, string(shared(t, "recorded/"+entry.File))})
	}
	if len(list) < 28 {
		t.Fatalf("read %d streams, want at least 28", len(list))
	}
	return list
}
