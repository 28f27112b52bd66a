package client

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// This file decides whether a response with status 2xx is the one that the
// document declares. A response that is not is an error for Call, Stream and all
// that is built on them: proxies, login pages and compatible hosts send web pages,
// empty bodies and errors under a status that says success.

// expectation is what the document declares for a successful response.
type expectation struct {
	response *schema.Response // nil where the document declares none
	json     bool             // JSON is declared
	events   bool             // an event stream is
	other    bool             // anything else is: files, text
}

// expect returns what the document declares for a status. A success that it does
// not name is expected to be like the first one that it does name; "default" is for
// errors where there is another.
func expect(op *schema.Operation, status int) expectation {
	declared, ok := op.Response(status)
	if !ok || declared.Status == "default" {
		for _, r := range op.Responses {
			if strings.HasPrefix(r.Status, "2") {
				declared, ok = r, true
				break
			}
		}
	}
	if !ok {
		return expectation{}
	}
	e := expectation{response: declared}
	for _, media := range declared.Content {
		switch {
		case schema.IsJSON(media.Name):
			e.json = true
		case extension.IsEventStream(media.Name):
			e.events = true
		default:
			e.other = true
		}
	}
	return e
}

// body reports whether a body is declared.
func (e expectation) body() bool { return e.json || e.events || e.other }

// schema returns what JSON is compared with to find whether it is another value
// than declared: the schema for its media type, else that for plain JSON.
func (e expectation) schema(mediaType string) *schema.Schema {
	if e.response == nil {
		return nil
	}
	if declared := declaredSchema(e.response, mediaType); declared != nil {
		return declared
	}
	return declaredSchema(e.response, "application/json")
}

// declaredSchema returns the schema of JSON under a media type, nil where the
// document has none. Without a media type, or with one that is not a name of JSON, it
// is that of plain JSON, which the body looks like.
func declaredSchema(response *schema.Response, mediaType string) *schema.Schema {
	if !schema.IsJSON(mediaType) {
		mediaType = "application/json"
	}
	if media, ok := response.MediaType(mediaType); ok {
		return media.Schema
	}
	return nil
}

// String lists the declared media types, but for event streams where others are.
func (e expectation) String() string {
	if e.response == nil {
		return "JSON"
	}
	var names []string
	for _, media := range e.response.Content {
		if !extension.IsEventStream(media.Name) || !e.json && !e.other {
			names = append(names, media.Name)
		}
	}
	return strings.Join(names, " or ")
}

// decision is how a response is read.
type decision int

const (
	asEmpty   decision = iota // no body came, and none is declared
	asJSON                    // whole, as JSON
	asStream                  // by the caller, as it comes
	asForeign                 // not at all: it is not what is declared
)

// decide says how a response is read, by its status and header, and by the first
// bytes of its body where the media type does not say. The reason is that of
// asForeign.
func (b *Bound) decide(resp *http.Response, want expectation) (decision, string) {
	media := resp.Header.Get("Content-Type")
	encoding := resp.Header.Get("Content-Encoding")
	switch {
	case b.settings.unread && resp.StatusCode == http.StatusOK && resp.ContentLength == 0:
		return asStream, "" // an empty file
	case resp.StatusCode == http.StatusNoContent || resp.ContentLength == 0 || b.Operation.Method == http.MethodHead:
		if want.body() && b.Operation.Method != http.MethodHead {
			return asForeign, fmt.Sprintf("got %s without a body, want %s", statusText(resp.StatusCode), want)
		}
		return asEmpty, ""
	case isUnaskedPart(resp):
		return asForeign, partReason(resp)
	case encoding != "" && !strings.EqualFold(encoding, "identity") && b.settings.header.Get("Accept-Encoding") == "":
		return asForeign, fmt.Sprintf("got a body in Content-Encoding %.40q, which was not asked for", encoding)
	case extension.IsEventStream(media) && want.json:
		return asForeign, "got an event stream, want " + want.String() + "; Stream reads event streams"
	case b.settings.unread && !isHTML(media):
		return asStream, ""
	case schema.IsJSON(media) || isTextJSON(media):
		return asJSON, ""
	case want.json && !want.other, media == "" && !want.other && want.response == nil:
		return b.sniff(resp, want)
	case want.body() && isHTML(media) && !want.declares(media):
		return asForeign, fmt.Sprintf("got %.80q, want %s", media, want)
	}
	return asStream, ""
}

