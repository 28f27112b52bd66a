package clienttest_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/internal/sample"
	"github.com/opcall/opcall/schema"
)

// paramsFor returns params that an operation takes: a small body, and a value for each
// parameter that it requires.
func paramsFor(t *testing.T, op *schema.Operation, known map[string]string) client.Input {
	t.Helper()
	in := client.Input{Path: map[string]any{}, Query: map[string]any{}}
	for _, p := range op.Parameters {
		switch {
		case p.In == "path" && known[p.Name] != "":
			in.Path[p.Name] = known[p.Name]
		case p.In == "path":
			in.Path[p.Name] = "parent_1"
		}
	}
	if op.RequestBody == nil {
		return in
	}
	media := op.RequestBody.Content[0]
	for _, m := range op.RequestBody.Content {
		if schema.IsJSON(m.Name) {
			media = m
		}
	}
	text, err := sample.Typical(media.Schema)
	if err != nil {
		t.Fatalf("%s: %v", op.ID, err)
	}
	body := map[string]any{}
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatalf("%s: %v", op.ID, err)
	}
	if !schema.IsJSON(media.Name) {
		for name := range inbound.FileFields(media.Schema) {
			if _, has := body[name]; has {
				body[name] = client.File{Name: "a.txt", Body: strings.NewReader("content")}
			}
		}
	}
	if op.ID == "createChatCompletion" {
		body["store"] = true
	}
	in.Body, in.MediaType = body, media.Name
	return in
}

// TestEveryResourceIsKept makes three objects of every resource that the built-in document
// lets one derive; lists them page by page; gets, changes and deletes one.
func TestEveryResourceIsKept(t *testing.T) {
	server := clienttest.NewServer(t)
	v := &visit{t: t, server: server, client: server.Client(client.WithResponseValidation(schema.Standard), client.WithMaxRetries(0))}
	for _, r := range server.Resources() {
		if r.Create != "" && r.Item != "" {
			v.resource(r)
		}
	}
	t.Logf("%d resources: %d made, %d listed, %d got, %d changed, %d deleted", len(server.Resources()), v.made, v.listed, v.got, v.changed, v.deleted)
	if v.made < 43 || v.listed < 36 || v.got < 40 || v.changed < 15 || v.deleted < 35 {
		t.Errorf("made %d, listed %d, got %d, changed %d, deleted %d: want at least 43, 36, 40, 15, 35", v.made, v.listed, v.got, v.changed, v.deleted)
	}
}

// visit goes to resources, one after the other, and counts what it did.
type visit struct {
	t                                   *testing.T
	server                              *clienttest.Server
	client                              *client.Client
	made, listed, got, changed, deleted int

	parameter string // of the resource
	named     bool   // requests give its objects their IDs
}

func (v *visit) call(id string, in client.Input) *client.Response {
	v.t.Helper()
	r, err := v.client.Call(v.t.Context(), id, in)
	if err != nil {
		v.t.Errorf("%s: %v", id, err)
		return nil
	}
	return r
}

// input is that of an operation on an object.
func (v *visit) input(operation, id string) client.Input {
	v.t.Helper()
	op, err := v.server.Document().Operation(operation)
	if err != nil {
		v.t.Fatal(err)
	}
	return paramsFor(v.t, op, map[string]string{v.parameter: id})
}

func (v *visit) resource(r clienttest.Resource) {
	v.t.Helper()
	v.parameter = r.Item[strings.LastIndexByte(r.Item, '{')+1 : len(r.Item)-1]
	v.named = false
	var ids []string
	for n := range 3 {
		id := v.make(r.Create, n)
		if id == "" {
			return
		}
		ids = append(ids, id)
	}
	v.made++
	if r.List != "" {
		v.list(r.List, ids)
	}
	if r.Get != "" {
		if object := v.call(r.Get, v.input(r.Get, ids[1])); object != nil {
			v.got++
			if have := object.Get("id").String(); have != "" && have != ids[1] && object.Get(v.parameter).String() != ids[1] {
				v.t.Errorf("%s: got ID %q, want %q", r.Get, have, ids[1])
			}
		}
	}
	if r.Update != "" {
		v.change(r, ids[1])
	}
	if r.Delete == "" || v.call(r.Delete, v.input(r.Delete, ids[0])) == nil {
		return
	}
	v.deleted++
	if r.List != "" {
		v.list(r.List, ids[1:])
	}
	for _, operation := range []string{r.Get, r.Update, r.Delete} {
		if operation == "" || v.named {
			continue
		}
		var refused *client.APIError
		if _, err := v.client.Call(v.t.Context(), operation, v.input(operation, ids[0])); !errors.As(err, &refused) || refused.StatusCode != 404 || refused.Code != "not_found" {
			v.t.Errorf("%s of what was deleted: got %v, want 404", operation, err)
		}
	}
}

// make makes an object, the nth, and returns what it has in paths.
func (v *visit) make(operation string, n int) string {
	v.t.Helper()
	in := v.input(operation, "")
	if body, ok := in.Body.(map[string]any); ok && body[v.parameter] != nil {
		body[v.parameter] = fmt.Sprintf("own_%d", n)
		v.named = true
	}
	created := v.call(operation, in)
	if created == nil {
		return ""
	}
	if v.named {
		return fmt.Sprintf("own_%d", n)
	}
	id := cmp.Or(created.Get(v.parameter).String(), created.Get("id").String(), created.Get("data.0.id").String())
	if id == "" {
		v.t.Errorf("%s: no ID in %s", operation, created.Raw())
	}
	return id
}

// list reads a list in pages of two, and wants the objects that there are in one of both
// orders.
func (v *visit) list(operation string, want []string) {
	v.t.Helper()
	v.listed++
	in := v.input(operation, "")
	if op, err := v.server.Document().Operation(operation); err == nil {
		if _, ok := op.Parameter("limit"); ok {
			in.Query["limit"] = 2
		}
	}
	var got []string
	for item, err := range v.client.Items(v.t.Context(), operation, in) {
		if err != nil {
			v.t.Errorf("%s: %v", operation, err)
			return
		}
		got = append(got, cmp.Or(item.Get(v.parameter).String(), item.Get("id").String()))
	}
	if len(got) > len(want) { // others were made with other objects
		got = slices.DeleteFunc(got, func(id string) bool { return !slices.Contains(want, id) })
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		v.t.Errorf("%s: got %q, want %q", operation, got, want)
	}
}

// change sets the name or the metadata of an object, and looks for it.
func (v *visit) change(r clienttest.Resource, id string) {
	v.t.Helper()
	in := v.input(r.Update, id)
	body, _ := in.Body.(map[string]any)
	path, want := "", "changed"
	switch {
	case body["name"] != nil:
		path, body["name"] = "name", want
	case body["role_name"] != nil:
		body["role_name"], path = want, "name"
	default:
		if _, has := body["metadata"]; has {
			path, body["metadata"] = "metadata.k", map[string]any{"k": want}
		}
	}
	changed := v.call(r.Update, in)
	if changed == nil || path == "" {
		return
	}
	v.changed++
	if got := changed.Get(path).String(); got != want {
		v.t.Errorf("%s: %s: got %q, want %q in %s", r.Update, path, got, want, changed.Raw())
	}
	if r.Get == "" {
		return
	}
	if object := v.call(r.Get, v.input(r.Get, id)); object != nil && object.Get(path).String() != want {
		v.t.Errorf("%s: %s: got %q, want %q", r.Get, path, object.Get(path).String(), want)
	}
}
