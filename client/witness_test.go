package client_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/arrivals"
)

// variables are the environment variables that New reads.
var variables = []string{
	"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL", "OPCALL_SPEC",
}

// newClient makes a client that knows nothing of the environment.
func newClient(tb testing.TB, opts ...client.Option) *client.Client {
	tb.Helper()
	for _, name := range variables {
		tb.Setenv(name, "")
	}
	c, err := client.New(opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// arrival is a request as it arrived.
type arrival = arrivals.Request

// witness is a server that keeps what arrives.
type witness struct{ *arrivals.Server }

// newWitness starts one that responds to each request by the next of the handlers, the
// last again and again; without any the response is {}.
func newWitness(tb testing.TB, handlers ...http.HandlerFunc) *witness {
	tb.Helper()
	return &witness{arrivals.NewServer(tb, handlers...)}
}

func (w *witness) all() []arrival { return w.All() }

// only returns the one request that arrived.
func (w *witness) only(tb testing.TB) arrival {
	tb.Helper()
	return w.Only(tb)
}

// responding makes a handler of a status, a media type and a body.
func responding(status int, mediaType, body string) http.HandlerFunc {
	return arrivals.Responding(status, mediaType, body)
}

// newBareServer starts a server that leaves everything to its handler and
// returns its address.
func newBareServer(tb testing.TB, handler http.HandlerFunc) string {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return server.URL
}

// reach calls an operation on a server and returns what arrived there.
func reach(tb testing.TB, operationID string, params any, opts ...client.Option) arrival {
	tb.Helper()
	w := newWitness(tb)
	c := newClient(tb, append([]client.Option{client.WithBaseURL(w.URL)}, opts...)...)
	r, err := c.Call(tb.Context(), operationID, params)
	if err != nil {
		tb.Fatalf("%s: %v", operationID, err)
	}
	r.Close()
	return w.only(tb)
}

// document makes an OpenAPI document of paths and components, in JSON. It names
// no server.
func document(paths string, components ...string) client.Option {
	return client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"Test","version":"1"},"paths":` + paths +
		`,"components":{` + strings.Join(components, ",") + `}}`))
}

var hello = []any{client.Params{"role": "user", "content": "Hello"}}

// chat returns the params of a small chat completion, with further fields.
func chat(more ...any) client.Params {
	p := client.Params{"model": "gpt-5-mini", "messages": hello}
	for i := 0; i < len(more); i += 2 {
		p[more[i].(string)] = more[i+1]
	}
	return p
}
