package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Response is a successful response. A JSON response has been read and is at hand
// in every form, for concurrent use; any other is a stream that its one reader
// closes.
type Response struct {
	operation *schema.Operation
	request   *Bound // without its body, for Coverage
	http      *http.Response
	attempts  int
	form      responseForm
	raw       []byte         // of a JSON response
	schema    *schema.Schema // of the response, nil when the document has none

	// Of Value and Findings, made when they are first asked for.
	valued, compared sync.Once
	value            schema.Value
	findings         []schema.Finding
}

// responseForm is what a response is.
type responseForm int

const (
	formStream responseForm = iota
	formJSON
	formEmpty
)

// ResponseError is a successful status with a response that cannot be used: it is
// not what the document declares, such as a web page or nothing at all, it is not
// the JSON that it says it is, it is larger than allowed, or it broke off. The
// Response that comes with it holds what was received.
type ResponseError struct {
	Operation  string // its ID, or the name of the socket
	RequestID  string
	StatusCode int         // 2xx; 0 where a socket was asked for
	Header     http.Header // of the response; callers must not modify it
	Reason     string
	Body       []byte // what the response begins with, at most 16 KiB, where it is not of the kind that was asked for
	Err        error  // the cause, when there is one
}

// Format prints the error as Error does, whatever the verb, without header and body.
func (e ResponseError) Format(s fmt.State, verb rune) { formatError(s, verb, &e) }

