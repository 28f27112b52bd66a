package client_test

import (
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestSecretCutOffAtTheEndIsMasked: a server quotes the key at the end of a
// message that it shortens itself, so that the key is never there whole.
func TestSecretCutOffAtTheEndIsMasked(t *testing.T) {
	const key = "correct-horse-battery-staple" // nothing that looks like a key
	for n := 8; n < len(key); n++ {
		server := newWitness(t, responding(401, "application/json", `{"error":{"message":"no such key: `+key[:n]+`"}}`))
		c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey(key), client.WithMaxRetries(0))
		_, err := c.Call(t.Context(), "listModels", nil)
		if err == nil || strings.Contains(err.Error(), key[:8]) || !strings.Contains(err.Error(), "no such key: ***") {
			t.Errorf("%d bytes of the key at the end of the message: got %v, want them masked", n, err)
		}
	}
}
