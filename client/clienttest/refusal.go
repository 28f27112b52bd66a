package clienttest

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/opcall/opcall/client/internal/inbound"
)

// Refusal is why a request got no success: it breaks the document.
type Refusal struct {
	Status  int    // 400, 401, 404, 405, 413, 415 or 429
	Code    string // "unknown_url", "invalid_api_key", "missing_required_parameter" …
	Param   string // place of the first problem: "limit", "messages.0.content"; "" for the whole
	Message string
	Err     error // a *schema.ValidationError with every problem, nil where the request got not that far

	kind   string      // type of the error, "invalid_request_error" where it is ""
	header http.Header // of the response
}

// Error is the message.
func (r *Refusal) Error() string { return r.Message }

// Unwrap returns the result on the request, when there is one.
func (r *Refusal) Unwrap() error { return r.Err }

// newRefusal returns nil for nil.
func newRefusal(r *inbound.Refusal) *Refusal {
	if r == nil {
		return nil
	}
	return &Refusal{Status: r.Status, Code: r.Code, Param: r.Param, Message: r.Message, Err: r.Err, header: r.Header()}
}

// answer returns the refusal as the API would put it.
func (r *Refusal) answer() Answer {
	a := errorAnswer(r.Status, cmp.Or(r.kind, "invalid_request_error"), r.Code, r.Param, r.Message)
	a.Header = r.header
	return a
}

// ErrorAnswer returns an error as the API writes it:
//
//	server.Respond("createResponse", clienttest.ErrorAnswer(429, "rate_limit_exceeded", "Slow down."), clienttest.Answer{})
//
// is one that a retry gets over. The empty message is the status's own text.
func ErrorAnswer(status int, code, message string) Answer {
	kind := "invalid_request_error"
	switch {
	case code == "insufficient_quota":
		kind = code
	case status == http.StatusTooManyRequests:
		kind = "rate_limit_error"
	case status >= 500:
		kind = "server_error"
	}
	if message == "" {
		message = fmt.Sprintf("%d %s", status, http.StatusText(status))
	}
	return errorAnswer(status, kind, code, "", message)
}

func errorAnswer(status int, kind, code, param, message string) Answer {
	return Answer{Status: status, Body: inbound.NewErrorBody(kind, code, param, message)}
}
