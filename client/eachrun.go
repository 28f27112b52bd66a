package client

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"
)

// run is one range over the calls of Each. Its goroutines are: one that takes the calls
// (feed), those that make them (work), one that puts results in order if that is asked
// for, and one that waits for all of them. The results channel is closed when all have
// ended.
type run struct {
	client   *Client
	settings *eachSettings
	pace     *pace
	journal  *journal // nil without one

	seen     map[idHash]int // positions of the IDs that callers gave; of feed
	jobs     chan *job
	inOrder  chan *job // nil where results are yielded as they come
	yielded  chan EachResult
	workers  sync.WaitGroup
	stop     chan struct{} // closed when no call is to be begun any more
	stopping sync.Once

	// Written by feed before the results channel is closed, and read after that.
	cut      bool   // ctx ended before all calls were taken
	collapse func() // does to the loop what the calls did to their goroutine; nil where they returned

	err error // of the journal, once it is closed
}

// idHash stands for an ID.
type idHash [16]byte

// job is a call on its way.
type job struct {
	call     Call
	position int
	hash     idHash
	err      error           // the call is not sent because of it
	result   chan EachResult // of a run in order; closed for a call that was given up
}

// ahead is how many times the concurrency calls are begun ahead of the one whose result
// is to be yielded next.
const ahead = 3

