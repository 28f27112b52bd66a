package client_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// TestDocumentsOfTheField loads documents that show what vendors write, and calls every
// operation of each. What is wrong with a part refuses the part.
func TestDocumentsOfTheField(t *testing.T) {
	folder := shared.Path(t, "cases", "documents")
	unusable := map[string]string{ // pointers that Verify names
		"dangling-ref":         "/paths/~1jobs/get/responses/200/content/application~1json/schema",
		"parameter-without-in": "/paths/~1a/get/parameters/0/in",
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name, yaml := strings.CutSuffix(entry.Name(), ".yaml")
		if !yaml {
			continue
		}
		t.Run(name, func(t *testing.T) {
			doc, err := schema.LoadFile(filepath.Join(folder, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, wrong := range doc.Verify() {
				found = append(found, string(wrong.Pointer))
			}
			if got := strings.Join(found, " "); got != unusable[name] {
				t.Errorf("Verify names %q, want %q", got, unusable[name])
			}
			for _, r := range doc.Repairs() {
				t.Log(r.Pointer, r.Keyword, r.Reason)
			}
			server := clienttest.NewServer(t, clienttest.WithDocument(doc))
			c := server.Client(client.WithMaxRetries(0), client.WithAPIKey("key-for-all"), client.WithResponseValidation(schema.Standard))
			for op := range doc.Operations() {
				for _, size := range []size{minimal, full} {
					for _, media := range mediaTypesOf(op) {
						callOfTheField(t, c, op, size, media)
					}
				}
			}
		})
	}
}

// callOfTheField makes a request from the schemas of an operation. The test server validates
// it against the same document, and the client the response.
func callOfTheField(t *testing.T, c *client.Client, op *schema.Operation, size size, media *schema.MediaType) {
	t.Helper()
	if media != nil && (media.Schema == nil || !schema.IsJSON(media.Name) && !strings.Contains(media.Name, "form") && media.Name != "*/*") {
		media = &schema.MediaType{Name: media.Name, Schema: nil}
	}
	in, err := inputFor(op, size, nil)
	for _, p := range op.Parameters { // a list without items is not a value on the wire
		if p.Required && p.Schema != nil && err == nil {
			var value json.RawMessage
			value, err = sample.Full(p.Schema)
			map[string]map[string]any{"path": in.Path, "query": in.Query, "header": in.Header, "cookie": in.Cookie}[p.In][p.Name] = value
		}
	}
	if err == nil && media != nil && (size.name == "full" || op.RequestBody.Required) {
		if in.MediaType = media.Name; media.Name == "*/*" { // of which a json.RawMessage makes JSON
			in.MediaType = ""
		}
		in.Body = "v=0"
		if media.Schema != nil {
			in.Body, err = size.sample(media.Schema)
		}
	}
	if ok, found := op.Response(200); found && len(ok.Content) == 1 && ok.Content[0].Name == "text/event-stream" && err == nil {
		readEvents(t, c, op, in)
		return
	}
	var r *client.Response
	if err == nil {
		r, err = c.Call(t.Context(), op.ID, in)
	}
	if err != nil {
		t.Errorf("%s %s %s: %v", op.ID, size.name, mediaName(media), err)
		return
	}
	defer r.Close()
	for _, f := range r.Findings() {
		t.Errorf("%s: finding %v", op.ID, f)
	}
}

func readEvents(t *testing.T, c *client.Client, op *schema.Operation, in client.Input) {
	t.Helper()
	stream, err := c.Stream(t.Context(), op.ID, in)
	if err != nil {
		t.Errorf("%s: %v", op.ID, err)
		return
	}
	defer stream.Close()
	n := 0
	for event, err := range stream.Events() {
		if err != nil {
			t.Errorf("%s: %v", op.ID, err)
		}
		for _, f := range event.Findings() {
			t.Errorf("%s: finding %v", op.ID, f)
		}
		n++
	}
	if n == 0 {
		t.Errorf("%s: got no event", op.ID)
	}
}
