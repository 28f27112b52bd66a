package listen

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

// bodyTimeout is how long a body may stand still.
const bodyTimeout = time.Minute

// steady ends the reading of bodies of which nothing comes any more: a client that begins
// a request and falls silent would hold its place among those that a server takes.
func steady(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		body := &steadyBody{ReadCloser: r.Body, conn: http.NewResponseController(w)}
		r.Body = body
		next.ServeHTTP(w, r)
		if !body.ended.Load() { // net/http reads what the handler has left
			body.conn.SetReadDeadline(time.Now().Add(bodyTimeout))
		}
	})
}

// steadyBody is the body of a request, each Read of which has a time limit.
type steadyBody struct {
	io.ReadCloser
	conn  *http.ResponseController
	ended atomic.Bool // it was read to its end
}

func (b *steadyBody) Read(p []byte) (int, error) {
	limited := !b.ended.Load() && b.conn.SetReadDeadline(time.Now().Add(bodyTimeout)) == nil
	n, err := b.ReadCloser.Read(p)
	switch {
	case !limited:
	case err == io.EOF:
		b.ended.Store(true)
		// From here on net/http watches the connection for its end, as long as the response
		// takes.
		b.conn.SetReadDeadline(time.Time{})
	case errors.Is(err, os.ErrDeadlineExceeded): // and is not to wait for the rest again
		err = fmt.Errorf("nothing of the body came for %v", bodyTimeout)
	}
	return n, err
}
