package conform_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

// canned answers every request without a network.
type canned struct{}

func (canned) RoundTrip(hr *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(chatAnswer)), Request: hr,
	}, nil
}

// BenchmarkTransport is what a Transport adds to a small chat exchange: all of
// the request and all of the answer are validated.
func BenchmarkTransport(b *testing.B) {
	transports := map[string]http.RoundTripper{
		"none":    canned{},
		"off":     conform.NewTransport(document(b), canned{}, conform.WithRequests(schema.Off, conform.Pass), conform.WithResponses(schema.Off, conform.Pass)),
		"default": conform.NewTransport(document(b), canned{}),
		"reject":  conform.NewTransport(document(b), canned{}, conform.WithResponses(schema.Standard, conform.Reject)),
	}
	for name, transport := range transports {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				resp, err := post(b.Context(), &http.Client{Transport: transport}, "http://127.0.0.1", chatBody)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
}
