package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Validate validates an event against the component of the client's events, as Send
// does before it writes. Nothing is sent.
func (s *Socket) Validate(event any) error {
	_, err := s.clientEvent(event)
	return err
}

// clientEvent returns the text of an event that may be sent.
func (s *Socket) clientEvent(event any) (string, error) {
	text, err := s.bound.jsonOf("event", event)
	if err != nil {
		return "", err
	}
	if text[0] != '{' {
		return "", s.bound.wrong("", "", "got an event that is %s, want an object", jsonscan.TypeName(text))
	}
	return text, s.bound.settings.checkOutgoing(s.Name(), func(tier schema.Tier) *schema.ValidationError {
		err := s.spec.Client.Validate(text, s.bound.settings.validation(asRequest, tier, "")...)
		if err == nil {
			return nil
		}
		invalid := &schema.ValidationError{Subject: s.Name()}
		if kind := gjson.Get(text, "type"); kind.Type == gjson.String {
			invalid.Subject += ": " + oneLine(kind.Str, maxName)
		}
		if merge(invalid, err); len(invalid.Problems) == 0 {
			return nil
		}
		maskInvalid(invalid, s.bound.settings.ownSecrets())
		return invalid
	})
}

// socketEvents makes events of messages.
type socketEvents struct {
	received int
	types    map[string]*socketEventType // at most maxTypes
}

// socketEventType is what all events of a type share.
type socketEventType struct {
	name string
	kind eventKind
}

// event types a message, text or binary, and validates it against the document, as
// the settings say. The error is an *EventError, or the *APIError that the event,
// which is not empty then, reports.
func (s *Socket) event(received []byte) (Event, error) {
	index := s.events.received
	s.events.received++
	unusable := func(eventType string, err error) (Event, error) {
		secrets := s.secrets()
		return Event{}, &EventError{
			Operation: s.Name(), RequestID: s.RequestID(), Index: index,
			Type: redact(eventType, secrets), Data: received, Err: redactError(err, secrets),
		}
	}
	data, err := checkData(received)
	if err != nil {
		return unusable("", fmt.Errorf("the data is not JSON: %w", err))
	}
	text := jsonscan.Alias(data)
	if text[jsonscan.Space(text, 0)] != '{' {
		return unusable("", errors.New("got "+jsonscan.TypeName(strings.TrimSpace(text))+", want an object"))
	}
	kind, _ := jsonscan.Member(text, "type")
	known := s.typeOf(kind)
	e := Event{Type: known.name, Data: data, kind: &known.kind}
	s.observed.event(data, true)
	if e.Type == "error" { // what it says matters more than its form
		return e, s.refusal(data)
	}
	if err := e.check(s.Name(), s.bound.settings); err != nil {
		return unusable(e.Type, err)
	}
	s.bound.reportUsage(data, s.bound.requestModel())
	return e, nil
}

// typeOf returns what is known of a type by its JSON text. It keeps no part of
// that.
func (s *Socket) typeOf(text string) *socketEventType {
	if known, ok := s.events.types[text]; ok {
		return known
	}
	set := s.bound.settings
	known := &socketEventType{kind: eventKind{
		schema: s.spec.Server, unchecked: set.responseTier == schema.Off,
		types: &s.bound.plan.types, secrets: set.ownSecrets, paths: set.pathCheck(s.Name()),
	}}
	if text != "" && text[0] == '"' {
		known.name = strings.Clone(jsonscan.String(text))
	}
	if path := s.spec.Text[known.name]; path != "" {
		known.kind.text = &extension.TextPaths{Every: path}
	}
	if len(s.events.types) < maxTypes {
		s.events.types[strings.Clone(text)] = known
	}
	return known
}

// refusal makes the error that the server reports in an event. Its status is that
// of the event; where it has none it is 200, as for errors inside a stream.
func (s *Socket) refusal(data []byte) *APIError {
	status := http.StatusOK
	for _, name := range [...]string{"status", "status_code"} {
		if n := gjson.GetBytes(data, name).Int(); n >= 400 && n <= 599 {
			status = int(n)
			break
		}
	}
	return newAPIError(s.Name(), status, s.header, data, s.secrets()...)
}
