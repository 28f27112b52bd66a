package stream

import "fmt"

// EventTooLargeError says that an event exceeded the limit of
// [WithMaxEventSize] and was discarded. It is returned as soon as the limit is
// passed, not when the event ends. The decoder remains usable: its next event
// is the one after.
type EventTooLargeError struct {
	// Limit is the limit in force, in bytes.
	Limit int
	// Index counts the events that came before it in the stream, from 0: those
	// dispatched and those discarded for their size.
	Index int
}

func (e *EventTooLargeError) Error() string {
	return fmt.Sprintf("event %d of the stream has more than %d bytes; stream.WithMaxEventSize raises the limit", e.Index, e.Limit)
}
