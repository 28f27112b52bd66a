package accumulate

import (
	"iter"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Sum is what the events of one stream have added up to so far. It has one user.
type Sum struct{ way way }

// way is one way to add up. Events are JSON objects, only borrowed.
type way interface {
	add(name, event string) error
	final() *node // nil when no event contained part of the object
	size() int
}

// New returns an empty sum for a way of adding up, as the member accumulate of
// x-opcall-stream names it. It reports false for any other name.
func New(name string) (*Sum, bool) {
	switch name {
	case "chat":
		return &Sum{&choicesSum{isChat: true}}, true
	case "completion":
		return &Sum{&choicesSum{}}, true
	case "response":
		return &Sum{&responseSum{}}, true
	case "run":
		return &Sum{&runSum{}}, true
	case "transcription":
		return &Sum{&transcriptionSum{}}, true
	case "image":
		return &Sum{&imageSum{}}, true
	case "speech":
		return &Sum{&speechSum{}}, true
	}
	return nil, false
}

// Add adds an event: a valid JSON object without white space before it, which is
// only borrowed, and the name that it had in the stream. After an error the sum
// holds what the event said before the mistake.
func (s *Sum) Add(name, event string) error { return s.way.add(name, event) }

// JSON returns the object, false when no event contained part of it.
func (s *Sum) JSON() ([]byte, bool) {
	object := s.way.final()
	if object == nil {
		return nil, false
	}
	return object.appendTo(nil), true
}

// Size returns about how much memory the sum keeps, in bytes.
func (s *Sum) Size() int { return s.way.size() }

// Related yields the objects beside the main one by their IDs, in the order of
// arrival: the thread, steps and messages of a run.
func (s *Sum) Related() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		run, ok := s.way.(*runSum)
		if !ok {
			return
		}
		for _, id := range run.ids {
			if !yield(id, run.others[id].appendTo(nil)) {
				return
			}
		}
	}
}

// eventType returns the type of an event: the member or, without one, its name in
// the stream. It is "" for an object that is not an event, such as the response of
// a server that does not stream.
func eventType(name, event string) string {
	if kind, ok := jsonscan.Member(event, "type"); ok {
		return jsonscan.String(kind)
	}
	if name == "message" { // the standard's type of an event without a name
		return ""
	}
	return name
}
