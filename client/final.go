package client

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
)

// Final reads the stream to its end and returns what the call would have
// returned without a stream: the events put together. It holds those that were
// ranged over before if WithAccumulation was given; otherwise it must come
// before them, and fails with a *ResponseError where it does not.
//
// The error is that of reading the stream. The Response that comes with it, if
// there is one, holds what was received until then.
func (s *Stream) Final() (*Response, error) {
	if s.kept == nil && s.delivered == 0 {
		s.kept = newAccumulator(s.bound.Operation)
	}
	failure := s.drain()
	switch {
	case s.answer != nil:
		return s.answer, failure
	case s.kept == nil && failure != nil:
		return nil, failure
	case s.kept == nil && newAccumulator(s.bound.Operation) == nil:
		return nil, s.fail("the document does not say how the events of its stream are put together")
	case s.kept == nil:
		return nil, s.fail(fmt.Sprintf("%d events went by before Final, which needs WithAccumulation to keep them", s.delivered))
	}
	r, err := s.accumulated()
	return r, cmp.Or(failure, err)
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

// accumulated is the answer that the kept events make.
func (s *Stream) accumulated() (*Response, error) {
	if s.keptErr != nil {
		return nil, s.cannotAccumulate(s.keptErr)
	}
	raw, err := s.kept.final()
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
