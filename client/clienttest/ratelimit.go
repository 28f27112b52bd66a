package clienttest

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// RateLimit is how much the server takes in a time. 0 sets no limit.
type RateLimit struct {
	Requests int
	Tokens   int           // of requests, by the rule of thumb that a token is four bytes of the body
	Per      time.Duration // default: a minute
}

// WithRateLimit limits what the server takes. Responses then say in the headers
// x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests,
// and the same of tokens, what is left, and a request over the limit gets 429 with
// Retry-After. A request that breaks the document does not count.
func WithRateLimit(limit RateLimit) Option {
	return func(s *Server) error {
		if limit.Requests < 0 || limit.Tokens < 0 || limit.Per < 0 {
			return fmt.Errorf("WithRateLimit: got %d requests and %d tokens per %v, want no negative numbers", limit.Requests, limit.Tokens, limit.Per)
		}
		if limit.Per == 0 {
			limit.Per = time.Minute
		}
		s.limiter = &limiter{RateLimit: limit}
		return nil
	}
}

// limiter counts what was taken since the limits were last whole.
type limiter struct {
	RateLimit
	mu               sync.Mutex
	since            time.Time
	requests, tokens int
}

// take counts a request, and says so in the header of its response. It returns the
// refusal of one that is over the limit, which does not count.
func (l *limiter) take(now time.Time, tokens int, header http.Header) *Refusal {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.since) >= l.Per {
		l.since, l.requests, l.tokens = now, 0, 0
	}
	left := l.Per - now.Sub(l.since)
	what := ""
	switch {
	case l.Requests > 0 && l.requests >= l.Requests:
		what = "requests"
	case l.Tokens > 0 && l.tokens+tokens > l.Tokens:
		what = "tokens"
	default:
		l.requests++
		l.tokens += tokens
	}
	say := func(of string, limit, taken int) {
		if limit > 0 {
			header.Set("X-Ratelimit-Limit-"+of, strconv.Itoa(limit))
			header.Set("X-Ratelimit-Remaining-"+of, strconv.Itoa(max(0, limit-taken)))
			header.Set("X-Ratelimit-Reset-"+of, left.Round(time.Millisecond).String())
		}
	}
	say("Requests", l.Requests, l.requests)
	say("Tokens", l.Tokens, l.tokens)
	if what == "" {
		return nil
	}
	return &Refusal{
		Status: http.StatusTooManyRequests, Code: "rate_limit_exceeded", kind: what,
		Message: fmt.Sprintf("the limit of %s per %v is reached, try again in %v", what, l.Per, left.Round(time.Millisecond)),
		header: http.Header{
			"Retry-After":    {strconv.Itoa(int(math.Ceil(left.Seconds())))},
			"Retry-After-Ms": {strconv.FormatInt(left.Milliseconds()+1, 10)},
		},
	}
}
