package client_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// The sweep calls every operation of a document with requests made from its own
// schemas, and the test server validates them against the document again: two
// readings of the same text that have nothing in common but the text.

func TestSweepOfTheBuiltInDocument(t *testing.T) {
	server := clienttest.NewServer(t)
	if n := sweep(t, server); n != 288 {
		t.Errorf("got %d operations, want 288", n)
	}
}

func TestSweepOfTheOfficialDocument(t *testing.T) {
	if testing.Short() {
		t.Skip("the built-in document is made from it and swept: run without -short")
	}
	for name, want := range map[string]int{"openapi.yaml": 288, "openapi-2025-04-29.yaml": 148} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(shared.Path(t, "openai-api", name))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := schema.Load(text, client.Errata())
			if err != nil {
				t.Fatal(err)
			}
			if n := sweep(t, clienttest.NewServer(t, clienttest.WithDocument(doc))); n != want {
				t.Errorf("got %d operations, want %d", n, want)
			}
		})
	}
}

// sweep calls every operation twice and returns how many there are.
func sweep(t *testing.T, server *clienttest.Server) (operations int) {
	t.Helper()
	if testing.Short() {
		t.Log("-short: every fifth operation")
	}
	c := server.Client(client.WithMaxRetries(0))
	t.Run("operations", func(t *testing.T) {
		for op := range server.Document().Operations() {
			if operations++; testing.Short() && operations%5 != 0 {
				continue
			}
			t.Run(op.ID, func(t *testing.T) {
				t.Parallel()
				for _, size := range []size{minimal, full} {
					for _, media := range mediaTypesOf(op) {
						t.Run(size.name+" "+mediaName(media), func(t *testing.T) { callOnce(t, server, c, op, size, media) })
					}
				}
			})
		}
	})
	return operations
}

// size says how much of an operation a request uses.
type size struct {
	name   string
	sample func(*schema.Schema) (json.RawMessage, error)
}

var (
	minimal = size{"minimal", sample.Minimal}
	full    = size{"full", sample.Full}
)

func mediaName(media *schema.MediaType) string {
	if media == nil {
		return "without body"
	}
	return media.Name
}

func callOnce(t *testing.T, server *clienttest.Server, c *client.Client, op *schema.Operation, size size, media *schema.MediaType) {
	in, err := inputFor(op, size, media)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(op.ID, in); err != nil {
		t.Fatalf("%v\nbody: %.2000s", err, show(in.Body))
	}
	// A sample may ask for the event stream, which Call refuses unless nothing is validated.
	r, err := c.Call(t.Context(), op.ID, in, client.WithRequestValidation(schema.Off))
	if err != nil {
		t.Fatalf("%v\nbody: %.2000s", err, show(in.Body))
	}
	defer r.Close()
	checkArrival(t, server, r.RequestID(), op, in)
	var body bytes.Buffer
	if _, err := r.WriteTo(&body); err != nil {
		t.Errorf("answer: %v", err)
	}
	if !r.IsJSON() {
		if wantsBody(op) && body.Len() == 0 {
			t.Errorf("got an empty answer of type %q", r.MediaType())
		}
		return
	}
	if !r.Value().Exists() {
		t.Errorf("the answer %.200s has no value", r.Raw())
	}
	for _, f := range r.Findings() {
		t.Errorf("finding in the answer: %v", f)
	}
}

