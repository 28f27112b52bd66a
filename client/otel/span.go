package otel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/opcall/opcall/client"
)

// call is the spans of one call. Its methods are called one after the other.
type call struct {
	observer *observer
	info     client.CallInfo
	ctx      context.Context // of span: measurements refer to it
	span     trace.Span

	attemptContext context.Context
	attempt        trace.Span // nil between attempts
	firstByte      time.Duration
}

// start begins the span of the call.
func (c *call) start(ctx context.Context) context.Context {
	kind := trace.SpanKindInternal
	if c.info.Activity != "" {
		kind = trace.SpanKindClient
	}
	attributes := append(c.identity(), attributeOperation.String(c.info.Operation))
	c.ctx, c.span = c.observer.tracer.Start(ctx, c.name(), trace.WithSpanKind(kind), trace.WithAttributes(attributes...))
	return c.ctx
}

// name is "chat gpt-5-mini", or the operation where the document says nothing of it.
func (c *call) name() string {
	switch {
	case c.info.Activity == "":
		return c.info.Operation
	case c.info.Model == "":
		return c.info.Activity
	}
	return c.info.Activity + " " + c.info.Model
}

func (c *call) StartAttempt(ctx context.Context, attempt int) context.Context {
	attributes := c.request()
	if attempt > 1 {
		attributes = append(attributes, attributeResendCount.Int(attempt-1))
	}
	c.attemptContext, c.attempt = c.observer.tracer.Start(ctx, c.info.Method+" "+c.info.Path,
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...))
	return c.attemptContext
}

func (c *call) EndAttempt(a client.AttemptInfo) {
	if c.attempt == nil {
		return
	}
	var outcome []attribute.KeyValue
	if a.Status != 0 {
		outcome = append(outcome, attributeStatus.Int(a.Status))
	}
	outcome = append(outcome, errorType(a.Class, a.Status)...)
	c.attempt.SetAttributes(outcome...)
	fail(c.attempt, a.Class)
	c.observer.instruments.request.Record(c.attemptContext, a.Took.Seconds(), withAttributes(c.request(), outcome))
	c.attempt.End()
	c.attempt = nil
}

func (c *call) FirstByte(d time.Duration) { c.firstByte = d }

func (c *call) EndCall(e client.EndInfo) {
	c.span.SetAttributes(attributeAttempts.Int(e.Attempts))
	if e.RequestID != "" {
		c.span.SetAttributes(attributeRequestID.String(e.RequestID))
	}
	if e.Model != "" {
		c.span.SetAttributes(attributeResponseModel.String(e.Model))
	}
	if e.Tokens.Known {
		c.span.SetAttributes(attributeInputTokens.Int64(e.Tokens.Input), attributeOutputTokens.Int64(e.Tokens.Output))
	}
	if c.streams() {
		c.span.SetAttributes(attributeFirstChunk.Float64(c.firstByte.Seconds()))
	}
	c.span.SetAttributes(errorType(e.Class, e.Status)...)
	fail(c.span, e.Class)
	c.measure(e)
	c.span.End()
}

// streams reports whether the call is a stream whose first event has come.
func (c *call) streams() bool { return c.info.Kind == client.KindStream && c.firstByte > 0 }

// failed reports whether a class is that of an error: to leave a stream is not.
func failed(class client.ErrorClass) bool { return class != "" && class != client.ClassAbandoned }

// fail sets the status of a span. Its description is a class: the text of an error may
// quote what the user or the server said.
func fail(span trace.Span, class client.ErrorClass) {
	if failed(class) {
		span.SetStatus(codes.Error, string(class))
	}
}
