package schema_test

import (
	"testing"

	"github.com/opcall/opcall/schema"
)

func TestOverlayIsChosenByTheRoot(t *testing.T) {
	t.Parallel()
	document := []byte(`{"openapi":"3.1.0","info":{"title":"one","version":"1"},"paths":{}}`)
	forTitle := func(title string) func(schema.Root) bool {
		return func(r schema.Root) bool { return r.Title() == title }
	}
	retitle := []byte(`{"overlay":"1.0.0","info":{"title":"o","version":"1"},"actions":[{"target":"$.info","update":{"title":"two"}}]}`)
	tests := map[string]struct {
		option schema.Option
		want   string // "" for an error
	}{
		"chosen":             {schema.WithOverlayFrom(func(schema.Root) []byte { return retitle }), "two"},
		"none":               {schema.WithOverlayFrom(func(schema.Root) []byte { return nil }), "one"},
		"empty":              {schema.WithOverlayFrom(func(schema.Root) []byte { return []byte{} }), ""},
		"condition of nil":   {schema.WithOverlayIf(nil, func(schema.Root) bool { return true }), ""},
		"condition not met":  {schema.WithOverlayIf(nil, func(schema.Root) bool { return false }), "one"},
		"nil":                {schema.WithOverlay(nil), ""},
		"condition is asked": {schema.WithOverlayIf(retitle, forTitle("one")), "two"},
		"another title":      {schema.WithOverlayIf(retitle, forTitle("two")), "one"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := schema.Load(document, tt.option)
			if err != nil {
				if tt.want != "" {
					t.Fatalf("got %v, want the title %q", err, tt.want)
				}
				return
			}
			if got := doc.Title(); got != tt.want {
				t.Errorf("got the title %q, want %q", got, tt.want)
			}
		})
	}
}
