package otel

import (
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/opcall/opcall/client"
)

// instruments are the metrics, with the buckets that the conventions advise. The default
// buckets of OpenTelemetry are made for milliseconds, and would put every call into one.
type instruments struct {
	operation  metric.Float64Histogram
	tokens     metric.Int64Histogram
	firstChunk metric.Float64Histogram
	request    metric.Float64Histogram
}

func newInstruments(m metric.Meter) (*instruments, error) {
	var i instruments
	var err [4]error
	i.operation, err[0] = m.Float64Histogram("gen_ai.client.operation.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of calls"),
		metric.WithExplicitBucketBoundaries(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92))
	i.tokens, err[1] = m.Int64Histogram("gen_ai.client.token.usage", metric.WithUnit("{token}"),
		metric.WithDescription("Tokens that calls used"),
		metric.WithExplicitBucketBoundaries(1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864))
	i.firstChunk, err[2] = m.Float64Histogram("gen_ai.client.operation.time_to_first_chunk", metric.WithUnit("s"),
		metric.WithDescription("Time until the first event of streams"),
		metric.WithExplicitBucketBoundaries(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10))
	i.request, err[3] = m.Float64Histogram("http.client.request.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of attempts until the headers of the response"),
		metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10))
	return &i, errors.Join(err[:]...)
}

// measure records what a call was, where it is one of generative AI.
func (c *call) measure(e client.EndInfo) {
	// The metric of HTTP attempts has these calls as well.
	if c.info.Activity == "" {
		return
	}
	common := c.identity()
	if e.Model != "" {
		common = append(common, attributeResponseModel.String(e.Model))
	}
	i := c.observer.instruments
	i.operation.Record(c.ctx, e.Took.Seconds(), withAttributes(common, errorType(e.Class, e.Status)))
	if c.streams() {
		i.firstChunk.Record(c.ctx, c.firstByte.Seconds(), withAttributes(common, nil))
	}
	for kind, n := range map[string]int64{"input": e.Tokens.Input, "output": e.Tokens.Output} {
		if n > 0 { // embeddings have no output
			i.tokens.Record(c.ctx, n, withAttributes(common, []attribute.KeyValue{attributeTokenType.String(kind)}))
		}
	}
}

func withAttributes(common, further []attribute.KeyValue) metric.MeasurementOption {
	all := append(append(make([]attribute.KeyValue, 0, len(common)+len(further)), common...), further...)
	return metric.WithAttributes(all...)
}
