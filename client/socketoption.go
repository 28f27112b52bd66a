package client

import (
	"cmp"
	"fmt"
	"time"
)

// DefaultSocketReadLimit is the largest event that a socket takes, in bytes.
const DefaultSocketReadLimit = 16 << 20

// socketSettings is what can be said of sockets.
type socketSettings struct {
	readLimit int64 // 0 for DefaultSocketReadLimit
	keepAlive time.Duration
}

// WithSocketReadLimit sets the largest event that a socket takes, in bytes; the default
// is DefaultSocketReadLimit. A larger one ends the socket.
func WithSocketReadLimit(bytes int64) Setting {
	return setting(func(s *settings) error {
		if bytes < 1 {
			return fmt.Errorf("read limit: got %d bytes, want 1 or more", bytes)
		}
		s.socket.readLimit = bytes
		return nil
	})
}

// WithSocketKeepAlive pings the server of a socket every d while Events waits, and ends
// the socket where the response takes longer than d: reading then ends in a
// *ConnectionError that matches context.DeadlineExceeded. The default, 0, sends no
// pings; those of the server get a response in any case, while Events waits.
func WithSocketKeepAlive(d time.Duration) Setting {
	return setting(func(s *settings) error {
		if d < 0 {
			return fmt.Errorf("keep-alive: got %v, want 0 or more", d)
		}
		s.socket.keepAlive = d
		return nil
	})
}

func (s *Socket) readLimit() int64 {
	return cmp.Or(s.bound.settings.socket.readLimit, DefaultSocketReadLimit)
}
