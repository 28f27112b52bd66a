package client

import (
	"context"
	"fmt"
	"io"
	"time"
)

// limitError says that something took longer than a setting allows. It matches
// context.DeadlineExceeded.
type limitError struct {
	limit  time.Duration
	what   string // "nothing came for"
	option string // which sets the limit
}

func (e *limitError) Error() string {
	return fmt.Sprintf("%s %v; %s sets this limit", e.what, e.limit, e.option)
}

func (e *limitError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout and Temporary make it a net.Error, as context.DeadlineExceeded is one.
func (e *limitError) Timeout() bool   { return true }
func (e *limitError) Temporary() bool { return true }

// maxEmptyReads is how often in a row a reader may return neither bytes nor an
// error.
const maxEmptyReads = 100

// readSome is a Read that returns bytes or an error. A reader that goes on
// returning neither fails with io.ErrNoProgress.
func readSome(r io.Reader, p []byte) (int, error) {
	for range maxEmptyReads {
		if n, err := r.Read(p); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
