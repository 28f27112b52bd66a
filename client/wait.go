package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
)

// The pace of Wait where neither the document, nor the caller, nor the server sets
// another.
const (
	firstLook    = time.Second // the pause after the first look; half as long again each time
	longestLook  = 15 * time.Second
	defaultLimit = 10 * time.Minute // of a wait

	shortestPause = 10 * time.Millisecond // however soon the server asks for the next look
	slowestPause  = 5 * time.Minute       // however late it does

	maxFailedLooks = 5 // in a row
	cancelTimeout  = 10 * time.Second
)

// ErrWaitLimit is the cause of a *WaitError for a wait that took longer than its limit.
var ErrWaitLimit = errors.New("the limit of the wait has been reached")

// Wait calls an operation that retrieves an object again and again until the object has
// come to a final state, and returns the last response. It is given the operation that
// retrieves, not the one that creates:
//
//	created, err := c.Call(ctx, "createBatch", params)
//	done, err := c.Wait(ctx, "retrieveBatch", client.Params{"batch_id": created.Get("id").String()})
//
// The document says in x-opcall-wait, or the caller by WithWaitStates, which states are
// final, where the reason of a failure stands and how long a wait may take. The built-in
// document does so for responses, runs and their steps, batches, vector stores, their
// files and file batches, fine-tuning jobs, runs of evals, and videos. A state that asks
// the caller to act, as requires_action of runs does, ends the wait without an error.
//
// The first look is at once. The pauses between looks grow by half, from a second to
// fifteen where the document sets no others, with up to a quarter taken off by chance;
// what the server asks for (openai-poll-after-ms or the like, Retry-After) overrides
// them, from 10 ms to 5 minutes. Each look is retried as any call is. A look that fails
// all the same in a way that may pass (no connection, 429, 500 and above) does not end
// the wait before the fifth in a row.
//
// A wait is bounded by the limit of the document for the kind of object, 10 minutes
// where it has none, or by WithWaitLimit, and by ctx. The job goes on when a wait ends
// early, unless WithWaitCancel is given; Wait with the same params takes it up again.
//
// The error of the first look is that of Call. Everything else is a *WaitError, together
// with the last Response: a state of failure with its reason, the limit, the end of ctx,
// an object that has vanished (404), a state that the document does not know, looks that
// fail.
func (c *Client) Wait(ctx context.Context, operationID string, params any, opts ...CallOption) (*Response, error) {
	b, err := c.Bind(operationID, params, opts...)
	if err != nil {
		return nil, err
	}
	spec, err := b.waitSpec()
	if err != nil {
		return nil, err
	}
	if err := b.refuseStream(); err != nil {
		return nil, err
	}
	if err := b.Validate(); err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, b.fail("", nilContext)
	}
	w := &waiter{client: c, bound: b, spec: spec, started: time.Now()}
	r, err := w.run(ctx)
	var ended *WaitError
	if b.waiting().cancel && ctx.Err() != nil && errors.As(err, &ended) {
		ended.Cancelled, ended.CancelErr = w.cancel(ctx)
	}
	return r, err
}

// waiter is one wait.
type waiter struct {
	client  *Client
	bound   *Bound
	spec    *extension.Wait
	started time.Time
	looks   int
	failed  int       // looks in a row
	last    *Response // of the last look that succeeded
	state   string    // in last
}

// run looks until the end of the wait.
func (w *waiter) run(ctx context.Context) (*Response, error) {
	bounded := ctx
	if w.spec.Limit > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithDeadlineCause(ctx, w.started.Add(w.spec.Limit), ErrWaitLimit)
		defer cancel()
	}
	pause := w.spec.First
	for {
		r, err := w.look(bounded)
		w.looks++
		if err != nil {
			if r != nil && w.last == nil { // it is all that there is
				w.last = r
			}
			if end := w.survives(ctx, bounded, err); end != nil {
				return w.last, end
			}
		} else {
			w.failed, w.last, w.state = 0, r, w.stateOf(r)
			if progress := w.bound.waiting().progress; progress != nil {
				progress(r)
			}
			if done, end := w.decide(r); done || end != nil {
				return r, end
			}
		}
		if err := wait(bounded, w.pauseAfter(r, err, pause)); err != nil {
			return w.last, w.interrupted(ctx)
		}
		pause = min(pause*3/2, w.spec.Longest)
	}
}

