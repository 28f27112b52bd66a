package client

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	sse "github.com/opcall/opcall/stream"
)

// doneData ends the streams of the OpenAI API and of those made like it.
const doneData = "[DONE]"

// next returns the next event. An error is the end, and every later call returns
// it again, but for an *EventError that the settings let pass.
func (s *Stream) next() (Event, error) {
	for s.end == nil {
		ev, err := s.receive()
		if s.spec.Retry != nil && s.delivered < 2 {
			again, failed := s.again(ev, err)
			if again && failed == nil {
				continue
			}
			err = cmp.Or(failed, err)
		}
		if err == io.EOF && s.index == 0 && s.needsEvent() {
			err = s.fail("the stream ended without an event")
		}
		switch err := err.(type) {
		case nil:
			return ev, nil
		case *EventError:
			s.missed = cmp.Or(s.missed, error(err))
			if s.bound.settings.stream.invalidEvents {
				return Event{}, err
			}
		case *TruncatedError:
			if s.bound.settings.stream.resume && s.resumed(err) {
				continue
			}
		}
		s.finish(err)
	}
	return Event{}, s.end
}

// needsEvent reports whether the events add up to an object: then a stream without any
// is not the declared response. The rest of a stream, which the caller asks for by the
// number of the last event, may be nothing.
func (s *Stream) needsEvent() bool {
	r := s.spec.Resume
	return s.addsUp() && (r == nil || r.After == "" || s.bound.given(r.After) == "")
}

// finish ends the stream and gives the connection back.
func (s *Stream) finish(err error) {
	s.end = err
	if err == io.EOF && s.input != nil && !s.input.ended && !s.isClosed() {
		linger(s.body)
	}
	s.observed.finish(err) // the reader alone replaces it
	s.Close()
}

// receive returns the next event, io.EOF at the end of a complete stream, or the
// error that is there instead.
func (s *Stream) receive() (Event, error) {
	for {
		switch {
		case s.complete:
			return Event{}, io.EOF
		case s.isClosed():
			return Event{}, s.cut(ErrStreamClosed)
		case s.unstreamed != nil:
			s.complete = true
			return s.whole(), nil
		case s.handed != nil:
			return s.receiveHandout()
		case s.decoder == nil:
			if err := s.begin(); err != nil {
				return Event{}, err
			}
			continue
		}
		raw, err := s.decoder.Next()
		if refused := s.stray(); refused != nil {
			return Event{}, refused
		}
		if err != nil {
			return Event{}, s.stopped(err)
		}
		data := bytes.TrimSpace(raw.Data)
		switch {
		case string(data) == doneData, s.spec.Done != "" && (string(data) == s.spec.Done || string(data) == `"`+s.spec.Done+`"`):
			return Event{}, io.EOF
		case string(data) == "null" && raw.Type != "error" && s.wantsObjects():
			continue // a sign of life
		}
		if raw.Type == "message" && s.spec.Envelope != extension.EventEnvelope { // the standard's word for an event without a name
			raw.Type = ""
		}
		if len(data) == 0 {
			if err := s.signal(raw); err != nil {
				return Event{}, err
			}
			continue
		}
		return s.interpret(raw)
	}
}

// wantsObjects reports whether the document says that each event is an object.
func (s *Stream) wantsObjects() bool {
	return s.spec.Envelope == extension.NoEnvelope && s.events.schema != nil && s.bound.plan.fieldsOf(s.events.schema).object
}

// stray returns the error that a server has written in a line of its own, where the
// standard has no field: "error: {…}", or the bare JSON.
func (s *Stream) stray() error {
	text := bytes.TrimSpace(s.decoder.Ignored())
	if len(text) == 0 {
		return nil
	}
	if told, found := bytes.CutPrefix(text, []byte("error:")); found {
		return s.refusal(bytes.TrimSpace(told))
	}
	item := gjson.ParseBytes(text) // which takes a text that is cut
	if item.IsArray() {
		item = item.Get("0")
	}
	if problem := item.Get("error"); item.IsObject() && (problem.Exists() && says(problem.Raw) || item.Get("object").Str == "error") {
		return s.refusal([]byte(item.Raw))
	}
	return nil
}

