package extension

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Wait says how a program waits for what an operation returns: x-opcall-wait. Each
// state is in one of the lists. It never changes.
type Wait struct {
	State   string   // path of the state
	Pending []string // states that go on by themselves
	Done    []string // states that end the wait: done, or for the caller to act on
	Failed  []string // states of failure
	Reasons []string // paths of the reason of a failure, of which some are there

	Limit          time.Duration // of a wait; 0 for none
	First, Longest time.Duration // pauses between two looks; 0 for none
	After          string        // header with the milliseconds until the next look
	Cancel         string        // ID of the operation that ends it, with parameters of the same names
}

// Bounds of what a document may say about time: it does not decide about programs for
// longer.
const (
	longestLimit = 7 * 24 * time.Hour
	longestPause = time.Hour
)

// ReadWait returns how the operation is waited for, nil where the document does not
// say. The error names the member of x-opcall-wait that is wrong.
func ReadWait(op *schema.Operation) (*Wait, error) {
	text, ok := op.Extension("x-opcall-wait")
	if !ok || text == "false" {
		return nil, nil
	}
	w := &Wait{State: "status", Reasons: []string{"error"}}
	if err := w.read(text); err != nil {
		return nil, fmt.Errorf("x-opcall-wait: %w", err)
	}
	return w, nil
}

func (w *Wait) read(text string) (err error) {
	if !strings.HasPrefix(text, "{") {
		return fmt.Errorf("got %s, want an object", jsonscan.TypeName(text))
	}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "state":
			w.State, err = path(value)
		case "pending":
			w.Pending = jsonscan.Strings(value)
		case "done":
			w.Done = jsonscan.Strings(value)
		case "failed":
			w.Failed = jsonscan.Strings(value)
		case "error":
			w.Reasons, err = paths(value)
		case "limit":
			w.Limit, err = seconds(value, longestLimit)
		case "first":
			w.First, err = seconds(value, longestPause)
		case "longest":
			w.Longest, err = seconds(value, longestPause)
		case "after":
			w.After = jsonscan.String(value)
		case "cancel":
			w.Cancel = jsonscan.String(value)
		default:
			err = errors.New("there is no such member")
		}
		if err != nil {
			return fmt.Errorf("%.80s: %w", key, err)
		}
	}
	return w.Check()
}

// Check reports whether the states fit together: there is one that is done, and none in
// two lists.
func (w *Wait) Check() error {
	if len(w.Done) == 0 {
		return errors.New("done: missing the states that end the wait")
	}
	all := slices.Concat(w.Pending, w.Done, w.Failed)
	for i, state := range all {
		if slices.Contains(all[:i], state) {
			return fmt.Errorf("the state %.80q is listed twice", state)
		}
	}
	return nil
}

// paths reads one path or a list of them.
func paths(text string) (all []string, err error) {
	list := []string{text}
	if strings.HasPrefix(text, "[") {
		list = jsonscan.List(text)
	}
	for _, one := range list {
		p, err := path(one)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// seconds reads a number of seconds, above 0.
func seconds(text string, most time.Duration) (time.Duration, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0) || math.IsInf(n, 0) {
		return 0, fmt.Errorf("got %.40s, want a number of seconds above 0", text)
	}
	return time.Duration(min(n*float64(time.Second), float64(most))), nil
}
