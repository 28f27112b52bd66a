package otel

import (
	"context"
	"errors"

	api "go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/opcall/opcall/client"
)

// scope names this package to OpenTelemetry.
const scope = "github.com/opcall/opcall/client/otel"

// config is what New works with.
type config struct {
	tracers    trace.TracerProvider
	meters     metric.MeterProvider
	propagator propagation.TextMapPropagator // nil for none
}

// Option configures New.
type Option func(*config) error

// WithTracerProvider sets where spans go, in place of the global TracerProvider.
func WithTracerProvider(p trace.TracerProvider) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithTracerProvider: got nil, want a provider")
		}
		c.tracers = p
		return nil
	}
}

// WithMeterProvider sets where metrics go, in place of the global MeterProvider.
func WithMeterProvider(p metric.MeterProvider) Option {
	return func(c *config) error {
		if p == nil {
			return errors.New("WithMeterProvider: got nil, want a provider")
		}
		c.meters = p
		return nil
	}
}

// WithPropagation sends the trace context in the headers of requests, by p or, where
// that is nil, as W3C Trace Context has it (traceparent, tracestate). Baggage, which may
// hold anything, goes along only if p writes it. A request that is redirected to
// another host does not carry it.
func WithPropagation(p propagation.TextMapPropagator) Option {
	return func(c *config) error {
		if p == nil {
			p = propagation.TraceContext{}
		}
		c.propagator = p
		return nil
	}
}

// New returns an option of client.New that makes spans and metrics of all calls of the
// client. It is an observer beside others, see client.WithObserver. The error is that of
// an option, or of a MeterProvider.
func New(opts ...Option) (client.Option, error) {
	c := config{tracers: api.GetTracerProvider(), meters: api.GetMeterProvider()}
	for _, opt := range opts {
		if err := opt(&c); err != nil {
			return nil, err
		}
	}
	o := &observer{tracer: c.tracers.Tracer(scope, trace.WithInstrumentationVersion(client.Version))}
	var err error
	if o.instruments, err = newInstruments(c.meters.Meter(scope, metric.WithInstrumentationVersion(client.Version))); err != nil {
		return nil, err
	}
	options := []client.Option{client.WithObserver(o)}
	if c.propagator != nil {
		options = append(options, client.WithMiddleware(propagate(c.propagator)))
	}
	return client.WithOptions(func() ([]client.Option, error) { return options, nil }), nil
}

// observer makes a call of each call.
type observer struct {
	tracer      trace.Tracer
	instruments *instruments
}

func (o *observer) StartCall(ctx context.Context, info client.CallInfo) (context.Context, client.CallObserver) {
	c := &call{observer: o, info: info}
	ctx = c.start(ctx)
	return context.WithValue(ctx, hostKey{}, info.Host), c
}
