package client_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

var builtIn = sync.OnceValues(func() (*schema.Document, error) {
	return schema.Load(embed.OpenAI(), schema.WithoutChecks())
})

var official struct {
	sync.Once
	document *schema.Document
	err      error
}

// documents are those that have the errata: the built-in one and, where
// OPCALL_SHARED says that it is there, the official description. Each is loaded once.
func documents(t *testing.T) map[string]*schema.Document {
	t.Helper()
	document, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*schema.Document{"built-in": document}
	if !shared.Present() {
		t.Log("OPCALL_SHARED is not set: the official description is not read")
		return all
	}
	path := shared.Path(t, "openai-api", "openapi.yaml")
	official.Do(func() {
		official.document, official.err = schema.LoadFile(path, schema.WithOverlay(embed.Errata()))
	})
	if official.err != nil {
		t.Fatal(official.err)
	}
	all["official"] = official.document
	return all
}

// What x-opcall-socket names is there: operations, components, and of the server
// the events that have a text.
func TestSocketsAreOfTheDocument(t *testing.T) {
	t.Parallel()
	for name, document := range documents(t) {
		names := extension.SocketNames(document)
		if want := []string{"realtime", "realtime-beta", "realtime-translation", "responses", "responses-beta"}; !slices.Equal(names, want) {
			t.Errorf("%s: got sockets %q, want %q", name, names, want)
		}
		for _, name := range names {
			spec, err := extension.ReadSocket(document, name)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for kind := range spec.Text {
				if strings.HasPrefix(kind, "response.text.") || strings.HasPrefix(kind, "response.audio_transcript.") {
					continue // of the beta, whose description gives the newer names
				}
				if !strings.Contains(string(document.JSON()), `"`+kind+`"`) {
					t.Errorf("%s: no event has the type %s", name, kind)
				}
			}
		}
	}
}

// The built-in document's streams can be read, and each says how its events add
// up.
func TestStreamsOfTheDocumentCanBeRead(t *testing.T) {
	t.Parallel()
	for name, document := range documents(t) {
		streams := 0
		for op := range document.Operations() {
			s, err := extension.ReadStream(op)
			switch {
			case err != nil:
				t.Errorf("%s: %s: %v", name, op.ID, err)
			case s != nil && s.Declared:
				if streams++; s.Accumulate == "" || s.Event == nil {
					t.Errorf("%s: %s: got a stream without %q, want accumulate and a schema of its events", name, op.ID, s.Accumulate)
				}
			}
		}
		if streams < 13 {
			t.Errorf("%s: got %d streams, want at least 13", name, streams)
		}
	}
}
