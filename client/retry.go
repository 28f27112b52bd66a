package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// The waits before a retry where the server names none.
const (
	firstDelay    = 500 * time.Millisecond // doubles with each retry
	longestDelay  = 8 * time.Second
	jitter        = 0.25        // up to this part is taken off
	maxRetryAfter = time.Minute // a server that asks for more gets no retry
)

// Retryable reports whether the same request may succeed when it is sent again
// after a while: the server was busy (408, 409, 429, 500 and above) or says so
// itself (x-should-retry, either way). A used-up quota (insufficient_quota) is
// not a matter of waiting. For an error inside a stream it is false.
func (e *APIError) Retryable() bool {
	if e.Code == "insufficient_quota" || e.Type == "insufficient_quota" {
		return false
	}
	if e.success() {
		return false
	}
	switch e.Header.Get("X-Should-Retry") {
	case "true":
		return true
	case "false":
		return false
	}
	switch e.StatusCode {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return true
	}
	return e.StatusCode >= 500
}

// retry makes attempts at req, counted from 1, until one succeeds or the next would
// be in vain or is not allowed by the gate, and returns what the last one returned. Where
// the context of req ends before an attempt the error is a *ConnectionError, and the body
// of req is closed. The observers learn of each attempt.
//
// Each attempt gets a request with the tokens of its time. Where the server refuses these,
// another attempt with new ones follows at once, one time.
func (s *sender) retry(req *http.Request, attempt func(req *http.Request, n int) (*http.Response, error)) (*http.Response, error) {
	ctx := req.Context()
	renewals := 0
	var last error
	for n := 1; ; n++ {
		if err := s.admitted(ctx, n); err != nil {
			if n == 1 && req.Body != nil {
				req.Body.Close()
			}
			return nil, s.failure(req, n-1, afterWait(err, last))
		}
		started := s.observed.now()
		resp, err := attempt(s.observed.startAttempt(req), n)
		last = err
		counted := n
		if s.gate != nil {
			counted = s.gate.left(resp, err)
		}
		delay, again := s.nextTry(req, max(1, counted-renewals), err)
		again = again && (s.gate == nil || s.gate.again(err))
		if err != nil && !again && renewals == 0 {
			if again, err = s.renew(req, err); again {
				renewals, delay = 1, 0
			}
		}
		s.observed.endAttempt(started, resp, err, again, delay)
		if !again {
			return resp, err
		}
		if ended := s.wait(ctx, delay); ended != nil {
			return nil, s.failure(req, n, afterWait(ended, err))
		}
		if req, err = s.reauthorized(req); err != nil {
			return nil, err
		}
	}
}

// gate is what the attempts of a call pass that is one of many, see Each. Other calls
// have none.
type gate interface {
	// enter waits until the next attempt may be made. After an error it is not made.
	enter(ctx context.Context) error
	// left takes in how an attempt ended, and returns how many of them count for
	// WithMaxRetries.
	left(resp *http.Response, err error) int
	// again reports whether an attempt that failed with err may be repeated.
	again(err error) bool
	// wait waits before the next attempt.
	wait(ctx context.Context, d time.Duration) error
}

// admitted waits until an attempt may be made. A call that is not one of many has only
// its context in the way of the first one.
func (s *sender) admitted(ctx context.Context, attempt int) error {
	if attempt == 1 {
		if err := contextError(ctx); err != nil {
			return err
		}
	}
	if s.gate == nil {
		return nil
	}
	return s.gate.enter(ctx)
}

// wait waits before the next attempt, until ctx or the run that the call belongs to ends.
func (s *sender) wait(ctx context.Context, d time.Duration) error {
	if s.gate != nil {
		return s.gate.wait(ctx, d)
	}
	return wait(ctx, d)
}

// afterWait makes the error of a request that is not sent again because of ended.
func afterWait(ended, last error) error {
	if last == nil {
		return ended
	}
	return &waitError{ended: ended, last: last}
}

// nextTry reports whether req is sent again after the given attempt (from 1)
// ended in err, and how long to wait before. A nil err is a success.
func (s *sender) nextTry(req *http.Request, attempt int, err error) (delay time.Duration, again bool) {
	if err == nil || attempt > s.maxRetries || !replayable(req) {
		return 0, false
	}
	switch err := err.(type) {
	case *APIError:
		if !err.Retryable() || err.RetryAfter > maxRetryAfter {
			return 0, false
		}
		if err.RetryAfter > 0 {
			return err.RetryAfter, true
		}
	case *ConnectionError:
		if err.final {
			return 0, false
		}
	default: // a response that opens no socket
		return 0, false
	}
	return backoff(attempt, rand.Float64()), true
}

// replayable reports whether the body of req can be sent more than once.
func replayable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// backoff returns the wait before the given retry (from 1): it doubles up to a
// ceiling, and chance (in [0,1)) takes off up to a quarter, so that clients that
// failed together do not come back together.
func backoff(retry int, chance float64) time.Duration {
	delay := longestDelay
	if doublings := retry - 1; doublings < 4 { // 0.5 s doubled four times is the ceiling
		delay = firstDelay << doublings
	}
	return time.Duration(float64(delay) * (1 - jitter*chance))
}

// retryAfter returns how long the server asks to wait: retry-after-ms, or else
// retry-after in seconds, with or without a fraction, or as a date (RFC 9110,
// section 10.2.3; measured by the server's clock when it sends the time). It is
// 0 when the server asks for nothing, for nothing readable, or for the past.
func retryAfter(header http.Header, now time.Time) time.Duration {
	if wait, ok := duration(header.Get("Retry-After-Ms"), time.Millisecond); ok {
		return wait
	}
	value := header.Get("Retry-After")
	if wait, ok := duration(value, time.Second); ok {
		return wait
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if clock, err := http.ParseTime(header.Get("Date")); err == nil {
		now = clock
	}
	return max(0, date.Sub(now))
}

// duration reads a decimal number of units, not below 0 and at most what a
// Duration holds.
func duration(text string, unit time.Duration) (time.Duration, bool) {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return 0, false
	}
	number *= float64(unit)
	switch {
	case number <= 0:
		return 0, true
	case number >= math.MaxInt64:
		return math.MaxInt64, true
	}
	return time.Duration(number), true
}

// wait sleeps for d, or until ctx ends, which is an error.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return contextError(ctx)
}

// contextError returns nil while ctx goes on; afterwards an error that matches
// ctx.Err() and, where the caller gave one, its cause.
func contextError(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// waitError is the end of a context during the wait before a retry. It unwraps
// to the context's error and to the failure that made the wait necessary.
type waitError struct {
	ended error // from contextError
	last  error // *APIError or *ConnectionError
}

func (e *waitError) Error() string {
	last := e.last.Error()
	switch err := e.last.(type) { // both say the operation, which stands before this text already
	case *APIError:
		last = err.summary()
	case *ConnectionError:
		last = err.Err.Error()
	}
	return e.ended.Error() + " while waiting to retry after " + last
}

func (e *waitError) Unwrap() []error { return []error{e.ended, e.last} }

// hopeless reports whether a connection that failed with err will fail in the
// same way again.
func hopeless(err error) bool {
	var certificate *tls.CertificateVerificationError
	var file *FileError
	var lookup *net.DNSError
	return errors.As(err, &certificate) || errors.As(err, &file) || errors.Is(err, http.ErrSchemeMismatch) ||
		errors.As(err, &lookup) && lookup.IsNotFound && !lookup.IsTemporary
}
