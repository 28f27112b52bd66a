package client_test

import (
	"testing"

	"github.com/opcall/opcall/client/internal/extension"
)

func TestPathIsThatOfTheExtension(t *testing.T) {
	t.Parallel()
	op := operation(t, noStream, ``)
	tests := map[string]struct{ members, want string }{
		"none":            {``, op.Path},
		"another":         {`, "x-opcall-path": "/deployments/{model}/x"`, "/deployments/{model}/x"},
		"without a slash": {`, "x-opcall-path": "x"`, op.Path},
		"of a host":       {`, "x-opcall-path": "https://example.com/x"`, op.Path},
		"a number":        {`, "x-opcall-path": 5`, op.Path},
		"empty":           {`, "x-opcall-path": ""`, op.Path},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := extension.Path(operation(t, noStream+tt.members, ``)); got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.members, got, tt.want)
			}
		})
	}
}
