package client

import (
	"errors"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Event is one event of a Stream or a Socket. It never changes, stays valid when
// that goes on, and is safe for concurrent use.
type Event struct {
	// Type is what the API calls the event: "response.output_text.delta",
	// "thread.message.delta". Where the document describes events by their name
	// and data it is the name, else the member type of the data, else the name,
	// else the member object: "chat.completion.chunk".
	Type string
	// Data is the event's JSON text. Callers must not modify it.
	Data []byte
	// ID is the last event ID of the stream (WHATWG HTML §9.2), "" without one and
	// on a socket.
	ID string

	kind *eventKind
}

// eventKind is what the document says of an event. The zero value says nothing.
type eventKind struct {
	schema    *schema.Schema
	envelope  extension.Envelope // of the schema: {"event": Type, "data": Data} and the like
	unchecked bool               // the Off tier
	text      *extension.TextPaths
	types     *sync.Map // of the plan: what Decode knows of Go types
	paths     pathCheck
	secrets   func() []string // which the server may repeat
	rest      string          // of the stream's text, in place of what the data has: see streampoll.go
}

// Get returns a part of the data by its path in gjson syntax:
// "choices.0.delta.content". WithPathCheck reports a path with a name that the
// document does not declare.
func (e Event) Get(path string) gjson.Result {
	got := gjson.GetBytes(e.Data, path)
	if e.kind != nil && e.kind.paths.report != nil {
		e.kind.paths.check(path, got, e.Value)
	}
	return got
}

// Text returns the piece of the text that the event adds: of a stream what
// Stream.Text delivers. It is "" for events that add none.
func (e Event) Text() string {
	if e.kind == nil || e.kind.text == nil {
		return ""
	}
	if e.kind.rest != "" {
		return e.kind.rest
	}
	path := e.kind.text.Path(e.Type)
	if path == "" {
		return ""
	}
	found := gjson.Get(jsonscan.Alias(e.Data), path)
	if found.Type == gjson.String {
		return strings.Clone(found.Str) // else it would keep all of Data
	}
	var text strings.Builder
	joinTexts(&text, found)
	return text.String()
}

// joinTexts writes a string, or all strings of an array of any depth. Of the parts that
// hosts send in place of a string it writes those of text.
func joinTexts(b *strings.Builder, v gjson.Result) {
	switch {
	case v.Type == gjson.String:
		b.WriteString(v.Str)
	case v.IsArray():
		v.ForEach(func(_, item gjson.Result) bool {
			joinTexts(b, item)
			return true
		})
	case v.IsObject() && v.Get("type").Str == "text" && v.Get("text").Type == gjson.String:
		b.WriteString(v.Get("text").Str)
	}
}

// Value is the data seen through its schema. It is the zero Value where the
// document says nothing of the stream's events.
func (e Event) Value() schema.Value {
	if e.kind == nil || e.kind.schema == nil {
		return schema.Value{}
	}
	v, err := e.kind.schema.Decode(e.instance())
	if err != nil { // an Event that no stream made
		return schema.Value{}
	}
	if e.kind.envelope != extension.NoEnvelope {
		return v.Get("data")
	}
	return v
}

// Findings reports where the event and the document disagree. It compares them at
// each call. Where the document has name and data of an event in one object, as
// for the events of runs, pointers begin with "/event" and "/data".
func (e Event) Findings() []schema.Finding {
	if e.kind == nil || e.kind.schema == nil || e.kind.unchecked {
		return nil
	}
	found := e.kind.schema.Check(e.instance(), asResponse...)
	if e.kind.secrets == nil {
		return found
	}
	return maskFindings(found, e.kind.secrets)
}

// check validates the event, as the settings say. An event of a type that the
// document does not know cannot be validated: it is a finding in every tier, since
// APIs send heartbeats and events that are newer than their description.
func (e Event) check(name string, s *settings) error {
	if e.kind.schema == nil || s.responseTier == schema.Off {
		return nil
	}
	if s.onFindings != nil {
		if findings := e.Findings(); len(findings) > 0 {
			s.onFindings(name, findings)
		}
	}
	if s.responseTier == schema.Lenient {
		return nil
	}
	err := e.kind.schema.Validate(e.instance(), s.validation(asResponse, s.responseTier, e.Type)...)
	if isUnknownType(err) || err != nil && e.isForeign() {
		return nil
	}
	if err = s.withoutNew(err); err == nil { // which is every event of most streams
		return nil
	}
	return maskInvalid(err, s.ownSecrets())
}

// isForeign reports whether an event is not among those that the document describes
// although it does not say so in a type that they all have: it has no member that the
// document declares, or no type but a name that the document does not have.
func (e Event) isForeign() bool {
	text := jsonscan.Alias(e.Data)
	if e.kind.envelope != extension.NoEnvelope || !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return false
	}
	members, typed := 0, false
	for name := range jsonscan.Members(text) {
		members++
		typed = typed || name == "type"
	}
	if e.Type != "" && !typed {
		quoted := string(jsonscan.AppendString(nil, e.Type))
		if isUnknownType(e.kind.schema.Validate(jsonscan.SetMember(text, "type", quoted), asResponse...)) {
			return true
		}
	}
	for _, f := range e.Findings() {
		if f.Kind == schema.FindingUnknownField && len(f.Pointer.Tokens()) == 1 {
			members--
		}
	}
	return members == 0
}

// isUnknownType reports whether all that is wrong with an event is a type that the
// document does not have.
func isUnknownType(err error) bool {
	var invalid *schema.ValidationError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 1 || invalid.More > 0 {
		return false
	}
	problem := invalid.Findings()[0]
	return problem.Kind == schema.FindingUnknownMember && len(problem.Pointer.Tokens()) == 1
}

// instance is the event as its schema describes it.
func (e Event) instance() []byte {
	if e.kind.envelope == extension.NoEnvelope {
		return e.Data
	}
	text := make([]byte, 0, len(e.Type)+len(e.Data)+len(`{"event":"","data":}`))
	if e.kind.envelope == extension.EventEnvelope && e.Type != "" {
		text = append(jsonscan.AppendString(append(text, `{"event":`...), e.Type), `,"data":`...)
	} else {
		text = append(text, `{"data":`...)
	}
	return append(append(text, e.Data...), '}')
}
