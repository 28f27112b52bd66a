package embed_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/socket"
	"github.com/opcall/opcall/schema"
)

// What x-opcall-socket names is there: operations, components, and of the server
// the events that have a text.
func TestSocketsAreOfTheDocument(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]*schema.Document{"built-in": openBuiltIn(t), "official": openOfficial(t, officialNew)} {
		names := socket.Names(document)
		if want := []string{"realtime", "realtime-beta", "realtime-translation", "responses", "responses-beta"}; !slices.Equal(names, want) {
			t.Errorf("%s: got sockets %q, want %q", name, names, want)
		}
		for _, name := range names {
			spec, err := socket.Read(document, name)
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

// The errata's own unions have every event that the description has.
func TestNoEventOfTheBetaIsLeftOut(t *testing.T) {
	t.Parallel()
	document := openBuiltIn(t)
	for union, least := range map[string]int{"RealtimeBetaClientEvent": 12, "RealtimeBetaServerEvent": 40} {
		s, err := document.Component(union)
		if err != nil {
			t.Fatal(err)
		}
		events := 0
		for name := range document.Components() {
			if name == union || !strings.HasPrefix(name, union) {
				continue
			}
			events++
			if branches, _ := jsonscan.Member(s.JSON(), "anyOf"); !strings.Contains(branches, `/`+name+`"`) {
				t.Errorf("%s: %s is not in it", union, name)
			}
		}
		if events < least {
			t.Errorf("%s: found %d events, want at least %d", union, events, least)
		}
	}
}
