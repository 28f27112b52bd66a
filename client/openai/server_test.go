package openai_test

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/internal/arrivals"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// variables are the environment variables that New reads.
var variables = []string{
	"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL", "OPCALL_SPEC",
}

// newClient makes a client that takes nothing from the environment.
func newClient(tb testing.TB, opts ...client.Option) *openai.Client {
	tb.Helper()
	for _, name := range variables {
		tb.Setenv(name, "")
	}
	c, err := openai.New(opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// host is a server that keeps the requests that it gets.
type host struct{ *arrivals.Server }

type request = arrivals.Request

// newHost starts a server that responds to each request by the next of the handlers, and
// by the last from then on; without handlers the response is {}.
func newHost(tb testing.TB, handlers ...http.HandlerFunc) *host {
	tb.Helper()
	return &host{arrivals.NewServer(tb, handlers...)}
}

// only returns the one request that arrived.
func (h *host) only(tb testing.TB) request {
	tb.Helper()
	return h.Only(tb)
}

// last returns the latest request.
func (h *host) last(tb testing.TB) request {
	tb.Helper()
	return h.Last(tb)
}

// responding makes a handler that responds with status 200.
func responding(mediaType, body string) http.HandlerFunc { return status(200, mediaType, body) }

// status makes a handler of a status, a media type ("" for none) and a body.
func status(code int, mediaType, body string) http.HandlerFunc {
	return arrivals.Responding(code, mediaType, body)
}
