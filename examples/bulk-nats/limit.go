package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The limit that all workers share.
const (
	perSecond = 50
	burst     = 50
)

// sharedLimit is a bucket of permits in a JetStream key-value bucket. Whoever takes one
// writes how many are left, by a write that fails if somebody was faster. The clocks of the
// machines should agree to within a second.
type sharedLimit struct {
	mu    sync.Mutex // one writer per process
	store jetstream.KeyValue
}

// permits is the value of the key.
type permits struct {
	Left   float64   `json:"left"`
	At     time.Time `json:"at"`
	Resume time.Time `json:"resume"` // the API wants to be left alone until then
}

const limitKey = "requests"

func newSharedLimit(ctx context.Context, stream jetstream.JetStream) (*sharedLimit, error) {
	store, err := stream.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "limits", History: 1})
	return &sharedLimit{store: store}, err
}

// take waits for a permit.
func (l *sharedLimit) take(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		var wait time.Duration
		err := l.change(ctx, func(p *permits, now time.Time) bool {
			p.Left = min(burst, p.Left+max(0, now.Sub(p.At).Seconds())*perSecond)
			p.At = now
			switch {
			case now.Before(p.Resume):
				wait = p.Resume.Sub(now)
			case p.Left < 1:
				wait = time.Duration((1 - p.Left) / perSecond * float64(time.Second))
			default:
				p.Left--
				return true
			}
			return false
		})
		if err == nil && wait == 0 {
			return nil
		}
		if err != nil { // the server is away: nobody knows what the others take
			wait = pause
		}
		if !sleep(ctx, wait) {
			return ctx.Err()
		}
	}
}

// hold tells all workers how long the API wants to be left alone.
func (l *sharedLimit) hold(ctx context.Context, d time.Duration) {
	_ = l.change(ctx, func(p *permits, now time.Time) bool { // without it the API says it again
		p.Resume = now.Add(min(d, time.Minute))
		return true
	})
}

// change writes the permits that f has changed. It begins again where somebody else was
// faster.
func (l *sharedLimit) change(ctx context.Context, f func(p *permits, now time.Time) (changed bool)) error {
	for {
		p := permits{Left: burst, At: time.Now()}
		revision := uint64(0)
		entry, err := l.store.Get(ctx, limitKey)
		switch {
		case errors.Is(err, jetstream.ErrKeyNotFound):
		case err != nil:
			return err
		default:
			if err := json.Unmarshal(entry.Value(), &p); err != nil {
				return err
			}
			revision = entry.Revision()
		}
		if !f(&p, time.Now()) {
			return nil
		}
		text, err := json.Marshal(p)
		if err != nil {
			return err
		}
		if _, err = l.store.Update(ctx, limitKey, text, revision); !isConflict(err) {
			return err
		}
	}
}

// limited takes a permit for each attempt, and tells the others of a Retry-After.
func (q *queue) limited(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		if err := q.limit.take(req.Context()); err != nil {
			if req.Body != nil {
				req.Body.Close()
			}
			return nil, err
		}
		resp, err := next.RoundTrip(req)
		if err == nil && resp.StatusCode == http.StatusTooManyRequests {
			if seconds, err := strconv.ParseFloat(resp.Header.Get("Retry-After"), 64); err == nil && seconds > 0 {
				q.limit.hold(req.Context(), time.Duration(min(seconds, 60)*float64(time.Second)))
			}
		}
		return resp, err
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
