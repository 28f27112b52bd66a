package client

import (
	"io"
	"math"
	"sync/atomic"
	"time"
)

// idleBody is a body that closes itself when a Read waits too long.
type idleBody struct {
	io.ReadCloser
	limit   time.Duration
	timer   *time.Timer
	expired atomic.Bool
}

func newIdleBody(body io.ReadCloser, limit time.Duration) *idleBody {
	b := &idleBody{ReadCloser: body, limit: limit}
	b.timer = time.AfterFunc(math.MaxInt64, func() {
		b.expired.Store(true)
		body.Close()
	})
	return b
}

func (b *idleBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.limit)
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	if n == 0 && err != nil && b.expired.Load() {
		err = &limitError{b.limit, "nothing came for", "WithStreamIdleTimeout"}
	}
	return n, err
}

// Close also stops the clock, which a Read in another goroutine may have set.
func (b *idleBody) Close() error {
	b.timer.Stop()
	return b.ReadCloser.Close()
}

// Bounds of linger.
const (
	lingerTime  = 25 * time.Millisecond
	lingerBytes = 4 << 10
)

// linger reads what may follow the end of a stream, so that the connection can
// serve the next call: a well-behaved server ends its response there, and HTTP/1
// has no other way to know where the next begins. A server that does not is left
// at once.
func linger(body io.ReadCloser) {
	timer := time.AfterFunc(lingerTime, func() { body.Close() })
	defer timer.Stop()
	_, _ = io.CopyN(io.Discard, body, lingerBytes) // it is over either way
}
