package webhook

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// readBody reads the body of a request within the limits of size and time.
func (h *handler) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > h.maxBody {
		return nil, h.tooLarge()
	}
	size := min(max(r.ContentLength, 0), 64<<10) // what is announced is believed up to this
	body := make([]byte, 0, size+1)
	source := http.MaxBytesReader(w, r.Body, h.maxBody)
	for {
		n, err := source.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case err == io.EOF:
			return body, h.readBefore(r, body)
		case err != nil:
			return nil, h.explain(err)
		case len(body) == cap(body):
			body = append(body, 0)[:len(body)]
		}
	}
}

// setDeadline bounds the time for the body, and returns what lifts the bound again when
// it has been read: afterwards the handler may take its time. Where it has not, the bound
// stays, for net/http reads on before it responds.
func (h *handler) setDeadline(w http.ResponseWriter, r *http.Request) (lift func()) {
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ReadTimeout > 0 && server.ReadTimeout < h.readTimeout {
		return func() {} // that of the server ends earlier
	}
	control := http.NewResponseController(w)
	if control.SetReadDeadline(time.Now().Add(h.readTimeout)) != nil {
		return func() {}
	}
	return func() { _ = control.SetReadDeadline(time.Time{}) } // an error is that of a connection that has ended
}

func (h *handler) tooLarge() *BodyError {
	return &BodyError{Status: http.StatusRequestEntityTooLarge, Reason: fmt.Sprintf("got more than %d bytes; WithMaxBody sets this limit", h.maxBody)}
}

func (h *handler) explain(err error) *BodyError {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return h.tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &BodyError{Status: http.StatusRequestTimeout, Reason: fmt.Sprintf("it did not arrive within %v; WithReadTimeout sets this limit", h.readTimeout), Err: err}
	case errors.Is(err, http.ErrBodyReadAfterClose):
		return &BodyError{Status: http.StatusInternalServerError, Reason: readBefore, Err: err}
	}
	return &BodyError{Status: http.StatusBadRequest, Reason: "it broke off", Err: err}
}

// readBefore is the remedy for a body that is no longer there.
const readBefore = "something has read it before this handler; a middleware must leave it alone, or put the same bytes in its place"

// readBefore returns an error where a body is not what the request announced: net/http
// delivers exactly that, so that something in this program has read or changed it.
func (h *handler) readBefore(r *http.Request, body []byte) error {
	if r.ContentLength > 0 && int64(len(body)) != r.ContentLength {
		return &BodyError{
			Status: http.StatusInternalServerError,
			Reason: fmt.Sprintf("got %d bytes of the %d that Content-Length announces; %s", len(body), r.ContentLength, readBefore),
		}
	}
	if len(body) == 0 {
		return &BodyError{Status: http.StatusBadRequest, Reason: "it is empty; if the sender sent one, " + readBefore}
	}
	return nil
}
