package client

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	sse "github.com/opcall/opcall/stream"
)

// handout is the last event of a stream, made of the result that was waited for when the
// rest of the stream could not be had.
type handout struct {
	event sse.Event
	text  string // that has not been delivered
}

// deliveredText is the text that a stream has delivered: how long it is, and its hash.
type deliveredText struct {
	length int
	hash   maphash.Hash
}

func (d *deliveredText) add(text string) {
	d.length += len(text)
	d.hash.WriteString(text)
}

// rest returns what follows the delivered text in the whole, and whether that begins with
// it.
func (d *deliveredText) rest(whole string) (string, bool) {
	if len(whole) < d.length || maphash.String(d.hash.Seed(), whole[:d.length]) != d.hash.Sum64() {
		return "", false
	}
	return whole[d.length:], true
}

// pollable reports whether the result of the call is made without its stream, so that it
// can be waited for.
func (b *Bound) pollable(r *extension.Resume) bool {
	if r == nil || r.Poll == nil {
		return false
	}
	for _, f := range r.Poll.If {
		if !b.hasValue(f) {
			return false
		}
	}
	return true
}

// mayBeHad reports whether the result of a stream may still be had that cannot go on:
// what failed is not the call itself, it is not gone, and the caller may have it.
func mayBeHad(err error) bool {
	var refused *APIError
	var broken *ConnectionError
	switch {
	case errors.As(err, &refused):
		switch refused.StatusCode {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
			return false
		}
		return true
	case errors.As(err, &broken):
		return true
	}
	return err == errBreaksOff || err == errNoStream
}

// startPolled waits for the result of a stream that Resume could not connect again, and
// opens the stream for its last event.
func (s *Stream) startPolled(ctx context.Context, cause error) error {
	if s.progress.text == nil || !mayBeHad(cause) || ctx.Err() != nil {
		return cause
	}
	if err := s.poll(ctx, cause); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body, s.closed, s.end = http.NoBody, false, nil
	return nil
}

// poll waits for the result of a stream that cannot go on, and makes its last event of
// it. cause is why it cannot.
func (s *Stream) poll(ctx context.Context, cause error) error {
	b, err := s.resultCall()
	if err != nil {
		return err
	}
	spec, err := b.waitSpec()
	if err != nil {
		return err
	}
	w := &waiter{client: s.client, bound: b, spec: spec, started: time.Now()}
	r, err := w.run(ctx)
	poll := s.spec.Resume.Poll
	kind, known := poll.Events[w.state]
	if r == nil || !known || err != nil && !isFailedState(err) {
		if err == nil {
			err = fmt.Errorf("its result is %q, for which the document has no last event", w.state)
		}
		return fmt.Errorf("%w; its result was waited for: %w", cause, err)
	}
	var whole strings.Builder
	joinTexts(&whole, gjson.GetBytes(r.raw, s.spec.Whole))
	rest, fits := s.progress.text.rest(whole.String())
	if !fits {
		return fmt.Errorf("%w; the text of its result does not begin with what was delivered", cause)
	}
	s.handed = &handout{event: s.lastEvent(kind, poll.Member, r.raw), text: rest}
	return nil
}

func isFailedState(err error) bool {
	var ended *WaitError
	return errors.As(err, &ended) && ended.Failed
}

// lastEvent makes the event that ends the stream, with the number after the last.
func (s *Stream) lastEvent(kind, member string, result []byte) sse.Event {
	text := jsonscan.AppendString([]byte(`{"type":`), kind)
	if s.spec.Sequence != "" {
		text = jsonscan.AppendMember(text, s.spec.Sequence, fmt.Sprint(s.sequence+1))
	}
	text = jsonscan.AppendMember(text, member, string(result))
	return sse.Event{Type: kind, Data: append(text, '}')}
}

// resultCall binds the call that returns the result: the one that would have delivered
// the rest of the stream, without asking for a stream.
func (s *Stream) resultCall() (*Bound, error) {
	op, err := s.resumeOperation()
	if err != nil {
		return nil, err
	}
	params, err := s.resumeParams(s.spec.Resume.Poll.Same)
	if err != nil {
		return nil, err
	}
	b, err := s.bound.another(op, params)
	if err != nil {
		return nil, err
	}
	return b, b.Validate()
}

// receiveHandout delivers the last event that poll made.
func (s *Stream) receiveHandout() (Event, error) {
	last := s.handed
	s.handed = nil
	ev, err := s.interpret(last.event)
	s.complete = true
	if err == nil && last.text != "" {
		kind := *ev.kind
		kind.rest = last.text
		ev.kind = &kind
	}
	return ev, err
}
