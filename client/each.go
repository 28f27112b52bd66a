package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
)

// Call is one of the calls of Each: what is given to the method of that name.
type Call struct {
	// ID names the call in its result and in the journal, and decides its shard. It is
	// unique in the run and does not begin with "#". Without one the call gets "#" and
	// its position, "#0" for the first: with a journal or shards the calls must then
	// come in the same order each time.
	ID          string
	OperationID string
	Params      any
	Options     []CallOption // over those of EachCallOptions and of the client
}

// EachResult is what became of one call.
type EachResult struct {
	Call     Call // with its ID
	Position int  // of the call among all calls, from 0; those of other shards count

	// Response is there without an error, and with an error that is about it, as for
	// Client.Call. It has been read, whatever its media type, up to WithMaxResponse.
	Response *Response

	// Err is one of Client.Call, a *CallIDError or an *InDoubtError.
	Err error

	Attempts int  // how often the request was sent: 0 for a call that is invalid
	Replayed bool // an earlier run recorded it in the journal: nothing was sent now
}

// CallIDError is a call that is not sent because of its ID: another call of the run has
// it, another call is in the journal under it, or it is not one.
type CallIDError struct {
	ID       string
	Position int // of the call, from 0
	Reason   string
}

func (e *CallIDError) Error() string {
	return fmt.Sprintf("call %d: ID %s: %s", e.Position, quoteName(e.ID), e.Reason)
}

// InDoubtError is a call that an earlier run began to send and whose response its
// journal does not have: it may have been carried out. It is not sent again unless
// EachResendInDoubt says so.
type InDoubtError struct {
	ID     string
	Reason string // what the earlier run saw; "" where it was killed
}

func (e *InDoubtError) Error() string {
	text := "call " + quoteName(e.ID) + ": an earlier run sent it, and the journal has no response"
	if e.Reason != "" {
		text += " (" + oneLine(e.Reason, maxMessage) + ")"
	}
	return text + ": it may have been carried out; EachResendInDoubt sends it again"
}

// errStopped is why a call is given up that waits when its run stops.
var errStopped = errors.New("the run was stopped")

// Each makes the calls, many at once, and yields what became of each: a call that fails
// is a result. It may be used for any number of calls, also without an end: calls are
// taken as results are consumed.
//
//	for result, err := range c.Each(ctx, calls) {
//		if err != nil {
//			return err // the run has ended
//		}
//		fmt.Println(result.Call.ID, result.Err)
//	}
//
// The error beside a result is that of the run and ends it: an option that is wrong, a
// *JournalError, or the error of ctx once the calls in flight have ended. Leaving the loop
// stops the run: calls in flight are completed, and recorded in the journal, before the
// loop is left; those that wait are given up. Ranging again starts over; with a journal,
// where it was left.
//
// Invalid calls are results at once, and nothing is sent. Params that ask
// for an event stream are invalid here; use Stream. A response that is not JSON is
// read into memory; Call leaves it on the wire.
//
// # How fast
//
// At most EachConcurrency calls are in flight, and fewer where the server asks for it:
//
//   - x-ratelimit-remaining and x-ratelimit-reset, of requests and of tokens, spread the
//     requests over the time until the reset. How many tokens a call takes is
//     learnt from the usage of the responses.
//   - A 429 or 503 halves the calls in flight at once. Retry-After, up to a minute, holds
//     back all calls; without it there are a third fewer requests per second, too. Each
//     success then adds a little.
//   - When nothing but failures comes back, one request at a time is tried, with waits
//     that grow to 8 seconds.
//
// # Retries
//
// Each call is sent again as WithMaxRetries says, as far as the budget of the run allows,
// see EachRetryBudget; beyond it a failure is a result at once. A 429 takes nothing from
// the budget, and counts for WithMaxRetries only where no other call has succeeded since
// the call was last refused: calls wait for a limit as long as they move on. With
// WithMaxRetries(0) nothing is sent again.
//
// # Memory
//
// It does not grow with the number of calls, but for IDs that callers give: 40 to 60 bytes
// for each, to find duplicates; and for a journal, as much for each call that it has.
//
// # Concurrency
//
// The results are yielded in the goroutine of the loop. calls is ranged over in another
// one, ahead of the results, and the loop is not left before it has returned: where it can
// block it has to end with ctx. A panic of calls is one of the loop, and where calls end
// their goroutine, as t.FailNow does, they end that of the loop.
func (c *Client) Each(ctx context.Context, calls iter.Seq[Call], opts ...EachOption) iter.Seq2[EachResult, error] {
	return func(yield func(EachResult, error) bool) {
		r, err := c.newRun(opts)
		if err != nil {
			yield(EachResult{}, err)
			return
		}
		goOn := r.results(ctx, calls, yield)
		if r.collapse != nil {
			r.collapse()
		}
		if err := r.failure(ctx); err != nil && goOn {
			yield(EachResult{}, err)
		}
	}
}

// positionID is the ID of a call that has none of its own.
func positionID(position int) string { return "#" + strconv.Itoa(position) }

// attemptsOf is how often a request was sent that got a response or an error.
func attemptsOf(r *Response, err error) int {
	var refused *APIError
	var failed *ConnectionError
	switch {
	case r != nil && r.attempts > 0:
		return r.attempts
	case errors.As(err, &refused):
		return refused.Attempts
	case errors.As(err, &failed):
		return failed.Attempts
	}
	return 0
}
