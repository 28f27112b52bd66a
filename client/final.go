package client

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"

	"github.com/opcall/opcall/client/internal/accumulate"
)

// Final reads the stream to its end and returns what the call would have
// returned without a stream: the events put together. It holds those that were
// ranged over before if WithStreamAccumulation was given; otherwise it must come
// before them, and fails with a *ResponseError where it does not.
//
// The error is that of reading the stream, or else reports the first event that
// is not in the Response: an *EventError that WithInvalidEvents let pass, also when
// it was ranged over before, or a *ResponseError. The Response that comes with it,
// if there is one, holds what was received. It is no larger than WithMaxResponse
// allows.
func (s *Stream) Final() (*Response, error) {
	if s.kept == nil && s.delivered == 0 {
		s.keep()
	}
	before := s.delivered
	failure := s.drain()
	switch {
	case s.unstreamed != nil:
		return s.unstreamed, failure
	case s.kept == nil && failure != nil:
		return nil, failure
	case s.kept == nil && !s.addsUp():
		return nil, s.fail("the document does not say how the events of its stream are put together")
	case s.kept == nil:
		return nil, s.fail("Final was called after " + eventCount(before) + "; WithStreamAccumulation keeps those that are read before it")
	}
	r, err := s.accumulated()
	return r, cmp.Or(failure, s.missing(), err)
}

// keep puts together the events from here on, where the document says how.
func (s *Stream) keep() {
	if sum, ok := accumulate.New(s.spec.Accumulate); ok {
		limit := min(s.bound.maxResponse(), math.MaxInt)
		s.kept = &Accumulator{operation: s.bound.Operation.ID, sum: sum, limit: int(limit)}
	}
}

// addsUp reports whether the document says how the events are put together.
func (s *Stream) addsUp() bool {
	_, ok := accumulate.New(s.spec.Accumulate)
	return ok
}

// missing reports the first event that is not in what was put together.
func (s *Stream) missing() error {
	var unfit *AccumulateError
	if errors.As(s.missed, &unfit) {
		return s.cannotAccumulate(unfit)
	}
	return s.missed
}

// drain reads the stream to its end and returns the first error.
func (s *Stream) drain() error {
	var first error
	for {
		_, err := s.next()
		if err == io.EOF {
			return first
		}
		if first == nil {
			first = err
		}
		if s.end != nil {
			return first
		}
	}
}

// accumulated is the response that the kept events make.
func (s *Stream) accumulated() (*Response, error) {
	raw, err := s.kept.Final()
	if err != nil {
		return nil, s.cannotAccumulate(err)
	}
	return s.bound.read(s.asJSON(bytes.NewReader(raw), int64(len(raw))))
}

func (s *Stream) cannotAccumulate(err error) error {
	failure := s.fail("the events cannot be put together")
	failure.Err = err
	return failure
}
