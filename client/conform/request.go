package conform

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/schema"
)

// examined is a request after its validation.
type examined struct {
	hr        *http.Request     // as it was, body unread
	operation *schema.Operation // nil where the document has none
	refusal   *inbound.Refusal  // nil unless the request is rejected
	socket    *extension.Socket // of a handshake, else nil
	form      *formBody         // of a body that is validated while it is read, else nil
	report    Report
}

// request validates a request and reports.
func (g *gate) request(hr *http.Request) examined {
	method := cmp.Or(hr.Method, http.MethodGet) // "" is GET to a client
	x := examined{hr: hr, report: Report{Direction: Request, Method: method, Path: hr.URL.EscapedPath(), request: hr}}
	if socket := inbound.Socket(g.doc, g.bases, hr); socket != nil {
		return g.handshake(x, socket)
	}
	op, path, refusal := inbound.Route(g.doc, g.bases, method, hr.URL)
	action := Pass
	switch {
	case op != nil:
		x.operation, x.report.Operation = op, op.ID
		if g.requests.tier == schema.Off {
			return x
		}
		refusal, action = g.validate(&x, path)
	case method == http.MethodOptions && (refusal.Status == http.StatusMethodNotAllowed || hr.URL.Path == "*"):
		return x // a server's own business (RFC 9110 §9.3.7), such as a browser's preflight
	case refusal.Unchecked:
		x.report.Skipped = "the document has an error in the operation"
		action = *g.unchecked
	case g.unmatched != nil:
		action = *g.unmatched
	}
	return g.decide(x, refusal, action)
}

// handshake validates the request that opens a WebSocket. What goes through it
// afterwards is not looked at.
func (g *gate) handshake(x examined, socket *extension.Socket) examined {
	x.report.Operation = socket.Name
	if g.requests.tier == schema.Off {
		return x
	}
	x.socket = socket
	if !g.events {
		x.report.Skipped = "the events of a WebSocket are not looked at"
	}
	return g.decide(x, g.requestCheck.Handshake(x.hr, socket), g.requests.effect())
}

// decide reports, and rejects a request where there is a refusal.
func (g *gate) decide(x examined, refusal *inbound.Refusal, action Action) examined {
	if g.counted != nil {
		seen := x.report
		if refusal != nil {
			seen.Err = refusal
		}
		g.counted(&seen)
	}
	if refusal == nil {
		x.report = g.tell(x.report)
		return x
	}
	x.report.Err, x.report.Rejected = refusal, action == Reject
	x.report = g.tell(x.report)
	if action == Reject {
		rejected := *refusal
		rejected.Message, rejected.Param = x.report.errorText(), mask.Line(rejected.Param, maxSubject)
		if g.withoutValues {
			rejected.Param = ""
		}
		x.refusal = &rejected
	}
	return x
}

// validate validates a request, the body too where it can be. The action is what
// happens to the request if it is refused.
func (g *gate) validate(x *examined, path map[string]string) (*inbound.Refusal, Action) {
	contentType, encoding := x.hr.Header.Get("Content-Type"), encoded(x.hr.Header)
	kind := inbound.KindOf(x.operation, contentType)
	checked := kind == inbound.BodyWhole || kind == inbound.BodyMultipart
	whole := kind == inbound.BodyWhole || encoding != ""
	if name, method := overridden(x.hr); name != "" {
		return g.uncheckable(x, path, http.StatusMethodNotAllowed, "method_not_supported", fmt.Sprintf("%s asks for another method: %.20q", name, method))
	}
	switch reason := ambiguous(x.hr.Header, encoding); {
	case checked && reason != "":
		return g.uncheckable(x, path, http.StatusUnsupportedMediaType, "unsupported_media_type", reason)
	case kind == inbound.BodyOpaque:
		x.report.Skipped = shown(contentType) + " is neither JSON nor a form"
		return g.requestCheck.ReadHead(x.hr, x.operation, path), g.requests.effect()
	case checked && !whole && x.hr.GetBody != nil:
		return g.readAgain(x, path)
	case checked && !whole && x.hr.ContentLength > int64(g.maxBody):
		return g.stream(x, path)
	case checked && x.hr.ContentLength > int64(g.maxBody):
		return g.uncheckable(x, path, http.StatusRequestEntityTooLarge, "request_too_large", tooLong(g.maxBody).Error())
	}
	text, same, err := copyRequest(x.hr, g.maxBody)
	x.hr = same
	switch {
	case err == nil && checked:
		return g.readText(x, path, text, encoding)
	case err == nil || !checked && len(text) > 0:
		return g.read(x, path, io.NopCloser(bytes.NewReader(text))), g.requests.effect()
	case len(text) > g.maxBody && !whole:
		return g.stream(x, path)
	case len(text) > g.maxBody:
		return g.uncheckable(x, path, http.StatusRequestEntityTooLarge, "request_too_large", err.Error())
	}
	x.report.Skipped = err.Error() // whoever reads the body next gets the same error
	return g.requestCheck.ReadHead(same, x.operation, path), g.requests.effect()
}

