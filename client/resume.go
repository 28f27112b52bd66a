package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// progress is what a stream remembers in order to go on after a cut.
type progress struct {
	known    map[string]string // JSON of the parameters of the resuming call that the call or its events had
	attempts int               // of going on by itself, without an event in between
	index    int               // of the next event when it last did
	resent   int               // how often it was asked for again because of its first event
	text     *deliveredText    // nil unless the result can be waited for, see streampoll.go
}

// newProgress takes from the call what the one for the rest of the stream will
// need.
func newProgress(b *Bound, r *extension.Resume) progress {
	if r == nil {
		return progress{}
	}
	known := make(map[string]string, len(r.Parameters))
	for name := range r.Parameters {
		if text := b.given(name); text != "" {
			known[name] = text
		}
	}
	p := progress{known: known}
	if b.pollable(r) {
		p.text = &deliveredText{}
	}
	return p
}

// note takes from an event what the call did not say.
func (s *Stream) note(ev Event) {
	r := s.spec.Resume
	if r == nil || len(s.progress.known) == len(r.Parameters) {
		return
	}
	for name, path := range r.Parameters {
		if value := ev.Get(path); value.Exists() {
			s.progress.known[name] = value.Raw
		}
	}
}

// Resume connects a stream again that was cut off or closed, so that reading it
// goes on behind the last event that was delivered: nothing is lost and nothing
// comes twice. Only the reader may call it. ctx takes the place of the context
// that the stream had.
//
// The document says how: for the Responses API it is getResponse with
// starting_after, which the server keeps for background responses. Where the
// program was restarted in between, Stream of that operation does the same by
// the response's ID and TruncatedError.Sequence.
//
// A background response is made whether anybody reads its stream or not, and the server
// streams it for some minutes only. After that, Resume waits for the response, as Wait
// does, and what is read is one last event: that of its final state
// (response.completed, response.incomplete, response.failed) with the whole response.
// Its Event.Text, and so Text, is what the events before have not delivered.
//
// The error is that of the call, or a *BindError where the document knows no way
// or the events did not contain what the call needs. It leaves the stream as it was.
func (s *Stream) Resume(ctx context.Context) error {
	var cut *TruncatedError
	switch {
	case s.end == io.EOF || s.complete:
		return s.fail("the stream is complete, there is nothing to resume")
	case s.end != nil && !errors.As(s.end, &cut):
		return s.end
	}
	b, err := s.rest()
	if err != nil {
		return err
	}
	s.Close()
	if err := s.start(ctx, b); err != nil {
		return s.startPolled(ctx, err)
	}
	s.end = nil
	return nil
}

// rest binds the call for the events that have not come yet.
func (s *Stream) rest() (*Bound, error) {
	r := s.spec.Resume
	if r == nil {
		return nil, s.bound.fail("", "the document knows no way to resume its stream")
	}
	op, err := s.resumeOperation()
	if err != nil {
		return nil, err
	}
	params, err := s.resumeParams(r.Same)
	if err != nil {
		return nil, err
	}
	switch text := s.bound.given(r.After); {
	case s.sequence >= 0:
		params[r.After] = s.sequence
	case s.delivered > 0:
		return nil, s.bound.fail("", "the events have no number after which the stream could be resumed")
	case text != "":
		params[r.After] = json.RawMessage(text)
	}
	b, err := s.bound.another(op, params)
	if err != nil {
		return nil, err
	}
	if _, err := b.askForStream(); err != nil {
		return nil, err
	}
	return b, b.Validate()
}

// resumeOperation is the operation that delivers the rest of the stream.
func (s *Stream) resumeOperation() (*schema.Operation, error) {
	return s.bound.Operation.Document().Operation(cmp.Or(s.spec.Resume.Operation, s.bound.Operation.ID))
}

// resumeParams returns the params of a call that goes on with the stream: those of the
// call that stay the same, and those that the call or its events had.
func (s *Stream) resumeParams(same []string) (Params, error) {
	params := Params{}
	for _, name := range same {
		if text := s.bound.given(name); text != "" {
			params[name] = json.RawMessage(text)
		}
	}
	for name := range s.spec.Resume.Parameters {
		text, known := s.progress.known[name]
		if !known {
			return nil, s.bound.fail("", "the stream was cut off before an event named %q, without which it cannot be resumed", name)
		}
		params[name] = json.RawMessage(text)
	}
	return params, nil
}

// errBreaksOff is why a stream does not go on that was cut off too often in a row.
var errBreaksOff = errors.New("it breaks off each time")

// resumed makes the stream go on by itself, and reports whether it does. Where
// it cannot, the error of the cut says why. A result that is made without the stream is
// waited for where the server does not stream it any more, or each attempt breaks off.
func (s *Stream) resumed(cut *TruncatedError) bool {
	if s.index > s.progress.index {
		s.progress.attempts = 0
	}
	most := s.bound.settings.maxRetries
	if most == 0 || s.isClosed() || s.request.Context().Err() != nil {
		return false
	}
	ctx := s.cancellable()
	err := errBreaksOff
	if s.progress.attempts < most {
		err = s.reconnect(ctx)
	}
	if err != nil && s.progress.text != nil && mayBeHad(err) && ctx.Err() == nil {
		err = s.poll(ctx, err)
	}
	switch {
	case err == nil:
		return true
	case err == errBreaksOff:
	case s.isClosed():
		cut.Err = ErrStreamClosed
	case cut.Err == nil:
		cut.Err = fmt.Errorf("cannot be resumed: %w", err)
	default:
		cut.Err = fmt.Errorf("%w; cannot be resumed: %w", cut.Err, err)
	}
	return false
}

// reconnect waits and connects to the rest of the stream.
func (s *Stream) reconnect(ctx context.Context) error {
	if err := wait(ctx, resumeDelay(s.progress.attempts)); err != nil {
		return err
	}
	s.progress.attempts++
	s.progress.index = s.index
	b, err := s.rest()
	if err != nil {
		return err
	}
	s.body.Close()
	if err := s.connect(ctx, b); err != nil { // sent again as any other call
		return err
	}
	if s.unstreamed != nil && s.delivered > 0 { // all that there is so far, not the rest
		s.unstreamed = nil
		return errNoStream
	}
	return nil
}

// errNoStream is why a stream does not go on whose server responds with JSON.
var errNoStream = errors.New("the server returned the result in place of the rest of the stream")

// cancellable returns the stream's context, which from then on ends when the
// stream is closed: while it has no connection, that is all that Close can end.
func (s *Stream) cancellable() context.Context {
	ctx := s.request.Context()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel == nil {
		ctx, s.cancel = context.WithCancel(ctx)
		if s.closed {
			s.cancel()
		}
	}
	return ctx
}

// resumeDelay returns the wait before a stream goes on by itself: none the first
// time, and that of a retry from then on.
func resumeDelay(attempts int) time.Duration {
	if attempts == 0 {
		return 0
	}
	return backoff(attempts, rand.Float64())
}
