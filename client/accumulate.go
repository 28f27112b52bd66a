package client

import (
	"bytes"
	"fmt"
	"iter"

	"github.com/opcall/opcall/client/internal/accumulate"
	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Accumulator adds the events of a stream up to the object that the operation
// responds with when it does not stream. It is what Stream.Final uses, for events
// that come from elsewhere: a recording, a queue, a WebSocket.
//
//	a, err := client.NewAccumulator(op)
//	…
//	for _, event := range events {
//		if err := a.Add(event.Type, event.Data); err != nil {
//			return err
//		}
//	}
//	completion, err := a.Final()
//
// The document says in which of these ways the events of an operation add up, by
// the member accumulate of its extension x-opcall-stream:
//
//   - chat: a CreateChatCompletionResponse. Deltas are merged by the index of
//     choice and tool call. Calls without an index are told apart by their ID,
//     and one that begins under an index that is taken is a call of its own.
//     Arguments that begin again after {}, or come a second time, count once, here
//     and in the ways below.
//   - completion: a CreateCompletionResponse, likewise.
//   - response: a Response, the latest that an event had whole. When the response
//     is complete, that is the truth; until then its output is what items, parts
//     and deltas have said so far. The first events may be missing: output that
//     came without a Response stands in one with the status in_progress. Audio
//     has no place in a Response.
//   - run: a RunObject, the latest. Related has its steps and messages.
//   - transcription: a CreateTranscriptionResponseJson; with segments it is a
//     CreateTranscriptionResponseDiarizedJson, whose duration no event has: it
//     is that of the usage or else the end of the last segment.
//   - image: an ImagesResponse with the complete images or, before there is one,
//     the latest partial image. Settings that are "auto" are left out.
//   - speech: {"audio": BASE64, "usage": {…}}. The operation itself responds with
//     the audio alone, as bytes.
//
// What an event says of a field holds until another says something else: null,
// "", {} and [] do not replace it. Fields that the document does not know are
// kept, strings and lists within deltas joined like those that it knows. Members
// are in the order in which they came. What only events have is dropped: the
// obfuscation, the index of tool calls and of the contents of messages. An event
// that is the complete object, from a server that did not stream, counts as that.
//
// An Accumulator is for one stream and one goroutine. It keeps about as much as
// Final returns, at most DefaultMaxResponse bytes; that of a Stream as many as
// WithMaxResponse says.
type Accumulator struct {
	operation string
	events    int // that have been added
	sum       *accumulate.Sum
	limit     int   // of what sum keeps, in bytes
	full      error // once the limit has been reached
}

// NewAccumulator returns an Accumulator for a stream of the operation. The error
// is an *AccumulateError when the document does not say how its events add up.
func NewAccumulator(op *schema.Operation) (*Accumulator, error) {
	a := &Accumulator{operation: op.ID, limit: DefaultMaxResponse}
	spec, err := extension.ReadStream(op)
	if err != nil {
		return nil, &AccumulateError{Operation: op.ID, Reason: "the document's extension cannot be used: " + err.Error(), Err: err}
	}
	if spec != nil {
		a.sum, _ = accumulate.New(spec.Accumulate)
	}
	if a.sum == nil {
		return nil, a.fail("the document does not say how its events add up, in x-opcall-stream")
	}
	return a, nil
}

// Add adds the next event: its JSON, and the name that it had in the stream, "" for
// none. The words that end a stream, such as [DONE], are not events. Nothing of the
// slice is kept.
//
// The error is an *AccumulateError. An event that is not a JSON object changes
// nothing; one with an index out of all bounds takes effect up to that index.
// Events before and after it count. At the limit everything is given up, and every
// call returns the same error.
func (a *Accumulator) Add(name string, event []byte) error {
	if err := jsonscan.Check(jsonscan.Alias(event), maxDepth); err != nil {
		a.events++
		return a.failAt("the event is not JSON: "+oneLine(err.Error(), maxMessage), err)
	}
	return a.add(name, event)
}

// Final returns the object as JSON: complete when the stream was, else as far as
// it has arrived. It changes nothing and may be called at any time. The error is
// an *AccumulateError when no event was part of the object, or the limit has been
// reached.
func (a *Accumulator) Final() ([]byte, error) {
	if a.full != nil {
		return nil, a.full
	}
	object, ok := a.sum.JSON()
	if !ok {
		return nil, a.fail(fmt.Sprintf("none of the %d events contained part of the object", a.events))
	}
	return object, nil
}

// Related yields what a stream reports beside its object, each by its ID and as
// far as it has arrived, in the order of arrival: with a run the thread, if it is
// new, and the run's steps and messages. Other streams have nothing of the kind.
func (a *Accumulator) Related() iter.Seq2[string, []byte] {
	if a.full != nil {
		return func(func(string, []byte) bool) {}
	}
	return a.sum.Related()
}

// AccumulateError is an event that cannot be added to those before it, or events
// that add up to nothing.
type AccumulateError struct {
	Operation string // its ID
	Event     int    // the number of the event, from 1; 0 when the error is about all of them
	Reason    string
	Err       error // the cause, when there is one
}

func (e *AccumulateError) Error() string {
	return named(e.Operation) + ": " + e.detail()
}

// detail is Error without the operation.
func (e *AccumulateError) detail() string {
	if e.Event == 0 {
		return e.Reason
	}
	return fmt.Sprintf("event %d: %s", e.Event, e.Reason)
}

// Unwrap returns the cause.
func (e *AccumulateError) Unwrap() error { return e.Err }

func (a *Accumulator) fail(reason string) error {
	return &AccumulateError{Operation: a.operation, Reason: reason}
}

func (a *Accumulator) failAt(reason string, cause error) error {
	return &AccumulateError{Operation: a.operation, Event: a.events, Reason: reason, Err: cause}
}

// add is Add for what jsonscan.Check has passed with maxDepth.
func (a *Accumulator) add(name string, data []byte) error {
	a.events++
	if a.full != nil {
		return a.full
	}
	event := bytes.TrimLeft(data, " \t\r\n")
	if len(event) == 0 || event[0] != '{' {
		return a.failAt(fmt.Sprintf("got %.40q, want an object", event), nil)
	}
	if err := a.sum.Add(name, jsonscan.Alias(event)); err != nil {
		return a.failAt(err.Error(), nil)
	}
	if a.sum.Size() > a.limit {
		a.sum = nil
		a.full = a.failAt(fmt.Sprintf("the events add up to more than the limit of %d bytes", a.limit), nil)
		return a.full
	}
	return nil
}
