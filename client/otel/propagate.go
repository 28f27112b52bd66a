package otel

import (
	"net/http"

	"go.opentelemetry.io/otel/propagation"
)

// hostKey is the key of a context whose value is the host that a call goes to.
type hostKey struct{}

// propagate returns a middleware that writes the trace context into the requests of
// calls, as long as they go to the host that the call began with.
func propagate(p propagation.TextMapPropagator) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper { return &transport{p, next} }
}

// transport injects the trace context.
type transport struct {
	propagator propagation.TextMapPropagator
	next       http.RoundTripper
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if host, ok := req.Context().Value(hostKey{}).(string); ok && host == req.URL.Host {
		req = req.Clone(req.Context()) // a RoundTripper does not change its request
		t.propagator.Inject(req.Context(), propagation.HeaderCarrier(req.Header))
	}
	return t.next.RoundTrip(req)
}