// stopped turns an error of the decoder into the one of the stream.
func (s *Stream) stopped(err error) error {
	var large *sse.EventTooLargeError
	switch {
	case errors.As(err, &large):
		return s.eventError("", nil, &largeEventError{large})
	case s.decoder.Incomplete():
	case err == io.EOF && s.spec.Endless():
		return io.EOF
	case s.terminal <= 0 && (err == io.EOF || s.spec.Finished == "") && !s.isClosed() && s.request.Context().Err() == nil:
		return io.EOF
	}
	if err == io.EOF {
		err = nil
	}
	cut := s.cut(err)
	cut.Partial = s.decoder.Incomplete()
	return cut
}

// signal takes in an event without data. Its name may say something; otherwise
// it only keeps the connection alive.
func (s *Stream) signal(raw sse.Event) error {
	if raw.Type == "error" {
		return s.refusal(raw.Data)
	}
	s.reached(raw.Type)
	return nil
}

// reached takes note that an event of a type has come, which may be the last.
func (s *Stream) reached(eventType string) {
	if slices.Contains(s.spec.Terminal, eventType) {
		s.terminal--
		s.complete = s.terminal <= 0 && s.spec.Done == "" // else that is to follow
	}
}

// finished takes note of the parts of the stream that an event says are complete:
// hosts that send no last event say so of each choice.
func (s *Stream) finished(data string) {
	path := s.spec.Finished
	if path == "" || !tells(data, path[strings.LastIndexByte(path, '.')+1:]) {
		return
	}
	for _, reason := range gjson.Get(data, path).Array() {
		if reason.Type == gjson.String && reason.Str != "" {
			s.terminal--
		}
	}
}

// tells reports whether a text has a member of a name whose value is not null. It
// is a first look, without an allocation: strings may look alike.
func tells(text, name string) bool {
	for {
		at := strings.Index(text, name)
		if at < 0 {
			return false
		}
		text = text[at+len(name):]
		value := strings.TrimLeft(text, "\": \t\r\n")
		if value != "" && value[0] != 'n' || strings.HasPrefix(value, "n") && !strings.HasPrefix(value, "null") {
			return true
		}
	}
}

// interpret makes of a dispatched event one of the API.
func (s *Stream) interpret(raw sse.Event) (Event, error) {
	data, syntax := checkData(raw.Data)
	if raw.Type == "error" {
		return Event{}, s.refusal(data)
	}
	if syntax != nil {
		return Event{}, s.eventError(raw.Type, data, fmt.Errorf("the data is not JSON: %w", syntax))
	}
	if text := bytes.TrimSpace(data); text[0] != '{' && s.wantsObjects() {
		if p := readProblem(http.Header{}, text); text[0] == '[' && p.message != "" && !p.raw {
			return Event{}, s.refusal(data)
		}
		return Event{}, s.eventError(raw.Type, data, fmt.Errorf("got %s, want an object", jsonscan.TypeName(jsonscan.Alias(text))))
	}
	f := inspect(jsonscan.Alias(data), s.spec.Sequence)
	if f.kind == "error" && s.spec.Envelope != extension.EventEnvelope || f.object == "error" || f.failed {
		return Event{}, s.refusal(data)
	}
	if problem, found := errorInside(jsonscan.Alias(data), s.events.schema); found && s.spec.Envelope == extension.NoEnvelope {
		return Event{}, s.refusal([]byte(problem))
	}
	if s.spec.Envelope == extension.NoEnvelope && s.events.schema != nil {
		if f.complains() && s.bound.plan.fieldsOf(s.events.schema).complaintEvent(jsonscan.Alias(data)) {
			return Event{}, s.refusal(data)
		}
		if problem, failed := s.bound.plan.failedPart(jsonscan.Alias(data)); failed {
			return Event{}, s.refusal(problem)
		}
	}
	ev := Event{Type: raw.Type, Data: data, ID: raw.ID, kind: &s.events}
	if s.spec.Envelope != extension.EventEnvelope {
		ev.Type = s.intern(f.name(raw.Type))
	}
	s.reached(ev.Type)
	s.finished(jsonscan.Alias(data))
	if s.spec.Sequence != "" && f.sequence != "" {
		if number, err := strconv.ParseInt(f.sequence, 10, 64); err == nil {
			s.sequence = number
		}
	}
	s.note(ev)
	s.noteUsage(ev.Data)
	s.observed.event(ev.Data, false)
	if err := ev.check(s.bound.Operation.ID, s.bound.settings); err != nil {
		return Event{}, s.eventError(ev.Type, data, err)
	}
	if s.kept != nil {
		s.missed = cmp.Or(s.missed, s.kept.add(ev.Type, ev.Data))
	}
	if s.progress.text != nil {
		s.progress.text.add(ev.Text())
	}
	s.index++
	s.delivered++
	return ev, nil
}

