// Package steady bounds how long a server waits for the body of a request.
package steady

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// Timeout is how long a body may stand still on a server that has no reason for another time.
const Timeout = time.Minute

// Bodies ends the reading of bodies of which nothing comes for a time: a client that begins
// a request and falls silent would hold its place among those that a server takes. A body
// that comes slowly may take any time, and so may the response.
func Bodies(next http.Handler, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		body := &steadyBody{ReadCloser: r.Body, conn: http.NewResponseController(w), timeout: timeout}
		r.Body = body
		next.ServeHTTP(w, r)
		if !body.ended.Load() { // net/http reads what the handler has left
			body.conn.SetReadDeadline(time.Now().Add(timeout))
		}
	})
}

// steadyBody is the body of a request, each Read of which has a time limit.
type steadyBody struct {
	io.ReadCloser
	conn    *http.ResponseController
	timeout time.Duration
	ended   atomic.Bool // it was read to its end
}

func (b *steadyBody) Read(p []byte) (int, error) {
	limited := !b.ended.Load() && b.conn.SetReadDeadline(time.Now().Add(b.timeout)) == nil
	n, err := b.ReadCloser.Read(p)
	switch {
	case !limited:
	case err == io.EOF:
		b.ended.Store(true)
		// From here on net/http watches the connection for its end, as long as the response
		// takes.
		b.conn.SetReadDeadline(time.Time{})
	case errors.Is(err, os.ErrDeadlineExceeded): // and is not to wait for the rest again
		err = fmt.Errorf("nothing of the body came for %v", b.timeout)
	}
	return n, err
}
