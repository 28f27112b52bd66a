package client

import (
	"context"
	"fmt"
	"time"
)

// keepAlive pings the server while Events waits, for only then its answer can be
// read, and ends the socket where nothing at all comes in time. While an event is
// being written no ping gets through, and silence means nothing.
func (s *Socket) keepAlive(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-ticker.C:
		}
		heard := s.heard.Load()
		if !s.waiting.Load() || len(s.writing) > 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(s.ctx, every)
		silent := s.conn.Ping(ctx) != nil && ctx.Err() != nil // other failures reach the reader
		cancel()
		if silent && s.ctx.Err() == nil && s.heard.Load() == heard && s.waiting.Load() && len(s.writing) == 0 {
			s.finish(s.failure(1, &silentError{every}))
			return
		}
	}
}

// silentError says that a ping got no answer. It matches
// context.DeadlineExceeded.
type silentError struct{ limit time.Duration }

func (e *silentError) Error() string {
	return fmt.Sprintf("no answer to a ping within %v; WithKeepAlive sets this limit", e.limit)
}

func (e *silentError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout and Temporary make it a net.Error, as context.DeadlineExceeded is one.
func (e *silentError) Timeout() bool   { return true }
func (e *silentError) Temporary() bool { return true }