func (c *Client) newRun(opts []EachOption) (*run, error) {
	s, err := newEachSettings(opts)
	if err != nil {
		return nil, err
	}
	r := &run{
		client: c, settings: s, pace: newPace(s.concurrency, s.budget),
		seen: make(map[idHash]int), jobs: make(chan *job), yielded: make(chan EachResult), stop: make(chan struct{}),
	}
	if s.inOrder {
		r.inOrder = make(chan *job, ahead*s.concurrency)
	}
	if s.journal != "" {
		if r.journal, err = openJournal(s); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// halt lets no further call begin.
func (r *run) halt() { r.stopping.Do(func() { close(r.stop) }) }

// halted reports whether no further call is to begin.
func (r *run) halted() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}

// results makes the calls and yields the results. It returns when all goroutines of the
// run have ended, and reports whether the loop goes on.
func (r *run) results(ctx context.Context, calls iter.Seq[Call], yield func(EachResult, error) bool) bool {
	go r.all(ctx, calls)
	defer func() { // the loop may be left by a panic, too
		r.halt()
		for range r.yielded {
		}
		if r.journal != nil {
			r.err = r.journal.close()
		}
	}()
	for result := range r.yielded {
		if !yield(result, nil) {
			return false
		}
	}
	return true
}

// failure returns the error of a run that has ended.
func (r *run) failure(ctx context.Context) error {
	if r.err == nil && r.cut {
		return contextError(ctx)
	}
	return r.err
}

// all runs the goroutines of the run, and closes the results when they have ended.
func (r *run) all(ctx context.Context, calls iter.Seq[Call]) {
	var sorting sync.WaitGroup
	if r.inOrder != nil {
		sorting.Go(r.sort)
	}
	defer func() { // also where the calls end the goroutine
		close(r.jobs)
		if r.inOrder != nil {
			close(r.inOrder)
		}
		r.workers.Wait()
		sorting.Wait()
		close(r.yielded)
	}()
	r.feed(ctx, calls)
}

// sort hands the results on in the order of the calls.
func (r *run) sort() {
	for j := range r.inOrder {
		if result, ok := <-j.result; ok {
			r.yielded <- result
		}
	}
}

// feed takes the calls until there are no more, the run is stopped or ctx ends.
func (r *run) feed(ctx context.Context, calls iter.Seq[Call]) {
	returned := false
	defer func() {
		switch value := recover(); {
		case value != nil:
			r.collapse = func() { panic(value) }
			r.halt()
		case !returned:
			r.collapse = runtime.Goexit
			r.halt()
		}
	}()
	position, workers := 0, 0
	for call := range calls {
		j := r.newJob(call, position)
		position++
		if j != nil && !r.hand(ctx, j, &workers) {
			break
		}
	}
	r.cut = ctx.Err() != nil
	returned = true
}

// newJob returns nil for the call of another shard.
func (r *run) newJob(call Call, position int) *job {
	own := call.ID == ""
	if own {
		call.ID = positionID(position)
	}
	j := &job{call: call, position: position}
	if !own || r.settings.shard.Count > 1 || r.journal != nil {
		sum := sha256.Sum256([]byte(call.ID))
		if !r.settings.shard.has(sum) {
			return nil
		}
		j.hash = idHash(sum[:])
	}
	if !own {
		j.err = r.checkID(j)
	}
	return j
}

// checkID checks the ID that a caller gave, and remembers it.
func (r *run) checkID(j *job) error {
	reason := ""
	first, known := r.seen[j.hash]
	switch {
	case strings.HasPrefix(j.call.ID, "#"):
		reason = `it begins with "#", as the IDs of calls without one do`
	case !utf8.ValidString(j.call.ID):
		reason = "it is not UTF-8"
	case known:
		reason = fmt.Sprintf("call %d has the same ID; each result and line of a journal is found by it", first)
	default:
		r.seen[j.hash] = j.position
		return nil
	}
	return &CallIDError{ID: j.call.ID, Position: j.position, Reason: reason}
}

// hand gives a job to a goroutine that makes it, and reports whether the run goes on.
func (r *run) hand(ctx context.Context, j *job, workers *int) bool {
	if ctx.Err() != nil || r.halted() {
		return false
	}
	if r.inOrder != nil {
		j.result = make(chan EachResult, 1)
		select {
		case r.inOrder <- j:
		case <-r.stop:
			return false
		case <-ctx.Done():
			return false
		}
	}
	select {
	case r.jobs <- j: // to one that is idle
		return true
	default:
	}
	if *workers < r.settings.concurrency {
		*workers++
		r.workers.Go(func() { r.work(ctx, j) })
		return true
	}
	select {
	case r.jobs <- j:
		return true
	case <-r.stop:
	case <-ctx.Done():
	}
	if j.result != nil {
		close(j.result)
	}
	return false
}

// work makes calls, one after the other, until there are no more.
func (r *run) work(ctx context.Context, j *job) {
	for ok := true; ok; j, ok = <-r.jobs {
		result, given := r.make(ctx, j)
		switch {
		case j.result == nil && given:
			r.yielded <- result
		case j.result != nil && given:
			j.result <- result
		case j.result != nil:
			close(j.result)
		}
	}
}

// make makes a call and returns its result, false for one that was given up because the
// run was stopped.
func (r *run) make(ctx context.Context, j *job) (EachResult, bool) {
	result := EachResult{Call: j.call, Position: j.position, Err: j.err}
	if j.err != nil {
		return result, true
	}
	options := append(r.settings.options[:len(r.settings.options):len(r.settings.options)], j.call.Options...)
	b, err := r.client.Bind(j.call.OperationID, j.call.Params, options...)
	if err != nil {
		result.Err = err
		return result, true
	}
	t := &turn{run: r, job: j, maxRetries: b.settings.maxRetries}
	if r.journal != nil {
		t.digest = b.digest()
		past, ok := r.journal.find(j.hash)
		switch {
		case ok && past.digest != t.digest:
			result.Err = &CallIDError{ID: j.call.ID, Position: j.position, Reason: "the journal has a call with another operation or other params under it"}
			return result, true
		case ok && !past.resend:
			result.Replayed = true
			result.Response, result.Attempts, result.Err = r.replay(ctx, b, t, past)
			return result, true
		}
	}
	result.Response, result.Err = t.call(ctx, b)
	result.Attempts = attemptsOf(result.Response, result.Err)
	return result, !t.givenUp
}
