package openai

import (
	"context"
	"encoding/json"
	"iter"

	"github.com/opcall/opcall/client"
)

// ParsedStream is a value of a Go type that arrives piece by piece. It has one
// reader, but for Close.
type ParsedStream[T any] struct {
	stream *client.Stream
	final  func() (reply, error)
	ranged bool
	result *Parsed[T]
	err    error
	done   bool
}

// ParseStream is Parse for a stream: Values has the value as it grows, Final the
// whole one. The caller ranges over one or calls the other, or closes the stream.
func ParseStream[T any](ctx context.Context, c *Client, request Request, opts ...client.CallOption) (*ParsedStream[T], error) {
	x, err := formatted[T](request)
	if err != nil {
		return nil, err
	}
	if chat, respond := x.requests(); chat != nil {
		s, err := c.ChatStream(ctx, *chat, opts...)
		if err != nil {
			return nil, err
		}
		return &ParsedStream[T]{stream: s.Stream, final: func() (reply, error) {
			r, err := s.Final()
			return chatReply(r), err
		}}, nil
	} else {
		s, err := c.RespondStream(ctx, *respond, opts...)
		if err != nil {
			return nil, err
		}
		return &ParsedStream[T]{stream: s.Stream, final: func() (reply, error) {
			r, err := s.Final()
			return respondReply(r), err
		}}, nil
	}
}

// Values yields the value as far as it has arrived, and at last the whole one. A
// text that is not complete is as long as what came of it; a number, a name or a
// list's item that is not complete is left out; a field that has not come is zero.
// Only the last value is validated. The text is decoded again when it is a sixteenth
// longer than the last time, so that all the values together cost no more than a
// constant times the text.
//
// An error is the last that is yielded: those of a stream, and those of Parse.
// Leaving the loop closes the stream. Ranging again yields the last value, or the
// error.
func (s *ParsedStream[T]) Values() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if !s.ranged {
			s.ranged = true
			if !s.partial(yield) {
				s.Close()
				return
			}
		}
		result, err := s.Final()
		if err != nil {
			var none T
			yield(none, err)
			return
		}
		yield(result.Value, nil)
	}
}

// partial yields values until the text has ended, and reports false where the reader
// has left.
func (s *ParsedStream[T]) partial(yield func(T, error) bool) bool {
	var text cutJSON
	decoded := 0
	for piece, err := range s.stream.Text() {
		if err != nil {
			return true // which Final returns as well
		}
		text.write(piece)
		if len(text.text)-decoded < max(1, len(text.text)/16) {
			continue
		}
		whole, ok := text.complete()
		if !ok {
			continue
		}
		decoded = len(text.text)
		var value T
		if json.Unmarshal(whole, &value) != nil {
			continue // a type that reads its own text, such as a time, of which a part has come
		}
		if !yield(value, nil) {
			return false
		}
	}
	return true
}

// Final reads the stream to its end and returns what Parse would have returned.
func (s *ParsedStream[T]) Final() (*Parsed[T], error) {
	if s.done {
		return s.result, s.err
	}
	s.done, s.ranged = true, true
	said, err := s.final()
	if err != nil {
		s.err = err
		return nil, err
	}
	s.result, s.err = parsed[T](said)
	return s.result, s.err
}

// Close ends the stream early.
func (s *ParsedStream[T]) Close() error { return s.stream.Close() }
