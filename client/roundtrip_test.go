package client_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// The requests of the client with a transport of net/http take another way than those
// with any other. What comes of them has to be the same.
func TestTransportOfNetHTTPChangesNothing(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/models/moved"):
			http.Redirect(w, r, "/v1/models/here", http.StatusTemporaryRedirect)
		case strings.HasSuffix(r.URL.Path, "/models/circle"):
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/models/nowhere"):
			w.WriteHeader(http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/models/bad"):
			w.Header().Set("Location", "http://[::1/")
			w.WriteHeader(http.StatusFound)
		case strings.HasSuffix(r.URL.Path, "/models/broken"):
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
		default:
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(`{"id":"` + r.Header.Get("Authorization") + `","object":"model","created":1,"owned_by":"` + r.Header.Get("Referer") + `"}`))
		}
	}))
	t.Cleanup(server.Close)
	secure := "https" + strings.TrimPrefix(server.URL, "http")
	tests := map[string]struct{ base, model, want string }{
		"success":         {server.URL, "here", `"id":"Bearer test-key-1"`},
		"redirect":        {server.URL, "moved", `"id":"Bearer test-key-1"`},
		"circle":          {server.URL, "circle", "302"},
		"redirect to no":  {server.URL, "nowhere", "302"},
		"bad location":    {server.URL, "bad", "failed to parse Location header"},
		"broken":          {server.URL, "broken", "EOF"},
		"no TLS":          {secure, "here", "use http:// in WithBaseURL"},
		"user in address": {strings.Replace(server.URL, "//", "//me:pw@", 1), "here", `"id":"Bearer test-key-1"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var outcomes []string
			for _, own := range []bool{false, true} {
				transport := http.DefaultTransport.(*http.Transport).Clone()
				t.Cleanup(transport.CloseIdleConnections)
				hc := &http.Client{Transport: transport}
				if own {
					hc.Transport = roundTripper(transport.RoundTrip)
				}
				c, err := client.New(client.WithBaseURL(test.base+"/v1"), client.WithAPIKey("test-key-1"), client.WithHTTPClient(hc), client.WithMaxRetries(0))
				if err != nil {
					t.Fatal(err)
				}
				r, err := c.Call(t.Context(), "retrieveModel", client.Params{"model": test.model})
				outcome := ""
				if err != nil {
					var refused *client.APIError
					var broken *client.ConnectionError
					if !errors.As(err, &refused) && !errors.As(err, &broken) {
						t.Errorf("got %T", err)
					}
					outcome = err.Error()
				} else {
					outcome = string(r.Raw())
				}
				if !strings.Contains(outcome, test.want) {
					t.Errorf("own transport %v: got %s, want it to have %s", own, outcome, test.want)
				}
				outcomes = append(outcomes, outcome)
			}
			if outcomes[0] != outcomes[1] {
				t.Errorf("got %s\nwith another transport %s", outcomes[0], outcomes[1])
			}
		})
	}
}
