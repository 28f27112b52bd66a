package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/style"
	"github.com/opcall/opcall/schema"
)

// Request writes the bound params as an HTTP request, credentials included: the
// third step of Call, a dry run where it is the last. It does not validate.
//
// The request's body can be read again (GetBody) unless it holds a file that
// cannot be rewound. The error is a *BindError, an *UntrustedServerError, or
// that of a file that cannot be read.
func (b *Bound) Request(ctx context.Context) (*http.Request, error) {
	base, err := b.base()
	if err != nil {
		return nil, err
	}
	body, err := b.encodeBody()
	if err != nil {
		return nil, err
	}
	req := (&http.Request{
		Method: b.Operation.Method, URL: &url.URL{}, Host: base.Host, Header: make(http.Header, 8),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	*req.URL = *base
	if err := b.encodePath(req.URL); err != nil {
		return nil, err
	}
	query, err := b.encodeQuery()
	if err != nil {
		return nil, err
	}
	if err := b.encodeHeaders(req); err != nil {
		return nil, err
	}
	body.attach(req)
	b.authorize(req, &query)
	b.overrideHeaders(req)
	req.URL.RawQuery = string(query)
	return req, nil
}

// Request binds, validates and encodes, and returns the request that Call would
// send: a dry run.
func (c *Client) Request(ctx context.Context, operationID string, params any, opts ...CallOption) (*http.Request, error) {
	b, err := c.Bind(operationID, params, opts...)
	if err != nil {
		return nil, err
	}
	if err := b.Validate(); err != nil {
		return nil, err
	}
	return b.Request(ctx)
}

// wire is a parameter as internal/style knows it.
func wire(p *schema.Parameter) style.Param {
	return style.Param{
		Name: p.Name, In: p.In, Style: p.Style, Explode: &p.Explode,
		AllowReserved: p.AllowReserved, JSON: schema.IsJSON(p.MediaType), Brackets: p.Brackets,
	}
}

func (b *Bound) encodingError(name string, err error) error {
	return &BindError{Operation: b.Operation.ID, Name: name, Reason: "cannot be written", Err: err}
}

// encodePath fills in the template and appends it to the base.
func (b *Bound) encodePath(u *url.URL) error {
	path := b.Operation.Path
	for _, a := range b.arguments {
		if a.parameter.In != "path" {
			continue
		}
		text, err := wire(a.parameter).Path(gjson.Parse(a.json))
		if err != nil {
			return b.encodingError(a.parameter.Name, err)
		}
		path = strings.ReplaceAll(path, "{"+a.parameter.Name+"}", text)
	}
	if hole := strings.IndexByte(path, '{'); hole >= 0 {
		name, _, _ := strings.Cut(path[hole+1:], "}")
		return b.fail(name, "missing path parameter")
	}
	escaped := strings.TrimSuffix(u.EscapedPath(), "/") + path
	plain, err := url.PathUnescape(escaped)
	if err != nil {
		return b.fail("", "the path %.80q of the document is not a URL path", b.Operation.Path)
	}
	u.Path, u.RawPath = plain, escaped
	return nil
}

// encodeQuery joins the query of the path key, the parameters and the settings.
func (b *Bound) encodeQuery() ([]byte, error) {
	query := []byte(b.Operation.Query)
	for _, a := range b.arguments {
		if a.parameter.In != "query" {
			continue
		}
		var err error
		if query, err = wire(a.parameter).AppendQuery(query, gjson.Parse(a.json)); err != nil {
			return nil, b.encodingError(a.parameter.Name, err)
		}
	}
	if len(b.settings.query) > 0 {
		query = appendPair(query, b.settings.query.Encode())
	}
	return query, nil
}

func appendPair(query []byte, pair string) []byte {
	if len(query) > 0 {
		query = append(query, '&')
	}
	return append(query, pair...)
}

// encodeHeaders sets, from the weakest say to the strongest: what the document
// implies, the settings' own headers, the parameters of the call.
func (b *Bound) encodeHeaders(req *http.Request) error {
	req.Header.Set("Accept", b.accept())
	req.Header.Set("User-Agent", b.settings.userAgent)
	for name, value := range b.documentHeaders() {
		req.Header.Set(name, value)
	}
	if b.settings.organization != "" {
		req.Header.Set("OpenAI-Organization", b.settings.organization)
	}
	if b.settings.project != "" {
		req.Header.Set("OpenAI-Project", b.settings.project)
	}
	for _, a := range b.arguments {
		switch a.parameter.In {
		case "header":
			value, defined, err := wire(a.parameter).Header(gjson.Parse(a.json))
			if err != nil {
				return b.encodingError(a.parameter.Name, err)
			}
			if defined {
				req.Header.Set(a.parameter.Name, value)
			}
		case "cookie":
			pair, defined, err := wire(a.parameter).Cookie(gjson.Parse(a.json))
			if err != nil {
				return b.encodingError(a.parameter.Name, err)
			}
			if defined {
				if old := req.Header.Get("Cookie"); old != "" {
					pair = old + "; " + pair
				}
				req.Header.Set("Cookie", pair)
			}
		}
	}
	return nil
}

// overrideHeaders lets WithHeader have its way, but for headers that the call
// itself gave.
func (b *Bound) overrideHeaders(req *http.Request) {
	for name, values := range b.settings.header {
		if slices.ContainsFunc(b.arguments, func(a argument) bool {
			return a.parameter.In == "header" && strings.EqualFold(a.parameter.Name, name)
		}) {
			continue
		}
		if values[0] == "" {
			req.Header.Del(name)
			if name == "User-Agent" {
				req.Header[name] = []string{""} // nil would bring back that of net/http
			}
			continue
		}
		req.Header[name] = values
	}
}

// documentHeaders returns the headers that the document says every request of
// the operation needs: x-opcall-headers.
func (b *Bound) documentHeaders() map[string]string {
	text, ok := b.Operation.Extension("x-opcall-headers")
	if !ok {
		return nil
	}
	headers := make(map[string]string)
	for name, value := range jsonscan.Members(text) {
		if text := jsonscan.String(value); checkHeader(name, text) == nil {
			headers[http.CanonicalHeaderKey(name)] = text
		}
	}
	return headers
}

// accept lists the media types of the operation's successful answers, event
// streams aside, which Stream asks for.
func (b *Bound) accept() string {
	var names []string
	for _, r := range b.Operation.Responses {
		if r.Status == "" || r.Status[0] != '2' && r.Status != "default" {
			continue
		}
		for _, m := range r.Content {
			if !strings.HasPrefix(m.Name, "text/event-stream") && !slices.Contains(names, m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	if len(names) == 0 {
		return "*/*"
	}
	return strings.Join(names, ", ")
}

// encoded is a request body on its way to the wire.
type encoded struct {
	contentType string
	length      int64                         // -1 when unknown
	open        func() (io.ReadCloser, error) // nil without a body
	again       bool                          // open works more than once
}

func (e encoded) attach(req *http.Request) {
	if e.open == nil {
		return
	}
	req.Header.Set("Content-Type", e.contentType)
	req.ContentLength = e.length
	if e.length == 0 {
		req.Body = http.NoBody
		return
	}
	body, err := e.open()
	if err != nil {
		body = failedBody{err}
	}
	req.Body = body
	if e.again {
		req.GetBody = e.open
	}
}

// failedBody is a body that could not be opened.
type failedBody struct{ err error }

func (f failedBody) Read([]byte) (int, error) { return 0, f.err }
func (f failedBody) Close() error             { return nil }

func (b *Bound) encodeBody() (encoded, error) {
	if !b.body.given && len(b.settings.extraBody) > 0 && b.Operation.RequestBody != nil {
		media, err := b.chooseMediaType("", false)
		if err != nil {
			return encoded{}, err
		}
		b.body = body{media: media, given: true, json: "{}"}
	}
	switch {
	case !b.body.given:
		return encoded{}, nil
	case b.body.raw != nil:
		return encodeRaw(b.body), nil
	case isMultipart(b.body.media.Name):
		return b.encodeMultipart()
	case isForm(b.body.media.Name):
		return b.encodeForm()
	}
	text := b.body.json
	for _, edit := range b.settings.extraBody {
		var err error
		if text, err = sjson.SetRaw(text, edit.path, string(edit.json)); err != nil {
			return encoded{}, &BindError{Operation: b.Operation.ID, Name: edit.path, Reason: "extra body field cannot be set", Err: err}
		}
	}
	return encodeText(text, b.body.media.Name), nil
}

func encodeText(text, contentType string) encoded {
	return encoded{
		contentType: contentType, length: int64(len(text)), again: true,
		open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil },
	}
}

// encodeRaw streams a body as it is.
func encodeRaw(b body) encoded {
	size, rewind := measure(b.raw)
	e := encoded{contentType: b.content, length: size, again: rewind != nil}
	e.open = func() (io.ReadCloser, error) {
		if rewind != nil {
			if err := rewind(); err != nil {
				return nil, err
			}
		}
		return io.NopCloser(b.raw), nil
	}
	return e
}

// measure returns how many bytes are left in r, -1 when that is unknown, and a
// function that goes back to where r stands now, nil when r cannot.
func measure(r io.Reader) (int64, func() error) {
	seeker, ok := r.(io.Seeker)
	if !ok {
		if sized, ok := r.(interface{ Len() int }); ok {
			return int64(sized.Len()), nil
		}
		return -1, nil
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return -1, nil
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil {
		return -1, nil
	}
	rewind := func() error {
		if _, err := seeker.Seek(start, io.SeekStart); err != nil {
			return fmt.Errorf("the body cannot be read again: %w", err)
		}
		return nil
	}
	if rewind() != nil {
		return -1, nil
	}
	return max(0, end-start), rewind
}

// encodeForm writes application/x-www-form-urlencoded: each field as a query
// parameter in form style (OpenAPI 3.1 §4.8.15).
func (b *Bound) encodeForm() (encoded, error) {
	brackets := b.brackets()
	var form []byte
	for _, f := range b.formFields() {
		encoding, given := b.body.media.Encoding[f.name]
		explode := !given || encoding.Explode
		p := style.Param{
			Name: f.name, In: "query", Style: encoding.Style, Explode: &explode,
			AllowReserved: encoding.AllowReserved, JSON: schema.IsJSON(encoding.ContentType), Brackets: brackets,
		}
		var err error
		if form, err = p.AppendQuery(form, gjson.Parse(f.json)); err != nil {
			return encoded{}, b.encodingError(f.name, err)
		}
	}
	return encodeText(string(form), "application/x-www-form-urlencoded"), nil
}

// brackets reports whether the document writes arrays and objects in forms as
// a[] and a[k].
func (b *Bound) brackets() bool {
	text, _ := b.Operation.Document().Extension("x-opcall-brackets")
	return text == "true"
}

// formFields returns the fields with the extra ones.
func (b *Bound) formFields() []field {
	fields := b.body.fields
	if b.body.json == "{}" {
		fields = nil
	}
	for _, edit := range b.settings.extraBody {
		fields = append(fields[:len(fields):len(fields)], field{name: edit.path, json: string(edit.json)})
	}
	return fields
}
