package client

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// host is a transport with limits of its own, in the time of a bubble.
type host struct {
	mu       sync.Mutex
	inFlight int
	most     int
	sent     int
	refused  int
	takes    time.Duration
	respond  func(h *host, now time.Time) (status int, header http.Header)
}

func (h *host) RoundTrip(req *http.Request) (*http.Response, error) {
	h.mu.Lock()
	h.inFlight++
	h.sent++
	h.most = max(h.most, h.inFlight)
	status, header := h.respond(h, time.Now())
	if status == http.StatusTooManyRequests {
		h.refused++
	}
	h.mu.Unlock()
	time.Sleep(h.takes)
	h.mu.Lock()
	h.inFlight--
	h.mu.Unlock()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	body := `{"object":"list","data":[],"usage":{"prompt_tokens":100,"total_tokens":100},"model":"m"}`
	return &http.Response{StatusCode: status, Header: header, Request: req, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
}

func embeddings(n int) iter.Seq[Call] {
	return func(yield func(Call) bool) {
		for i := 0; i < n; i++ {
			if !yield(Call{OperationID: "createEmbedding", Params: Params{"model": "m", "input": "Titan"}}) {
				return
			}
		}
	}
}

// run makes n calls and returns how long they took and how many failed.
func (h *host) run(t *testing.T, n int, opts ...EachOption) (took time.Duration, failed int) {
	t.Helper()
	c, err := New(WithoutEnvironment(), WithAPIKey("test"), WithMiddleware(func(http.RoundTripper) http.RoundTripper { return h }))
	if err != nil {
		t.Fatal(err)
	}
	started, results := time.Now(), 0
	for r, err := range c.Each(t.Context(), embeddings(n), opts...) {
		if err != nil {
			t.Fatal(err)
		}
		if results++; r.Err != nil {
			failed++
		}
	}
	if results != n {
		t.Errorf("got %d results, want %d", results, n)
	}
	return time.Since(started), failed
}

// TestEachFindsHowManyCallsAHostTakes: a host that takes 10 at once and says nothing but
// 429 is not asked much more often than it responds, and no call fails.
func TestEachFindsHowManyCallsAHostTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{takes: 100 * time.Millisecond, respond: func(h *host, _ time.Time) (int, http.Header) {
			if h.inFlight > 10 {
				return http.StatusTooManyRequests, nil
			}
			return http.StatusOK, nil
		}}
		took, failed := h.run(t, 2000, EachConcurrency(64))
		if failed > 0 || h.refused > 200 {
			t.Errorf("%d calls failed and %d requests were refused of 2,000, want none and 10 %% at most", failed, h.refused)
		}
		if took > 90*time.Second { // 20 s at 10 at once
			t.Errorf("2,000 calls took %v, want 90 s at most", took)
		}
	})
}

func stated(kind string, limit, remaining int, reset time.Duration) http.Header {
	return http.Header{
		"X-Ratelimit-Limit-" + kind:     {strconv.Itoa(limit)},
		"X-Ratelimit-Remaining-" + kind: {strconv.Itoa(remaining)},
		"X-Ratelimit-Reset-" + kind:     {reset.String()},
	}
}

// TestEachSpreadsRequestsOverTheWindow: a host takes 60 requests in each minute, and says
// what remains.
func TestEachSpreadsRequestsOverTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var window time.Time
		left := 0
		h := &host{takes: 50 * time.Millisecond, respond: func(_ *host, now time.Time) (int, http.Header) {
			if now.Sub(window) >= time.Minute {
				window, left = now, 60
			}
			reset := time.Minute - now.Sub(window)
			if left == 0 {
				header := stated("Requests", 60, 0, reset)
				header.Set("Retry-After-Ms", strconv.Itoa(int(reset.Milliseconds())+1))
				return http.StatusTooManyRequests, header
			}
			left--
			return http.StatusOK, stated("Requests", 60, left, reset)
		}}
		took, failed := h.run(t, 300)
		if failed > 0 || h.refused > 3 {
			t.Errorf("%d calls failed and %d requests were refused, want none and 3 at most", failed, h.refused)
		}
		if took < 4*time.Minute || took > 6*time.Minute {
			t.Errorf("300 calls took %v, want 4 to 6 minutes", took)
		}
	})
}

