package conform

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
)

// readAhead returns the text of a body, and a body that reads as that one would
// have: the same bytes, the same error, the same Close. The error says why the
// text is not all there is.
func readAhead(body io.ReadCloser, limit int) (text []byte, same io.ReadCloser, err error) {
	text, err = io.ReadAll(io.LimitReader(body, int64(limit)+1))
	rest := io.Reader(body)
	switch {
	case err != nil:
		rest = failed{err}
		err = fmt.Errorf("it cannot be read: %w", err)
	case len(text) > limit:
		err = tooLong(limit)
	default:
		// The end has been read. A server closes the body of its request once the response
		// begins, and a transport that still looks for the end would take that for an error.
		return text, replay{bytes.NewReader(text), body}, nil
	}
	return text, replay{io.MultiReader(bytes.NewReader(text), rest), body}, err
}

func tooLong(limit int) error { return fmt.Errorf("it has more than %d bytes", limit) }

// replay reads from one place and closes another.
type replay struct {
	io.Reader
	io.Closer
}

// failed is a reader that is at its error.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// copyRequest returns the text of a request's body, and the request with a body
// that is still to be read: the request itself where it can give a second body.
func copyRequest(hr *http.Request, limit int) (text []byte, same *http.Request, err error) {
	if hr.Body == nil || hr.Body == http.NoBody {
		return nil, hr, nil
	}
	if hr.GetBody != nil {
		if second, err := hr.GetBody(); err == nil {
			defer second.Close()
			text, _, err = readAhead(second, limit)
			return text, hr, err
		}
	}
	text, body, err := readAhead(hr.Body, limit)
	same = hr.WithContext(hr.Context())
	same.Body = body
	return text, same, err
}

// tap is a body that is validated when it has been read to its end, from what it
// keeps of it up to a limit.
type tap struct {
	body  io.ReadCloser
	limit int
	check func(text []byte, err error) // called once

	mu   sync.Mutex // Close may come while a Read waits
	text []byte
	over bool
	done bool
}

// Read reads on.
func (t *tap) Read(p []byte) (int, error) {
	n, err := t.body.Read(p)
	t.keep(p[:n])
	switch {
	case err == io.EOF:
		t.finish(nil)
	case err != nil:
		t.finish(fmt.Errorf("it cannot be read: %w", err))
	}
	return n, err
}

func (t *tap) keep(p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.over || t.done:
	case len(t.text)+len(p) > t.limit:
		t.text, t.over = nil, true
	default:
		t.text = append(t.text, p...)
	}
}

// Close closes the body. A reader that knows where a JSON value ends need not
// have read on to the end of the body.
func (t *tap) Close() error {
	err := t.body.Close()
	t.mu.Lock()
	whole := jsonscan.Check(jsonscan.Alias(t.text), maxDepth) == nil
	t.mu.Unlock()
	if whole {
		t.finish(nil)
	} else {
		t.finish(errUnread)
	}
	return err
}

// maxDepth is how deep the JSON may be nested that Close looks at.
const maxDepth = 1000

func (t *tap) finish(err error) {
	t.mu.Lock()
	text, done := t.text, t.done
	if t.over {
		err = tooLong(t.limit)
	}
	t.text, t.done = nil, true
	t.mu.Unlock()
	if !done {
		t.check(text, err)
	}
}
