// Package otel makes OpenTelemetry spans and metrics of the calls of a client.
//
//	telemetry, err := otel.New()
//	c, err := client.New(telemetry)
//
// Names and units are those of the semantic conventions for generative AI (in
// development when this was written) and for HTTP clients.
//
// # Spans
//
// A call, a stream and a socket each have a span, from when the request is about to be
// sent until the response was read or the stream has ended. That of an operation that
// the document names an activity for (x-opcall-telemetry: chat, embeddings,
// text_completion) is of kind client and called "chat gpt-5-mini"; any other is of kind
// internal and called by its operation. Below it each attempt has a span of kind client
// of its own, called "POST /chat/completions".
//
//	call     gen_ai.operation.name, gen_ai.provider.name, gen_ai.request.model, gen_ai.response.model,
//	         gen_ai.usage.input_tokens, gen_ai.usage.output_tokens, gen_ai.response.time_to_first_chunk (streams),
//	         server.address, server.port, error.type, opcall.operation, opcall.request_id, opcall.attempts
//	attempt  http.request.method, url.template, server.address, server.port, http.response.status_code,
//	         http.request.resend_count, error.type
//
// # Metrics
//
//	gen_ai.client.operation.duration            s        of operations with an activity
//	gen_ai.client.token.usage                   {token}  likewise, by gen_ai.token.type
//	gen_ai.client.operation.time_to_first_chunk s        likewise, of streams
//	http.client.request.duration                s        of each attempt, until its headers
//
// # What is left out
//
// No body, no header and no credential is recorded, and no url.full, which the
// conventions for HTTP want: paths and queries have what callers put into them. The value
// of error.type is the status of a response that is an error, "429", and else a
// client.ErrorClass; texts of servers are not recorded. A stream that the caller leaves
// is not an error.
//
// # Trace context
//
// WithPropagation sends the trace context in the headers of requests, to the host of
// the API alone: it says something of the program to whoever gets it, so that it is not
// sent unless asked for.
//
// # Reading order
//
//	otel.go       New and its options
//	span.go       spans
//	metric.go     metrics
//	attribute.go  the names of both
//	propagate.go  trace context in headers
package otel
