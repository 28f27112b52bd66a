package client

import (
	"context"
	"math"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pace is how hard a run leans on the server: how many calls are in flight, how many
// requests are begun per second, and how many retries there are. It goes down at once
// and up slowly.
type pace struct {
	first chan struct{} // held by the one call that waits for what follows; the others wait for it
	wake  chan struct{} // tells that call that something has changed

	mu       sync.Mutex
	most     int // calls in flight
	places   float64
	inFlight int
	round    uint64    // counts the times that the pace went down
	resume   time.Time // nothing is sent before

	limiter *rate.Limiter
	asked   rate.Limit // by the headers of the last response that had them
	pressed rate.Limit // by refusals
	since   time.Time  // the round began
	passed  int        // requests that succeeded in the round

	tokens   float64 // that a call takes, on average; 0 while unknown
	answered uint64  // of the run
	failures int     // since the last success

	perCall float64 // retries
	budget  float64
}

// How the pace changes.
const (
	growth      = 0.1 // requests per second, for each success: 10 % per second
	cutBack     = 0.7 // of the requests per second stay after a refusal without Retry-After
	slowest     = rate.Limit(1) / 60
	fastest     = rate.Limit(1e5) // above it there is no limit
	outageAfter = 8               // failures in a row
	reserve     = 10              // retries beyond those per call
	weight      = 1.0 / 16        // of the newest call in the average of tokens
)

func newPace(concurrency int, perCall float64) *pace {
	p := &pace{
		first: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		most: concurrency, places: float64(concurrency), since: time.Now(),
		limiter: rate.NewLimiter(rate.Inf, 1), asked: rate.Inf, pressed: rate.Inf,
		perCall: perCall,
	}
	if perCall > 0 {
		p.budget = reserve
	}
	return p
}

// enter waits until a request may be sent, and returns the round. The caller calls leave
// when the response has been read.
func (p *pace) enter(ctx context.Context, stop <-chan struct{}) (uint64, error) {
	select {
	case p.first <- struct{}{}:
	case <-stop:
		return 0, errStopped
	case <-ctx.Done():
		return 0, contextError(ctx)
	}
	defer func() { <-p.first }()
	for {
		delay, round := p.admit()
		if delay == 0 {
			return round, nil
		}
		timer := time.NewTimer(delay)
		select {
		case <-p.wake:
		case <-timer.C:
		case <-stop:
			timer.Stop()
			return 0, errStopped
		case <-ctx.Done():
			timer.Stop()
			return 0, contextError(ctx)
		}
		timer.Stop()
	}
}

// admit takes a place, or returns how long there is none unless something changes.
func (p *pace) admit() (time.Duration, uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if wait := p.resume.Sub(now); wait > 0 {
		return wait, 0
	}
	if p.inFlight >= max(1, int(p.places)) {
		return math.MaxInt64, 0
	}
	reservation := p.limiter.ReserveN(now, 1)
	if wait := reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return wait, 0
	}
	p.inFlight++
	return 0, p.round
}

// leave gives a place back.
func (p *pace) leave() {
	p.mu.Lock()
	p.inFlight--
	p.mu.Unlock()
	p.changed()
}

func (p *pace) changed() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// succeeded takes in a response.
func (p *pace) succeeded(header http.Header) {
	limit, limited := statedLimit(header)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answered++
	p.passed++
	p.failures = 0
	p.places = min(float64(p.most), p.places+1/p.places)
	if p.pressed += growth; p.pressed > fastest {
		p.pressed = rate.Inf
	}
	if limited {
		p.follow(limit)
	}
	p.adjust()
}

