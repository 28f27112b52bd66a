package webhook_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opcall/opcall/client/webhook"
)

// claim returns the state of a delivery, "full" where the store has no room.
func claim(s webhook.Store, id string) string {
	state, err := s.Claim(context.Background(), id, time.Now().Add(webhook.Lease))
	if err != nil {
		return "full"
	}
	return state.String()
}

func TestMemoryForgetsWhatCannotBeReplayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := webhook.NewMemoryStore(2)
		want := func(id, state string) {
			t.Helper()
			if got := claim(s, id); got != state {
				t.Errorf("%s: got %s, want %s", id, got, state)
			}
		}
		want("a", "fresh")
		want("a", "running")
		if err := s.Done(ctx, "a", time.Now().Add(webhook.Retention)); err != nil {
			t.Fatal(err)
		}
		want("a", "handled")
		want("b", "fresh")
		want("c", "full") // a could be replayed, b is running
		time.Sleep(2 * webhook.Tolerance)
		want("c", "fresh") // in the place of a
		want("d", "full")
		if err := s.Release(ctx, "b"); err != nil {
			t.Fatal(err)
		}
		want("b", "fresh")
		time.Sleep(webhook.Lease) // whoever handled b and c is gone
		want("b", "fresh")
		want("d", "fresh")
	})
}

func TestMemoryForgetsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := webhook.NewMemoryStore(10)
		claim(s, "a")
		if err := s.Done(context.Background(), "a", time.Now().Add(webhook.Retention)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(webhook.Retention - time.Nanosecond)
		if got := claim(s, "a"); got != "handled" {
			t.Errorf("got %s, want handled", got)
		}
		time.Sleep(time.Nanosecond)
		if got := claim(s, "a"); got != "fresh" {
			t.Errorf("got %s, want fresh", got)
		}
	})
}

func TestOneOfManyClaimsIsFresh(t *testing.T) {
	s := webhook.NewMemoryStore(100)
	var wg sync.WaitGroup
	var mu sync.Mutex
	fresh := make(map[string]int)
	for i := range 64 {
		wg.Go(func() {
			id := fmt.Sprint(i % 8)
			if claim(s, id) == "fresh" {
				mu.Lock()
				fresh[id]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range fresh {
		if n != 1 {
			t.Errorf("%s was fresh %d times", id, n)
		}
	}
	if len(fresh) != 8 {
		t.Errorf("got %d fresh IDs, want 8", len(fresh))
	}
}
