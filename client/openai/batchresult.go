package openai

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/order"
	"github.com/opcall/opcall/schema"
)

// batchOutputComponent is the component that a line of results is an instance of.
const batchOutputComponent = "BatchRequestOutput"

// BatchResult is what came of a call of a batch.
type BatchResult struct {
	CustomID  string
	BatchID   string
	Operation string // ID of the operation that was called

	// Response is that of the call, as Call returns it: Get, Value, Decode and Findings
	// read it, and client.Decode. It is nil where there is none, because the call failed.
	Response *client.Response

	// Err is nil for a success. A call that the API refused is an *client.APIError, a
	// response that is not what the document declares a *client.ResponseError or
	// *schema.ValidationError, beside Response, as of Call. A call that was not carried
	// out is a *BatchError, a line that is not a result of any call a *BatchLineError.
	Err error

	// Findings is where the line around the response and the document disagree.
	Findings []schema.Finding
}

// BatchError reports a call that was not carried out, because its batch expired, failed
// or was cancelled, or for a reason of the server's.
type BatchError struct {
	BatchID  string
	CustomID string
	Status   string // of the batch: "expired", "failed", "cancelled", "completed"
	Code     string // as the server says it, such as "batch_expired"; "" where there is no line for the call
	Message  string // likewise
}

func (e *BatchError) Error() string {
	text := fmt.Sprintf("batch %.80s: call %.80q", e.BatchID, e.CustomID)
	if e.Code == "" && e.Message == "" {
		return text + fmt.Sprintf(" has no result; the batch is %.40q", e.Status)
	}
	text += " was not carried out"
	if e.Code != "" {
		text += fmt.Sprintf(": %.80q", e.Code)
	}
	if e.Message != "" {
		text += fmt.Sprintf(": %.400q", e.Message)
	}
	return text
}

// BatchLineError reports a line of the output that is not a result of a call. The other
// lines are not affected.
type BatchLineError struct {
	BatchID  string
	FileID   string
	Line     int // from 1
	CustomID string
	Reason   string
	Text     string // of the line, the first 200 bytes
}

// shownLine is how much of a line an error keeps, in bytes.
const shownLine = 200

func (e *BatchLineError) Error() string {
	return fmt.Sprintf("batch %.80s: line %d of %.80s: %s", e.BatchID, e.Line, e.FileID, e.Reason)
}

// withoutResult is the error of a call that no line is about. Where the batch failed
// because of one of its lines, the error of that line is it.
func (o *batchOutput) withoutResult(id string, line int) *BatchError {
	e := &BatchError{BatchID: o.job.id, CustomID: id, Status: o.batch.Get("status").String()}
	problems := o.batch.Get("errors.data").Array()
	i := slices.IndexFunc(problems, func(p gjson.Result) bool { return p.Get("line").Int() == int64(line) })
	switch {
	case i >= 0:
		e.Code, e.Message = problems[i].Get("code").String(), problems[i].Get("message").String()
	case len(problems) > 0:
		e.Code, e.Message = problems[0].Get("code").String(), problems[0].Get("message").String()
		if n := problems[0].Get("line"); n.Type == gjson.Number {
			e.Message = fmt.Sprintf("line %d: %s", n.Int(), e.Message)
		}
	}
	return e
}

// stray is a line that no call has asked for.
func (o *batchOutput) stray(text string, at lineAt) BatchResult {
	id := idOf([]byte(text))
	reason := fmt.Sprintf("no call of the batch has the custom_id %.80q", id)
	switch {
	case at.again:
		reason = fmt.Sprintf("the call %.80q has had a result already", id)
	case id == "":
		reason = "got no custom_id, by which results are known"
	}
	result := o.read(text, at)
	result.Err = o.lineError(text, at, id, reason)
	return result
}

func (o *batchOutput) lineError(text string, at lineAt, id, reason string) *BatchLineError {
	return &BatchLineError{
		BatchID: o.job.id, FileID: o.files[at.file].id, Line: int(at.number), CustomID: id, Reason: reason,
		Text: strings.Clone(text[:min(len(text), shownLine)]),
	}
}

// read reads a line of the output.
func (o *batchOutput) read(text string, at lineAt) BatchResult {
	result := BatchResult{BatchID: o.job.id, Operation: o.operation}
	if err := jsonscan.Check(text, maxFirstLine); err != nil {
		result.Err = o.lineError(text, at, "", "it is not JSON: "+err.Error())
		return result
	}
	line := gjson.Parse(text)
	result.CustomID = line.Get("custom_id").String()
	if result.Findings = o.check(text); !line.IsObject() {
		result.Err = o.lineError(text, at, "", fmt.Sprintf("got %s, want an object", jsonscan.TypeName(text)))
		return result
	}
	response, problem := line.Get("response"), line.Get("error")
	status := int(response.Get("status_code").Int())
	switch {
	case problem.IsObject() && (status == 0 || status >= 200 && status < 300):
		result.Err = &BatchError{
			BatchID: o.job.id, CustomID: result.CustomID, Status: o.batch.Get("status").String(),
			Code: problem.Get("code").String(), Message: problem.Get("message").String(),
		}
	case !response.IsObject() || status == 0:
		result.Err = o.lineError(text, at, result.CustomID, "got neither a response with a status_code nor an error")
	default:
		result.Response, result.Err = o.response(status, response)
	}
	return result
}

// check compares a line with the document.
func (o *batchOutput) check(text string) []schema.Finding {
	component, err := o.client.Document().Component(batchOutputComponent)
	if err != nil {
		return nil // the document says nothing of it
	}
	return component.Check([]byte(text))
}

// response reads the response within a line as that of a call.
func (o *batchOutput) response(status int, response gjson.Result) (*client.Response, error) {
	header := http.Header{}
	if id := response.Get("request_id").String(); id != "" {
		header.Set("X-Request-Id", id)
	}
	body := response.Get("body").Raw
	if body != "" {
		header.Set("Content-Type", "application/json")
	}
	return o.client.ReadResponse(o.operation, &http.Response{
		StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)),
	}, o.options...)
}

func sortLines(list []lineAt) {
	order.Sort(list, func(a, b lineAt) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.number, b.number))
	})
}
