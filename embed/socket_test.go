package embed_test

import (
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
)

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
