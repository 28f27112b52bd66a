package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// replay is a server that answers each request with the recorded answer to the
// row that its header names, and keeps what it received.
type replay struct {
	*httptest.Server
	rows []shared.Interaction

	mu       sync.Mutex
	received map[int]received
}

type received struct {
	method, path, query, contentType string
	body                             []byte
}

const rowHeader = "X-Recorded-Row"

func newReplay(t *testing.T, rows []shared.Interaction) *replay {
	t.Helper()
	s := &replay{rows: rows, received: make(map[int]received)}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *replay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.Header.Get(rowHeader))
	if err != nil || i < 0 || i >= len(s.rows) {
		http.Error(w, "no such row", http.StatusNotImplemented)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotImplemented)
		return
	}
	s.mu.Lock()
	s.received[i] = received{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Content-Type"), body}
	s.mu.Unlock()
	row := s.rows[i]
	for name, values := range row.ResponseHeader {
		switch name {
		case "Content-Length", "Content-Encoding", "Transfer-Encoding", "Connection":
			continue // of the recorded transfer, not of this one
		}
		w.Header()[name] = values
	}
	w.WriteHeader(row.Status)
	io.WriteString(w, row.ResponseBody)
}

func (s *replay) request(i int) (received, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.received[i]
	return r, ok
}