// isUnaskedPart reports whether a response is a part of one that was asked for as
// a whole (RFC 9110 §15.3.7).
func isUnaskedPart(resp *http.Response) bool {
	return resp.StatusCode == http.StatusPartialContent && (resp.Request == nil || resp.Request.Header.Get("Range") == "")
}

func partReason(resp *http.Response) string {
	return fmt.Sprintf("got a part, with Content-Range %.80q, that was not asked for", resp.Header.Get("Content-Range"))
}

// sniff looks at a response that is to be JSON and does not say so: text that
// begins like an object or a list is read as JSON (RFC 9110 §8.3 lets the
// recipient look where there is no media type, and hosts write others).
func (b *Bound) sniff(resp *http.Response, want expectation) (decision, string) {
	media := resp.Header.Get("Content-Type")
	if want.response == nil && media != "" {
		return asStream, ""
	}
	head := &headReader{rest: resp.Body}
	first := head.peek(1)
	resp.Body = &replacedBody{Reader: head, Closer: resp.Body, response: resp.Body}
	switch {
	case first == '{' || first == '[':
		return asJSON, ""
	case want.response == nil:
		return asStream, ""
	case media == "" && first == 0:
		return asForeign, fmt.Sprintf("got an empty body, want %s", want)
	case media == "":
		return asForeign, fmt.Sprintf("got a body without a Content-Type that is not JSON, want %s", want)
	}
	return asForeign, fmt.Sprintf("got %.80q, want %s", media, want)
}

// replacedBody reads what has been looked at again, and closes what it came from.
type replacedBody struct {
	io.Reader
	io.Closer
	response io.ReadCloser
}

// unbound lifts the time limit of the call from a body.
func unbound(body io.ReadCloser) {
	if bounded := limited(body); bounded != nil {
		bounded.limit.lift()
	}
}

// rebound puts the time limit of the call back on a body, from now.
func rebound(body io.ReadCloser) {
	if bounded := limited(body); bounded != nil {
		bounded.limit.restart()
	}
}

// limited returns the body under the time limit of its call.
func limited(body io.ReadCloser) *responseBody {
	if looked, ok := body.(*replacedBody); ok {
		body = looked.response
	}
	bounded, _ := body.(*responseBody)
	return bounded
}

func (e expectation) declares(mediaType string) bool {
	_, ok := e.response.MediaType(mediaType)
	return ok
}

func isHTML(mediaType string) bool {
	return hasMediaType(mediaType, "text/html") || hasMediaType(mediaType, "application/xhtml+xml")
}

// isTextJSON reports names that JSON had before RFC 8259 and that hosts still use.
func isTextJSON(mediaType string) bool {
	return hasMediaType(mediaType, "text/json") || hasMediaType(mediaType, "application/x-json")
}

func hasMediaType(value, name string) bool {
	value, _, _ = strings.Cut(value, ";")
	return strings.EqualFold(strings.TrimSpace(value), name)
}

// statusText is "204 No Content".
func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

// foreignBytes is how much of a response is kept that is not the declared one.
const foreignBytes = 16 << 10

// foreign makes the error of a response that is not the declared one, and closes
// it. The response that is returned has the beginning as its body.
func (r *Response) foreign(reason string) error {
	var beginning []byte
	if !extension.IsEventStream(r.MediaType()) { // which may be silent for long
		beginning, _ = io.ReadAll(io.LimitReader(r.http.Body, foreignBytes)) // what came says enough
	}
	r.http.Body.Close()
	r.http.Body = io.NopCloser(bytes.NewReader(beginning))
	if said := r.said(beginning); said != "" {
		reason += ": " + said
	}
	return r.refuse(reason+r.hint(), beginning)
}

// refuse makes the error of a response whose beginning is at hand.
func (r *Response) refuse(reason string, beginning []byte) error {
	err := r.fail(reason, nil)
	err.Body = beginning[:min(len(beginning), foreignBytes)]
	return err
}

