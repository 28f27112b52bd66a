package client

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
)

// Request writes the bound params as an HTTP request, credentials included: the
// third step of Call, a dry run where it is the last. It does not validate.
//
// The request's body can be read again (GetBody) unless it holds a file that
// cannot be rewound. Of each file the beginning is read here, 512 bytes at most.
// The error is a *schema.ValidationError for a value that cannot be written where it
// goes, a *BindError, an *UntrustedServerError, a *FileError for a file that cannot be
// read or, where the source of WithTokenSource has no token, a *TokenError.
func (b *Bound) Request(ctx context.Context) (*http.Request, error) {
	if ctx == nil {
		return nil, b.fail("", nilContext)
	}
	base, err := b.base()
	if err != nil {
		return nil, err
	}
	body, err := b.encodeBody()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, b.plan.method, "", nil)
	if err != nil {
		return nil, b.fail("", "its method cannot be sent: %v", err)
	}
	*req.URL, req.Host = *base, base.Host
	if err := b.encodePath(req.URL, base); err != nil {
		return nil, err
	}
	query, err := b.encodeQuery()
	if err != nil {
		return nil, err
	}
	values := new([3]string) // one piece of memory for the headers that every request has
	if err := b.encodeHeaders(req, values[:2]); err != nil {
		return nil, err
	}
	if err := body.attach(req, values[2:]); err != nil {
		return nil, err
	}
	if req, err = b.authorize(req, &query); err != nil {
		if body := req.Body; body != nil {
			body.Close()
		}
		return nil, err
	}
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

// encodeQuery joins the query of the path key, the parameters and the settings.
func (b *Bound) encodeQuery() ([]byte, error) {
	query := []byte(b.plan.query)
	for _, a := range b.arguments {
		if a.parameter.In != "query" {
			continue
		}
		var err error
		if query, err = extension.Wire(a.parameter).AppendQuery(query, gjson.Parse(a.json)); err != nil {
			return nil, b.unstyled(a.parameter.In, a.parameter.Name, err)
		}
	}
	for _, name := range sortedKeys(b.settings.query) {
		if !b.gives("query", name) {
			query = appendPair(query, url.QueryEscape(name)+"="+url.QueryEscape(b.settings.query.Get(name)))
		}
	}
	return query, nil
}

// gives reports whether the params give a parameter of that name.
func (b *Bound) gives(place, name string) bool {
	return slices.ContainsFunc(b.arguments, func(a argument) bool {
		return a.parameter.In == place && (a.parameter.Name == name || place == "header" && strings.EqualFold(a.parameter.Name, name))
	})
}

func appendPair(query []byte, pair string) []byte {
	if len(query) > 0 {
		query = append(query, '&')
	}
	return append(query, pair...)
}

// encodeHeaders sets, from the weakest say to the strongest: what the document
// implies, the settings' own headers, the parameters of the call. The values are where
// those of Accept and User-Agent go.
func (b *Bound) encodeHeaders(req *http.Request, values []string) error {
	values[0], values[1] = cmp.Or(b.accepts, b.plan.accept), b.settings.userAgent
	req.Header["Accept"], req.Header["User-Agent"] = values[:1:1], values[1:2:2]
	for name, value := range b.plan.headers {
		req.Header.Set(name, value)
	}
	env := b.environment()
	setID(req.Header, "OpenAI-Organization", b.settings.organization, env.organization)
	setID(req.Header, "OpenAI-Project", b.settings.project, env.project)
	for _, a := range b.arguments {
		switch a.parameter.In {
		case "header":
			value, defined, err := extension.Wire(a.parameter).Header(gjson.Parse(a.json))
			if err != nil {
				return b.unstyled(a.parameter.In, a.parameter.Name, err)
			}
			if !defined {
				continue
			}
			if err := checkHeader(a.parameter.Name, value); err != nil {
				return b.unstyled(a.parameter.In, a.parameter.Name, err)
			}
			if err := setHeaderParameter(req, a.parameter.Name, value); err != nil {
				return b.unstyled(a.parameter.In, a.parameter.Name, err)
			}
		case "cookie":
			pair, defined, err := extension.Wire(a.parameter).Cookie(gjson.Parse(a.json))
			if err != nil {
				return b.unstyled(a.parameter.In, a.parameter.Name, err)
			}
			if defined {
				addCookie(req.Header, pair)
			}
		}
	}
	return nil
}

// setID sets a header to what was given, or else to the value of the environment.
func setID(header http.Header, name string, given *string, fallback string) {
	if given != nil {
		fallback = *given
	}
	if fallback != "" {
		header.Set(name, fallback)
	}
}

