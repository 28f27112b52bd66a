package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// sender is the step of a call that puts a finished request on the wire and
// brings back a response. It is not changed by sending and safe for concurrent
// use.
type sender struct {
	client     *http.Client     // its CheckRedirect comes from safeRedirects
	maxRetries int              // attempts after the first
	timeout    time.Duration    // of one attempt, from sending until the response is read; 0 for none
	observed   *observation     // nil for none
	operation  string           // operation ID, for errors and records
	document   *schema.Document // of the operation, for a hint about its address; may be nil
	settings   *settings        // whose credentials errors mask, besides those that secrets finds; may be nil
	gate       gate             // of a call that is one of many; else nil
}

// maxErrorBody bounds the body of an APIError, in bytes.
const maxErrorBody = 1 << 20

// ConnectionError is a request that got no response, or a response that broke off:
// the connection failed, an attempt took longer than its timeout, or the
// context ended. Err tells them apart: errors.Is matches
// context.DeadlineExceeded for a timeout and ctx.Err() for the context. Where
// the context ended while waiting for a retry, errors.As finds the *APIError
// that caused the wait.
//
// Its text shows neither query nor credentials.
type ConnectionError struct {
	Operation string // its ID, or the name of the socket
	Host      string // of the request's URL, with its port where it has one
	Attempts  int    // how often the request was sent
	Err       error  // the last failure

	final bool // another attempt would fail alike
}

func (e *ConnectionError) Error() string {
	text := "no cause given"
	if e.Err != nil {
		text = oneLine(e.Err.Error(), maxMessage)
		if hint := remedy(e.Err); hint != "" {
			text += "; " + hint
		}
	}
	if e.Host != "" {
		text = oneLine(e.Host, maxName) + ": " + text
	}
	if e.Operation != "" {
		text = named(e.Operation) + ": " + text
	}
	switch {
	case e.Attempts == 0:
		text += " (not sent)"
	case e.Attempts > 1:
		text += " (" + strconv.Itoa(e.Attempts) + " attempts)"
	}
	return text
}

// Unwrap returns the last failure.
func (e *ConnectionError) Unwrap() error { return e.Err }

// remedy says what to look at, for failures whose text does not.
func remedy(err error) string {
	var lookup *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return "check the host of WithBaseURL"
	case errors.As(err, &certificate):
		return "the client given to WithHTTPClient decides which certificates are trusted"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "use http:// in WithBaseURL if this server has no TLS"
	}
	return ""
}

// send sends req, again where retry.go allows it, and returns the first response
// with a 2xx status; its Body is a *responseBody, which the caller closes. Every
// error is an *APIError, when the server responded, a *ConnectionError, or a *TokenError
// where there is no token for another attempt.
//
// The context of req bounds everything, the waits between attempts included.
// send closes the request's body in any case and changes nothing else of req.
func (s *sender) send(req *http.Request) (*http.Response, error) {
	return s.retry(req, s.attempt)
}

// attemptHeader is the header of a request that is sent again: the number of the
// attempt, from 2.
const attemptHeader = "X-Opcall-Attempt"

// attempt sends req once. Attempts are counted from 1; from the second on the
// body is a fresh one.
func (s *sender) attempt(req *http.Request, attempt int) (*http.Response, error) {
	received := &responseBody{}
	limit := &received.limit
	ctx := limit.start(req.Context(), s.timeout)
	once := s.copyFor(ctx, req)
	if attempt > 1 {
		once.Header = once.Header.Clone()
		once.Header.Set(attemptHeader, strconv.Itoa(attempt))
	}
	if attempt > 1 && req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			limit.release()
			failure := s.failure(req, attempt-1, fmt.Errorf("body cannot be read again for a retry: %w", err))
			failure.final = true
			return nil, failure
		}
		once.Body = body
	}

	resp, err := do(s.client, once)
	if err != nil {
		limit.release()
		ended := contextError(req.Context())
		if ended == nil {
			err = limit.explain(err)
		} else {
			err = ended
		}
		failure := s.failure(req, attempt, err)
		refused := resp != nil // by the user's CheckRedirect: the only case with both response and error
		failure.final = ended != nil || refused || hopeless(err)
		return nil, failure
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		received.body = resp.Body
		received.failure = ConnectionError{Operation: s.operation, Host: req.URL.Host, Attempts: attempt}
		received.settings, received.request = s.settings, req
		resp.Body = received
		return resp, nil
	}
	defer limit.release()
	defer context.AfterFunc(ctx, func() { resp.Body.Close() })() // whatever stands between here and the network
	defer resp.Body.Close()
	return nil, s.refusal(req, resp, attempt)
}

