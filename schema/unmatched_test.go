package schema_test

import (
	"os"
	"slices"
	"testing"

	"github.com/opcall/opcall/schema"
)

func TestOverlayActionThatSelectsNothingIsReported(t *testing.T) {
	t.Parallel()
	const document = `{"openapi":"3.1.0","info":{"title":"Pets","version":"2"},"paths":{}}`
	overlay := func(target string) []byte {
		return []byte(`{"overlay":"1.0.0","info":{"title":"o","version":"1"},"actions":[{"target":"$.info","update":{"extra":1}},{"target":"` + target + `","remove":true}]}`)
	}
	always := func(schema.Root) bool { return true }
	dog := schema.UnmatchedAction{Overlay: 1, Action: "/actions/1", Target: "$.components.schemas.Dog"}
	tests := map[string]struct {
		opts []schema.Option
		want []schema.UnmatchedAction
	}{
		"none":             {nil, nil},
		"all select":       {[]schema.Option{schema.WithOverlay(overlay("$.info.extra"))}, nil},
		"the second":       {[]schema.Option{schema.WithOverlay(overlay("$.info.extra")), schema.WithOverlay(overlay(dog.Target))}, []schema.UnmatchedAction{dog}},
		"with a condition": {[]schema.Option{schema.WithOverlayIf(overlay(dog.Target), always)}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Twice: what is not reported the second time was only missed by the cache.
			cache := schema.WithCache(t.TempDir())
			for range 2 {
				doc, err := schema.Load([]byte(document), append(slices.Clone(tt.opts), cache)...)
				if err != nil {
					t.Fatal(err)
				}
				if got := doc.Unmatched(); !slices.Equal(got, tt.want) {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			}
		})
	}
	if got, want := dog.String(), `overlay 1: /actions/1: its target "$.components.schemas.Dog" selects nothing`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A document with such an overlay costs no entries that nobody can use.
func TestOverlayThatSelectsNothingIsNotCached(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	overlay := schema.WithOverlay([]byte(`{"overlay":"1.0.0","info":{"title":"o","version":"1"},"actions":[{"target":"$.nothing","remove":true}]}`))
	if _, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{}}`), overlay, schema.WithCache(dir)); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("got %d entries, %v, want none", len(entries), err)
	}
}
