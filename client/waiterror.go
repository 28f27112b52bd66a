package client

import (
	"fmt"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// WaitError is a wait that did not come to what it waited for. Response is the last that
// came, with the whole object.
type WaitError struct {
	Operation string        // ID of the operation that was called
	ID        string        // of the object, where it has one
	State     string        // that the object had last; "" before the first look
	Failed    bool          // it is a state of failure
	Unknown   bool          // the document does not know the state
	Vanished  bool          // the object was there and is no more: the server says 404 or 410
	Code      string        // of the reason of a failure, as the server says it; may be empty
	Message   string        // likewise
	Response  *Response     // of the last look that succeeded; nil without one
	Looks     int           // how often the operation was called
	Waited    time.Duration // since Wait was called
	Err       error         // ErrWaitLimit, the end of the context, or why a look failed; nil for Failed and Unknown

	// What WithWaitCancel did when the context ended: the response of the operation that
	// cancels, or why there is none.
	Cancelled *Response
	CancelErr error

	limit time.Duration
}

// Error is one line: the operation, the object, its state, and why that is the end.
//
//	retrieveBatch: batch_1 is "failed": "invalid_json_line": "line 3 is not JSON"
func (e *WaitError) Error() string {
	text := named(e.Operation) + ": " + e.subject()
	switch {
	case e.Failed:
		for _, reason := range []string{e.Code, e.Message} {
			if reason != "" {
				text += fmt.Sprintf(": %.400q", reason)
			}
		}
	case e.Unknown:
		text += ", a state that the document does not know (x-opcall-wait): it was not waited on; WithWaitStates says what it means"
	case e.Vanished:
		text += " and has vanished: " + e.cause()
	case e.Err == ErrWaitLimit:
		text += fmt.Sprintf(" after %v and %s, the limit of the wait (WithWaitLimit); it goes on, and Wait with the same params waits on",
			e.Waited.Round(time.Second), lookCount(e.Looks))
	case e.Err != nil:
		text += ": " + e.cause()
	}
	switch {
	case e.CancelErr != nil:
		text += "; it could not be cancelled: " + oneLine(e.CancelErr.Error(), maxMessage)
	case e.Cancelled != nil:
		text += "; it was cancelled"
	}
	return text
}

// subject is the object and the state that it had last.
func (e *WaitError) subject() string {
	subject := e.ID
	if subject == "" {
		subject = "it"
	}
	switch {
	case e.State == "":
		return subject + " has no known state"
	case e.Failed, e.Unknown:
		return fmt.Sprintf("%s is %.80q", subject, e.State)
	case e.Vanished:
		return fmt.Sprintf("%s was %.80q", subject, e.State)
	}
	return fmt.Sprintf("%s is still %.80q", subject, e.State)
}

// cause is the text of Err without the operation, which has been named.
func (e *WaitError) cause() string {
	return oneLine(strings.TrimPrefix(e.Err.Error(), named(e.Operation)+": "), maxMessage)
}

func lookCount(n int) string {
	if n == 1 {
		return "1 look"
	}
	return fmt.Sprintf("%d looks", n)
}

// Unwrap returns why the wait ended, where that is an error of its own.
func (e *WaitError) Unwrap() error { return e.Err }

// failureReason returns the reason of a failure from the first path that has one: an object
// with code and message, a list of them, or a text.
func failureReason(text []byte, paths, secrets []string) (code, message string) {
	for _, path := range paths {
		reason := gjson.GetBytes(text, path)
		if reason.IsArray() {
			reason = reason.Get("0")
		}
		if reason.IsObject() {
			code, message = firstText(reason, "code", "type"), firstText(reason, "message", "reason", "detail")
			if code == "" && message == "" {
				message = reason.Raw
			}
		} else if reason.Type != gjson.Null {
			message = reason.String()
		}
		if code != "" || message != "" {
			break
		}
	}
	return oneLine(redact(code, secrets), maxName), oneLine(redact(message, secrets), maxMessage)
}

// firstText returns the first member that is a text or a number.
func firstText(object gjson.Result, names ...string) string {
	for _, name := range names {
		if v := object.Get(name); (v.Type == gjson.String || v.Type == gjson.Number) && v.String() != "" {
			return v.String()
		}
	}
	return ""
}
