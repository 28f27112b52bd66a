package conform

import (
	"bytes"
	"io"
	"net/http"
	"strconv"

	"github.com/opcall/opcall/schema"
)

// Transport is an http.RoundTripper that validates requests and their responses
// against a document. It is safe for concurrent use and starts no goroutines.
type Transport struct {
	gate *gate
	next http.RoundTripper
}

// NewTransport returns a Transport that sends by next, http.DefaultTransport
// where that is nil. What it does with messages is in the package comment. The
// document must not be nil: every request would fail.
func NewTransport(doc *schema.Document, next http.RoundTripper, opts ...Option) *Transport {
	if next == nil {
		next = http.DefaultTransport
	}
	return &Transport{newGate(doc, schema.Lenient, opts), next}
}

// RoundTrip sends a request that the document allows and returns its response. The
// error is an *Error where the request or the response is rejected, else that of
// the underlying RoundTripper.
func (t *Transport) RoundTrip(hr *http.Request) (*http.Response, error) {
	if t.gate.doc == nil {
		closeBody(hr)
		return nil, errNoDocument
	}
	if hr.URL == nil {
		return t.next.RoundTrip(hr) // which says so
	}
	x := t.gate.request(hr)
	if x.refusal != nil {
		closeBody(x.hr) // which closes that of hr, too
		return t.rejected(hr, x.report, x.refusal.Status, x.refusal.Header(), x.refusal.Body().JSON())
	}
	resp, err := t.next.RoundTrip(x.hr)
	if refused := x.form.refusal(); refused != nil {
		if err == nil {
			resp.Body.Close()
		}
		return t.rejected(hr, refused.report, refused.refusal.Status, nil, refused.refusal.Body().JSON())
	}
	if err != nil {
		return resp, err
	}
	if x.hr != hr {
		resp.Request = hr
	}
	if x.operation == nil || t.gate.responses.tier == schema.Off {
		return resp, nil
	}
	return t.checked(x, hr, resp)
}

// checked validates a response, at once or when it has been read.
func (t *Transport) checked(x examined, hr *http.Request, resp *http.Response) (*http.Response, error) {
	e := t.gate.expect(x, resp.StatusCode, resp.Header)
	report := e.report
	switch {
	case e.events != nil:
		resp.Body = &eventBody{resp.Body, e.events}
	case e.schema == nil:
		report = t.gate.tell(report)
	case !e.rejects:
		resp.Body = &tap{
			body: resp.Body, limit: t.gate.maxBody,
			check: func(text []byte, err error) { t.gate.checkResponse(e, text, err) },
		}
	default:
		text, body, err := readAhead(resp.Body, t.gate.maxBody)
		resp.Body = body
		report = t.gate.checkResponse(e, text, err)
	}
	if !report.Rejected {
		return resp, nil
	}
	resp.Body.Close()
	return t.rejected(hr, report, http.StatusBadGateway, nil, badGateway(report))
}

// rejected is what the caller gets in place of the response.
func (t *Transport) rejected(hr *http.Request, r Report, status int, header http.Header, body []byte) (*http.Response, error) {
	if !t.gate.errorResponses {
		return nil, &Error{r}
	}
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Should-Retry", "false")
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)), Request: hr,
	}, nil
}

// eventBody is a stream whose events are validated as they are read.
type eventBody struct {
	io.ReadCloser
	events *eventStream
}

// Read reads on.
func (b *eventBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.events.add(p[:n])
	if err != nil && err != io.EOF {
		b.events.finish(err)
	}
	return n, err
}

// CloseIdleConnections does what http.Client.CloseIdleConnections asks for, where
// the underlying RoundTripper can.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func closeBody(hr *http.Request) {
	if hr.Body != nil {
		hr.Body.Close()
	}
}
