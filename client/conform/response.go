package conform

import (
	"fmt"
	"net/http"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/schema"
)

// expectation is what the document says of a response, from its status and header
// alone.
type expectation struct {
	schema *schema.Schema // of the JSON to come, nil where there is nothing to validate
	report Report

	encoding string       // of the bytes to come, "" where they are plain
	events   *eventStream // of a stream whose events are validated, else nil

	// rejects says that a response which breaks the document goes no further. With
	// the status of an error it always does: its reader has to know of the error.
	rejects bool
}

// expect finds what a response to a request is validated against. The report has an Err
// where the response is wrong already, and Skipped where no body can be validated.
func (g *gate) expect(x examined, status int, header http.Header) (e expectation) {
	e.report = x.report
	e.report.Direction, e.report.Status = Response, status
	e.rejects = g.responses.rejects() && status < http.StatusBadRequest
	e.report.Err, e.report.Skipped, e.report.Rejected = nil, "", false
	if x.hr.Method == http.MethodHead || status < 200 || status == http.StatusNoContent || status == http.StatusNotModified {
		return e
	}
	contentType, encoding := header.Get("Content-Type"), encoded(header)
	if contentType == "" && header.Get("Content-Length") == "0" {
		return e
	}
	response, described := x.operation.Response(status)
	if !described {
		e.report.Skipped = fmt.Sprintf("the document describes no response with status %d", status)
		return e
	}
	media, ok := response.MediaType(contentType)
	switch {
	case len(response.Content) == 0:
		e.report.Skipped = fmt.Sprintf("the document describes no body of a response with status %d", status)
	case contentType == "":
		e.report.Skipped = "it has no Content-Type"
	case !ok:
		want := extension.MediaTypes(response.MediaTypes())
		e.report.Err = &mediaTypeError{mask.Line(x.operation.ID, maxSubject), shown(contentType), want}
		e.report.Rejected = e.rejects
	case extension.IsEventStream(contentType) && encoding == "" && e.follow(g, x):
	case !schema.IsJSON(contentType):
		e.report.Skipped = shown(contentType) + " is not JSON"
	case !decodes(encoding):
		e.report.Skipped = "it is encoded: " + encoding
	case media.Schema == nil:
		e.report.Skipped = "the document gives no schema for it"
	default:
		e.schema, e.encoding = media.Schema, encoding
	}
	return e
}

// mediaTypeError is that of a response in a media type that the document does not have there.
type mediaTypeError struct{ operation, got, want string }

func (e *mediaTypeError) Error() string {
	return fmt.Sprintf("%s response: got media type %q, want %s", e.operation, e.got, e.want)
}

// follow finds out how the events of a stream are validated. It reports false where they
// are not.
func (e *expectation) follow(g *gate, x examined) bool {
	e.events = g.eventsOf(x, e.report)
	return e.events != nil
}

// checkResponse validates the body of a response against what is expected of it, and
// reports. The error says why the text is not the whole body.
func (g *gate) checkResponse(e expectation, text []byte, err error) Report {
	if err == nil {
		text, err = decode(text, e.encoding, g.maxBody)
	}
	switch {
	case err != nil:
		e.report.Skipped = err.Error()
	default:
		e.report.Findings, e.report.Err = g.validated(e.schema, text, g.responseOptions(e.report.Operation+" response"))
		e.report.Rejected = e.report.Err != nil && e.rejects
	}
	g.tally(&e.report)
	return g.tell(e.report)
}

// badGateway is the body of the 502 in place of a rejected response.
func badGateway(r Report) []byte {
	return inbound.NewErrorBody("server_error", "invalid_response", "", r.errorText()).JSON()
}
