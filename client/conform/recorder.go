package conform

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"

	"github.com/opcall/opcall/client/internal/mask"
)

// Recorder is an http.RoundTripper that writes each exchange that goes through it as a
// line of JSON, for Exchanges and Compare. It is safe for concurrent use.
type Recorder struct {
	next    http.RoundTripper
	maxBody int

	mu  sync.Mutex
	out io.Writer
	err error
}

// NewRecorder returns a Recorder that sends by next, http.DefaultTransport where that is
// nil, and writes to out, a line in one Write. Bodies are written up to maxBody bytes,
// DefaultMaxBody where that is not positive; longer ones are left out, and the exchange
// says so. An exchange is written when its response has been read to its end or
// closed, that of a WebSocket with its messages, of maxBody bytes together, when the
// connection is closed.
func NewRecorder(next http.RoundTripper, out io.Writer, maxBody int) *Recorder {
	if next == nil {
		next = http.DefaultTransport
	}
	if maxBody <= 0 {
		maxBody = DefaultMaxBody
	}
	return &Recorder{next: next, out: out, maxBody: min(maxBody, math.MaxInt-1)} // a byte more is read to know
}

// Err returns the first error of writing. After it nothing more is written; the
// exchanges go on.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// RoundTrip sends the request as it is, and returns the response as it is.
func (r *Recorder) RoundTrip(hr *http.Request) (*http.Response, error) {
	return recorded(r.next, hr, r.maxBody, r.write)
}

// CloseIdleConnections closes those of the RoundTripper that it sends by.
func (r *Recorder) CloseIdleConnections() {
	if c, ok := r.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// recorded sends a request, and hands out the exchange once its response has been read.
func recorded(next http.RoundTripper, hr *http.Request, maxBody int, use func(Exchange)) (*http.Response, error) {
	secrets := mask.Secrets(hr)
	e := Exchange{Method: hr.Method, RequestHeader: safeHeader(hr.Header, secrets)}
	if e.Method == "" {
		e.Method = http.MethodGet
	}
	if hr.URL != nil {
		e.Path, e.Query = mask.Text(hr.URL.EscapedPath(), secrets), safeQuery(hr.URL.RawQuery, secrets)
	}
	sent := &copied{limit: maxBody}
	out := hr
	if hr.Body != nil && hr.Body != http.NoBody {
		out = hr.WithContext(hr.Context())
		out.Body = &copier{hr.Body, sent, nil}
		out.GetBody = nil // a second body would be recorded twice
	}
	resp, err := next.RoundTrip(out)
	if err != nil {
		return resp, err
	}
	resp.Request = hr
	e.Status, e.ResponseHeader = resp.StatusCode, safeHeader(resp.Header, secrets)
	if resp.StatusCode == http.StatusSwitchingProtocols { // what follows is not a body
		conn, ok := resp.Body.(io.ReadWriteCloser)
		if !ok || !strings.EqualFold(resp.Header.Get("Upgrade"), "websocket") {
			use(e)
			return resp, nil
		}
		resp.Body = recordSocket(conn, e, resp.Header, maxBody, secrets, use)
		return resp, nil
	}
	got := &copied{limit: maxBody}
	resp.Body = &copier{resp.Body, got, func(whole bool) {
		e.RequestBody, e.RequestOmitted = sent.result(true)
		e.ResponseBody, e.ResponseOmitted = got.result(whole)
		e.maskBodies(encoded(hr.Header), encoded(resp.Header), maxBody, secrets)
		use(e)
	}}
	return resp, nil
}

// maskBodies takes the credentials out of the bodies of an exchange.
func (e *Exchange) maskBodies(request, response string, limit int, secrets []string) {
	var plain bool
	if e.RequestBody, plain = safeBody(e.RequestBody, request, limit, secrets); plain {
		e.RequestHeader.Del("Content-Encoding")
	}
	if e.ResponseBody, plain = safeBody(e.ResponseBody, response, limit, secrets); plain {
		e.ResponseHeader.Del("Content-Encoding")
	}
}

// write writes a line, unless an earlier one could not be written.
func (r *Recorder) write(e Exchange) {
	line, err := json.Marshal(e)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	if err == nil {
		_, err = r.out.Write(append(line, '\n'))
	}
	r.err = err
}

// copied is the beginning of a body.
type copied struct {
	mu    sync.Mutex // the transport may write a request while its response is read
	limit int
	text  bytes.Buffer
	over  bool
}

func (c *copied) add(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.text.Len()+len(p) > c.limit {
		c.over, c.text = true, bytes.Buffer{}
		return
	}
	c.text.Write(p)
}

func (c *copied) result(whole bool) (body Body, omitted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || !whole {
		return nil, true
	}
	return bytes.Clone(c.text.Bytes()), false
}

// copier is a body of which a copy is kept.
type copier struct {
	body io.ReadCloser
	copy *copied
	done func(whole bool) // called once; nil for a request
}

// Read reads on.
func (c *copier) Read(p []byte) (int, error) {
	n, err := c.body.Read(p)
	c.copy.add(p[:n])
	if err != nil {
		c.finish(err == io.EOF)
	}
	return n, err
}

// Close closes the body.
func (c *copier) Close() error {
	err := c.body.Close()
	c.finish(false)
	return err
}

func (c *copier) finish(whole bool) {
	if c.done != nil {
		done := c.done
		c.done = nil
		done(whole)
	}
}