// look calls the operation once.
func (w *waiter) look(ctx context.Context) (*Response, error) {
	b := *w.bound
	b.arguments = slices.Clone(b.arguments)
	req, err := b.Request(ctx)
	if err != nil {
		return nil, err
	}
	return w.client.perform(&b, req)
}

func (w *waiter) stateOf(r *Response) string {
	state := gjson.GetBytes(r.raw, w.spec.State)
	if state.Type != gjson.String {
		return ""
	}
	return state.Str
}

// decide says what the state of a response means for the wait.
func (w *waiter) decide(r *Response) (done bool, err error) {
	switch {
	case slices.Contains(w.spec.Done, w.state):
		return true, nil
	case slices.Contains(w.spec.Pending, w.state):
		return false, nil
	case slices.Contains(w.spec.Failed, w.state):
		e := w.end()
		e.Failed = true
		e.Code, e.Message = failureReason(r.raw, w.spec.Reasons, w.bound.settings.secrets())
		return true, e
	}
	e := w.end()
	if w.state == "" {
		e.Err = r.fail("got no text at "+quoteName(w.spec.State)+", the state to wait for", nil)
	} else {
		e.Unknown = true
	}
	return true, e
}

// survives returns the error that a failed look ends the wait in, nil where the next may
// succeed.
func (w *waiter) survives(ctx, bounded context.Context, err error) error {
	if bounded.Err() != nil {
		return w.interrupted(ctx)
	}
	if w.looks == 1 {
		return err
	}
	w.failed++
	if w.failed < maxFailedLooks && mayPass(err) {
		return nil
	}
	e := w.end()
	e.Err = err
	var refused *APIError
	e.Vanished = errors.As(err, &refused) && (refused.StatusCode == http.StatusNotFound || refused.StatusCode == http.StatusGone)
	return e
}

// mayPass reports whether a look that failed may succeed after a while.
func mayPass(err error) bool {
	var refused *APIError
	var broken *ConnectionError
	switch {
	case errors.As(err, &refused):
		return refused.Retryable()
	case errors.As(err, &broken):
		return !broken.final
	}
	return false
}

// interrupted makes the error of a wait whose context or limit ended.
func (w *waiter) interrupted(ctx context.Context) error {
	e := w.end()
	if e.Err = ErrWaitLimit; ctx.Err() != nil {
		e.Err = contextError(ctx)
	}
	return e
}

// end makes the error of a wait that ends now.
func (w *waiter) end() *WaitError {
	e := &WaitError{
		Operation: w.bound.plan.name, State: w.state, Response: w.last,
		Looks: w.looks, Waited: time.Since(w.started).Round(time.Millisecond), limit: w.spec.Limit,
	}
	if w.last != nil {
		e.ID = oneLine(redact(gjson.GetBytes(w.last.raw, "id").String(), w.bound.settings.secrets()), maxName)
	}
	return e
}

// pauseAfter is how long to wait before the next look: as long as the server asks for,
// else the given pause with up to a quarter taken off.
func (w *waiter) pauseAfter(r *Response, err error, pause time.Duration) time.Duration {
	var asked time.Duration
	var refused *APIError
	switch {
	case errors.As(err, &refused):
		asked = refused.RetryAfter
	case r != nil:
		if w.spec.After != "" {
			asked, _ = duration(r.Header().Get(w.spec.After), time.Millisecond)
		}
		if asked == 0 {
			asked = retryAfter(r.Header(), time.Now())
		}
	}
	if asked > 0 {
		return min(max(asked, shortestPause), slowestPause)
	}
	return time.Duration(float64(pause) * (1 - jitter*rand.Float64()))
}

// cancel calls the operation that ends the job, in a time of its own, as ctx has ended.
func (w *waiter) cancel(ctx context.Context) (*Response, error) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer stop()
	b, err := w.bound.cancelling(w.spec.Cancel)
	if err != nil {
		return nil, err
	}
	req, err := b.Request(ctx)
	if err != nil {
		return nil, err
	}
	return w.client.perform(b, req)
}