// checkArrival compares what the server read from the wire with what was bound.
func checkArrival(t *testing.T, server *clienttest.Server, id string, op *schema.Operation, in client.Input) {
	t.Helper()
	requests := server.Requests()
	i := slices.IndexFunc(requests, func(r *clienttest.Request) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("request %q is not recorded", id)
	}
	sent := requests[i]
	if sent.Operation != op.ID {
		t.Errorf("got a request of %s, want %s", sent.Operation, op.ID)
	}
	got, want := map[string]any{}, map[string]any{}
	for _, p := range sent.Parameters {
		got[p.In+" "+p.Name] = parseAny(t, p.Value)
	}
	for place, values := range map[string]map[string]any{"path": in.Path, "query": in.Query, "header": in.Header, "cookie": in.Cookie} {
		for name, value := range values {
			if v := written(parseAny(t, value.(json.RawMessage))); v != nil {
				want[place+" "+name] = v
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	switch body := in.Body.(type) {
	case json.RawMessage:
		if diff := cmp.Diff(parseAny(t, body), parseAny(t, sent.Body)); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	case client.Params:
		if diff := cmp.Diff(formObject(t, body), parseAny(t, sent.Body)); diff != "" {
			t.Errorf("form (-want +got):\n%s", diff)
		}
	}
}

// formObject is what a form should arrive as: files are their names.
func formObject(t *testing.T, fields client.Params) any {
	t.Helper()
	object := map[string]any{}
	for name, value := range fields {
		switch v := value.(type) {
		case client.File:
			object[name] = v.Name
		case []client.File:
			var names []any
			for _, file := range v {
				names = append(names, file.Name)
			}
			object[name] = names
		case json.RawMessage:
			if text := written(parseAny(t, v)); text != nil {
				object[name] = text
			}
		}
	}
	return object
}

// written drops what leaves no trace in queries and forms: null and what is
// empty.
func written(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if v[name] = written(member); v[name] == nil {
				delete(v, name)
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
	}
	return v
}

// parseAny reads JSON with its numbers as they are written.
func parseAny(t *testing.T, text []byte) (v any) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
	return v
}

// wantsBody reports whether the document describes a body in the answer.
func wantsBody(op *schema.Operation) bool {
	for _, r := range op.Responses {
		if strings.HasPrefix(r.Status, "2") {
			return len(r.Content) > 0
		}
	}
	return false
}

// mediaTypesOf returns the request bodies that an operation takes; nil stands for
// none.
func mediaTypesOf(op *schema.Operation) []*schema.MediaType {
	if op.RequestBody == nil {
		return []*schema.MediaType{nil}
	}
	return op.RequestBody.Content
}

// inputFor makes a request of an operation from its schemas.
func inputFor(op *schema.Operation, size size, media *schema.MediaType) (client.Input, error) {
	in := client.Input{Path: map[string]any{}, Query: map[string]any{}, Header: map[string]any{}, Cookie: map[string]any{}}
	places := map[string]map[string]any{"path": in.Path, "query": in.Query, "header": in.Header, "cookie": in.Cookie}
	for _, p := range op.Parameters {
		if size.name == "minimal" && !p.Required {
			continue
		}
		value, err := json.RawMessage(`"text"`), error(nil)
		if p.Schema != nil {
			value, err = size.sample(p.Schema)
		}
		if err != nil {
			return in, fmt.Errorf("%s parameter %s: %w", p.In, p.Name, err)
		}
		places[p.In][p.Name] = value
	}
	if media == nil || size.name == "minimal" && !op.RequestBody.Required {
		return in, nil
	}
	in.MediaType = media.Name
	text, err := size.sample(media.Schema)
	if err != nil {
		return in, fmt.Errorf("body: %w", err)
	}
	switch {
	case schema.IsJSON(media.Name):
		in.Body = text
	case strings.HasPrefix(media.Name, "multipart/"):
		in.Body = form(media.Schema, text)
	default:
		in.Body = "v=0\r\n"
	}
	return in, nil
}

// form makes files of the fields that the schema says are files.
func form(s *schema.Schema, object json.RawMessage) client.Params {
	fields := client.Params{}
	for name, value := range jsonscan.Members(string(object)) {
		fields[name] = json.RawMessage(value)
		if !isFile(s.Document(), s.JSON(), name) {
			continue
		}
		switch value[0] {
		case '"':
			fields[name] = client.File{Name: name + ".bin", Body: strings.NewReader("content of " + name)}
		case '[':
			var files []client.File
			for i := range jsonscan.Items(value) {
				files = append(files, client.File{Name: fmt.Sprint(name, i, ".bin"), Body: strings.NewReader("content of " + name)})
			}
			fields[name] = files
		}
	}
	return fields
}

// isFile reports whether a property is a file or a list of files: a string of the
// format binary, somewhere in its schema.
func isFile(doc *schema.Document, text, property string) bool {
	text = resolve(doc, text)
	properties, _ := jsonscan.Member(text, "properties")
	if value, ok := jsonscan.Member(properties, property); ok && holdsBinary(doc, value) {
		return true
	}
	return slices.ContainsFunc(branches(text), func(branch string) bool { return isFile(doc, branch, property) })
}

func holdsBinary(doc *schema.Document, text string) bool {
	text = resolve(doc, text)
	if format, _ := jsonscan.Member(text, "format"); jsonscan.String(format) == "binary" {
		return true
	}
	if items, ok := jsonscan.Member(text, "items"); ok && holdsBinary(doc, items) {
		return true
	}
	return slices.ContainsFunc(branches(text), func(branch string) bool { return holdsBinary(doc, branch) })
}

// branches returns the schemas that a schema is made of.
func branches(text string) (list []string) {
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		schemas, _ := jsonscan.Member(text, keyword)
		for _, branch := range jsonscan.Items(schemas) {
			list = append(list, branch)
		}
	}
	return list
}

func resolve(doc *schema.Document, text string) string {
	if ref, ok := jsonscan.Member(text, "$ref"); ok {
		if target, ok := doc.Lookup(schema.Pointer(strings.TrimPrefix(jsonscan.String(ref), "#"))); ok {
			return target
		}
	}
	return text
}

// show returns a body for a message.
func show(body any) string {
	switch b := body.(type) {
	case json.RawMessage:
		return string(b)
	case client.Params:
		text, _ := json.Marshal(b)
		return string(text)
	}
	return fmt.Sprint(body)
}
