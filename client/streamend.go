package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	sse "github.com/opcall/opcall/stream"
)

// ErrStreamClosed is the cause of the *TruncatedError of a stream that was closed
// before its end.
var ErrStreamClosed = errors.New("the stream was closed")

// TruncatedError is a stream that stopped before its end: the connection broke
// off or was closed, the context ended, the server fell silent, or simply did not
// send what ends the stream. What was delivered until then is complete; an event
// of which only a part arrived is not delivered.
type TruncatedError struct {
	Operation string // its ID
	RequestID string // what the provider's support asks for; may be empty
	Events    int    // how many were delivered
	Sequence  int64  // number that the last one had; -1 when the API does not number them
	EventID   string // last event ID (WHATWG HTML §9.2); may be empty
	Partial   bool   // it stopped within an event
	Err       error  // what stopped it; nil when the server just ended the stream
}

func (e *TruncatedError) Error() string {
	text := named(e.Operation) + ": the stream was cut off after " + eventCount(e.Events)
	if e.Sequence >= 0 {
		text += " (the last is number " + strconv.FormatInt(e.Sequence, 10) + ")"
	}
	if e.Partial {
		text += ", within the next"
	}
	cause := e.Err
	if broken, ok := cause.(*ConnectionError); ok {
		cause = broken.Err // the operation has been named
	}
	if cause != nil {
		text += ": " + oneLine(cause.Error(), maxMessage)
	}
	if e.RequestID != "" {
		text += " (request " + oneLine(e.RequestID, maxName) + ")"
	}
	return text
}

// eventCount is "1 event" or "2 events".
func eventCount(n int) string {
	if n == 1 {
		return "1 event"
	}
	return strconv.Itoa(n) + " events"
}

// Unwrap returns what stopped the stream.
func (e *TruncatedError) Unwrap() error { return e.Err }

// EventError is one event of a stream or socket that cannot be used: it is not
// JSON, it is larger than allowed, or it breaks the tier that
// WithResponseValidation asks for. Err says which; errors.As finds a
// *stream.EventTooLargeError or *EventLimitError, or a *schema.ValidationError, for
// the last two. Credentials are masked in its text. Data is what was received,
// unmasked, except of an event that is too large.
type EventError struct {
	Operation string // ID of the operation, or name of the socket
	RequestID string // may be empty
	Index     int    // in the stream or on the socket, from 0
	Type      string // may be empty
	Data      []byte
	Err       error
}

func (e *EventError) Error() string {
	text := fmt.Sprintf("%s: event %d", named(e.Operation), e.Index)
	cause := e.Err.Error()
	if e.Type != "" {
		text += " (" + oneLine(e.Type, maxName) + ")"
		cause = strings.TrimPrefix(cause, e.Type+": ") // the subject of a *schema.ValidationError
	}
	text += ": " + oneLine(cause, maxMessage)
	if e.RequestID != "" {
		text += " (request " + oneLine(e.RequestID, maxName) + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *EventError) Unwrap() error { return e.Err }

// largeEventError is a *stream.EventTooLargeError that names the setting of a
// client.
type largeEventError struct{ cause *sse.EventTooLargeError }

func (e *largeEventError) Error() string {
	return fmt.Sprintf("it has more than %d bytes, which WithMaxResponse sets as the limit", e.cause.Limit)
}

func (e *largeEventError) Unwrap() error { return e.cause }

// cut makes the error of a stream that stopped, whatever it was that the body
// reported when the stream was closed or its context ended.
func (s *Stream) cut(cause error) *TruncatedError {
	if s.isClosed() {
		cause = ErrStreamClosed
	} else if ended := contextError(s.request.Context()); ended != nil {
		cause = ended
	}
	e := &TruncatedError{
		Operation: s.bound.Operation.ID, RequestID: s.RequestID(),
		Events: s.delivered, Sequence: s.sequence, Err: cause,
	}
	if s.decoder != nil {
		e.EventID = s.decoder.LastEventID()
	}
	return e
}

// eventError makes the error of an event that cannot be used.
func (s *Stream) eventError(eventType string, data []byte, cause error) *EventError {
	s.index++
	secrets := s.secrets()
	return &EventError{
		Operation: s.bound.Operation.ID, RequestID: s.RequestID(), Index: s.index - 1,
		Type: redact(eventType, secrets), Data: data, Err: redactError(cause, secrets),
	}
}

// refusal makes the error that the server reports in the stream.
func (s *Stream) refusal(data []byte) *APIError {
	return newAPIError(s.bound.Operation.ID, s.response.StatusCode, s.response.Header, data, s.secrets()...)
}

// secrets returns every credential that the server may quote.
func (s *Stream) secrets() []string {
	return secretsOf(s.request, s.bound.settings)
}
