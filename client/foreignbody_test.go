package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestBodyOfAnUnusableResponseIsBounded: an error that is logged or kept must not hold a
// response of any length.
func TestBodyOfAnUnusableResponseIsBounded(t *testing.T) {
	const limit = 16 << 10
	long := strings.Repeat("x", 2*limit)
	for name, response := range map[string][2]string{
		"broken JSON":      {"application/json", `{"id":"` + long},
		"another type":     {"text/html", "<html>" + long},
		"HTML as JSON":     {"application/json", "<html>" + long},
		"text without end": {"text/plain", long},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, responding(200, response[0], response[1]))
			_, err := newClient(t, client.WithBaseURL(w.URL), client.WithAPIKey(socketKey)).Call(t.Context(), "listModels", nil)
			var unusable *client.ResponseError
			if !errors.As(err, &unusable) || len(unusable.Body) == 0 || len(unusable.Body) > limit || !strings.HasPrefix(response[1], string(unusable.Body)) {
				t.Errorf("got %v with %d bytes of the body, want its beginning, at most %d", err, len(unusable.Body), limit)
			}
		})
	}
}
