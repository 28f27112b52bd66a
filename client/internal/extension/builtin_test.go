package extension_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// documents are those that have the errata: the built-in one and, where
// OPCALL_SHARED says that it is there, the official description.
func documents(t *testing.T) map[string]*schema.Document {
	t.Helper()
	builtIn, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*schema.Document{"built-in": builtIn}
	if !shared.Present() {
		t.Log("OPCALL_SHARED is not set: the official description is not read")
		return all
	}
	official, err := schema.LoadFile(shared.Path(t, "openai-api", "openapi.yaml"), schema.WithOverlay(embed.Errata()))
	if err != nil {
		t.Fatal(err)
	}
	all["official"] = official
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
