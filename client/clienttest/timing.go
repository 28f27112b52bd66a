package clienttest

import (
	"fmt"
	"time"
)

// Timing is how fast a model speaks in a stream.
type Timing struct {
	FirstToken      time.Duration // before the first event
	TokensPerSecond float64       // events per second from the second on; 0 is as fast as they can be sent
}

// WithTiming says how fast streams are, where no script has the events. Without it they
// are sent at once.
func WithTiming(t Timing) Option {
	return func(s *Server) error {
		if t.FirstToken < 0 || t.TokensPerSecond < 0 {
			return fmt.Errorf("WithTiming: got %v and %g tokens per second, want no negative numbers", t.FirstToken, t.TokensPerSecond)
		}
		if t.TokensPerSecond != 0 && !(t.TokensPerSecond >= slowest) {
			return fmt.Errorf("WithTiming: got %g tokens per second, want at least %g, or 0 for all at once", t.TokensPerSecond, slowest)
		}
		s.timing = t
		return nil
	}
}

// slowest is the lowest speed, in tokens per second.
const slowest = 0.001

// interval is the time between two events.
func (t Timing) interval() time.Duration {
	if t.TokensPerSecond == 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / t.TokensPerSecond)
}
