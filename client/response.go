package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Response is a successful answer. A JSON answer has been read and is at hand
// in every form, for concurrent use; any other is a stream that its one reader
// closes.
type Response struct {
	operation *schema.Operation
	http      *http.Response
	raw       []byte         // of a JSON answer
	schema    *schema.Schema // of the answer, nil when the document has none
	isJSON    bool
	findings  func() []schema.Finding
}

// ResponseError is a successful status with an answer that cannot be used: it is
// larger than allowed, broke off, or is not the JSON that it says it is. The
// Response that comes with it holds what was received.
type ResponseError struct {
	Operation string // its ID
	RequestID string
	Reason    string
	Err       error // the cause, when there is one
}

func (e *ResponseError) Error() string {
	text := e.Operation + ": " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *ResponseError) Unwrap() error { return e.Err }

// StatusCode is the status, 2xx.
func (r *Response) StatusCode() int { return r.http.StatusCode }

// Header is the header of the answer; callers must not modify it.
func (r *Response) Header() http.Header { return r.http.Header }

// Operation is the operation that was called.
func (r *Response) Operation() *schema.Operation { return r.operation }

// MediaType is the Content-Type of the answer.
func (r *Response) MediaType() string { return r.http.Header.Get("Content-Type") }

// RequestID is what the provider's support asks for, "" when the server sent
// none.
func (r *Response) RequestID() string { return requestID(r.http.Header) }

// IsJSON reports whether the answer is JSON, and thus read.
func (r *Response) IsJSON() bool { return r.isJSON }

// Raw is the text of a JSON answer, nil for any other. Callers must not modify
// it.
func (r *Response) Raw() []byte { return r.raw }

// Get returns a part of a JSON answer by its path in gjson syntax:
// "choices.0.message.content", "data.#.id".
func (r *Response) Get(path string) gjson.Result { return gjson.GetBytes(r.raw, path) }

// Decode unmarshals a JSON answer into v by the rules of encoding/json. An
// empty answer leaves v as it is.
func (r *Response) Decode(v any) error {
	if !r.isJSON {
		if r.http.ContentLength == 0 || r.http.StatusCode == http.StatusNoContent {
			return nil
		}
		return r.fail(fmt.Sprintf("got %.80q, which is no JSON to decode; read Body", r.MediaType()), nil)
	}
	if len(r.raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(r.raw, v); err != nil {
		return r.fail(fmt.Sprintf("cannot decode the answer into %T", v), err)
	}
	return nil
}

// Value is the answer seen through its schema. It is the zero Value when the
// answer is not JSON.
func (r *Response) Value() schema.Value {
	if !r.isJSON || r.schema == nil {
		return schema.Value{}
	}
	value, _ := r.schema.Decode(r.raw) // the text was checked when it was read
	return value
}

// Findings tells where a JSON answer and the document disagree.
func (r *Response) Findings() []schema.Finding {
	if r.findings == nil {
		return nil
	}
	return r.findings()
}

// Body reads the answer: of a JSON answer its text, each time from the start, of
// any other the stream itself. The caller closes it.
func (r *Response) Body() io.ReadCloser {
	if r.isJSON {
		return io.NopCloser(bytes.NewReader(r.raw))
	}
	return r.http.Body
}

// WriteTo copies the answer to w and closes it.
func (r *Response) WriteTo(w io.Writer) (int64, error) {
	body := r.Body()
	defer body.Close()
	return io.Copy(w, body)
}

// Close gives up an answer that is not read to its end. It is not needed for
// JSON.
func (r *Response) Close() error { return r.http.Body.Close() }

func (r *Response) fail(reason string, err error) error {
	return &ResponseError{Operation: r.operation.ID, RequestID: r.RequestID(), Reason: reason, Err: err}
}

// read takes in the answer: JSON whole, up to the limit, anything else as a
// stream that the timeout no longer bounds.
func (b *Bound) read(resp *http.Response) (*Response, error) {
	r := &Response{operation: b.Operation, http: resp}
	mediaType := resp.Header.Get("Content-Type")
	declared, hasResponse := b.Operation.Response(resp.StatusCode)
	if hasResponse {
		if media, ok := declared.MediaType(mediaType); ok {
			r.schema = media.Schema
		}
	}
	if resp.StatusCode == http.StatusNoContent || resp.ContentLength == 0 {
		resp.Body.Close()
		return r, nil
	}
	if !schema.IsJSON(mediaType) {
		if body, ok := resp.Body.(*answerBody); ok {
			body.unbound()
		}
		return r, nil
	}
	defer resp.Body.Close()
	r.isJSON = true
	var err error
	if r.raw, err = readAll(resp.Body, resp.ContentLength, b.settings.maxResponse); err != nil {
		return r, r.fail("the answer was not read to its end", err)
	}
	if len(bytes.TrimSpace(r.raw)) == 0 {
		r.raw = nil
		return r, nil
	}
	if err := jsonscan.Check(string(r.raw), maxDepth); err != nil {
		return r, r.fail("the answer is not JSON", err)
	}
	return r, b.judge(r)
}

// errTooLarge is an answer over the limit.
var errTooLarge = errors.New("it is larger than the limit, which WithMaxResponse sets")

// readAll reads up to limit bytes; size is what Content-Length promises.
func readAll(body io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, errTooLarge
	}
	var buf bytes.Buffer
	buf.Grow(int(min(max(size, 0), 1<<20)) + bytes.MinRead)
	n, err := buf.ReadFrom(io.LimitReader(body, limit+1))
	if n > limit {
		return buf.Bytes()[:limit], errTooLarge
	}
	return buf.Bytes(), err
}

// judge holds the answer against the document, as the settings say.
func (b *Bound) judge(r *Response) error {
	s := b.settings
	if r.schema == nil || s.responseTier == schema.Off {
		return nil
	}
	r.findings = sync.OnceValue(func() []schema.Finding { return r.schema.Check(r.raw) })
	if s.onFindings != nil {
		if findings := r.findings(); len(findings) > 0 {
			s.onFindings(b.Operation.ID, findings)
		}
	}
	if s.responseTier == schema.Lenient {
		return nil
	}
	opts := []schema.ValidateOption{schema.WithTier(s.responseTier), schema.WithSubject(b.Operation.ID + " answer")}
	if s.allowUnknown {
		opts = append(opts, schema.AllowUnknown())
	}
	return r.schema.Validate(r.raw, opts...)
}
