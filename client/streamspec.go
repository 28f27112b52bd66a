package client

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// eventStream is the media type of server-sent events.
const eventStream = "text/event-stream"

// streamSpec is what the document says of an operation's event stream: its
// text/event-stream answer, and x-opcall-stream for what OpenAPI cannot say.
type streamSpec struct {
	event     *schema.Schema // of its events; nil where the document has none
	enveloped bool           // that schema is of {"event": name, "data": data}

	request []field // what asks for the stream: body fields or parameters

	done     string   // data that ends the stream
	terminal []string // types of the events that end it
	count    string   // field of the request that says how many terminal events there are

	text    textPaths         // where events have the text
	answer  string            // path of the text in an answer that is not streamed
	failure map[string]string // path of the error in events that leave the text incomplete

	sequence string      // member of an event that is its number
	resume   *resumeSpec // nil where a stream cannot go on after a cut
}

// resumeSpec says which call delivers the rest of a stream.
type resumeSpec struct {
	operation  string            // its ID; "" for the same operation
	after      string            // its parameter for the number of the last event received
	parameters map[string]string // its parameters that events tell: name to path
	same       []string          // its parameters that are taken over from the request
}

// textPaths are the gjson paths of a text in events: one for those of each type,
// or one for all.
type textPaths struct {
	every  string
	byType map[string]string
}

// path returns where events of a type have their text, "" where they have none.
func (p *textPaths) path(eventType string) string {
	if path, ok := p.byType[eventType]; ok {
		return path
	}
	return p.every
}

// endless reports whether the document does not say what ends the stream.
func (s *streamSpec) endless() bool { return s.done == "" && len(s.terminal) == 0 }

// newStreamSpec reads what the document says of the operation's stream. The error
// is a *BindError for an operation without one.
func newStreamSpec(op *schema.Operation) (*streamSpec, error) {
	s := &streamSpec{}
	extension, told := op.Extension("x-opcall-stream")
	event := s.read(extension)
	if s.request == nil && (told || takes(op, "stream")) {
		s.request = []field{{name: "stream", json: "true"}}
	}
	switch answer := eventAnswer(op); {
	case answer == nil && s.request == nil:
		return nil, (&Bound{Operation: op}).fail("", "the document declares no event stream for it; Call calls it")
	case answer != nil:
		s.event = answer.Schema
	case event != "":
		s.event, _ = op.Document().Component(strings.TrimPrefix(event, "#/components/schemas/")) // nil where it has none
	}
	s.enveloped = s.event != nil && enveloped(op.Document(), s.event.JSON())
	return s, nil
}

// read takes in x-opcall-stream and returns the reference to the schema of events
// that may be there.
func (s *streamSpec) read(extension string) (event string) {
	for key, value := range jsonscan.Members(extension) {
		switch key {
		case "event":
			event = jsonscan.String(value)
		case "request":
			s.request = []field{} // it may be empty: nothing asks for the stream
			for name, text := range jsonscan.Members(value) {
				s.request = append(s.request, field{name: name, json: text})
			}
		case "done":
			s.done = jsonscan.String(value)
		case "terminal":
			s.terminal = jsonscan.Strings(value)
		case "count":
			s.count = jsonscan.String(value)
		case "text":
			s.text = textPaths{every: jsonscan.String(value), byType: stringsByName(value)}
		case "answer":
			s.answer = jsonscan.String(value)
		case "failure":
			s.failure = stringsByName(value)
		case "sequence":
			s.sequence = jsonscan.String(value)
		case "resume":
			s.resume = readResume(value)
		}
	}
	return event
}

func readResume(text string) *resumeSpec {
	r := &resumeSpec{}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "operation":
			r.operation = jsonscan.String(value)
		case "after":
			r.after = jsonscan.String(value)
		case "parameters":
			r.parameters = stringsByName(value)
		case "same":
			r.same = jsonscan.Strings(value)
		}
	}
	return r
}

// stringsByName returns the members of an object that are strings.
func stringsByName(object string) map[string]string {
	var all map[string]string
	for name, value := range jsonscan.Members(object) {
		if all == nil {
			all = make(map[string]string)
		}
		all[name] = jsonscan.String(value)
	}
	return all
}

// eventAnswer returns the event stream among the operation's answers.
func eventAnswer(op *schema.Operation) *schema.MediaType {
	for _, r := range op.Responses {
		if !strings.HasPrefix(r.Status, "2") && r.Status != "default" {
			continue
		}
		for _, m := range r.Content {
			if isEventStream(m.Name) {
				return m
			}
		}
	}
	return nil
}

