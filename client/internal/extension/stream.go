package extension

import (
	"fmt"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// EventStream is the media type of server-sent events.
const EventStream = "text/event-stream"

// Stream is the event stream of an operation: its text/event-stream response, and
// x-opcall-stream for what OpenAPI cannot say. It never changes.
type Stream struct {
	Declared bool           // the document declares it, rather than only taking a parameter that asks for it
	Event    *schema.Schema // of its events; nil where the document has none
	Envelope Envelope       // what that schema has beside the data

	Request []Field // what asks for the stream: body fields or parameters

	Done     string   // data that ends the stream
	Terminal []string // types of the events that end it
	Count    string   // field of the request that says how many terminal events there are
	Failed   []string // the texts at Finished that say that the server broke off what it made
	Finished string   // path of the text that says that a part of the stream is complete; it may end without Done then

	Text    TextPaths         // where events have the text
	Whole   string            // path of the text in a response that is not streamed
	Failure map[string]string // path of the error in events that leave the text incomplete
	Retry   []string          // types and codes of errors in the first event, or at Failure in it, that may pass

	Accumulate string // the way in which events add up, see the package accumulate

	Sequence string  // member of an event that is its number
	Resume   *Resume // nil where a stream cannot go on after a cut
}

// Field is a parameter or a field of the body.
type Field struct{ Name, JSON string }

// Resume says which call delivers the rest of a stream.
type Resume struct {
	Operation  string            // its ID; "" for the same operation
	After      string            // its parameter for the number of the last event received
	Parameters map[string]string // its parameters that events contain: name to path
	Same       []string          // its parameters that are taken over from the request
	Poll       *Poll             // nil where its result is not to be waited for
}

// Poll says how a stream ends whose rest cannot be had: by waiting for the result of the
// operation that would deliver it (x-opcall-wait).
type Poll struct {
	If     []Field           // of the request: with these the result is made without the stream
	Same   []string          // parameters that are taken over from the request
	Events map[string]string // type of the last event by the state of the result
	Member string            // of that event, with the result
}

// TextPaths are the gjson paths of a text in events: one for those of each type,
// or one for all.
type TextPaths struct {
	Every  string
	ByType map[string]string
}

// Path returns where events of a type have their text, "" where they have none.
func (p *TextPaths) Path(eventType string) string {
	if path, ok := p.ByType[eventType]; ok {
		return path
	}
	return p.Every
}

// Endless reports whether the document does not say what ends the stream.
func (s *Stream) Endless() bool { return s.Done == "" && len(s.Terminal) == 0 }

// ReadStream returns the stream of an operation, nil where it has none: the
// document declares no event stream, and the operation takes no parameter or field
// named stream. The error names the member of x-opcall-stream that is wrong.
func ReadStream(op *schema.Operation) (*Stream, error) {
	s := &Stream{}
	extension, given := op.Extension("x-opcall-stream")
	event, err := s.read(extension)
	if err != nil {
		return nil, fmt.Errorf("x-opcall-stream: %w", err)
	}
	response := eventResponse(op)
	s.Declared = given || response != nil
	if s.Request == nil && (given || takes(op, "stream")) {
		s.Request = []Field{{Name: "stream", JSON: "true"}}
	}
	switch {
	case !s.Declared && s.Request == nil:
		return nil, nil
	case response != nil:
		s.Event = response.Schema
	case event != "":
		s.Event, _ = op.Document().Component(strings.TrimPrefix(event, "#/components/schemas/")) // nil where it has none
	}
	if s.Event != nil {
		s.Envelope = envelopeOf(op.Document(), s.Event.JSON())
	}
	return s, nil
}

// read takes in x-opcall-stream and returns the reference to the schema of events
// that may be there.
func (s *Stream) read(extension string) (event string, err error) {
	for key, value := range jsonscan.Members(extension) {
		switch key {
		case "event":
			event = jsonscan.String(value)
		case "request":
			s.Request = append([]Field{}, fields(value)...) // it may be empty: nothing asks for the stream
		case "done":
			s.Done = jsonscan.String(value)
		case "terminal":
			s.Terminal = jsonscan.Strings(value)
		case "count":
			s.Count = jsonscan.String(value)
		case "finished":
			s.Finished, err = path(value)
		case "failed":
			if s.Failed = jsonscan.Strings(value); len(s.Failed) == 0 {
				s.Failed = []string{jsonscan.String(value)}
			}
		case "text":
			if s.Text.Every, err = path(value); err == nil {
				s.Text.ByType, err = pathsByName(value)
			}
		case "whole":
			s.Whole, err = path(value)
		case "failure":
			s.Failure, err = pathsByName(value)
		case "retry":
			s.Retry = jsonscan.Strings(value)
		case "accumulate":
			s.Accumulate = jsonscan.String(value)
		case "sequence":
			s.Sequence = jsonscan.String(value)
		case "resume":
			s.Resume, err = readResume(value)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", key, err)
		}
	}
	return event, nil
}

func readResume(text string) (_ *Resume, err error) {
	r := &Resume{}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "operation":
			r.Operation = jsonscan.String(value)
		case "after":
			r.After = jsonscan.String(value)
		case "parameters":
			r.Parameters, err = pathsByName(value)
		case "same":
			r.Same = jsonscan.Strings(value)
		case "poll":
			r.Poll = readPoll(value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return r, nil
}

func readPoll(text string) *Poll {
	p := &Poll{Events: make(map[string]string)}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "if":
			p.If = fields(value)
		case "same":
			p.Same = jsonscan.Strings(value)
		case "member":
			p.Member = jsonscan.String(value)
		case "events":
			for state, kind := range jsonscan.Members(value) {
				p.Events[state] = jsonscan.String(kind)
			}
		}
	}
	return p
}
