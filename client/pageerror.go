package client

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/client/internal/paging"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/internal/order"
	"github.com/opcall/opcall/schema"
)

// PageError is a list that could not be read to its end by Items or Pages: a page after
// the first could not be fetched, or the pages contradict each other or themselves. All
// items before it have been delivered.
//
// Where Err is an error of a call, the list goes on from Cursor: given as the parameter
// that takes it, Items begins there.
type PageError struct {
	Operation string // its ID
	Page      int    // that the error is about, from 1
	Cursor    string // that asked for the page: a cursor, a number or a URL, credentials masked; "" for the first
	Parameter string // that takes Cursor, by its name, or by a JSON Pointer into the body; "" where it is a URL
	Items     int    // delivered before the error
	Reason    string // what is wrong with the page; "" where Err says it
	Err       error  // why it could not be fetched
}

func (e *PageError) Error() string {
	text := named(e.Operation) + ": page " + strconv.Itoa(e.Page)
	if e.Cursor != "" {
		text += " (" + oneLine(strings.TrimPrefix(e.Parameter+" "+quoteName(e.Cursor), " "), maxMessage) + ")"
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	switch cause := e.Err.(type) { // the operation has been named
	case nil:
	case *APIError:
		text += ": " + cause.summary()
	default:
		text += ": " + oneLine(strings.TrimPrefix(cause.Error(), named(e.Operation)+": "), maxMessage)
	}
	return text
}

// Unwrap returns the error of the call.
func (e *PageError) Unwrap() error { return e.Err }

// notPaged makes the error of an operation that Items cannot page, with the list
// operations that are nearest.
func notPaged(op *schema.Operation, cause error) error {
	var no *paging.NoList
	if !errors.As(cause, &no) {
		return &BindError{Operation: op.ID, Reason: "the document's extension cannot be used", Err: cause}
	}
	reason := "it is not a list: " + no.Reason
	if nearest := nearestLists(op); len(nearest) > 0 {
		reason += near.Question(nearest)
	}
	return &BindError{Operation: op.ID, Reason: reason}
}

// nearestLists returns up to three list operations that may have been meant: those whose
// path is the beginning of the operation's, the longest first, and those with a similar
// ID.
func nearestLists(op *schema.Operation) []string {
	type listed struct{ id, path string }
	var around []listed
	var ids []string
	for other := range op.Document().Operations() {
		if other.ID == op.ID {
			continue
		}
		ids = append(ids, other.ID)
		if other.Path == op.Path || strings.HasPrefix(op.Path, strings.TrimSuffix(other.Path, "/")+"/") {
			around = append(around, listed{other.ID, other.Path})
		}
	}
	order.Sort(around, func(a, b listed) int { return len(b.path) - len(a.path) })
	var nearest []string
	add := func(id string) {
		if len(nearest) == 3 || slices.Contains(nearest, id) {
			return
		}
		if other, err := op.Document().Operation(id); err == nil {
			if _, err := paging.Find(other); err == nil {
				nearest = append(nearest, id)
			}
		}
	}
	for _, l := range around {
		add(l.id)
	}
	for _, id := range near.Names(op.ID, ids, 12) {
		add(id)
	}
	return nearest
}
