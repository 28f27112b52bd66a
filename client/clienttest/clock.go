package clienttest

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/opcall/opcall/internal/sample"
)

// WithClock says what time it is for objects that requests make: their created_at and the
// like, in whole seconds. Without it that is the time of the machine. A clock that stands
// still makes what is kept the same every time. It must be safe for concurrent use; an
// object is never older than one that was made before it, whatever the clock says.
func WithClock(now func() time.Time) Option {
	return func(s *Server) error {
		if now == nil {
			return errors.New("WithClock: got nil, want a function")
		}
		s.clock = now
		return nil
	}
}

// now returns the time of the server in seconds, which never goes back.
func (s *Server) now() int64 {
	now := s.clock().Unix()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latest = max(s.latest, now)
	return s.latest
}

// objectLifetime is how long objects live that expire, in seconds.
const objectLifetime = 24 * 60 * 60

// sampleTime is a time in a sample, with the end of the member's name: "created_at" and
// "created", in seconds.
var sampleTime = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(\bexpires_at|_at|"created)":` + fmt.Sprint(sample.Moment) + `\b`)
})

// stamped returns the text of a sample as that of an object that is made now.
func stamped(text string, now int64) string {
	return sampleTime().ReplaceAllStringFunc(text, func(member string) string {
		name := sampleTime().FindStringSubmatch(member)[1]
		if name == "expires_at" {
			return name + `":` + strconv.FormatInt(now+objectLifetime, 10)
		}
		return name + `":` + strconv.FormatInt(now, 10)
	})
}
