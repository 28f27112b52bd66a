package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Limits of the queue.
const (
	maxMessage = 1 << 20 // bytes, of the server's default

	// ackWait is how long a call may go without a sign of its worker until another one
	// gets it.
	ackWait = 3 * time.Second

	// duplicates is how long the queue remembers the IDs of calls that were put into it.
	duplicates = time.Hour

	pause = 200 * time.Millisecond // before something is tried again that needs the server
)

// call is a message of the queue.
type call struct {
	ID        string          `json:"id"`
	Operation string          `json:"operation"`
	Params    json.RawMessage `json:"params"`
}

// result is a message of the result stream.
type result struct {
	ID    string          `json:"id"`
	Body  json.RawMessage `json:"body,omitempty"`
	Error string          `json:"error,omitempty"`
}

// queue is the streams of a job: calls, of which each is gone when it was acknowledged,
// and results, of which each call has one.
type queue struct {
	connection *nats.Conn
	stream     jetstream.JetStream
	calls      jetstream.Consumer
	stored     jetstream.Stream
	limit      *sharedLimit
}

// openQueue connects to the server and makes what is not there. The connection comes back
// by itself when the server goes away.
func openQueue(ctx context.Context, address string) (q *queue, err error) {
	if address == "" {
		return nil, errors.New("NATS_URL is not set")
	}
	q = &queue{}
	if q.connection, err = nats.Connect(address, nats.MaxReconnects(-1), nats.ReconnectWait(pause), nats.Name("bulk-nats")); err != nil {
		return nil, fmt.Errorf("NATS: %w", err)
	}
	defer func() {
		if err != nil {
			q.close()
			q, err = nil, fmt.Errorf("JetStream: %w", err)
		}
	}()
	if q.stream, err = jetstream.New(q.connection); err != nil {
		return q, err
	}
	if _, err = q.stream.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: "CALLS", Subjects: []string{"calls.>"}, Retention: jetstream.WorkQueuePolicy, Duplicates: duplicates,
	}); err != nil {
		return q, err
	}
	if q.stored, err = q.stream.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "RESULTS", Subjects: []string{"results.>"}}); err != nil {
		return q, err
	}
	if q.calls, err = q.stream.CreateOrUpdateConsumer(ctx, "CALLS", jetstream.ConsumerConfig{
		Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxAckPending: 10_000,
	}); err != nil {
		return q, err
	}
	q.limit, err = newSharedLimit(ctx, q.stream)
	return q, err
}

func (q *queue) close() { q.connection.Close() }

// subject is a subject for an ID of any form.
func subject(stream, id string) string {
	return stream + "." + base64.RawURLEncoding.EncodeToString([]byte(id))
}

// put puts a call into the queue, unless it was put before or has a result.
func (q *queue) put(ctx context.Context, c call) error {
	if c.ID == "" {
		return errors.New("the call has no id")
	}
	if has, err := q.has(ctx, c.ID); err != nil || has {
		return err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = q.stream.Publish(ctx, subject("calls", c.ID), text, jetstream.WithMsgID(c.ID))
	return err
}

// has reports whether a call has a result.
func (q *queue) has(ctx context.Context, id string) (bool, error) {
	_, err := q.stored.GetLastMsgForSubject(ctx, subject("results", id))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return err == nil, err
}

// store stores the result of a call, and tries until it is stored or ctx ends. A call that
// has one keeps it.
func (q *queue) store(ctx context.Context, r result) error {
	text, err := json.Marshal(r)
	if err != nil || len(text) > maxMessage/2 {
		text, _ = json.Marshal(result{ID: r.ID, Error: "the result does not fit into a message"})
	}
	for {
		_, err := q.stream.Publish(ctx, subject("results", r.ID), text, jetstream.WithMsgID(r.ID), jetstream.WithExpectLastSequencePerSubject(0))
		if err == nil || isConflict(err) {
			return nil
		}
		if !sleep(ctx, pause) {
			return err
		}
	}
}

// isConflict reports whether somebody else has written first.
func isConflict(err error) bool {
	var refused *jetstream.APIError
	return errors.As(err, &refused) && (refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// results calls f for each result, those that are there first, until f returns false.
func (q *queue) results(ctx context.Context, f func(result) bool) error {
	for next := uint64(1); ; {
		message, err := q.stored.GetMsg(ctx, next, jetstream.WithGetMsgSubject("results.>"))
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil: // it has not come yet, or the server is away
			if !sleep(ctx, pause/4) {
				return nil
			}
			continue
		}
		next = message.Sequence + 1
		var r result
		if err := json.Unmarshal(message.Data, &r); err != nil {
			return fmt.Errorf("%s: %w", strings.TrimPrefix(message.Subject, "results."), err)
		}
		if !f(r) {
			return nil
		}
	}
}

// sleep waits, and reports whether ctx goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