// overridden returns the header by which a request asks a server to take it for one of
// another method. There are servers that do.
func overridden(hr *http.Request) (name, method string) {
	for _, name := range []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"} {
		if method := hr.Header.Get(name); method != "" && !strings.EqualFold(method, cmp.Or(hr.Method, http.MethodGet)) {
			return name, method
		}
	}
	return "", ""
}

// ambiguous says why others may read the bytes of a body in another way than they are
// validated, "" where nothing says so.
func ambiguous(h http.Header, encoding string) string {
	if n := len(h.Values("Content-Type")); n > 1 {
		return fmt.Sprintf("it has %d Content-Types", n)
	}
	if !decodes(encoding) {
		return "it is encoded: " + encoding
	}
	_, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if charset := strings.ToLower(params["charset"]); err == nil && charset != "" && charset != "utf-8" && charset != "us-ascii" {
		return "its charset is " + bounded(charset)
	}
	return ""
}

// readText validates a request whose body was read, decoded where it is encoded.
func (g *gate) readText(x *examined, path map[string]string, text []byte, encoding string) (*inbound.Refusal, Action) {
	plain, err := decode(text, encoding, g.maxBody)
	switch {
	case errors.Is(err, errTooLong):
		return g.uncheckable(x, path, http.StatusRequestEntityTooLarge, "request_too_large", err.Error())
	case err != nil:
		return g.uncheckable(x, path, http.StatusBadRequest, "invalid_body", err.Error())
	}
	return g.read(x, path, io.NopCloser(bytes.NewReader(plain))), g.requests.effect()
}

// readAgain validates a form by a second body, so that files of any length go by.
// The bodies of a request may share what they read from: a third one is sent.
func (g *gate) readAgain(x *examined, path map[string]string) (*inbound.Refusal, Action) {
	second, err := x.hr.GetBody()
	if err == nil {
		refusal := g.read(x, path, second)
		second.Close()
		third, failed := x.hr.GetBody()
		if err = failed; err == nil {
			x.hr.Body.Close()
			x.hr = x.hr.WithContext(x.hr.Context())
			x.hr.Body = third
			return refusal, g.requests.effect()
		}
	}
	return g.uncheckable(x, path, http.StatusBadRequest, "invalid_body", "it cannot be read again: "+err.Error())
}

// read validates the whole of a request with a second body, and leaves its own.
func (g *gate) read(x *examined, path map[string]string, body io.ReadCloser) *inbound.Refusal {
	read := x.hr.WithContext(x.hr.Context())
	read.Body = body
	_, refusal := g.requestCheck.Read(read, x.operation, path)
	return refusal
}

// uncheckable validates all of a request but its body. If that is valid, what
// happens is up to WithUnchecked.
func (g *gate) uncheckable(x *examined, path map[string]string, status int, code, reason string) (*inbound.Refusal, Action) {
	what := "the body"
	if status == http.StatusMethodNotAllowed {
		what = "the request"
	}
	x.report.Skipped = reason
	if refusal := g.requestCheck.ReadHead(x.hr, x.operation, path); refusal != nil {
		return refusal, g.requests.effect()
	}
	if *g.unchecked == Pass {
		return nil, Pass
	}
	return &inbound.Refusal{
		Status: status, Code: code, Message: mask.Line(x.operation.ID, maxSubject) + ": " + what + " cannot be checked: " + reason,
	}, Reject
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
