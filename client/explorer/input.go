package explorer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// Limits of what the page sends: the texts that are validated while somebody types, and
// calls with the files in them.
const (
	maxCheck = 8 << 20
	maxSend  = 128 << 20
)

// asked is what the page has in its form.
type asked struct {
	Operation  string                    `json:"operation"`
	Parameters map[string]map[string]any `json:"parameters"` // by place: path, query, header, cookie
	Body       *string                   `json:"body"`       // JSON text, as typed; null for none
	MediaType  string                    `json:"mediaType"`
	Stream     bool                      `json:"stream"`
	Target     string                    `json:"target"` // "test" or "api"
}

// readAsked reads what the page sent. Responses are written where it cannot.
func readAsked(w http.ResponseWriter, r *http.Request, limit int64) (*asked, bool) {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		writeJSON(w, http.StatusUnsupportedMediaType, map[string]string{"error": "got another Content-Type, want application/json"})
		return nil, false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	decoder.UseNumber()
	var a asked
	if err := decoder.Decode(&a); err != nil {
		status := http.StatusBadRequest
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			status, err = http.StatusRequestEntityTooLarge, fmt.Errorf("the request is longer than %d MiB", limit>>20)
		}
		writeJSON(w, status, map[string]string{"error": err.Error()})
		return nil, false
	}
	return &a, true
}

// input makes the input of a call of what the page has. The text of the body stays what
// it is, down to its digits; where files are in it, it becomes a form.
func (a *asked) input() (client.Input, error) {
	in := client.Input{
		Path: a.Parameters["path"], Query: a.Parameters["query"],
		Header: a.Parameters["header"], Cookie: a.Parameters["cookie"],
		MediaType: a.MediaType,
	}
	if a.Body == nil {
		return in, nil
	}
	in.Body = json.RawMessage(*a.Body)
	switch {
	case strings.Contains(*a.Body, `"$file"`):
		decoder := json.NewDecoder(strings.NewReader(*a.Body))
		decoder.UseNumber()
		var body any
		if err := decoder.Decode(&body); err != nil {
			return in, nil // which validation explains
		}
		body, err := withFiles(body)
		if params, ok := body.(map[string]any); ok {
			body = client.Params(params)
		}
		in.Body = body
		return in, err
	case a.MediaType != "" && !schema.IsJSON(a.MediaType) && !strings.HasPrefix(a.MediaType, "multipart/") && a.MediaType != "application/x-www-form-urlencoded":
		// A body that is one text, such as SDP: its JSON is a string.
		var text string
		if json.Unmarshal([]byte(*a.Body), &text) == nil {
			in.Body = text
		}
	}
	return in, nil
}

// withFiles replaces {"$file": {"name": …, "type": …, "data": BASE64}} by files.
func withFiles(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case map[string]any:
		if file, ok := v["$file"].(map[string]any); ok && len(v) == 1 {
			return fileOf(file)
		}
		for name, member := range v {
			if v[name], err = withFiles(member); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, item := range v {
			if v[i], err = withFiles(item); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

func fileOf(v map[string]any) (client.File, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return client.File{}, err
	}
	var file struct {
		Name, Type string
		Data       []byte
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return client.File{}, fmt.Errorf("a file in the form: %w", err)
	}
	return client.File{Name: file.Name, MediaType: file.Type, Body: io.NewSectionReader(bytes.NewReader(file.Data), 0, int64(len(file.Data)))}, nil
}
