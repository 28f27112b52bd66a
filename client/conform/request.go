package conform

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strings"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/schema"
)

// examined is a request after its judgement.
type examined struct {
	*http.Request                   // as it was, body unread
	operation     *schema.Operation // nil where there is none
	refusal       *inbound.Refusal  // nil unless the request is rejected
	report        Report
}

// request judges a request and reports.
func (g *gate) request(hr *http.Request) examined {
	method := cmp.Or(hr.Method, http.MethodGet) // "" is GET to a client
	x := examined{Request: hr, report: Report{Direction: Request, Method: method, Path: hr.URL.EscapedPath()}}
	op, path, refusal := inbound.Route(g.doc, g.bases, method, hr.URL)
	rejects := g.unmatched != nil && *g.unmatched == Reject
	if op != nil {
		x.operation, x.report.Operation = op, op.ID
		rejects = g.requests.rejects()
		if g.requests.tier == schema.Off {
			return x
		}
		refusal = g.hold(&x, path)
	}
	if refusal != nil {
		x.report.Err = refusal
		if x.report.Rejected = rejects; rejects {
			x.refusal = refusal
		}
	}
	g.tell(x.report)
	return x
}

// hold holds a request against its operation, the body too where it can be had
// as a whole.
func (g *gate) hold(x *examined, path map[string]string) *inbound.Refusal {
	contentType := x.Header.Get("Content-Type")
	kind := inbound.KindOf(x.operation, contentType)
	encoding := encoded(x.Header)
	switch {
	case kind == inbound.Streamed:
		x.report.Skipped = shown(contentType) + " is neither JSON nor an urlencoded form"
	case kind == inbound.Whole && encoding != "":
		x.report.Skipped = "it is encoded: " + encoding
	case kind == inbound.Whole && x.ContentLength > int64(g.maxBody):
		x.report.Skipped = tooLong(g.maxBody).Error()
	}
	if x.report.Skipped != "" {
		return g.judge.ReadHead(x.Request, x.operation, path)
	}
	text, same, err := copyRequest(x.Request, g.maxBody)
	x.Request = same
	if err != nil && (kind == inbound.Whole || len(text) == 0) {
		x.report.Skipped = err.Error()
		return g.judge.ReadHead(same, x.operation, path)
	}
	read := same.WithContext(same.Context())
	read.Body = io.NopCloser(bytes.NewReader(text))
	_, refusal := g.judge.Read(read, x.operation, path)
	return refusal
}

// encoded returns the Content-Encoding of a body, "" where its bytes are plain.
func encoded(h http.Header) string {
	encoding := strings.ToLower(strings.Join(h.Values("Content-Encoding"), ","))
	if encoding == "identity" {
		return ""
	}
	return bounded(encoding)
}

// shown is a media type without its parameters.
func shown(contentType string) string {
	name, _, _ := strings.Cut(contentType, ";")
	return bounded(strings.ToLower(strings.TrimSpace(name)))
}

// bounded cuts what a message quotes of a header.
func bounded(text string) string {
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}
