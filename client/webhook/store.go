package webhook

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"
)

// Times of what a Handler has in a Store.
const (
	// Retention is how long a delivery that was handled is remembered: senders try
	// again for three days.
	Retention = 72 * time.Hour
	// Lease is how long a delivery counts as being handled. When the process that does
	// so ends in the middle, the next attempt of the sender after that is a fresh one.
	Lease = 15 * time.Minute
)

// State is what a Store knows of a delivery.
type State int

// The states of a delivery.
const (
	Fresh   State = iota // it was not received before, or could not be handled
	Running              // it is being handled
	Handled              // it has been handled
)

func (s State) String() string {
	switch s {
	case Fresh:
		return "fresh"
	case Running:
		return "running"
	case Handled:
		return "handled"
	}
	return fmt.Sprintf("State(%d)", int(s))
}

// Store remembers deliveries by their IDs, so that each is handled once. It is
// asked only for those that the API has signed. Its methods are safe for concurrent
// use, those of a shared one by several processes: Claim of the same ID returns Fresh to
// one of them. With Redis, Claim is SET ID running NX PXAT until, and GET where that set
// nothing; Done is SET ID handled PXAT until; Release is DEL ID.
type Store interface {
	// Claim returns the state of a delivery. A fresh one is Running afterwards, at
	// most until the given time.
	Claim(ctx context.Context, id string, until time.Time) (State, error)
	// Done makes a delivery Handled, until the given time.
	Done(ctx context.Context, id string, until time.Time) error
	// Release makes a delivery Fresh again: it could not be handled.
	Release(ctx context.Context, id string) error
}

// DefaultMemory is how many deliveries the store of a Handler remembers.
const DefaultMemory = 10_000

// memory is the Store of one process.
type memory struct {
	size int

	mu    sync.Mutex
	known map[string]*list.Element // of order
	order list.List                // of *delivery; the one that was claimed or done last is the last
}

// delivery is one that a memory remembers.
type delivery struct {
	id        string
	state     State
	until     time.Time
	protected time.Time // until then it can be replayed with its old signature
}

// NewMemoryStore returns a Store in memory for up to size deliveries, about 300 bytes
// each. When it is full the oldest is forgotten of those that are handled and too old
// to be replayed (twice the Tolerance); where there is none, Claim fails, and a Handler
// responds with 503. It panics where size is below 1.
func NewMemoryStore(size int) Store {
	if size < 1 {
		panic(fmt.Sprintf("webhook: NewMemoryStore: got size %d, want 1 or more", size))
	}
	return &memory{size: size, known: make(map[string]*list.Element)}
}

func (m *memory) Claim(_ context.Context, id string, until time.Time) (State, error) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.known[id]; ok {
		if d := at.Value.(*delivery); now.Before(d.until) {
			return d.state, nil
		}
		m.forget(at)
	}
	if len(m.known) >= m.size && !m.makeRoom(now) {
		return Fresh, fmt.Errorf("it is full: %d deliveries came within %v; NewMemoryStore sets the size", len(m.known), 2*Tolerance)
	}
	m.known[id] = m.order.PushBack(&delivery{id: id, state: Running, until: until, protected: now.Add(2 * Tolerance)})
	return Fresh, nil
}

// makeRoom forgets the oldest delivery that no longer matters.
func (m *memory) makeRoom(now time.Time) bool {
	for at := m.order.Front(); at != nil; at = at.Next() {
		d := at.Value.(*delivery)
		if !now.Before(d.until) || d.state == Handled && !now.Before(d.protected) {
			m.forget(at)
			return true
		}
	}
	return false
}

func (m *memory) forget(at *list.Element) {
	delete(m.known, at.Value.(*delivery).id)
	m.order.Remove(at)
}

func (m *memory) Done(_ context.Context, id string, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at, ok := m.known[id]
	if !ok { // its lease ended, and it was forgotten
		at = m.order.PushBack(&delivery{id: id, protected: time.Now().Add(2 * Tolerance)})
		m.known[id] = at
	}
	d := at.Value.(*delivery)
	d.state, d.until = Handled, until
	m.order.MoveToBack(at)
	return nil
}

func (m *memory) Release(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at, ok := m.known[id]; ok {
		m.forget(at)
	}
	return nil
}
