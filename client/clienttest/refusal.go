package clienttest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/opcall/opcall/schema"
)

// Refusal is why a request got no success: it breaks the document.
type Refusal struct {
	Status  int    // 400, 401, 404, 405, 413 or 415
	Code    string // "unknown_url", "invalid_api_key", "missing_required_parameter" …
	Param   string // place of the first problem: "limit", "messages.0.content"; "" for the whole
	Message string
	Err     error // a *schema.ValidationError with every problem, nil where the request got not that far

	allow []string // methods, of a 405
}

// Error is the message.
func (r *Refusal) Error() string { return r.Message }

// Unwrap returns the verdict on the request, when there is one.
func (r *Refusal) Unwrap() error { return r.Err }

// answer is the refusal as the API would put it.
func (r *Refusal) answer() Answer {
	a := errorAnswer(r.Status, "invalid_request_error", r.Code, r.Param, r.Message)
	if len(r.allow) > 0 {
		a.Header = http.Header{"Allow": {strings.Join(r.allow, ", ")}}
	}
	return a
}

// invalid is the refusal of a request whose parts break their schemas.
func invalid(fault *schema.ValidationError) *Refusal {
	r := &Refusal{Status: http.StatusBadRequest, Code: "invalid_value", Message: fault.Error(), Err: fault}
	first := fault.Problems[0]
	tokens := first.Pointer.Tokens()
	switch first.Keyword {
	case "required":
		r.Code = "missing_required_parameter"
		if first.Want != "" {
			tokens = append(tokens, first.Want)
		}
	case "unevaluatedProperties", "additionalProperties":
		r.Code = "unknown_parameter"
	case "type":
		r.Code = "invalid_type"
	}
	r.Param = strings.Join(tokens, ".")
	return r
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
	type failure struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	}
	return Answer{Status: status, Body: map[string]failure{"error": {message, kind, orNull(param), orNull(code)}}}
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
