package inbound

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/internal/order"
	"github.com/opcall/opcall/schema"
)

// MaxBody is how long a JSON body, or the fields of a form, may be.
const MaxBody = 64 << 20

// Validator validates requests against the operations of one document. The zero Validator
// validates them in the Standard tier; it is safe for concurrent use and keeps what
// it learns of schemas.
type Validator struct {
	Tier          schema.Tier // Lenient is validated as Standard is; Off checks the form of a request, not its values
	UnknownFields bool        // as schema.WithUnknownFields, of query parameters too
	Keep          int         // bytes of each body and file that a Request has
	KeepFiles     int         // bytes of all files of a form together that a Request has; 0 sets no limit
	KeepWhole     bool        // a Request has the whole of a JSON or form body, whatever Keep says
	NamedFiles    bool        // a part whose schema is that of bytes must have a file name

	shapes shapes
}

// Request is what a request holds, read by its operation.
type Request struct {
	Parameters []Parameter // found in path, query, header and cookies, in the document's order
	Body       []byte      // as sent, of a form the object that its fields make; cut to Keep
	Size       int64       // of the body, as sent
	Parts      []Part      // of a multipart body, in order
}

// Parameter is a value outside the body.
type Parameter struct {
	Name  string          // as the document has it
	In    string          // "path", "query", "header" or "cookie"
	Value json.RawMessage // typed by the parameter's schema
}

// Part is one part of a multipart body (RFC 7578).
type Part struct {
	Name        string
	FileName    string // "" for a value
	ContentType string
	Size        int64
	Content     []byte // cut
}

// reception is a request that is being validated against its operation.
type reception struct {
	*Request
	validator *Validator
	http      *http.Request
	op        *schema.Operation
	path      map[string]string
	invalid   schema.ValidationError
}

func (j *Validator) receive(hr *http.Request, op *schema.Operation, path map[string]string) *reception {
	return &reception{
		Request: &Request{}, validator: j, http: hr, op: op, path: path,
		invalid: schema.ValidationError{Subject: op.ID},
	}
}

// Read reads the body of a request, which must not be nil, and validates the whole.
// Path holds the texts of the path parameters, as Route returns them.
func (j *Validator) Read(hr *http.Request, op *schema.Operation, path map[string]string) (*Request, *Refusal) {
	rx := j.receive(hr, op, path)
	if refusal := rx.readParameters(); refusal != nil {
		return rx.Request, refusal
	}
	if refusal := rx.readBody(); refusal != nil {
		return rx.Request, refusal
	}
	rx.checkHeaders()
	return rx.Request, rx.refusal()
}

// ReadHead validates a request by all but its body, which it does not touch.
func (j *Validator) ReadHead(hr *http.Request, op *schema.Operation, path map[string]string) *Refusal {
	rx := j.receive(hr, op, path)
	if refusal := rx.readParameters(); refusal != nil {
		return refusal
	}
	rx.checkHeaders()
	return rx.refusal()
}

func (rx *reception) refusal() *Refusal {
	if len(rx.invalid.Problems) == 0 {
		return nil
	}
	order.Sort(rx.invalid.Problems, func(a, b schema.Problem) int { return strings.Compare(string(a.Pointer), string(b.Pointer)) })
	return Invalid(&rx.invalid)
}

// validate checks a value against its schema in the tier of the settings.
func (rx *reception) validate(s *schema.Schema, instance any) error {
	tier := rx.validator.Tier
	if tier == schema.Lenient {
		tier = schema.Standard
	}
	opts := []schema.ValidateOption{schema.WithTier(tier), schema.WithDirection(schema.DirectionRequest)}
	if rx.validator.UnknownFields {
		opts = append(opts, schema.WithUnknownFields())
	}
	return s.Validate(instance, opts...)
}

// anyQuery reports whether query parameters that nothing declares are let
// through. By the letter of OpenAPI no request is wrong for having one.
func (j *Validator) anyQuery() bool {
	return j.UnknownFields || j.Tier == schema.Strict || j.Tier == schema.Off
}

// checkHeaders asks for the headers that the document says every request of the
// operation needs: x-opcall-headers.
func (rx *reception) checkHeaders() {
	for _, h := range extension.Headers(rx.op) {
		got := strings.Join(rx.http.Header.Values(h.Name), ",")
		if slices.ContainsFunc(strings.Split(got, ","), func(item string) bool { return strings.TrimSpace(item) == h.Value }) {
			continue
		}
		message := fmt.Sprintf("missing header %.100q", h.Name+": "+h.Value)
		if got != "" {
			message = fmt.Sprintf("got header %.100q, want %.100q", h.Name+": "+got, h.Name+": "+h.Value)
		}
		rx.problem(schema.Pointer("").Append(h.Name), "required", "%s", message)
		rx.invalid.Problems[len(rx.invalid.Problems)-1].In = "header"
	}
}

// named is the name of an operation at the head of a message: a document may give it any.
func named(op *schema.Operation) string { return mask.Line(op.ID, 100) }

// problem notes what is wrong with a part of the request.
func (rx *reception) problem(at schema.Pointer, keyword, format string, args ...any) {
	rx.invalid.Problems = append(rx.invalid.Problems, schema.Problem{
		Pointer: at, Keyword: keyword, Message: fmt.Sprintf(format, args...),
	})
}

// note notes the problems of a value that stands at a pointer of the request.
func (rx *reception) note(at schema.Pointer, err error) {
	var part *schema.ValidationError
	switch {
	case err == nil:
	case !errors.As(err, &part):
		rx.problem(at, "", "%v", err)
	default:
		for _, p := range part.Problems {
			p.Pointer = at + p.Pointer
			rx.invalid.Problems = append(rx.invalid.Problems, p)
		}
		rx.invalid.More += part.More
		if rx.invalid.Err == nil {
			rx.invalid.Err = part.Err
		}
	}
}
