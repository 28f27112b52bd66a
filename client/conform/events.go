package conform

import (
	"bytes"
	"fmt"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// WithEvents validates the events of streams, each as it passes, in the tier of
// WithResponses. A stream goes on whatever they are: an event that breaks the document is
// reported. A Proxy does so without being asked.
func WithEvents() Option {
	return func(g *gate) { g.events = true }
}

// maxEvents bounds the reports of one stream: what is wrong with an event is often wrong
// with all of them.
const maxEvents = 100

// eventStream validates the events of a response while its bytes go by. It holds the data
// of one event at a time.
type eventStream struct {
	gate     *gate
	report   Report // of the stream, from which those of events are made
	spec     *extension.Stream
	opts     []schema.ValidateOption
	number   int // of the latest event
	reported int

	line  []byte // as far as it was read
	cr    bool   // the last line ended in CR, and an LF that follows belongs to it
	begun bool   // a first line was read, before which a byte order mark may stand
	name  []byte
	data  []byte
	some  bool // there is a data field
	over  bool // the event is longer than the limit
}

// events returns what validates the events of a response, nil where nothing can.
func (g *gate) eventsOf(x examined, report Report) *eventStream {
	if !g.events || x.operation == nil || g.responses.tier == schema.Off {
		return nil
	}
	spec, err := extension.ReadStream(x.operation)
	if err != nil || spec == nil || spec.Event == nil {
		return nil
	}
	report.Skipped = ""
	s := &eventStream{gate: g, report: report, spec: spec}
	s.opts = g.responseOptions(report.Operation + " event")
	return s
}

// responseOptions are those by which a response or an event is validated.
func (g *gate) responseOptions(subject string) []schema.ValidateOption {
	opts := []schema.ValidateOption{schema.WithDirection(schema.DirectionResponse), schema.WithTier(g.responses.tier), schema.WithSubject(subject)}
	if g.unknownFields {
		opts = append(opts, schema.WithUnknownFields())
	}
	return opts
}

// add reads on in the stream (WHATWG HTML §9.2.6).
func (s *eventStream) add(p []byte) {
	for len(p) > 0 {
		if s.cr {
			s.cr = false
			if p[0] == '\n' {
				p = p[1:]
				continue
			}
		}
		end := bytes.IndexAny(p, "\r\n")
		if end < 0 {
			s.extend(p)
			return
		}
		s.cr = p[end] == '\r'
		if len(s.line) == 0 && !s.over {
			s.read(p[:end]) // most lines come whole, and need no copy
		} else {
			s.extend(p[:end])
			s.read(s.line)
			s.line = s.line[:0]
		}
		p = p[end+1:]
	}
}

// extend adds a piece to the line that is being read.
func (s *eventStream) extend(p []byte) {
	if s.over = s.over || len(s.line)+len(s.data)+len(p) > s.gate.maxBody; !s.over {
		s.line = append(s.line, p...)
	}
}

// read reads a line.
func (s *eventStream) read(line []byte) {
	if !s.begun {
		s.begun = true
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	if len(line) == 0 {
		s.dispatch()
		return
	}
	field, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch string(field) {
	case "event":
		s.name = append(s.name[:0], value...)
	case "data":
		if s.over = s.over || len(s.data)+len(value) > s.gate.maxBody; s.over {
			return
		}
		if s.some {
			s.data = append(s.data, '\n')
		}
		s.data, s.some = append(s.data, value...), true
	}
}

// dispatch validates the event that has been read.
func (s *eventStream) dispatch() {
	if s.some || s.over {
		s.number++
		s.check()
	}
	s.name, s.data, s.some, s.over = s.name[:0], s.data[:0], false, false
}

func (s *eventStream) check() {
	if s.reported == maxEvents || s.spec.Done != "" && string(s.data) == s.spec.Done {
		return
	}
	r := s.report
	r.Event, r.EventType = s.number, string(s.name)
	text := s.data
	switch {
	case s.over:
		r.Skipped = tooLong(s.gate.maxBody).Error()
	case s.spec.Envelope != extension.NoEnvelope:
		text = s.enveloped()
	case !isJSON(text):
		r.Err = fmt.Errorf("%s event: the data is not JSON", r.Operation)
	}
	if r.Skipped == "" && r.Err == nil {
		r.Findings, r.Err = s.gate.validated(s.spec.Event, text, s.opts)
	}
	if s.gate.tally(&r); r.Err != nil || len(r.Findings) > 0 || r.Skipped != "" {
		s.reported++
	}
	s.gate.tell(r)
}

// enveloped returns the event as the object that the schema describes.
func (s *eventStream) enveloped() []byte {
	text := []byte{'{'}
	if s.spec.Envelope == extension.EventEnvelope && len(s.name) > 0 {
		text = jsonscan.AppendMember(text, "event", string(jsonscan.AppendString(nil, string(s.name))))
	}
	data := string(s.data)
	if !isJSON(s.data) {
		data = string(jsonscan.AppendString(nil, data))
	}
	return append(jsonscan.AppendMember(text, "data", data), '}')
}

func isJSON(text []byte) bool { return jsonscan.Check(jsonscan.Alias(text), maxDepth) == nil }

// validated validates the JSON of a response or an event in the tier of responses.
func (g *gate) validated(s *schema.Schema, text []byte, opts []schema.ValidateOption) ([]schema.Finding, error) {
	if g.responses.tier == schema.Lenient {
		return s.Check(text, opts...), nil
	}
	return nil, s.Validate(text, opts...)
}

// finish says that the stream is at its end.
func (s *eventStream) finish(err error) {
	if err == nil {
		return
	}
	r := s.report
	r.Event, r.Skipped = s.number, "the stream was cut off: "+err.Error()
	s.gate.tell(r)
}