func (s *replay) client(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(client.WithBaseURL(s.URL+"/v1"), client.WithAPIKey("test"), client.WithAdminKey("test"), client.WithMaxRetries(0), client.WithHTTPClient(s.Client()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRecordedExchangesReplay(t *testing.T) {
	rows := shared.Interactions(t)
	server := newReplay(t, rows)
	c := server.client(t)
	t.Run("rows", func(t *testing.T) {
		for i, row := range rows {
			t.Run(fmt.Sprintf("%03d %s %s", i, row.Method, strings.TrimPrefix(row.Path, "/v1/")), func(t *testing.T) {
				t.Parallel()
				op, in := inputOf(t, c.Document(), row)
				opts := []client.CallOption{client.WithHeader(rowHeader, strconv.Itoa(i))}
				if row.Status == http.StatusBadRequest || row.Status == http.StatusNotFound {
					opts = append(opts, client.WithRequestValidation(schema.Off)) // the request may be what was wrong
				}
				if row.RequestHeader.Get("OpenAI-Beta") == "assistants=v1" {
					opts = append(opts, client.WithRequestValidation(schema.Off)) // valid for another version of the API
				}
				if strings.HasPrefix(row.ResponseHeader.Get("Content-Type"), "text/event-stream") {
					checkStream(t, c, op.ID, in, opts)
					sent, _ := server.request(i)
					checkSent(t, row, sent)
					return
				}
				r, err := c.Call(t.Context(), op.ID, in, opts...)
				sent, arrived := server.request(i)
				if !arrived {
					t.Fatalf("%s was not sent: %v\nsource: %s\nbody: %.1000s", op.ID, err, row.Source, row.RequestBody)
				}
				checkSent(t, row, sent)
				if row.Status >= 300 {
					checkError(t, row, op, err)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				checkAnswer(t, row, r)
			})
		}
	})
}

// inputOf takes a recorded request apart as the document describes it.
func inputOf(t *testing.T, doc *schema.Document, row shared.Interaction) (*schema.Operation, client.Input) {
	t.Helper()
	op, path, ok := doc.Match(row.Method, strings.TrimPrefix(row.Path, "/v1")+"?"+row.Query)
	if !ok {
		t.Fatalf("no operation is at %s %s", row.Method, row.Path)
	}
	in := client.Input{Path: map[string]any{}, Query: map[string]any{}}
	for name, escaped := range path {
		value, err := url.PathUnescape(escaped)
		if err != nil {
			t.Fatal(err)
		}
		in.Path[name] = value
	}
	query, err := url.ParseQuery(row.Query)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range query {
		p, ok := op.Parameter(strings.TrimSuffix(name, "[]"))
		if !ok || len(values) != 1 {
			t.Fatalf("query parameter %q is not one of %s", name, op.ID)
		}
		in.Query[p.Name] = typed(p.Schema, values[0])
	}
	switch mediaType := row.RequestHeader.Get("Content-Type"); {
	case row.RequestBody == "", row.RequestBody == "{}" && op.RequestBody == nil: // either says nothing
	case strings.HasPrefix(mediaType, "multipart/"):
		in.Body, in.MediaType = formOf(t, op, row.RequestBody), "multipart/form-data"
	default:
		in.Body, in.MediaType = json.RawMessage(row.RequestBody), mediaType
	}
	return op, in
}

// typed reads the text of a parameter or field: as JSON where the schema takes
// that, else as a string.
func typed(s *schema.Schema, text string) any {
	if json.Valid([]byte(text)) && s.Validate(json.RawMessage(text)) == nil {
		return json.RawMessage(text)
	}
	return text
}

// formOf reads a recorded form.
func formOf(t *testing.T, op *schema.Operation, body string) client.Params {
	t.Helper()
	media, ok := op.RequestBody.MediaType("multipart/form-data")
	if !ok {
		t.Fatalf("%s takes no form", op.ID)
	}
	fields, texts := client.Params{}, map[string]any{}
	for _, p := range recordedParts(t, body) {
		texts[p.base] = p.content
		file := client.File{Name: p.fileName, Body: strings.NewReader(p.content)}
		switch list, _ := fields[p.base].([]client.File); {
		case !p.isFile:
			fields[p.base] = p.content
		case p.name == p.base:
			fields[p.base] = file
		default:
			fields[p.base] = append(list, file)
		}
	}
	// A field that is wrong as a string is JSON.
	var invalid *schema.ValidationError
	if errors.As(media.Schema.Validate(texts), &invalid) {
		for _, p := range invalid.Problems {
			name := strings.Join(p.Pointer.Tokens(), "/")
			if text, isText := fields[name].(string); isText && p.Keyword == "type" {
				fields[name] = json.RawMessage(text)
			}
		}
	}
	return fields
}

// formPart is a part of a form; base is its name without brackets.
type formPart struct {
	name, base, fileName, content string
	isFile                        bool
}

// termPart is a part as one of the recorders wrote it, who had no request at
// hand but the Elixir term it was made of.
var termPart = regexp.MustCompile(`\{"file", <<([^>]*)>>, \{"form-data", \[name: "([^"]*)", filename: "([^"]*)"\]\}, \[\]\}|\{"([^"]*)", "([^"]*)"\}`)

// recordedParts reads a recorded form. The boundary is that of the body: the
// recorded header may have lost it.
func recordedParts(t *testing.T, body string) (parts []formPart) {
	t.Helper()
	if !strings.HasPrefix(body, "{:multipart, ") {
		first, _, _ := strings.Cut(body, "\r\n")
		return partsOf(t, body, strings.TrimPrefix(first, "--"))
	}
	for _, m := range termPart.FindAllStringSubmatch(body, -1) {
		if m[2] != "" {
			parts = append(parts, formPart{name: m[2], base: m[2], fileName: m[3], content: m[1], isFile: true})
		} else {
			parts = append(parts, formPart{name: m[4], base: m[4], content: m[5]})
		}
	}
	return parts
}

func partsOf(t *testing.T, body, boundary string) (parts []formPart) {
	t.Helper()
	reader := multipart.NewReader(strings.NewReader(body), boundary)
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatalf("form: %v", err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatalf("form: %v", err)
		}
		base, _, _ := strings.Cut(part.FormName(), "[")
		parts = append(parts, formPart{part.FormName(), base, part.FileName(), string(content), part.FileName() != ""})
	}
}

// checkSent compares what arrived with what was recorded: as JSON, as pairs, as
// parts.
// checkStream replays a request that asked for events.
func checkStream(t *testing.T, c *client.Client, operation string, in client.Input, opts []client.CallOption) {
	t.Helper()
	s, err := c.Stream(t.Context(), operation, in, opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	events := 0
	for _, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		events++
	}
	if events == 0 {
		t.Error("got no events")
	}
}

func checkSent(t *testing.T, row shared.Interaction, got received) {
	t.Helper()
	if path, err := url.PathUnescape(got.path); err != nil || got.method != row.Method || path != row.Path {
		t.Errorf("got %s %s, want %s %s", got.method, got.path, row.Method, row.Path)
	}
	gotQuery, _ := url.ParseQuery(got.query)
	wantQuery, _ := url.ParseQuery(row.Query)
	if diff := cmp.Diff(wantQuery, gotQuery); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	if strings.HasPrefix(row.RequestHeader.Get("Content-Type"), "multipart/") {
		_, params, err := mime.ParseMediaType(got.contentType)
		if err != nil {
			t.Fatalf("content type %q: %v", got.contentType, err)
		}
		compareForms(t, recordedParts(t, row.RequestBody), partsOf(t, string(got.body), params["boundary"]))
		return
	}
	if isEmpty(row.RequestBody) && isEmpty(string(got.body)) {
		return
	}
	if diff := cmp.Diff(parseAny(t, []byte(row.RequestBody)), parseAny(t, got.body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// isEmpty reports whether a body says nothing: the API takes an object without
// fields and no body at all for the same.
func isEmpty(body string) bool { return body == "" || body == "{}" }

// compareForms compares parts by name; image[0] and image[] are the same field.
func compareForms(t *testing.T, want, got []formPart) {
	t.Helper()
	byName := func(parts []formPart) map[string][]formPart {
		fields := make(map[string][]formPart)
		for _, p := range parts {
			name := p.base
			p.name, p.base = "", ""
			fields[name] = append(fields[name], p)
		}
		return fields
	}
	if diff := cmp.Diff(byName(want), byName(got), cmp.AllowUnexported(formPart{})); diff != "" {
		t.Errorf("form (-want +got):\n%.2000s", diff)
	}
}

func checkAnswer(t *testing.T, row shared.Interaction, r *client.Response) {
	t.Helper()
	defer r.Close()
	body, err := io.ReadAll(r.Body())
	if err != nil {
		t.Fatal(err)
	}
	if string(body) != row.ResponseBody {
		t.Errorf("got body %.200q, want %.200q", body, row.ResponseBody)
	}
	if got, want := r.RequestID(), row.ResponseHeader.Get("X-Request-Id"); got != want {
		t.Errorf("got request ID %q, want %q", got, want)
	}
	if r.IsJSON() != schema.IsJSON(row.ContentType) {
		t.Errorf("got JSON %v for %s", r.IsJSON(), row.ContentType)
	}
	if !r.IsJSON() {
		return
	}
	if !bytes.Equal(r.Raw(), []byte(row.ResponseBody)) {
		t.Errorf("got raw answer %.200q, want %.200q", r.Raw(), row.ResponseBody)
	}
	if value := r.Value(); !value.Exists() || string(value.Raw()) != strings.TrimSpace(row.ResponseBody) {
		t.Errorf("got value %.200s, want %.200s", value.Raw(), row.ResponseBody)
	}
}

func checkError(t *testing.T, row shared.Interaction, op *schema.Operation, err error) {
	t.Helper()
	var got *client.APIError
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want an *APIError", err)
	}
	text := func(path string) string { return gjson.Get(row.ResponseBody, path).String() }
	want := &client.APIError{
		StatusCode: row.Status, Operation: op.ID, Attempts: 1,
		Type: text("error.type"), Code: text("error.code"), Param: text("error.param"), Message: text("error.message"),
		RequestID: row.ResponseHeader.Get("X-Request-Id"), Body: []byte(row.ResponseBody),
	}
	if want.Message == "" {
		t.Errorf("the recorded error %.200s has no message", row.ResponseBody)
	}
	header := got.Header
	got.Header = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if header.Get("Content-Type") != row.ResponseHeader.Get("Content-Type") {
		t.Errorf("got header %v, want that of the answer", header)
	}
}
