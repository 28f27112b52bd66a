package client

import (
	"context"
	"io"
	"iter"
	"net/http"
	"sync"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
	sse "github.com/opcall/opcall/stream"
)

// Stream is a response that comes event by event. One goroutine reads it, by
// Events, Text, TextReader or Final, which all go forward on the same stream;
// Close may be called by any. It holds a connection until it ends or is closed.
//
// The error tells how the stream ended. Reading ends without one only where the
// stream was complete: with the data or after the event that the document says
// is its end, with "[DONE]" in any case, and, where the document says nothing,
// with the response itself. Where the document names both data and an event, as for
// runs, the data is waited for, but once the event has come the connection may
// end without it. Otherwise the error is
//
//   - an *APIError when the server reported one in the stream: an event that is
//     called "error", or whose data has an error in it that is not null;
//   - an *EventError for an event that cannot be used, see WithInvalidEvents;
//   - a *ResponseError for a response that calls itself an event stream and is
//     something else, or that ends without any event where the document says that
//     events add up to an object;
//   - a *TruncatedError in all other cases, the end of the context among them.
//
// An event that reports a failure and completes the stream, such as
// response.failed, is an event like others, as Call returns such a response
// without an error.
type Stream struct {
	client *Client
	bound  *Bound // the call that the stream began with
	spec   *extension.Stream
	events eventKind

	// Of the connection, replaced by Resume.
	request    *http.Request
	response   *http.Response
	input      *headReader  // of decoder
	decoder    *sse.Decoder // nil before the first byte, and where response is the response
	unstreamed *Response    // JSON in place of a stream
	handed     *handout     // in place of the rest of a stream

	mu     sync.Mutex // guards the fields below, which the reader alone changes but for closed and used
	body   io.ReadCloser
	cancel context.CancelFunc // ends an attempt to resume, nil before the first
	closed bool
	used   *Usage // of the last event that has it

	observed *observation // nil for none

	// Of the reader.
	end       error // how it ended: io.EOF when it is complete, nil while it goes on
	complete  bool  // the last event has been delivered
	index     int   // of the next event
	delivered int   // events, without those that gave an error
	terminal  int   // terminal events still to come
	sequence  int64 // number of the last event, -1 without one
	types     map[string]string
	lastType  string // of the last event
	progress  progress
	kept      *Accumulator // nil unless events are accumulated
	missed    error        // the first event that is not in kept: why it is not
}

// Stream calls an operation for its event stream. It sets what asks for the
// stream (a field such as stream, in JSON and forms alike, or a parameter) and
// the Accept header, and otherwise does what Call does until the response comes,
// with the same errors. A *BindError says that the operation has no stream.
//
// The request is sent again as for Call, but never once an event has been delivered: an
// error in the first event that may pass, such as server_error of a response, counts as
// one before the response where the document says so, within WithMaxRetries. The
// timeout bounds the time until then; after that the context does, and
// WithStreamIdleTimeout.
//
// A server may respond with JSON as if no stream had been asked for. That is one
// event, or the *APIError that it contains. Any other response is a *ResponseError
// that holds the beginning of it.
//
// The stream must be read to its end or closed.
func (c *Client) Stream(ctx context.Context, operationID string, params any, opts ...CallOption) (*Stream, error) {
	b, err := c.Bind(operationID, params, opts...)
	if err != nil {
		return nil, err
	}
	spec, err := b.askForStream()
	if err != nil {
		return nil, err
	}
	if err := b.Validate(); err != nil {
		return nil, err
	}
	s := &Stream{
		client: c, bound: b, spec: spec,
		terminal: b.terminalEvents(spec), sequence: -1, progress: newProgress(b, spec.Resume),
		events: eventKind{
			schema: spec.Event, envelope: spec.Envelope, text: &spec.Text,
			unchecked: b.settings.responseTier == schema.Off,
			types:     &b.plan.types,
			secrets:   b.settings.ownSecrets,
			paths:     b.settings.pathCheck(b.plan.name),
		},
	}
	if b.settings.stream.accumulate {
		s.keep()
	}
	if err := s.start(ctx, b); err != nil {
		return nil, err
	}
	return s, nil
}

// start connects for a reader that has no connection.
func (s *Stream) start(ctx context.Context, b *Bound) error {
	s.mu.Lock()
	s.cancel, s.closed = nil, false
	s.mu.Unlock()
	err := s.connect(ctx, b)
	if err != nil {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
	}
	return err
}

// connect sends the call and looks at what kind of response comes.
func (s *Stream) connect(ctx context.Context, b *Bound) (err error) {
	req, err := b.Request(ctx)
	if err != nil {
		return err
	}
	req, fresh, err := s.observe(b, req)
	if err != nil {
		return err
	}
	defer func() {
		if fresh && err != nil { // else the reader's end is that of the call
			s.observed.finish(err)
		}
	}()
	sender := s.client.sender(b, s.observed)
	resp, err := sender.send(req)
	if err != nil {
		return err
	}
	s.request, s.response, s.input, s.decoder, s.unstreamed = req, resp, nil, nil, nil
	body, err := s.open(resp)
	if err != nil {
		resp.Body.Close()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body = body
	if s.closed {
		body.Close()
	}
	return nil
}

// observe is Bound.begin for a connection of the stream. One that goes on by itself is
// still the same call; fresh reports that it is another.
func (s *Stream) observe(b *Bound, req *http.Request) (_ *http.Request, fresh bool, _ error) {
	if s.observed.goesOn() {
		return req, false, b.checkCredentials(req.URL)
	}
	req, observed, err := b.begin(req, KindStream)
	s.mu.Lock()
	s.observed = observed
	s.mu.Unlock()
	return req, true, err
}

// Events yields the events from here to the end of the stream, each as soon as
// it is complete, with its JSON payload; what only marks the end is not an event. An
// error is yielded once, with a zero Event, and ends the iteration, unless it is
// an *EventError and WithInvalidEvents was given.
//
// The stream is closed when the loop is left, whatever the reason. Ranging again
// does not start over: it yields nothing when the stream was complete, and
// otherwise the error again, or a *TruncatedError for ErrStreamClosed.
func (s *Stream) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		defer s.Close()
		for {
			ev, err := s.next()
			if err == io.EOF || !yield(ev, err) || s.end != nil {
				return
			}
		}
	}
}

// Close gives up what has not been read. It may be called at any time, more than
// once and by any goroutine; one that is waiting for an event gets a
// *TruncatedError for ErrStreamClosed. It is not needed once reading has ended.
func (s *Stream) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	if s.cancel != nil {
		s.cancel()
	}
	used := s.takeUsage()
	err := s.body.Close()
	observed := s.observed
	s.mu.Unlock()
	if used != nil {
		s.bound.report(*used, s.bound.requestModel())
	}
	observed.finish(errAbandoned)
	return err
}

func (s *Stream) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// String names the operation, and nothing secret.
func (s *Stream) String() string { return "stream of " + named(s.bound.Operation.ID) }

// GoString is String.
func (s *Stream) GoString() string { return s.String() }

// Operation is the operation that was called.
func (s *Stream) Operation() *schema.Operation { return s.bound.Operation }

// StatusCode is the status of the response, 2xx.
func (s *Stream) StatusCode() int { return s.response.StatusCode }

// Header is the header of the response; callers must not modify it.
func (s *Stream) Header() http.Header { return s.response.Header }

// RequestID is what the provider's support asks for, "" when the server sent
// none: its first 100 bytes, in which credentials are masked.
func (s *Stream) RequestID() string { return requestID(s.response.Header, s.secrets()) }