func addCookie(header http.Header, pair string) {
	if old := header.Get("Cookie"); old != "" {
		pair = old + "; " + pair
	}
	header.Set("Cookie", pair)
}

// overrideHeaders lets WithHeader have its way, but for headers that the call
// itself gave.
func (b *Bound) overrideHeaders(req *http.Request) {
	for name := range b.settings.header {
		value := b.settings.header.Get(name)
		switch {
		case b.gives("header", name):
		case name == "Host":
			req.Host = cmp.Or(value, req.Host) // net/http does not look for it among the headers
		case value != "":
			req.Header.Set(name, value)
		case name == "User-Agent":
			req.Header.Set(name, "") // without it net/http would send its own
		default:
			req.Header.Del(name)
		}
	}
}

// encoded is a request body on its way to the wire.
type encoded struct {
	contentType string
	length      int64                         // -1 when unknown
	open        func() (io.ReadCloser, error) // nil without a body
	again       bool                          // open works more than once
}

// attach gives a request its body. The value is where that of Content-Type goes.
func (e encoded) attach(req *http.Request, value []string) error {
	if e.open == nil {
		return nil
	}
	value[0] = e.contentType
	req.Header["Content-Type"] = value
	req.ContentLength = e.length
	if e.length == 0 {
		req.Body = http.NoBody
		return nil
	}
	body, err := e.open()
	if err != nil {
		return err
	}
	req.Body = body
	if e.again {
		req.GetBody = e.open
	}
	return nil
}

func (b *Bound) encodeBody() (encoded, error) {
	switch {
	case b.body.media == nil:
		return encoded{}, nil
	case b.body.raw != nil:
		return b.encodeRaw()
	case isMultipart(b.body.content):
		return b.encodeMultipart()
	case isForm(b.body.content):
		return b.encodeForm()
	}
	text, err := b.jsonBody()
	if err != nil {
		return encoded{}, err
	}
	return encodeText(text, b.body.content), nil
}

// jsonBody returns the text of a JSON body, with what WithExtraBody sets.
func (b *Bound) jsonBody() (string, error) {
	text := b.body.json
	for _, edit := range b.settings.extraBody {
		var err error
		if text, err = setAt(text, edit.tokens, edit.json); err != nil {
			return "", b.unfit("", fmt.Sprintf("extra body field %.80q cannot be set", edit.path), err)
		}
	}
	return text, nil
}

func encodeText(text, contentType string) encoded {
	return encoded{
		contentType: contentType, length: int64(len(text)), again: true,
		open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil },
	}
}

// encodeRaw streams a body as it is.
func (b *Bound) encodeRaw() (encoded, error) {
	u := &upload{operation: b.plan.name, field: "body", File: *b.body.raw}
	if err := u.open(""); err != nil {
		return encoded{}, err
	}
	contentType := b.body.content
	if strings.Contains(contentType, "*") {
		contentType = u.MediaType
	}
	return encodeSegments(contentType, []segment{{file: u}}), nil
}

// encodeForm writes application/x-www-form-urlencoded: each field as a query
// parameter in form style (OpenAPI 3.1 §4.8.15).
func (b *Bound) encodeForm() (encoded, error) {
	brackets := extension.Brackets(b.Operation.Document())
	fields, err := b.formFields()
	if err != nil {
		return encoded{}, err
	}
	var form []byte
	for _, f := range fields {
		p := extension.WireField(b.body.media, f.name, brackets)
		if form, err = p.AppendQuery(form, gjson.Parse(f.json)); err != nil {
			return encoded{}, b.unstyled("", f.name, err)
		}
	}
	return encodeText(string(form), b.body.content), nil
}

// formFields returns the fields with the extra ones set in them.
func (b *Bound) formFields() ([]field, error) {
	fields := slices.Clone(b.body.fields)
	for _, edit := range b.settings.extraBody {
		name := edit.tokens[0]
		var old field
		if at := slices.IndexFunc(fields, func(f field) bool { return f.name == name }); at >= 0 {
			old = fields[at]
		}
		if old.files != nil && len(edit.tokens) > 1 {
			return nil, b.wrong("", "", "extra body field %.80q cannot be set: got a file where it leads through", edit.path)
		}
		text, err := setAt(containerOf(old.json), edit.tokens[1:], edit.json)
		if err != nil {
			return nil, b.unfit("", fmt.Sprintf("extra body field %.80q cannot be set", edit.path), err)
		}
		fields = replaceField(fields, field{name: name, json: text})
	}
	return fields, nil
}
