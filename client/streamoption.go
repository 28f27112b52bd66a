package client

import (
	"fmt"
	"time"
)

// streamSettings is what can be said of streams.
type streamSettings struct {
	idle          time.Duration
	invalidEvents bool // streams go on behind an event that cannot be used
	resume        bool
	accumulate    bool
}

// WithStreamIdleTimeout ends a stream that has been silent for d: no byte has come, not
// even of a comment, while the caller waited for an event. The stream then ends
// in a *TruncatedError that matches context.DeadlineExceeded. The default, 0,
// lets it be silent as long as the context allows.
func WithStreamIdleTimeout(d time.Duration) Setting {
	return setting(func(s *settings) error {
		if d < 0 {
			return fmt.Errorf("idle timeout: got %v, want 0 or more", d)
		}
		s.stream.idle = d
		return nil
	})
}

// WithInvalidEvents lets a stream or socket go on behind an event that cannot be
// used: it yields the *EventError and continues. Without it that error is the end.
// On a socket an event larger than WithSocketReadLimit allows is the end in any case.
func WithInvalidEvents() Setting {
	return setting(func(s *settings) error { s.stream.invalidEvents = true; return nil })
}

// WithStreamResume makes a stream that was cut off go on by itself, by Stream.Resume:
// up to as many times in a row as WithMaxRetries says without an event in
// between, with the waits of retries. It is for operations that the document
// knows a way for: background responses. One that the server does not stream any more,
// or that breaks off each time, is waited for, and its last event has the rest: see
// Stream.Resume. Where that fails, too, the stream ends in its *TruncatedError, which
// wraps the reason.
func WithStreamResume() Setting {
	return setting(func(s *settings) error { s.stream.resume = true; return nil })
}

// WithStreamAccumulation lets Stream.Final be called after events have been ranged
// over: what it needs is kept as they pass.
func WithStreamAccumulation() Setting {
	return setting(func(s *settings) error { s.stream.accumulate = true; return nil })
}