// copyFor returns a copy of req for one attempt. Cookie jars write into the
// headers, and so may transports of strangers; that of net/http does not.
func (s *sender) copyFor(ctx context.Context, req *http.Request) *http.Request {
	if _, plain := plainTransport(s.client); plain {
		return req.WithContext(ctx)
	}
	return req.Clone(ctx)
}

// failure makes the error of a request that got no response.
func (s *sender) failure(req *http.Request, attempts int, err error) *ConnectionError {
	return &ConnectionError{
		Operation: s.operation,
		Host:      req.URL.Host,
		Attempts:  attempts,
		Err:       redactError(err, s.secretsOf(req)),
	}
}

// secretsOf returns every credential that req carries.
func (s *sender) secretsOf(req *http.Request) []string { return secretsOf(req, s.settings) }

// secretsOf returns the credentials of a request and of settings, which may be nil.
func secretsOf(req *http.Request, s *settings) []string {
	found := secrets(req)
	if s != nil {
		found = append(found, s.secrets()...)
	}
	return found
}

// refusal makes the error of a response that is not 2xx. It reads the body to its
// end, so that the connection can serve the next attempt, or to the limit.
func (s *sender) refusal(req *http.Request, resp *http.Response, attempt int) *APIError {
	var body []byte
	var err error
	if resp.StatusCode >= 200 { // else the body is the bare connection, which may be silent for ever
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxErrorBody+1))
	}
	truncated := err != nil // the status and what was read say more than err
	if len(body) > maxErrorBody {
		body, truncated = body[:maxErrorBody], true
	}
	secrets := s.secretsOf(req)
	e := newAPIError(s.operation, resp.StatusCode, resp.Header, body, secrets...)
	e.Truncated = truncated
	e.Attempts = attempt
	e.Message = redact(explainRedirect(req, resp, e.Message), secrets) // it quotes the address that the server names
	if resp.StatusCode == http.StatusNotFound && s.document != nil && !looksLikeJSON(body) {
		e.Message = oneLine(e.Message, maxName) + addressHint(s.document) // no such path: the API has JSON for what it does not find
	}
	return e
}

// looksLikeJSON reports whether a body begins as JSON objects and lists do.
func looksLikeJSON(body []byte) bool {
	body = bytes.TrimSpace(jsonscan.TrimMark(body))
	return len(body) > 0 && (body[0] == '{' || body[0] == '[')
}

// limit bounds one attempt: when the time is up it ends the attempt's context.
type limit struct {
	timeout time.Duration
	timer   *time.Timer // nil without a timeout
	cancel  context.CancelFunc
	expired atomic.Bool
}

// start starts the clock, and returns the context of the attempt. The caller calls release
// when the attempt is over.
func (l *limit) start(parent context.Context, timeout time.Duration) context.Context {
	ctx, cancel := context.WithCancel(parent)
	l.timeout, l.cancel = timeout, cancel
	if timeout > 0 {
		l.timer = time.AfterFunc(timeout, l.expire)
	}
	return ctx
}

func (l *limit) expire() {
	l.expired.Store(true)
	l.cancel()
}

// lift stops the clock: only the caller's context bounds the attempt from now on.
func (l *limit) lift() {
	if l.timer != nil {
		l.timer.Stop()
	}
}

// restart sets the clock anew, for what turns out not to be streamed.
func (l *limit) restart() {
	if l.timer != nil {
		l.timer.Reset(l.timeout)
	}
}

// release ends the attempt.
func (l *limit) release() {
	l.lift()
	l.cancel()
}

// explain returns the timeout in place of err, if that is why err happened.
func (l *limit) explain(err error) error {
	if l.expired.Load() {
		return &limitError{l.timeout, "no complete response within", "WithTimeout"}
	}
	return err
}

// responseBody is the body of a 2xx response, under the time limit of its attempt.
// What ends it early is a *ConnectionError. Close is safe at any time, more than
// once and from another goroutine than the reader's, which it unblocks.
type responseBody struct {
	body     io.ReadCloser
	limit    limit
	failure  ConnectionError // but for its Err
	settings *settings
	request  *http.Request // whose credentials the cause may quote
	observed *observation  // of a Call; nil for none
	streamed bool          // the end of the body is that of the call
}

func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if err != nil && err != io.EOF {
		failure := b.failure
		failure.Err = redactError(b.limit.explain(fmt.Errorf("response broke off: %w", err)), secretsOf(b.request, b.settings))
		err = &failure
	}
	b.observed.bodyRead(n, err, b.streamed)
	return n, err
}

// Close gives the connection back, if the body was read to its end, and ends the
// attempt's context.
func (b *responseBody) Close() error {
	b.limit.release()
	err := b.body.Close()
	if b.streamed {
		b.observed.finish(errAbandoned)
	}
	return err
}