// TestEachFollowsALimitThatRefills: a limit that refills steadily is used at the speed
// that it refills with, counted in requests or in tokens of 100 per call.
func TestEachFollowsALimitThatRefills(t *testing.T) {
	for _, kind := range []string{"Requests", "Tokens"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const most, perSecond = 100, 10
				left, last := float64(most), time.Now()
				h := &host{takes: 50 * time.Millisecond, respond: func(_ *host, now time.Time) (int, http.Header) {
					left = min(most, left+now.Sub(last).Seconds()*perSecond)
					last = now
					status := http.StatusOK
					if left < 1 {
						status = http.StatusTooManyRequests
					} else {
						left--
					}
					unit := 1
					if kind == "Tokens" {
						unit = 100
					}
					reset := time.Duration((most - left) / perSecond * float64(time.Second))
					return status, stated(kind, most*unit, int(left)*unit, reset)
				}}
				took, failed := h.run(t, 1000)
				if failed > 0 || h.refused > 10 {
					t.Errorf("%d calls failed and %d requests were refused, want none and 10 at most", failed, h.refused)
				}
				if took < 90*time.Second || took > 130*time.Second {
					t.Errorf("1,000 calls took %v, want 90 s to 130 s", took)
				}
			})
		})
	}
}

// TestEachHoldsAllCallsForRetryAfter: one refusal with Retry-After is enough.
func TestEachHoldsAllCallsForRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var resume time.Time
		early := 0
		h := &host{takes: time.Millisecond, respond: func(h *host, now time.Time) (int, http.Header) {
			if h.sent == 100 {
				resume = now.Add(20 * time.Second)
				return http.StatusTooManyRequests, http.Header{"Retry-After": {"20"}}
			}
			if now.Before(resume.Add(-19 * time.Second)) { // those that were in flight
				return http.StatusOK, nil
			}
			if now.Before(resume) {
				early++
			}
			return http.StatusOK, nil
		}}
		if _, failed := h.run(t, 500, EachConcurrency(4)); failed > 0 || early > 0 {
			t.Errorf("%d calls failed, %d requests came before Retry-After was over, want none", failed, early)
		}
	})
}

// TestEachDoesNotMultiplyAnOutage: a host that is down gets hardly more requests than
// there are calls, and after the first ones one at a time.
func TestEachDoesNotMultiplyAnOutage(t *testing.T) {
	for name, test := range map[string]struct {
		option EachOption
		most   int
	}{
		"by default": {EachRetryBudget(DefaultRetryBudget), 200 + 40 + 10},
		"no retries": {EachRetryBudget(0), 200},
		"many":       {EachRetryBudget(5), 600},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &host{takes: time.Second}
				together := 0
				h.respond = func(h *host, _ time.Time) (int, http.Header) {
					if h.sent > 32 && h.inFlight > 1 {
						together++
					}
					return http.StatusInternalServerError, nil
				}
				_, failed := h.run(t, 200, test.option)
				if failed != 200 || h.sent > test.most || h.sent < 200 {
					t.Errorf("%d of 200 calls failed, by %d requests, want %d at most", failed, h.sent, test.most)
				}
				if together > 0 {
					t.Errorf("%d requests were sent beside others while the host was down", together)
				}
			})
		})
	}
}

