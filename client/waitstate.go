package client

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/outline"
	"github.com/opcall/opcall/internal/near"
)

// WaitStates says how to wait for what an operation returns, as x-opcall-wait does in a
// document. A state is in one of the lists.
type WaitStates struct {
	State   string   // path of the state in the response, in gjson syntax; "" is "status"
	Pending []string // states that are waited on
	Done    []string // states that end the wait, at least one
	Failed  []string // states of failure: the wait ends in a *WaitError

	// Reasons are the paths of the reason of a failure: a text, or an object with code and
	// message. nil is "error".
	Reasons []string

	// Cancel is the ID of the operation that WithWaitCancel calls, with the parameters of
	// those names that it has; "" where there is none.
	Cancel string
}

// waitSettings is what can be said of waits.
type waitSettings struct {
	states         *extension.Wait
	limit          time.Duration // 0: as the document says; -1 for none
	first, longest time.Duration
	progress       func(*Response)
	cancel         bool
}

// waitSetting changes the waitSettings of a client or call.
func waitSetting(set func(*waitSettings) error) Setting {
	return setting(func(s *settings) error {
		w := waitSettings{}
		if s.wait != nil {
			w = *s.wait
		}
		s.wait = &w
		return set(&w)
	})
}

// WithWaitStates says how Wait waits, in place of the document. It is an option of a
// call, as each operation has states of its own; an overlay with x-opcall-wait
// (WithOverlay) says it for all calls.
func WithWaitStates(states WaitStates) CallOption {
	return waitSetting(func(w *waitSettings) error {
		w.states = &extension.Wait{
			State: cmp.Or(states.State, "status"), Pending: slices.Clone(states.Pending), Done: slices.Clone(states.Done),
			Failed: slices.Clone(states.Failed), Reasons: slices.Clone(states.Reasons), Cancel: states.Cancel,
		}
		if states.Reasons == nil {
			w.states.Reasons = []string{"error"}
		}
		if err := w.states.Check(); err != nil {
			return fmt.Errorf("WithWaitStates: %w", err)
		}
		return nil
	})
}

// WithWaitLimit bounds a wait, in place of what the document says of the kind of object;
// 0 sets no limit but that of the context.
func WithWaitLimit(d time.Duration) Setting {
	return waitSetting(func(w *waitSettings) error {
		if d < 0 {
			return fmt.Errorf("wait limit: got %v, want 0 or more", d)
		}
		if w.limit = d; d == 0 {
			w.limit = -1
		}
		return nil
	})
}

// WithWaitPace sets the pause of Wait after the first look, and the longest that it
// grows to, in place of what the document says. What the server asks for overrides it.
func WithWaitPace(first, longest time.Duration) Setting {
	return waitSetting(func(w *waitSettings) error {
		if first <= 0 || longest < first {
			return fmt.Errorf("wait pace: got %v and %v, want a first pause above 0 and a longest that is not below it", first, longest)
		}
		w.first, w.longest = first, longest
		return nil
	})
}

// WithWaitProgress calls f with the response of each look that succeeds, the last one
// included, before Wait goes on. Waits that run at the same time call it at once.
func WithWaitProgress(f func(*Response)) Setting {
	return waitSetting(func(w *waitSettings) error { w.progress = f; return nil })
}

// WithWaitCancel makes Wait cancel the job when ctx ends while it waits, by the
// operation that the document names, within 10 seconds of its own. What came of it
// stands in the *WaitError. When the limit of the wait is reached, the job goes on. For
// an object that cannot be cancelled the option is an error of Wait.
func WithWaitCancel() Setting {
	return waitSetting(func(w *waitSettings) error { w.cancel = true; return nil })
}

// waiting returns what the settings say of waits.
func (b *Bound) waiting() waitSettings {
	if b.settings.wait == nil {
		return waitSettings{}
	}
	return *b.settings.wait
}

// waitSpec returns how the bound operation is waited for. The error is a *BindError.
func (b *Bound) waitSpec() (*extension.Wait, error) {
	set := b.waiting()
	spec := set.states
	if spec == nil {
		var err error
		if spec, err = extension.ReadWait(b.Operation); err != nil {
			return nil, &BindError{Operation: b.plan.name, Reason: "the document's extension cannot be used", Err: err}
		}
	}
	if spec == nil {
		return nil, b.fail("", "%s", b.noWait())
	}
	own := *spec
	own.Limit = cmp.Or(set.limit, spec.Limit, defaultLimit)
	own.First = cmp.Or(set.first, spec.First, firstLook)
	own.Longest = max(own.First, cmp.Or(set.longest, spec.Longest, longestLook))
	if set.cancel {
		if _, err := b.cancelling(own.Cancel); err != nil {
			return nil, err
		}
	}
	return &own, nil
}

// noWait is why an operation is not waited for, and what can be.
func (b *Bound) noWait() string {
	var waits, similar []string
	for op := range b.Operation.Document().Operations() {
		if spec, err := extension.ReadWait(op); err != nil || spec == nil {
			continue
		}
		waits = append(waits, op.ID)
		if base := strings.TrimSuffix(b.Operation.Path, "/"); strings.HasPrefix(op.Path, base+"/{") && strings.Count(op.Path[len(base)+1:], "/") == 0 {
			similar = append(similar, op.ID) // the collection that the object is created in
		}
	}
	text := "the document does not say which states end a wait for it (x-opcall-wait)"
	if states := b.states(); len(states) > 0 {
		text += "; WithWaitStates does, of its states " + strings.Join(quoteNames(states), ", ")
	} else {
		text += "; WithWaitStates does"
	}
	if len(similar) == 0 {
		similar = near.Names(b.plan.name, waits, 3)
	}
	return text + near.Question(similar)
}

// states returns the states that the document lists for the response.
func (b *Bound) states() []string {
	response, ok := b.Operation.Response(200)
	if !ok || len(response.Content) == 0 {
		return nil
	}
	for _, name := range []string{"status", "state"} {
		if m, ok := outline.Of(response.Content[0].Schema).Member(name); ok {
			return m.Strings()[:min(len(m.Strings()), 12)]
		}
	}
	return nil
}

// cancelling binds the operation that cancels what is waited for: the parameters of its
// path are those of the call.
func (b *Bound) cancelling(id string) (*Bound, error) {
	if id == "" {
		return nil, b.fail("", "the document names no operation that cancels it, which WithWaitCancel needs")
	}
	op, err := b.Operation.Document().Operation(id)
	if err != nil {
		return nil, err
	}
	params := Params{}
	for _, p := range op.Parameters {
		if p.In != "path" {
			continue
		}
		value := b.given(p.Name)
		if value == "" {
			return nil, b.fail("", "%s, which cancels it, needs %q, which the params do not have", named(op.ID), p.Name)
		}
		params[p.Name] = json.RawMessage(value)
	}
	cancel, err := b.another(op, params)
	if err != nil {
		return nil, err
	}
	return cancel, cancel.Validate()
}
