package client_test

import (
	"testing"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

func TestTelemetryNamesActivities(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		member string
		want   extension.Activity
	}{
		"none":         {``, extension.Activity{}},
		"both":         {`,"x-opcall-telemetry":{"provider":"p","activities":{"ask":"chat","a.b":"no"}}`, extension.Activity{Name: "chat", Provider: "p"}},
		"another":      {`,"x-opcall-telemetry":{"provider":"p","activities":{"sk":"chat"}}`, extension.Activity{Provider: "p"}},
		"no text":      {`,"x-opcall-telemetry":{"provider":"p","activities":{"ask":7}}`, extension.Activity{Provider: "p"}},
		"not a object": {`,"x-opcall-telemetry":[1]`, extension.Activity{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{}` + tt.member + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := extension.ReadTelemetry(doc, "ask"); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
