package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/tidwall/gjson"
)

// turn is a call of a run on its way to the server: the gate that its attempts pass, and
// what is recorded of it. It has one goroutine.
type turn struct {
	run        *run
	job        *job
	digest     uint64 // of the operation and its params; of runs with a journal
	maxRetries int

	begun   bool   // it was sent, or was about to be
	held    bool   // it is one of the calls in flight
	round   uint64 // of the pace, when it was sent
	givenUp bool   // because the run was stopped, or could not record it

	failed    int    // attempts, but for those that a 429 ended
	refused   int    // attempts that a 429 ended, while no other call succeeded
	successes uint64 // of the run, when the call was last refused
}

// call sends a call, reads the response whole and records it. The call counts as in flight
// until all of its response is here, as the body is part of the server's work; it is
// recorded only afterwards, so that a journal never promises a response that it lacks.
func (t *turn) call(ctx context.Context, b *Bound) (*Response, error) {
	b.gate = t
	response, err := t.run.client.call(ctx, b)
	var whole []byte
	if response != nil {
		whole, err = b.readWhole(response, err)
	}
	t.run.pace.used(whole)
	t.release()
	// Nothing was sent: there is nothing to record, and the next run starts the call again.
	if !t.begun {
		t.givenUp = t.givenUp || errors.Is(err, errStopped)
		return response, err
	}
	if journal := t.run.journal; journal != nil {
		// A journal that cannot be written ends the run. To go on would send calls whose results
		// the next run knows nothing of.
		if failed := journal.record(t, b, response, whole, err); failed != nil {
			t.run.halt()
		}
	}
	return response, err
}

// readWhole returns the body of a response, which it reads if it was not JSON. An error
// that came with the response stays.
func (b *Bound) readWhole(r *Response, err error) ([]byte, error) {
	var unusable *ResponseError
	switch {
	case r.form != formStream:
		return r.raw, err
	case errors.As(err, &unusable):
		return unusable.Body, err
	case err != nil:
		return nil, err
	}
	rebound(r.http.Body)
	body, failed := readAll(r.http.Body, r.http.ContentLength, b.maxResponse())
	r.http.Body.Close()
	r.http.Body = io.NopCloser(bytes.NewReader(body))
	if failed != nil {
		err = r.fail("the response cannot be used", failed)
	}
	return body, err
}

// release gives the place among the calls in flight back.
func (t *turn) release() {
	if t.held {
		t.held = false
		t.run.pace.leave()
	}
}

// enter waits until an attempt may be sent, and records before the first one that the call
// is begun: should the process end now, the call may have been carried out.
func (t *turn) enter(ctx context.Context) error {
	round, err := t.run.pace.enter(ctx, t.run.stop)
	if err != nil {
		return err
	}
	t.held, t.round = true, round
	// The run may have ended while this waited, with a place in hand.
	if err = contextError(ctx); err == nil && t.run.halted() {
		err = errStopped
	}
	if err != nil {
		t.release()
		return err
	}
	// What a call brings to the budget of retries, it brings once.
	if !t.begun {
		t.run.pace.earn()
		t.successes = t.run.pace.successes()
	}
	if journal := t.run.journal; journal != nil && !t.begun {
		if err := journal.begin(t.job.call.ID, t.digest); err != nil {
			t.givenUp = true
			t.release()
			t.run.halt()
			return err
		}
	}
	t.begun = true
	return nil
}

// left says how an attempt ended, and returns how many attempts count against the call's
// retries. A 429 says that there are too many calls and nothing about this one, so it counts
// only while no other call succeeds: a call is not given up because others use up the quota,
// and a server that refuses everything is not asked for ever.
func (t *turn) left(resp *http.Response, err error) (counted int) {
	pace := t.run.pace
	if err == nil {
		pace.succeeded(resp.Header)
		return 0 // it is in flight until its response is read
	}
	t.release()
	refused := false
	switch failure := err.(type) {
	case *APIError:
		pace.refused(t.round, failure)
		refused = failure.StatusCode == http.StatusTooManyRequests
	case *ConnectionError:
		if !failure.final {
			pace.failed()
		}
	}
	if !refused || t.maxRetries == 0 {
		t.failed++
		return t.failed + t.refused
	}
	if successes := pace.successes(); successes != t.successes {
		t.successes, t.refused = successes, 0
	} else {
		t.refused++
	}
	return t.failed + t.refused
}

// again reports whether the run has a retry left for a call. One after a 429 costs nothing:
// the pace has slowed down already.
func (t *turn) again(err error) bool {
	if t.run.halted() {
		return false
	}
	if refused, ok := err.(*APIError); ok && refused.StatusCode == http.StatusTooManyRequests {
		return true
	}
	return t.run.pace.spend()
}

// wait waits before a retry, and no longer than the run goes on.
func (t *turn) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return contextError(ctx)
	case <-t.run.stop:
		return errStopped
	case <-timer.C:
		return nil
	}
}

// tokensUsed is how many tokens a JSON response says that the call took, 0 where it does
// not say it.
func tokensUsed(text []byte) int64 {
	// A batch of embeddings is megabytes, and not to be parsed for a member that is not there.
	if !bytes.Contains(text, []byte(`"usage"`)) {
		return 0
	}
	return gjson.GetBytes(text, "usage.total_tokens").Int()
}