// TestEachRefusedCallsWaitWhileOthersMoveOn: with two retries per call, calls are refused
// many more times, and none fails as long as the host takes others; a host that takes
// none fails them.
func TestEachRefusedCallsWaitWhileOthersMoveOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{takes: time.Millisecond, respond: func(h *host, _ time.Time) (int, http.Header) {
			if h.sent%5 > 0 {
				return http.StatusTooManyRequests, http.Header{"Retry-After-Ms": {"10"}}
			}
			return http.StatusOK, nil
		}}
		if _, failed := h.run(t, 100); failed > 2 { // the last ones are alone
			t.Errorf("%d of 100 calls failed that every fifth request of succeeds", failed)
		}
		h = &host{takes: time.Millisecond, respond: func(*host, time.Time) (int, http.Header) {
			return http.StatusTooManyRequests, http.Header{"Retry-After-Ms": {"10"}}
		}}
		if _, failed := h.run(t, 5); failed != 5 || h.sent != 15 {
			t.Errorf("%d of 5 calls failed by %d requests, want all by 15", failed, h.sent)
		}
	})
}

// TestEachEndsAtOnceWhileItWaits: leaving the loop, and the end of its context, are not
// held up by the waits of a host that asks for a minute.
func TestEachEndsAtOnceWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{takes: time.Millisecond, respond: func(h *host, _ time.Time) (int, http.Header) {
			if h.sent > 1 {
				return http.StatusTooManyRequests, http.Header{"Retry-After": {"60"}}
			}
			return http.StatusOK, nil
		}}
		c, err := New(WithoutEnvironment(), WithAPIKey("test"), WithMiddleware(func(http.RoundTripper) http.RoundTripper { return h }))
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		for range c.Each(t.Context(), embeddings(100)) {
			time.Sleep(time.Second) // all others wait by then
			break
		}
		if took := time.Since(started); took > 2*time.Second {
			t.Errorf("leaving the loop took %v", took)
		}
	})
}

func TestBudgetIsPerCallNotPerRequest(t *testing.T) {
	p := newPace(1, 2)
	for range reserve {
		p.spend()
	}
	for call := range 3 {
		p.earn()
		retries := 0
		for p.spend() {
			retries++
		}
		if retries != 2 {
			t.Errorf("call %d brings %d retries, want 2", call, retries)
		}
	}
}

// TestEachEndsWhenTheJournalCannotBeWritten: nothing is sent that is not recorded.
func TestEachEndsWhenTheJournalCannotBeWritten(t *testing.T) {
	h := &host{respond: func(*host, time.Time) (int, http.Header) { return http.StatusOK, nil }}
	c, err := New(WithoutEnvironment(), WithAPIKey("test"), WithMiddleware(func(http.RoundTripper) http.RoundTripper { return h }))
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.newRun([]EachOption{EachJournal(t.TempDir()+"/journal", "job")})
	if err != nil {
		t.Fatal(err)
	}
	r.journal.file.Close()
	r.results(t.Context(), embeddings(10), func(r EachResult, err error) bool {
		t.Errorf("got %v, %v, want no result", r, err)
		return true
	})
	var failed *JournalError
	if err := r.failure(t.Context()); !errors.As(err, &failed) || h.sent > 0 || !strings.Contains(fmt.Sprint(err), "cannot be written") {
		t.Errorf("got error %v after %d requests, want that of the journal and none", err, h.sent)
	}
}

// TestEachWaitsWhenNothingRemains: the first response says that no tokens are left, before
// it is known how many a call takes.
func TestEachWaitsWhenNothingRemains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times []time.Time
		h := &host{takes: time.Millisecond, respond: func(_ *host, now time.Time) (int, http.Header) {
			times = append(times, now)
			return http.StatusOK, stated("Tokens", 1000, 0, 30*time.Second)
		}}
		if _, failed := h.run(t, 2, EachConcurrency(1)); failed > 0 || len(times) != 2 {
			t.Fatalf("%d calls failed, %d requests were sent, want 2 that succeed", failed, len(times))
		}
		if waited := times[1].Sub(times[0]); waited < 30*time.Second {
			t.Errorf("the second request was sent after %v, want 30 s", waited)
		}
	})
}
