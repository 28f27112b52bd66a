package schema

import (
	"mime"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// RequestBody is what an operation takes besides parameters (OpenAPI 3.1 §4.8.13).
// Required is false unless the document says otherwise.
//
// Each entry of Content is a form in which the same can be sent. Which of them is used is up
// to who writes the request.
type RequestBody struct {
	Description string
	Required    bool
	Content     []*MediaType // in document order, at least one
}

// Response is one of the responses of an operation (OpenAPI 3.1 §4.8.17). Its headers
// are declared, not exhaustive: a server may send others.
type Response struct {
	Status      string // "200", "4XX" or "default"
	Description string
	Content     []*MediaType // empty when the response has no body
	Headers     []*Header
}

// Header is a header that a response declares (OpenAPI 3.1 §4.8.21).
//
// Content-Type among them is ignored by the standard (§4.8.17.1), and kept here: a reader may
// want to show it.
type Header struct {
	Name        string
	Description string
	Required    bool
	Schema      *Schema
}

// MediaType is one form of a body (OpenAPI 3.1 §4.8.14).
type MediaType struct {
	Name     string  // as the document has it: "application/json", "text/*"
	Schema   *Schema // nil when the document gives none
	Encoding map[string]Encoding
}

// Encoding says how one field of a multipart or form body is written (OpenAPI 3.1
// §4.8.15). ContentType may be a list of types and ranges, with commas. The headers of
// a part, which an encoding may declare, are not kept.
//
// It applies to bodies of the types multipart and application/x-www-form-urlencoded and has
// no effect on others. The zero Encoding is not the default, since Explode would be true.
type Encoding struct {
	ContentType   string
	Style         string
	Explode       bool
	AllowReserved bool
	Styled        bool // style, explode or allowReserved is given: in an urlencoded form ContentType does not count (§4.8.15.1.1)
}

// IsJSON reports whether a media type is JSON: application/json, text/json, which some
// frameworks declare beside it, or any type with the suffix +json (RFC 6839),
// parameters aside.
//
// JSONL and other sequences of JSON texts are not JSON: no parser takes them as one value.
func IsJSON(mediaType string) bool {
	name := baseType(mediaType)
	return name == "application/json" || name == "text/json" || strings.HasSuffix(name, "+json")
}

// baseType returns a media type in lower case without its parameters (RFC 9110 §8.3.1).
// Unlike mime.ParseMediaType it accepts what is malformed behind the semicolon: servers
// send such headers, and the type before it is no less clear.
func baseType(mediaType string) string {
	name, _, _ := strings.Cut(mediaType, ";")
	return strings.ToLower(strings.TrimSpace(name))
}

// findMediaType returns the entry for a media type: the one of that name, else the
// most specific range that covers it, "text/*" or "*/*" (OpenAPI 3.1 §4.8.13.1). Parameters
// decide between entries of one name alone (§4.8.14: the most specific key counts):
// "application/json; charset=utf-8" is described by "application/json". A range
// "application/*+json", which RFC 9110 does not know, covers application/json, too.
//
// A type that is declared twice with different parameters, as for two versions of an API, is
// therefore found by its first entry.
func findMediaType(content []*MediaType, name string) (*MediaType, bool) {
	for _, m := range content { // nearly all: no parameters on either side
		if m.Name == name && !strings.Contains(name, ";") {
			return m, true
		}
	}
	// The header of a real response, which may quote parameters; baseType is for the
	// rest.
	base, params, err := mime.ParseMediaType(name)
	if err != nil {
		base = baseType(name)
	}
	var exact, covering *MediaType
	for _, m := range content {
		own := baseType(m.Name)
		if own == base {
			if exact == nil || sharedParameters(m.Name, params) > sharedParameters(exact.Name, params) {
				exact = m
			}
			continue
		}
		// Of several ranges the most specific counts, which is the longest.
		if covers(own, base) && (covering == nil || len(own) > len(baseType(covering.Name))) {
			covering = m
		}
	}
	if exact != nil {
		return exact, true
	}
	return covering, covering != nil
}

// covers reports whether a range covers a media type.
func covers(own, name string) bool {
	prefix, suffix, isRange := strings.Cut(own, "*")
	switch {
	case !isRange:
		return false
	case own == "*/*":
		return true
	case suffix == "+json" && IsJSON(name):
		return strings.HasPrefix(name, prefix)
	}
	return strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) && suffix != "/*"
}

// sharedParameters returns how many of the parameters of a media type are among the
// given ones, -1 where one is not.
func sharedParameters(name string, given map[string]string) int {
	_, params, err := mime.ParseMediaType(name)
	if err != nil {
		return -1
	}
	for key, value := range params {
		if !strings.EqualFold(given[key], value) {
			return -1
		}
	}
	return len(params)
}

// MediaType returns the body's entry for a media type such as
// "application/json; charset=utf-8".
func (b *RequestBody) MediaType(name string) (*MediaType, bool) {
	return findMediaType(b.Content, name)
}

// MediaType returns the response's entry for a media type.
func (r *Response) MediaType(name string) (*MediaType, bool) {
	return findMediaType(r.Content, name)
}