// said is what a body says to a reader, masked and in one line.
func (r *Response) said(body []byte) string {
	p := readProblem(r.http.Header, body)
	if p.raw && r.form == formJSON && bytes.TrimSpace(body)[0] != '<' { // JSON that has no message
		return fmt.Sprintf("%.100q", redact(p.message, r.secrets()))
	}
	return oneLine(redact(p.message, r.secrets()), maxMessage)
}

// secrets returns every credential that the server may quote.
func (r *Response) secrets() []string {
	secret := r.request.settings.secrets()
	if r.http.Request != nil {
		secret = append(secrets(r.http.Request), secret...)
	}
	return secret
}

// addressHint asks for the base URL, which is the usual cause of a page or a text in
// place of a response. The path that it ends in is that of the document's server.
func addressHint(doc *schema.Document) string {
	for _, server := range doc.Servers() {
		if u, err := url.Parse(server.URL); err == nil && strings.Trim(u.Path, "/") != "" && !strings.ContainsAny(u.Path, "{}") {
			return fmt.Sprintf("; is the base URL right? It ends in %.80q", strings.TrimRight(u.Path, "/"))
		}
	}
	return "; is the base URL right?"
}

// suggestsAddress reports whether a response looks like one of another address: a
// page or a text, or JSON of another service.
func suggestsAddress(resp *http.Response) bool {
	media := resp.Header.Get("Content-Type")
	text := media == "" || strings.HasPrefix(strings.ToLower(media), "text/") || isHTML(media) || schema.IsJSON(media)
	return text && !extension.IsEventStream(media) && resp.StatusCode == http.StatusOK
}

// unlike returns the error of JSON that is not what the document declares: an
// error, or a value of another kind. It is nil for all other JSON, which the tiers
// compare with the document.
func (r *Response) unlike(want expectation) error {
	if isError(r, want) {
		return r.reported(r.raw)
	}
	text := jsonscan.Alias(bytes.TrimSpace(r.raw))
	known := want.schema(r.MediaType())
	switch {
	case known == nil && want.other && r.isMade() && text[0] == '{' && (&declaredFields{}).complaint(text):
		return r.refuse(fmt.Sprintf("got %.80q, want %s", r.MediaType(), want)+r.quote(), r.raw)
	case known == nil:
		return nil
	case text[0] != '{' && want.other:
		return nil // a file may be any JSON
	case text[0] != '{':
		for _, f := range known.Check(r.raw) {
			if f.Pointer == "" && (f.Kind == schema.FindingWrongType || f.Kind == schema.FindingUnexpectedNull) {
				return r.refuse("the response is not what is declared: "+f.Message+r.hint(), r.raw)
			}
		}
		if r.request.plan.fieldsOf(known).object { // and has no type that says so
			return r.refuse(fmt.Sprintf("the response is not what is declared: got %s, want object", jsonscan.TypeName(text))+r.hint(), r.raw)
		}
		return nil
	}
	if at, ok := errorInside(text, known); ok {
		return r.reported([]byte(at))
	}
	if reason, failed := r.request.plan.failedPart(text); failed {
		return r.reported(reason)
	}
	switch fields := r.request.plan.fieldsOf(known); {
	case fields.strange(text):
		return r.refuse("got an object that has none of the declared properties"+r.quote()+r.hint(), r.raw)
	case fields.complaint(text):
		return r.refuse("got an error in place of what is declared"+r.quote()+r.hint(), r.raw)
	}
	return nil
}

// quote is what the response says, behind a colon.
func (r *Response) quote() string {
	if said := r.said(r.raw); said != "" {
		return ": " + said
	}
	return ""
}

// hint asks for the base URL where a page or a text came, or another service
// responded.
func (r *Response) hint() string {
	if want := expect(r.operation, r.StatusCode()); want.events && !want.json && !want.other && !isHTML(r.MediaType()) {
		return "; Stream asks for the events and reads them"
	}
	if !suggestsAddress(r.http) {
		return ""
	}
	return addressHint(r.operation.Document())
}

