package client

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// APIError is a response that is not a success: any status but 2xx, or an error
// that the server reported inside a stream. Match it with errors.As.
//
// The texts are the server's own, except that credentials of 8 bytes and more are
// masked; shorter ones are placeholders, such as "none". Body is
// what was received, unmasked: a server may quote the request in it.
type APIError struct {
	StatusCode int
	Type       string        // the kind of error, such as "invalid_request_error"; may be empty
	Code       string        // the precise reason, such as "model_not_found"; numbers in decimal; may be empty
	Param      string        // the parameter that the error is about; JSON when the server sent no string; may be empty
	Message    string        // never empty: without one in the body it is the text of the status
	RequestID  string        // what the provider's support asks for; may be empty
	RetryAfter time.Duration // how long the server asks to wait; 0 when it does not
	Header     http.Header   // of the response, credentials masked
	Body       []byte        // of the response, at most 1 MiB
	Truncated  bool          // the body was longer, or broke off
	Operation  string        // its ID, or the name of the socket
	Attempts   int           // how often the request was sent; 0 inside a stream
}

// Format prints the error as Error does, whatever the verb: %#v, and %v of a copy, would
// otherwise show headers of the response, such as Set-Cookie, and its body.
func (e APIError) Format(s fmt.State, verb rune) { formatError(s, verb, &e) }

// Error is one line: the operation, the status, the code (or else the type),
// the message and, in parentheses, what helps to pursue it.
//
//	createChatCompletion: 429 rate_limit_exceeded: Rate limit reached (request req_123, 3 attempts)
func (e *APIError) Error() string {
	if e.Operation == "" {
		return e.summary()
	}
	return named(e.Operation) + ": " + e.summary()
}

// summary is Error without the operation.
func (e *APIError) summary() string {
	status := strconv.Itoa(e.StatusCode)
	reason := e.Code
	if reason == "" || reason == status {
		reason = e.Type
	}
	if e.success() { // inside a stream the status says nothing
		status = ""
	} else if reason == "" {
		reason = http.StatusText(e.StatusCode)
	}
	text := strings.TrimSpace(status + " " + oneLine(reason, maxName))
	if e.Message != reason {
		text = strings.TrimPrefix(text+": "+oneLine(e.Message, maxMessage), ": ")
	}

	var notes []string
	if e.Param != "" && !strings.Contains(e.Message, e.Param) {
		notes = append(notes, "parameter "+oneLine(e.Param, maxName))
	}
	if e.RequestID != "" {
		notes = append(notes, "request "+oneLine(e.RequestID, maxName))
	}
	if e.Attempts > 1 {
		notes = append(notes, strconv.Itoa(e.Attempts)+" attempts")
	}
	if e.RetryAfter > 0 {
		notes = append(notes, "retry after "+e.RetryAfter.String())
	}
	if len(notes) == 0 {
		return text
	}
	return text + " (" + strings.Join(notes, ", ") + ")"
}

// success reports whether the error came inside a response whose status is 2xx.
func (e *APIError) success() bool { return e.StatusCode >= 200 && e.StatusCode < 300 }

// newAPIError reads a response that is an error, or the error inside a stream
// (status and header are then those of the stream's response, body the event's
// data). It keeps body and header. The secrets are masked in all texts.
func newAPIError(operation string, status int, header http.Header, body []byte, secrets ...string) *APIError {
	p := readProblem(header, body)
	e := &APIError{
		StatusCode: status,
		Type:       redact(p.kind, secrets),
		Code:       redact(p.code, secrets),
		Param:      redact(p.param, secrets),
		Message:    redact(p.message, secrets),
		RequestID:  requestID(header, secrets),
		RetryAfter: retryAfter(header, time.Now()),
		Header:     maskHeader(header, secrets),
		Body:       body,
		Operation:  operation,
	}
	if p.raw {
		e.Message = oneLine(e.Message, maxMessage)
	}
	if e.RequestID == "" {
		e.RequestID = oneLine(redact(p.requestID, secrets), maxName)
	}
	if e.Message != "" {
		return e
	}
	switch text := http.StatusText(status); {
	case e.success() || text == "":
		e.Message = "error without a message"
	default:
		e.Message = text
	}
	return e
}

// requestID returns the server's name for the exchange. The first header is
// OpenAI's, the others are those of compatible hosts and of Azure. It is a server's
// text: one line of at most maxName bytes, with the secrets masked.
func requestID(header http.Header, secrets []string) string {
	for _, name := range [...]string{"X-Request-Id", "Openai-Request-Id", "Request-Id", "Apim-Request-Id"} {
		if id := header.Get(name); id != "" {
			return oneLine(redact(id, secrets), maxName)
		}
	}
	return ""
}