// MediaTypes returns the names of the media types that the body may have.
func (b *RequestBody) MediaTypes() []string { return namesOf(b.Content) }

// MediaTypes returns the names of the media types that the response may have.
func (r *Response) MediaTypes() []string { return namesOf(r.Content) }

// They are for messages, as the document writes them: parameters are a part of what a
// reader looks for there.
func namesOf(content []*MediaType) []string {
	names := make([]string, len(content))
	for i, m := range content {
		names[i] = m.Name
	}
	return names
}

// parseRequestBody returns nil for a body without any media type, which accepts
// nothing. Documents that were converted from Swagger 2.0 have such bodies; the
// operation then takes none, and a Repair says so.
func (d *Document) parseRequestBody(text string, at Pointer) (*RequestBody, error) {
	text, at, err := d.follow(text, at)
	if err != nil {
		return nil, err
	}
	if text[0] != '{' {
		return nil, &DocumentError{Pointer: at, Reason: "got " + jsonscan.TypeName(text) + ", want a request body object"}
	}
	body := &RequestBody{}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "description":
			body.Description = jsonscan.String(value)
		case "required":
			body.Required = value == "true"
		case "content":
			body.Content = d.parseContent(value, at.Append("content"))
		}
	}
	if len(body.Content) == 0 {
		return nil, nil
	}
	return body, nil
}

// parseResponses returns the responses in document order, without extensions. A
// reference to a response is resolved; pointers lead to where it stands, so that a
// schema is compiled once for all operations that share it.
//
// Keys are not checked to be status codes. Any other key never matches a response, which
// is harmless; to refuse the operation for it would not be.
func (d *Document) parseResponses(text string, at Pointer) ([]*Response, error) {
	if text[0] != '{' {
		return nil, &DocumentError{Pointer: at, Reason: "got " + jsonscan.TypeName(text) + ", want an object of responses"}
	}
	var list []*Response
	for status, item := range jsonscan.Members(text) {
		// Extensions stand among the status codes (OpenAPI 3.1 §4.8.16.2).
		if strings.HasPrefix(status, "x-") {
			continue
		}
		item, itemAt, err := d.follow(item, at.Append(status))
		if err != nil {
			return nil, err
		}
		r := &Response{Status: status}
		for key, value := range jsonscan.Members(item) {
			switch key {
			case "description":
				r.Description = jsonscan.String(value)
			case "content":
				r.Content = d.parseContent(value, itemAt.Append("content"))
			case "headers":
				if r.Headers, err = d.parseHeaders(value, itemAt.Append("headers")); err != nil {
					return nil, err
				}
			}
		}
		list = append(list, r)
	}
	return list, nil
}

// parseHeaders reads the headers that a response declares. They are parameters without
// name and place (OpenAPI 3.1 §4.8.21); style and explode are not kept.
func (d *Document) parseHeaders(text string, at Pointer) ([]*Header, error) {
	var list []*Header
	for name, item := range jsonscan.Members(text) {
		item, itemAt, err := d.follow(item, at.Append(name))
		if err != nil {
			return nil, err
		}
		h := &Header{Name: name}
		for key, value := range jsonscan.Members(item) {
			switch key {
			case "description":
				h.Description = jsonscan.String(value)
			case "required":
				h.Required = value == "true"
			case "schema":
				h.Schema = d.schemaAt(itemAt.Append("schema"), value)
			case "content":
				for _, m := range d.parseContent(value, itemAt.Append("content")) {
					h.Schema = m.Schema // there is one entry (OpenAPI 3.1 §4.8.12.3)
				}
			}
		}
		list = append(list, h)
	}
	return list, nil
}

// parseContent reads a map of media types (OpenAPI 3.1 §4.8.14). Examples are not kept.
// The pointers of schemas lead through the name of the media type, whose slash is escaped.
func (d *Document) parseContent(text string, at Pointer) []*MediaType {
	var list []*MediaType
	for name, item := range jsonscan.Members(text) {
		m := &MediaType{Name: name}
		for key, value := range jsonscan.Members(item) {
			switch key {
			case "schema":
				m.Schema = d.schemaAt(at.Append(name).Append("schema"), value)
			case "encoding":
				m.Encoding = parseEncoding(value)
			}
		}
		list = append(list, m)
	}
	return list
}

// parseEncoding reads the encoding object of a body. Explode defaults to true for
// the style form, which is itself the default, and to false for every other style
// (OpenAPI 3.1 §4.8.15.1).
func parseEncoding(text string) map[string]Encoding {
	encodings := make(map[string]Encoding)
	for name, item := range jsonscan.Members(text) {
		var e Encoding
		explode := ""
		for key, value := range jsonscan.Members(item) {
			switch key {
			case "contentType":
				e.ContentType = jsonscan.String(value)
			case "style":
				e.Style, e.Styled = jsonscan.String(value), true
			case "explode":
				explode, e.Styled = value, true
			case "allowReserved":
				e.AllowReserved, e.Styled = value == "true", true
			}
		}
		// The default depends on the style, which may come after it in the object.
		e.Explode = explode == "true" || explode == "" && (e.Style == "" || e.Style == "form")
		encodings[name] = e
	}
	return encodings
}
