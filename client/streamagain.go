package client

import (
	"errors"
	"math/rand/v2"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
)

// again sends the request of a stream once more whose first event is an error that may
// pass, as a status of 429 or 500 would be: the document says which. Nothing has been
// delivered. It reports whether the stream starts over; the error is that of the call.
func (s *Stream) again(ev Event, failure error) (bool, error) {
	refused := s.mayPass(ev, failure)
	if refused == nil || s.progress.resent >= s.bound.settings.maxRetries || !replayable(s.request) || s.isClosed() {
		return false, nil
	}
	delay := backoff(s.progress.resent+1, rand.Float64())
	if refused.RetryAfter > 0 {
		delay = refused.RetryAfter
	}
	ctx := s.cancellable()
	if delay > maxRetryAfter || wait(ctx, delay) != nil {
		return false, nil
	}
	s.body.Close()
	s.startOver()
	return true, s.connect(ctx, s.bound)
}

// mayPass returns the error that is the first event of the stream, or in it, where it is
// one of those that the document says may pass.
func (s *Stream) mayPass(ev Event, failure error) *APIError {
	var refused *APIError
	if failure == nil && s.delivered == 1 {
		path, failed := s.spec.Failure[ev.Type]
		if !failed {
			return nil
		}
		refused = s.refusal([]byte(gjson.Get(jsonscan.Alias(ev.Data), path).Raw))
	} else if s.delivered > 0 || !errors.As(failure, &refused) || !refused.success() {
		return nil
	}
	if !slices.Contains(s.spec.Retry, refused.Code) && !slices.Contains(s.spec.Retry, refused.Type) {
		return nil
	}
	return refused
}

// startOver forgets what has been read of a stream that is asked for once more.
func (s *Stream) startOver() {
	resent := s.progress.resent + 1
	s.progress = newProgress(s.bound, s.spec.Resume)
	s.progress.resent = resent
	s.complete, s.missed = false, nil
	s.index, s.delivered, s.terminal, s.sequence = 0, 0, s.bound.terminalEvents(s.spec), -1
	if s.kept != nil {
		s.keep()
	}
	s.mu.Lock()
	s.used = nil
	s.mu.Unlock()
}
