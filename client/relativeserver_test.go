package client_test

import (
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// Who has allowed the document's server is not told to allow it.
func TestErrorOfARelativeServerDoesNotAskForConsentThatIsGiven(t *testing.T) {
	relative := servers(`[{"url":"/v1"}]`, `[{"url":"/v1"}]`)
	for name, tt := range map[string]struct {
		opts []client.Option
		asks bool
	}{
		"without consent": {nil, true},
		"with consent":    {[]client.Option{client.WithDocumentServer()}, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(t, append(tt.opts, relative)...).Request(t.Context(), "a", nil)
			if err == nil || !strings.Contains(err.Error(), "WithBaseURL") || strings.Contains(err.Error(), "WithDocumentServer") != tt.asks {
				t.Errorf("got %v, want it to name WithBaseURL, and WithDocumentServer: %v", err, tt.asks)
			}
		})
	}
}

// Placeholders such as "none" are words that messages need: APIError says that values
// under 8 bytes are not masked.
func TestKeysOfLessThan8BytesAreNotMasked(t *testing.T) {
	for _, tt := range []struct {
		key    string
		masked bool
	}{{"ollama0", false}, {"ollama00", true}} {
		server := newWitness(t, responding(401, "application/json", `{"error":{"message":"wrong key `+tt.key+`."}}`))
		c := newClient(t, client.WithBaseURL(server.URL+"/v1"), client.WithAPIKey(tt.key), client.WithMaxRetries(0))
		_, err := c.Call(t.Context(), "listModels", nil)
		if err == nil || strings.Contains(err.Error(), "***") != tt.masked || strings.Contains(err.Error(), tt.key) == tt.masked {
			t.Errorf("key %q: got %v, want it masked: %v", tt.key, err, tt.masked)
		}
	}
}
