package inbound

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/opcall/opcall/schema"
)

// Refusal is why a request gets no success: it breaks the document.
type Refusal struct {
	Status  int    // 400, 404, 405, 413 or 415; 500 where the document has an error
	Code    string // "unknown_url", "missing_required_parameter" …
	Param   string // place of the first problem: "limit", "messages.0.content"; "" for the whole
	Message string
	Err     error    // a *schema.ValidationError with every problem, nil where the request got not that far
	Allow   []string // methods, of a 405

	// Unchecked says that nothing is known to be wrong with the request, but that it
	// cannot be validated.
	Unchecked bool
}

// Error is the message.
func (r *Refusal) Error() string { return r.Message }

// Unwrap returns the result on the request, when there is one.
func (r *Refusal) Unwrap() error { return r.Err }

// Body is the refusal as the API would put it.
func (r *Refusal) Body() ErrorBody {
	return NewErrorBody("invalid_request_error", r.Code, r.Param, r.Message)
}

// Header is what a response with the refusal has besides its body.
func (r *Refusal) Header() http.Header {
	if len(r.Allow) == 0 {
		return nil
	}
	return http.Header{"Allow": {strings.Join(r.Allow, ", ")}}
}

// ErrorBody is an error in the form of the OpenAI API.
type ErrorBody struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   *string `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

// NewErrorBody returns an error whose param and code are null where they are "".
func NewErrorBody(kind, code, param, message string) (body ErrorBody) {
	body.Error.Message, body.Error.Type = message, kind
	body.Error.Param, body.Error.Code = orNull(param), orNull(code)
	return body
}

// JSON returns the text of the error.
func (b ErrorBody) JSON() []byte {
	text, _ := json.Marshal(b) // strings always encode
	return text
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Invalid is the refusal of a request whose parts break their schemas: the result
// must have a problem.
func Invalid(invalid *schema.ValidationError) *Refusal {
	r := &Refusal{Status: http.StatusBadRequest, Code: "invalid_value", Message: invalid.Error(), Err: invalid}
	first := invalid.Problems[0]
	tokens := first.Pointer.Tokens()
	switch first.Keyword {
	case "required":
		r.Code = "missing_required_parameter"
		absent := first.In != "" && len(tokens) == 1 && tokens[0] == first.Want // a whole parameter
		if first.Want != "" && !absent {
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
