package client_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// document has sockets, one of them as given.
func extensionDocument(t *testing.T, sockets string) *schema.Document {
	t.Helper()
	doc, err := schema.Load(fmt.Appendf(nil, `{
		"openapi": "3.1.0", "info": {"title": "a", "version": "1"},
		"paths": {"/talk": {"post": {"operationId": "talk", "responses": {"200": {"description": "ok"}}}}},
		"components": {"schemas": {"In": {"type": "object"}, "Out": {"type": "object"}}},
		"x-opcall-socket": %s}`, sockets))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestSocketReadsItsDeclaration(t *testing.T) {
	doc := extensionDocument(t, `{"talk": {
		"path": "/talk", "like": "talk", "query": ["model"], "headers": {"Beta": "1"}, "subprotocols": ["talk"],
		"client": "In", "server": "Out", "text": {"said": "delta"}, "later": true}}`)
	got, err := extension.ReadSocket(doc, "talk")
	if err != nil {
		t.Fatal(err)
	}
	if got.Like.ID != "talk" || got.Client.Name() != "In" || got.Server.Name() != "Out" {
		t.Errorf("got like %s, client %s, server %s", got.Like.ID, got.Client.Name(), got.Server.Name())
	}
	got.Like, got.Client, got.Server = nil, nil, nil
	want := &extension.Socket{
		Name: "talk", Path: "/talk", Query: []string{"model"}, Headers: []extension.Header{{Name: "Beta", Value: "1"}},
		Subprotocols: []string{"talk"}, Text: map[string]string{"said": "delta"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if names := extension.SocketNames(doc); !cmp.Equal(names, []string{"talk"}) {
		t.Errorf("got names %q", names)
	}
}

func TestSocketErrorsNameTheRemedy(t *testing.T) {
	tests := map[string]struct{ sockets, want string }{
		"none":                {`{}`, "the document declares no sockets"},
		"another":             {`{"tals": {}}`, "did you mean tals?"},
		"others":              {`{"hear": {}, "whisper": {}}`, "has no such socket, it has hear, whisper"},
		"no path":             {`{"talk": {"like": "talk", "client": "In", "server": "Out"}}`, `got path ""`},
		"path of a host":      {`{"talk": {"path": "host", "like": "talk", "client": "In", "server": "Out"}}`, `got path "host"`},
		"no operation":        {`{"talk": {"path": "/talk", "client": "In", "server": "Out"}}`, `missing "like"`},
		"unknown operation":   {`{"talk": {"path": "/talk", "like": "tolk", "client": "In", "server": "Out"}}`, "did you mean talk?"},
		"no client component": {`{"talk": {"path": "/talk", "like": "talk", "server": "Out"}}`, `missing "client" or "server"`},
		"unknown component":   {`{"talk": {"path": "/talk", "like": "talk", "client": "In", "server": "Oat"}}`, "server: "},
		"not an object":       {`{"talk": 5}`, `got path ""`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := extension.ReadSocket(extensionDocument(t, tt.sockets), "talk")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