// refused takes in an error of the server.
func (p *pace) refused(round uint64, e *APIError) {
	limit, limited := statedLimit(e.Header)
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.changed()
	if limited {
		p.follow(limit)
	}
	switch {
	case !e.Retryable(): // the server is well, the request is not
		p.failures = 0
	case e.StatusCode == http.StatusTooManyRequests, e.StatusCode == http.StatusServiceUnavailable:
		p.hold(e.RetryAfter)
		if round == p.round { // the others of the round were sent before it was known
			p.down(e.RetryAfter > 0)
		}
	default:
		p.fail()
	}
	p.adjust()
}

// failed takes in a request without a response.
func (p *pace) failed() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail()
}

// fail slows a run down to one request at a time that gets nothing but failures.
func (p *pace) fail() {
	if p.failures++; p.failures < outageAfter {
		return
	}
	p.places = 1
	p.hold(backoff(p.failures-outageAfter+1, 0))
	p.round++
}

// down halves the requests in flight, and takes back those per second where the server
// does not say itself how long it wants to be left alone. The caller holds mu.
func (p *pace) down(told bool) {
	p.round++
	p.places = max(1, min(p.places, float64(p.inFlight+1))/2)
	if told {
		return
	}
	now := time.Now()
	before := min(p.pressed, fastest)
	switch seconds := now.Sub(p.since).Seconds(); {
	case p.passed == 0: // nothing is known of a speed that is right
		before = min(before, rate.Limit(p.most))
	case seconds > 0:
		before = min(before, rate.Limit(float64(p.passed)/seconds))
	}
	p.pressed = max(slowest, before*cutBack)
	p.since, p.passed = now, 0
}

// hold sends nothing for a while. The caller holds mu.
func (p *pace) hold(d time.Duration) {
	if resume := time.Now().Add(min(d, maxRetryAfter)); resume.After(p.resume) {
		p.resume = resume
	}
}

// follow takes in what a response says of the limits: what remains is spread over the
// time until the reset. Where a limit refills steadily that settles at half of it and at
// its own speed; where it is reset at once, it is used up just then. The caller holds mu.
func (p *pace) follow(limit RateLimit) {
	p.asked = min(p.spread(limit.Requests, 1), p.spread(limit.Tokens, p.tokens))
}

// spread returns how many calls per second a quota is good for, of which each takes
// cost.
func (p *pace) spread(q Quota, cost float64) rate.Limit {
	switch {
	case !q.Known || q.Reset <= 0:
		return rate.Inf
	case q.Remaining == 0:
		p.hold(q.Reset)
		return p.asked
	case cost == 0:
		return rate.Inf
	}
	calls := max(1, float64(q.Remaining)/cost-float64(p.inFlight))
	return rate.Limit(calls / q.Reset.Seconds())
}

// adjust sets the limit of requests per second. The caller holds mu.
func (p *pace) adjust() {
	limit := max(slowest, min(p.asked, p.pressed))
	if limit >= fastest {
		limit = rate.Inf
	}
	if limit != p.limiter.Limit() {
		p.limiter.SetLimit(limit)
		p.changed()
	}
}

// used takes in the usage of a response.
func (p *pace) used(body []byte) {
	n := tokensUsed(body)
	if n <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tokens == 0 {
		p.tokens = float64(n)
	}
	p.tokens += (float64(n) - p.tokens) * weight
}

// successes counts the responses of the run.
func (p *pace) successes() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answered
}

// earn adds to the budget what one call brings.
func (p *pace) earn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budget = min(p.budget+p.perCall, math.MaxInt32)
}

// spend takes a retry from the budget.
func (p *pace) spend() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.budget < 1 {
		return false
	}
	p.budget--
	return true
}

// statedLimit returns the limits that the headers of a response name.
func statedLimit(header http.Header) (RateLimit, bool) {
	for _, name := range [...]string{"X-Ratelimit-Remaining-Requests", "X-Ratelimit-Remaining-Tokens", "X-Ratelimit-Remaining"} {
		if header[name] != nil {
			limit := rateLimit(header)
			return limit, limit.Requests.Known || limit.Tokens.Known
		}
	}
	return RateLimit{}, false
}