func isEventStream(mediaType string) bool {
	name, _, _ := strings.Cut(mediaType, ";")
	return strings.EqualFold(strings.TrimSpace(name), eventStream)
}

// takes reports whether the operation declares a parameter or body field.
func takes(op *schema.Operation, name string) bool {
	if _, ok := op.Parameter(name); ok {
		return true
	}
	if op.RequestBody == nil {
		return false
	}
	return slices.ContainsFunc(op.RequestBody.Content, func(m *schema.MediaType) bool {
		return m.Schema != nil && declares(op.Document(), m.Schema.JSON(), name, maxReferred)
	})
}

// maxReferred bounds how many references and unions are followed.
const maxReferred = 16

// declares reports whether a schema object, or one that it is made of, has a
// property.
func declares(doc *schema.Document, text, name string, depth int) bool {
	if depth == 0 {
		return false
	}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "$ref":
			target, _ := doc.Lookup(fragment(value))
			if declares(doc, target, name, depth-1) {
				return true
			}
		case "properties":
			if _, ok := jsonscan.Member(value, name); ok {
				return true
			}
		case "allOf", "anyOf", "oneOf":
			for _, part := range jsonscan.Items(value) {
				if declares(doc, part, name, depth-1) {
					return true
				}
			}
		}
	}
	return false
}

// enveloped reports whether instances of a schema have the name and the data of
// an event in one object. In a union the first branch tells.
func enveloped(doc *schema.Document, text string) bool {
next:
	for range maxReferred {
		for key, value := range jsonscan.Members(text) {
			switch key {
			case "$ref":
				text, _ = doc.Lookup(fragment(value))
				continue next
			case "anyOf", "oneOf":
				for _, text = range jsonscan.Items(value) {
					continue next
				}
			case "required":
				names := jsonscan.Strings(value)
				return slices.Contains(names, "event") && slices.Contains(names, "data")
			}
		}
		return false
	}
	return false
}

// fragment returns the pointer of a local reference.
func fragment(ref string) schema.Pointer {
	return schema.Pointer(strings.TrimPrefix(jsonscan.String(ref), "#"))
}

// ask makes the call one for the stream.
func (b *Bound) ask(s *streamSpec) error {
	b.accepts = eventStream
	for _, f := range s.request {
		if err := b.put(f.name, f.json); err != nil {
			return err
		}
	}
	return nil
}

// put sets a parameter, or else a field of the body, in place of what the caller
// gave for it.
func (b *Bound) put(name, text string) error {
	if p, ok := b.Operation.Parameter(name); ok {
		b.arguments = slices.DeleteFunc(b.arguments, func(a argument) bool { return a.parameter == p })
		return b.argueJSON(p, name, text)
	}
	if b.Operation.RequestBody == nil {
		return b.unknownParameter("", name)
	}
	if b.body.media == nil {
		empty, err := b.emptyBody()
		if err != nil {
			return err
		}
		b.body = empty
	}
	added := field{name: name, json: text}
	switch {
	case b.body.raw != nil || isRaw(b.body.content):
		return b.fail(name, "cannot be set in a body of %s", mediaTypes(b.Operation))
	case isForm(b.body.content):
		fields := slices.DeleteFunc(slices.Clone(b.body.fields), func(f field) bool { return f.name == name })
		b.body.fields = append(fields, added)
		return nil
	case b.body.json[0] != '{':
		return b.fail(name, "cannot be set in a body that is %s", kindOf(b.body.json))
	}
	b.body.json = withMember(b.body.json, added)
	return nil
}

// given returns the JSON text of a parameter or body field, "" where the caller
// gave none.
func (b *Bound) given(name string) string {
	for _, edit := range slices.Backward(b.settings.extraBody) {
		if len(edit.tokens) == 1 && edit.tokens[0] == name {
			return edit.json
		}
	}
	for _, a := range b.arguments {
		if a.parameter.Name == name {
			return a.json
		}
	}
	for _, f := range b.body.fields {
		if f.name == name {
			return f.json
		}
	}
	text, _ := jsonscan.Member(b.body.json, name)
	return text
}

// terminalEvents returns how many events of a terminal type the stream has.
func (b *Bound) terminalEvents(s *streamSpec) int {
	if s.count == "" {
		return 1
	}
	return max(1, int(gjson.Parse(b.given(s.count)).Int()))
}