// whole makes the one event of a JSON response.
func (s *Stream) whole() Event {
	r := s.unstreamed
	s.noteUsage(r.raw)
	s.observed.event(r.raw, false)
	f := inspect(jsonscan.Alias(r.raw), "")
	s.index++
	s.delivered++
	return Event{
		Type: s.intern(f.name("")), Data: r.raw,
		kind: &eventKind{schema: r.schema, unchecked: s.events.unchecked, types: s.events.types, secrets: s.events.secrets, paths: s.events.paths, text: &extension.TextPaths{Every: s.spec.Whole}},
	}
}

// checkData reports whether data is JSON. What is not UTF-8 in it is replaced,
// as the standard has it (WHATWG HTML §9.2.6, "UTF-8 decode").
func checkData(data []byte) ([]byte, error) {
	err := jsonscan.Check(jsonscan.Alias(data), maxDepth)
	if err != nil && !utf8.Valid(data) {
		data = bytes.ToValidUTF8(data, []byte("\ufffd"))
		err = jsonscan.Check(string(data), maxDepth)
	}
	return data, err
}

// facts are the members of an event's data that say what kind of event it is.
type facts struct {
	kind     string // type
	object   string
	sequence string // JSON text
	failed   bool   // there is an error that is not null

	// What errors without a member of that name have: a message, a code, or another
	// complaint.
	message, coded, complaint bool
}

// complains reports whether the data may be an error. With a type it is an event of its
// own kind, and a message alone may be a sign of life.
func (f facts) complains() bool { return f.kind == "" && (f.complaint || f.message && f.coded) }

// inspect reads the facts from JSON text, of which they may be parts.
func inspect(text, sequence string) facts {
	var f facts
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "type":
			f.kind = jsonscan.String(value)
		case "object":
			f.object = jsonscan.String(value)
		case "error":
			f.failed = says(value)
		case "base_resp": // MiniMax, in every response
			code, _ := jsonscan.Member(value, "status_code")
			f.failed = f.failed || code != "" && says(code)
		case sequence:
			f.sequence = value
		case "message":
			f.message = says(value)
		case "code", "status", "statusCode", "status_code", "error_code":
			f.coded = f.coded || says(value)
		default:
			f.complaint = f.complaint || complains(key, value)
		}
	}
	return f
}

// says reports whether JSON text is more than null or an empty value.
func says(text string) bool {
	switch text[0] {
	case 'n', 'f':
		return false
	case '"', '{', '[':
		return strings.Trim(text, "\"{}[] \t\r\n") != ""
	}
	return text != "0"
}

// name is the event's type, where the event field of the stream says name.
func (f facts) name(name string) string {
	switch {
	case f.kind != "":
		return f.kind
	case name != "":
		return name
	}
	return f.object
}

// maxTypes bounds the names that intern keeps; APIs have fewer.
const maxTypes = 256

// intern returns one string for all events of a type, and none that is a part of
// an event's data.
func (s *Stream) intern(name string) string {
	if name == s.lastType {
		return s.lastType
	}
	known, ok := s.types[name]
	if !ok {
		known = strings.Clone(name)
		if s.types == nil && s.lastType != "" { // a stream of one type needs no map
			s.types = map[string]string{s.lastType: s.lastType}
		}
		if s.types != nil && len(s.types) < maxTypes {
			s.types[known] = known
		}
	}
	s.lastType = known
	return known
}
