package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/opcall/opcall/client"
)

// maxDeliveries is how often a call is tried that fails in a way that may pass.
const maxDeliveries = 5

// work makes the calls of the queue until ctx ends. Calls that are in flight then are left
// to the other workers.
func work(ctx context.Context, q *queue, c *client.Client, concurrency int) error {
	w := &worker{queue: q, held: make(map[int]held)}
	var signs sync.WaitGroup
	signing, stop := context.WithCancel(ctx)
	signs.Go(func() { w.sign(signing) })
	defer signs.Wait()
	defer stop()
	for r, err := range c.Each(ctx, w.calls(ctx), client.EachConcurrency(concurrency)) {
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		if err := w.finish(ctx, r); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// worker holds the messages of the calls that it makes, by their positions.
type worker struct {
	queue *queue
	mu    sync.Mutex
	held  map[int]held
}

type held struct {
	id      string
	message jetstream.Msg
}

// calls takes calls off the queue, one at a time: one that waited here would be one that
// no other worker gets.
func (w *worker) calls(ctx context.Context) iter.Seq[client.Call] {
	return func(yield func(client.Call) bool) {
		for position := 0; ctx.Err() == nil; {
			message, err := w.queue.calls.Next(jetstream.FetchMaxWait(time.Second))
			if err != nil { // there is none, or the server is away
				sleep(ctx, pause/4)
				continue
			}
			c, ok := w.accept(ctx, message)
			if !ok {
				continue
			}
			w.mu.Lock()
			w.held[position] = held{c.ID, message}
			w.mu.Unlock()
			position++
			// Without an ID: a call may come here twice, where its acknowledgement was lost.
			if !yield(client.Call{OperationID: c.Operation, Params: c.Params}) {
				return
			}
		}
	}
}

// accept reads a message, and reports whether its call has to be made.
func (w *worker) accept(ctx context.Context, message jetstream.Msg) (c call, ok bool) {
	if err := json.Unmarshal(message.Data(), &c); err != nil {
		message.TermWithReason("it is not JSON")
		return c, false
	}
	if about, err := message.Metadata(); err != nil || about.NumDelivered == 1 {
		return c, true
	}
	done, err := w.queue.has(ctx, c.ID) // by a worker that died before it could acknowledge
	switch {
	case err != nil:
		message.NakWithDelay(pause)
		return c, false
	case done:
		message.Ack()
		return c, false
	}
	return c, true
}

// finish stores the result of a call and acknowledges it, in this order.
func (w *worker) finish(ctx context.Context, r client.EachResult) error {
	w.mu.Lock()
	h := w.held[r.Position]
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.held, r.Position)
		w.mu.Unlock()
	}()
	about, err := h.message.Metadata()
	if err == nil && mayPass(r.Err) && about.NumDelivered < maxDeliveries {
		h.message.NakWithDelay(5 * time.Second)
		return nil
	}
	stored := result{ID: h.id}
	switch {
	case r.Err != nil:
		stored.Error = r.Err.Error()
	case r.Response.IsJSON():
		stored.Body = r.Response.Raw()
	default:
		stored.Error = fmt.Sprintf("got %.80q, which is not JSON", r.Response.MediaType())
	}
	if err := w.queue.store(ctx, stored); err != nil {
		return err
	}
	h.message.Ack() // where it is lost the call is delivered again, and found to be done
	return nil
}

// mayPass reports whether another worker may succeed later.
func mayPass(err error) bool {
	var refused *client.APIError
	var failed *client.ConnectionError
	return errors.As(err, &refused) && refused.Retryable() || errors.As(err, &failed)
}

// sign tells the server that the calls are still being made.
func (w *worker) sign(ctx context.Context) {
	for sleep(ctx, ackWait/3) {
		w.mu.Lock()
		for _, h := range w.held {
			h.message.InProgress()
		}
		w.mu.Unlock()
	}
}