// reported makes the error that the server reports in a success.
func (r *Response) reported(problem []byte) error {
	e := newAPIError(r.operation.ID, r.StatusCode(), r.Header(), problem, r.secrets()...)
	e.Body = r.raw
	return e
}

// isError distinguishes a JSON response with status 2xx that is an error from one that is
// an object of the API, which may have a member error too: a response that
// failed does.
func isError(r *Response, want expectation) bool {
	text := jsonscan.Alias(r.raw)
	if !mentionsError(text) {
		return false
	}
	f := inspect(text, "")
	declared := want.schema(r.MediaType())
	switch {
	case f.kind == "error" && !want.other || f.object == "error":
		return true
	case !f.failed || declared == nil && !want.other:
		return f.failed
	}
	// It is an object of the API if the document knows it by more than the error.
	if declared == nil {
		return r.isMade() || countMembers(text, func(string) bool { return true }) < 2
	}
	fields := r.request.plan.fieldsOf(declared)
	if !fields.open && (!fields.has("error") || countMembers(text, fields.has) < 2) {
		return true
	}
	for _, finding := range declared.Check(r.raw) {
		if finding.Pointer == "/error" && finding.Kind == schema.FindingWrongType {
			return true
		}
	}
	return false
}

// mentionsError reports whether a text can have a member, or a type, by which it would be an
// error. It is a first look, many times as fast as one at the members: nearly all
// responses are not. An escape could hide the word.
func mentionsError(text string) bool {
	return strings.Contains(text, "error") || strings.Contains(text, "base_resp") || strings.IndexByte(text, '\\') >= 0
}

// isMade reports whether the response is what the operation makes, and not what is kept
// somewhere: a file that is kept may be any JSON.
func (r *Response) isMade() bool { return r.operation.Method == http.MethodPost }

// countMembers counts the members of an object with certain names.
func countMembers(text string, counts func(name string) bool) (n int) {
	for name := range jsonscan.Members(text) {
		if counts(name) {
			n++
		}
	}
	return n
}

// errorInside finds an error that a host reports in an item of a list: a choice
// that failed has it beside an empty message. The schema must not know such a
// member.
func errorInside(text string, known *schema.Schema) (string, bool) {
	if known == nil || !strings.Contains(text, `"error"`) {
		return "", false
	}
	return errorInList(text, known)
}

// errorInList is errorInside for a text that has the word: apart, so that the texts
// without it cost no allocation.
func errorInList(text string, known *schema.Schema) (string, bool) {
	for name, list := range jsonscan.Members(text) {
		if list[0] != '[' || !strings.Contains(list, `"error"`) {
			continue
		}
		for _, item := range jsonscan.Items(list) {
			if problem, ok := jsonscan.Member(item, "error"); ok && says(problem) {
				return `{"error":` + problem + `}`, !knowsError(known, name, item, "")
			}
			for inner, part := range jsonscan.Members(item) { // its message or delta
				if part[0] != '{' || !strings.Contains(part, `"error"`) {
					continue
				}
				if problem, ok := jsonscan.Member(part, "error"); ok && says(problem) && !knowsError(known, name, item, inner) {
					return `{"error":` + problem + `}`, true
				}
			}
		}
	}
	return "", false
}

// knowsError reports whether a schema has a member error in the items of a list, or in
// one of their members where that has a name. It is asked about an object that has
// nothing else, but for what tells items of different types apart.
func knowsError(known *schema.Schema, list, item, inner string) bool {
	few := jsonscan.Object{}
	for _, name := range [...]string{"type", "object"} {
		if value, ok := jsonscan.Member(item, name); ok {
			few.Set(name, value)
		}
	}
	at := schema.Pointer("").Append(list)
	place := at.Append("0").Append("error")
	if inner == "" {
		problem, _ := jsonscan.Member(item, "error")
		few.Set("error", problem)
	} else {
		few.Set(inner, `{"error":{}}`)
		place = at.Append("0").Append(inner).Append("error")
	}
	whole := jsonscan.Object{{Name: list, Text: "[" + few.String() + "]"}}
	for _, f := range known.Check([]byte(whole.String())) {
		if f.Kind == schema.FindingUnknownField && (f.Pointer == at || f.Pointer == place) {
			return false
		}
	}
	return true
}
