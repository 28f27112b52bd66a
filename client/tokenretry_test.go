package client_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestRenewedTokenCostsNoRetry: sending the request again with a new token does not count
// for WithMaxRetries, and does not allow more retries either.
func TestRenewedTokenCostsNoRetry(t *testing.T) {
	busy := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After-Ms", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	for name, tt := range map[string]struct {
		third    http.HandlerFunc
		status   int // of the error, 0 for none
		requests int
	}{
		"refused, busy, well":       {accepting("token-2-secret"), 0, 3},
		"refused, busy, still busy": {busy, http.StatusServiceUnavailable, 3},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			w := newWitness(t, func(w http.ResponseWriter, req *http.Request) {
				switch n++; n {
				case 1:
					accepting("none")(w, req)
				case 2:
					busy(w, req)
				default:
					tt.third(w, req)
				}
			})
			c := newClient(t, client.WithBaseURL(w.URL), client.WithMaxRetries(1), client.WithTokenSource((&mint{}).source))
			_, err := c.Call(t.Context(), "createChatCompletion", chat())
			var refused *client.APIError
			if errors.As(err, &refused) != (tt.status != 0) || refused != nil && refused.StatusCode != tt.status {
				t.Errorf("got %v, want status %d", err, tt.status)
			}
			if got := len(w.all()); got != tt.requests {
				t.Errorf("got %d requests, want %d", got, tt.requests)
			}
		})
	}
}
