package client_test

import (
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestWrongAddressIsHinted calls servers that have no such path.
func TestWrongAddressIsHinted(t *testing.T) {
	for name, test := range map[string]struct{ media, body, want string }{
		"text":              {"text/plain", "404 page not found", `listModels: 404 Not Found: 404 page not found; is the base URL right? It ends in "/v1" (request req_1, retry after 1µs)`},
		"page":              {"text/html", "<title>Not here</title>", `listModels: 404 Not Found: Not here; is the base URL right? It ends in "/v1" (request req_1, retry after 1µs)`},
		"nothing":           {"", "", `listModels: 404 Not Found: Not Found; is the base URL right? It ends in "/v1" (request req_1, retry after 1µs)`},
		"error of the API":  {"application/json", `{"error":{"message":"no such model","code":"model_not_found"}}`, `listModels: 404 model_not_found: no such model (request req_1, retry after 1µs)`},
		"JSON without name": {"text/plain", ` {"detail":"Not Found"}`, `listModels: 404 Not Found (request req_1, retry after 1µs)`},
	} {
		t.Run(name, func(t *testing.T) {
			server := newWitness(t, responding(404, test.media, test.body))
			c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("sk-test-0123456789"))
			_, err := c.Call(t.Context(), "listModels", nil)
			var refused *client.APIError
			if !errors.As(err, &refused) || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// TestUnknownHostIsNotTriedAgain: the name will not be there a second later.
func TestUnknownHostIsNotTriedAgain(t *testing.T) {
	attempts := 0
	transport := roundTripper(func(*http.Request) (*http.Response, error) {
		attempts++
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "no-such-host.invalid", IsNotFound: true}}
	})
	c := newClient(t, client.WithBaseURL("http://no-such-host.invalid/v1"), client.WithAPIKey("sk-test-0123456789"), client.WithHTTPClient(&http.Client{Transport: transport}))
	_, err := c.Call(t.Context(), "listModels", nil)
	const want = "listModels: no-such-host.invalid: dial tcp: lookup no-such-host.invalid: no such host; check the host of WithBaseURL"
	if err == nil || err.Error() != want || attempts != 1 {
		t.Errorf("got %v after %d attempts, want %s after one", err, attempts, want)
	}
}
