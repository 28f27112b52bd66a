package client

import (
	"context"
	"time"
)

// keepAlive pings the server while Events waits, for only then its response can be
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
			s.finish(s.failure(1, &limitError{every, "no response to a ping within", "WithSocketKeepAlive"}))
			return
		}
	}
}