func (e *ResponseError) Error() string {
	text := named(e.Operation) + ": " + e.Reason
	switch cause := e.Err.(type) { // the operation has been named
	case nil:
	case *ConnectionError:
		text += ": " + oneLine(cause.Err.Error(), maxMessage)
	case *AccumulateError:
		text += ": " + oneLine(cause.detail(), maxMessage)
	default:
		text += ": " + oneLine(cause.Error(), maxMessage)
	}
	if e.RequestID != "" {
		text += " (request " + oneLine(e.RequestID, maxName) + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *ResponseError) Unwrap() error { return e.Err }

// StatusCode is the status, 2xx.
func (r *Response) StatusCode() int { return r.http.StatusCode }

// Header is the header of the response; callers must not modify it.
func (r *Response) Header() http.Header { return r.http.Header }

// Operation is the operation that was called.
func (r *Response) Operation() *schema.Operation { return r.operation }

// MediaType is the Content-Type of the response.
func (r *Response) MediaType() string { return r.http.Header.Get("Content-Type") }

// RequestID is what the provider's support asks for, "" when the server sent
// none: its first 100 bytes, in which credentials are masked.
func (r *Response) RequestID() string {
	if r.http.Request == nil {
		return requestID(r.http.Header, nil)
	}
	return requestID(r.http.Header, secrets(r.http.Request))
}

// Attempts is how often the request was sent until this response came.
func (r *Response) Attempts() int { return r.attempts }

// IsJSON reports whether the response is JSON, and thus read.
func (r *Response) IsJSON() bool { return r.form == formJSON }

// Raw is the text of a JSON response, nil for any other. Callers must not modify
// it.
func (r *Response) Raw() []byte { return r.raw }

// String reports what kind of response it is, in one line:
// "retrieveModel: 200 OK, application/json (request req_1)". Raw is its text.
func (r *Response) String() string {
	text := named(r.operation.ID) + ": " + strings.TrimSpace(strconv.Itoa(r.StatusCode())+" "+http.StatusText(r.StatusCode()))
	if media := r.MediaType(); media != "" {
		text += ", " + oneLine(redact(media, r.request.settings.secrets()), maxName)
	}
	if id := r.RequestID(); id != "" {
		text += " (request " + oneLine(id, maxName) + ")"
	}
	return text
}

// GoString is String.
func (r *Response) GoString() string { return r.String() }

// Get returns a part of a JSON response by its path in gjson syntax:
// "choices.0.message.content", "data.#.id".
// WithPathCheck reports a path with a name that the document does not declare.
func (r *Response) Get(path string) gjson.Result {
	got := gjson.GetBytes(r.raw, path)
	if r.request != nil && r.request.settings.onPath != nil {
		r.request.settings.pathCheck(r.operation.ID).check(path, got, r.Value)
	}
	return got
}

// Decode unmarshals a JSON response into v by the rules of encoding/json. An
// empty response leaves v as it is. The error is a *ResponseError.
func (r *Response) Decode(v any) error {
	switch {
	case r.form == formStream:
		return r.fail(fmt.Sprintf("got %.80q, which is not JSON; read Body", r.MediaType()), nil)
	case len(r.raw) == 0:
		return nil
	}
	if err := json.Unmarshal(r.raw, v); err != nil {
		return r.fail(fmt.Sprintf("cannot decode the response into %T", v), err)
	}
	return nil
}

// Value is the response seen through its schema. It is the zero Value when the
// response is not JSON or the document says nothing of it.
func (r *Response) Value() schema.Value {
	if r.schema == nil {
		return schema.Value{}
	}
	r.valued.Do(func() { r.value, _ = r.schema.Decode(r.raw) }) // the syntax has been checked
	return r.value
}

// Findings reports where a JSON response and the document disagree.
func (r *Response) Findings() []schema.Finding {
	if r.schema == nil || r.request.settings.responseTier == schema.Off {
		return nil
	}
	r.compared.Do(func() { r.findings = maskFindings(r.schema.Check(r.raw, asResponse...), r.secrets) })
	return r.findings
}

// Body reads the response: of a JSON response its text, each time from the start, of
// any other the stream itself. The caller closes it.
//
// A body that breaks off is an error where its end is known: it has a Content-Length, is
// chunked, or came by HTTP/2. A server that gives none of these and closes the connection
// cannot be told from one that was cut off (RFC 9112 §6.3): such a download is as long as
// it is, and nothing proves that it is whole.
func (r *Response) Body() io.ReadCloser {
	if r.form == formStream {
		return r.http.Body
	}
	return io.NopCloser(bytes.NewReader(r.raw))
}

// WriteTo copies the response to w and closes it. What Body says of a body without a
// length holds here, too.
func (r *Response) WriteTo(w io.Writer) (int64, error) {
	body := r.Body()
	defer body.Close()
	return io.Copy(w, body)
}

// Close gives up a response that is not read to its end. It is not needed for
// JSON.
func (r *Response) Close() error { return r.http.Body.Close() }

func (r *Response) fail(reason string, err error) *ResponseError {
	secrets := r.secrets()
	if err != nil {
		err = redactError(err, secrets)
	}
	return &ResponseError{
		Operation: r.operation.ID, RequestID: r.RequestID(), StatusCode: r.StatusCode(), Header: maskHeader(r.Header(), secrets),
		Reason: redact(reason, secrets), Err: err,
	}
}

// read takes in the response: JSON whole, up to the limit, anything else as a
// stream that the timeout no longer bounds. One that is not what the document
// declares is an error, see decide and unlike; it is closed, and comes back with
// the error, with its beginning where it is not JSON.
func (b *Bound) read(resp *http.Response) (*Response, error) {
	r := &Response{operation: b.Operation, request: b, http: resp}
	if body, ok := resp.Body.(*responseBody); ok {
		r.attempts = body.failure.Attempts
	}
	want := expect(b.Operation, resp.StatusCode)
	how, reason := b.decide(resp, want)
	switch how {
	case asEmpty:
		r.form = formEmpty
		resp.Body.Close()
		return r, nil
	case asForeign:
		return r, r.foreign(reason)
	case asStream:
		unbound(resp.Body)
		return r, nil
	}
	defer resp.Body.Close()
	r.form = formJSON
	var err error
	if r.raw, err = readAll(resp.Body, resp.ContentLength, b.maxResponse()); err != nil {
		return r, r.fail("the response cannot be used", err)
	}
	return r, b.interpret(r, want)
}

// interpret takes in the text of a JSON response.
func (b *Bound) interpret(r *Response, want expectation) error {
	r.raw = jsonscan.TrimMark(r.raw)
	if len(bytes.TrimSpace(r.raw)) == 0 {
		r.form, r.raw = formEmpty, nil
		if want.body() && r.StatusCode() != http.StatusNoContent {
			return r.refuse(fmt.Sprintf("got an empty body, want %s", want)+r.hint(), nil)
		}
		return nil
	}
	if err := jsonscan.Check(jsonscan.Alias(r.raw), maxDepth); err != nil {
		return b.notJSON(r, want, err)
	}
	if declared, ok := b.Operation.Response(r.StatusCode()); ok {
		r.schema = declaredSchema(declared, r.MediaType())
	}
	if err := r.unlike(want); err != nil {
		return err
	}
	return b.checkResponse(r)
}

// notJSON is the end of a response that calls itself JSON. Where a file is declared
// it is one: JSON lines are served under that name.
func (b *Bound) notJSON(r *Response, want expectation, err error) error {
	if want.other && !isHTML(r.MediaType()) && r.raw[0] != '<' {
		r.http.Body, r.form, r.raw = io.NopCloser(bytes.NewReader(r.raw)), formStream, nil
		return nil
	}
	if bytes.TrimSpace(r.raw)[0] == '<' {
		reason := "got HTML under the name of JSON"
		if said := r.said(r.raw); said != "" {
			reason += ": " + said
		}
		return r.refuse(reason+r.hint(), r.raw)
	}
	failure := r.fail("the response is not JSON", err)
	failure.Body = r.raw[:min(len(r.raw), foreignBytes)]
	return failure
}

// readAll reads up to limit bytes; size is what Content-Length promises, which is
// believed up to 1 MiB before it has come.
func readAll(body io.Reader, size, limit int64) ([]byte, error) {
	if size < 0 || size > 1<<20 {
		size = bytes.MinRead
	}
	text := make([]byte, 0, size+1) // the last byte is for what nobody promised
	for {
		room := text[len(text):cap(text)]
		room = room[:1+min(int64(len(room)-1), limit-int64(len(text)))]
		n, err := readSome(body, room)
		text = text[:len(text)+n]
		switch {
		case int64(len(text)) > limit:
			return text[:limit], fmt.Errorf("it is larger than the %d bytes that WithMaxResponse sets as the limit", limit)
		case err == io.EOF:
			return text, nil
		case err != nil:
			return text, err
		case len(text) == cap(text):
			text = slices.Grow(text, cap(text))
		}
	}
}

// checkResponse validates the response against the document, as the settings say.
func (b *Bound) checkResponse(r *Response) error {
	s := b.settings
	if r.schema == nil || s.responseTier == schema.Off {
		return nil
	}
	if s.onFindings != nil {
		if findings := r.Findings(); len(findings) > 0 {
			s.onFindings(b.plan.name, findings)
		}
	}
	if s.responseTier == schema.Lenient {
		return nil
	}
	err := s.withoutNew(r.schema.Validate(r.raw, s.validation(asResponse, s.responseTier, b.plan.name+" response")...))
	if err == nil {
		return nil
	}
	return redactError(maskInvalid(err, r.secrets()), r.secrets())
}
