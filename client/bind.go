package client

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Bound is an operation with its parameters: the first step of a call, which
// value goes where. It belongs to the document that the client had when Bind
// was called.
type Bound struct {
	Operation *schema.Operation

	settings  *settings
	arguments []argument
	body      body
}

// argument is a value for a parameter.
type argument struct {
	parameter *schema.Parameter
	json      string
}

// body is the request body before it is encoded.
type body struct {
	media   *schema.MediaType // nil without a body
	given   bool
	json    string            // of a JSON body
	fields  []field           // of a form
	raw     io.Reader         // of any other media type
	content string            // Content-Type, when it is not that of media
}

// field is one field of a form: JSON or files.
type field struct {
	name  string
	json  string
	files []File
	list  bool // files were given as a list
}

// BindError says that a value cannot go anywhere in the request.
type BindError struct {
	Operation string // its ID
	Name      string // of the parameter or field; "" for the whole
	Reason    string
	Err       error // the cause, when there is one
}

func (e *BindError) Error() string {
	text := e.Operation + ": "
	if e.Name != "" {
		text += fmt.Sprintf("%.80q: ", e.Name)
	}
	text += e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *BindError) Unwrap() error { return e.Err }

// Bind finds the operation and decides which of the params goes where: the
// first step of Call. The error is a *schema.UnknownOperationError, a
// *BindError, or that of a call option.
func (c *Client) Bind(operationID string, params any, opts ...CallOption) (*Bound, error) {
	s, err := c.forCall(opts)
	if err != nil {
		return nil, err
	}
	op, err := c.Document().Operation(operationID)
	if err != nil {
		return nil, err
	}
	b := &Bound{Operation: op, settings: s}
	switch p := params.(type) {
	case nil:
		err = b.flat(nil)
	case Params:
		err = b.flat(p)
	case map[string]any:
		err = b.flat(p)
	case Input:
		err = b.input(p)
	case *Input:
		if p == nil {
			err = b.flat(nil)
		} else {
			err = b.input(*p)
		}
	default:
		err = b.text(params)
	}
	if err != nil {
		return nil, err
	}
	if b.body.media == nil && b.Operation.RequestBody != nil && b.Operation.RequestBody.Required && b.body.given {
		b.body.media = b.Operation.RequestBody.Content[0]
	}
	return b, nil
}

func (b *Bound) fail(name, reason string, args ...any) error {
	return &BindError{Operation: b.Operation.ID, Name: name, Reason: fmt.Sprintf(reason, args...)}
}

// flat binds a map: declared parameters to their places, the rest to the body.
func (b *Bound) flat(params map[string]any) error {
	var fields []field
	for _, name := range slices.Sorted(maps.Keys(params)) {
		f, err := b.field(name, params[name])
		if err != nil {
			return err
		}
		p, declared := b.Operation.Parameter(name)
		if !declared {
			fields = append(fields, f)
			continue
		}
		if f.files != nil {
			return b.fail(name, "got a file, want a value for the %s parameter", p.In)
		}
		b.arguments = append(b.arguments, argument{p, f.json})
	}
	return b.setFields(fields, "")
}

// text binds JSON text or a Go value that marshals to an object.
func (b *Bound) text(params any) error {
	text, ok := rawJSON(params)
	if !ok {
		encoded, err := marshal(params)
		if err != nil {
			return &BindError{Operation: b.Operation.ID, Reason: "the params cannot be written as JSON", Err: err}
		}
		text = string(encoded)
	}
	if err := jsonscan.Check(text, maxDepth); err != nil {
		return &BindError{Operation: b.Operation.ID, Reason: "the params are not JSON", Err: err}
	}
	text = strings.TrimSpace(text)
	if text == "null" {
		return b.flat(nil)
	}
	if text[0] != '{' {
		return b.fail("", "got params that are %s; want an object, or an Input with a Body", article(text))
	}
	var fields []field
	for name, value := range jsonscan.Members(text) {
		if p, declared := b.Operation.Parameter(name); declared {
			b.arguments = append(b.arguments, argument{p, value})
		} else {
			fields = append(fields, field{name: name, json: value})
		}
	}
	if len(b.arguments) == 0 && len(fields) > 0 {
		return b.setBody(text, fields, "") // as it is, numbers and all
	}
	return b.setFields(fields, "")
}


func article(text string) string {
	switch text[0] {
	case '[':
		return "an array"
	case '"':
		return "a string"
	}
	return "a " + map[bool]string{true: "boolean", false: "number"}[text[0] == 't' || text[0] == 'f']
}

// input binds values that say themselves where they go.
func (b *Bound) input(in Input) error {
	for _, section := range []struct {
		place  string
		values map[string]any
	}{{"path", in.Path}, {"query", in.Query}, {"header", in.Header}, {"cookie", in.Cookie}} {
		for _, name := range slices.Sorted(maps.Keys(section.values)) {
			f, err := b.field(name, section.values[name])
			if err != nil {
				return err
			}
			if f.files != nil {
				return b.fail(name, "got a file, want a value for the %s parameter", section.place)
			}
			p := b.declared(section.place, name)
			if p == nil {
				if section.place == "path" || !b.settings.allowUnknown {
					return b.unknownParameter(section.place, name)
				}
				p = undeclared(section.place, name)
			}
			b.arguments = append(b.arguments, argument{p, f.json})
		}
	}
	return b.inputBody(in)
}

func (b *Bound) declared(place, name string) *schema.Parameter {
	for _, p := range b.Operation.Parameters {
		if p.In == place && (p.Name == name || strings.TrimSuffix(p.Name, "[]") == name || place == "header" && strings.EqualFold(p.Name, name)) {
			return p
		}
	}
	return nil
}

// undeclared is the parameter that OpenAPI's defaults make of a name.
func undeclared(place, name string) *schema.Parameter {
	if place == "header" {
		return &schema.Parameter{Name: name, In: place, Style: "simple"}
	}
	return &schema.Parameter{Name: name, In: place, Style: "form", Explode: true}
}

func (b *Bound) unknownParameter(place, name string) error {
	var names []string
	for _, p := range b.Operation.Parameters {
		if place == "" || p.In == place {
			names = append(names, p.Name)
		}
	}
	what := "parameter"
	if place != "" {
		what = place + " parameter"
	}
	return b.fail(name, "unknown %s%s", what, near.Question(near.Names(name, names, 3)))
}

func (b *Bound) inputBody(in Input) error {
	if in.Body == nil {
		if in.MediaType != "" && b.Operation.RequestBody == nil {
			return b.fail("", "got media type %.80q, but the operation takes no body", in.MediaType)
		}
		return nil
	}
	if b.Operation.RequestBody == nil {
		return b.fail("", "got a body, but the operation takes none")
	}
	if in.MediaType != "" {
		media, ok := b.Operation.RequestBody.MediaType(in.MediaType)
		if !ok {
			return b.fail("", "got media type %.80q, want %s", in.MediaType, mediaTypes(b.Operation))
		}
		if !schema.IsJSON(media.Name) && !isForm(media.Name) {
			return b.rawBody(media, in)
		}
	} else if media := b.Operation.RequestBody.Content[0]; len(b.Operation.RequestBody.Content) == 1 && !schema.IsJSON(media.Name) && !isForm(media.Name) {
		return b.rawBody(media, in)
	}
	fields, isMap := in.Body.(Params)
	if !isMap {
		fields, isMap = in.Body.(map[string]any)
	}
	if isMap {
		var list []field
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			f, err := b.field(name, fields[name])
			if err != nil {
				return err
			}
			list = append(list, f)
		}
		b.body.given = true
		return b.setFields(list, in.MediaType)
	}
	text, ok := rawJSON(in.Body)
	if !ok {
		encoded, err := marshal(in.Body)
		if err != nil {
			return &BindError{Operation: b.Operation.ID, Name: "body", Reason: "cannot be written as JSON", Err: err}
		}
		text = string(encoded)
	}
	if err := jsonscan.Check(text, maxDepth); err != nil {
		return &BindError{Operation: b.Operation.ID, Name: "body", Reason: "is not JSON", Err: err}
	}
	text = strings.TrimSpace(text)
	for name, value := range jsonscan.Members(text) {
		fields := field{name: name, json: value}
		b.body.fields = append(b.body.fields, fields)
	}
	return b.setBody(text, b.body.fields, in.MediaType)
}

// rawBody binds the bytes of a body that is neither JSON nor a form.
func (b *Bound) rawBody(media *schema.MediaType, in Input) error {
	b.body = body{media: media, given: true, content: media.Name}
	if in.MediaType != "" && !strings.Contains(in.MediaType, "*") {
		b.body.content = in.MediaType
	}
	switch v := in.Body.(type) {
	case []byte:
		b.body.raw = strings.NewReader(string(v))
	case string:
		b.body.raw = strings.NewReader(v)
	case File:
		b.body.raw = v.Body
		if v.MediaType != "" {
			b.body.content = v.MediaType
		}
	case io.Reader:
		b.body.raw = v
	}
	if b.body.raw == nil {
		return b.fail("body", "got %T, want []byte, string or io.Reader for %s", in.Body, media.Name)
	}
	return nil
}

// field turns a Go value into JSON text, or files.
func (b *Bound) field(name string, value any) (field, error) {
	if files, list, ok := asFiles(value); ok {
		for i := range files {
			if files[i].Body == nil {
				return field{}, b.fail(name, "got a File without a Body")
			}
			files[i] = files[i].named(name)
		}
		return field{name: name, files: files, list: list}, nil
	}
	text, err := marshal(value)
	if err != nil {
		return field{}, &BindError{Operation: b.Operation.ID, Name: name, Reason: "cannot be written as JSON", Err: err}
	}
	if raw, ok := value.(json.RawMessage); ok {
		if err := jsonscan.Check(string(raw), maxDepth); err != nil {
			return field{}, &BindError{Operation: b.Operation.ID, Name: name, Reason: "is not JSON", Err: err}
		}
	}
	return field{name: name, json: string(text)}, nil
}

// setFields makes the body of its fields.
func (b *Bound) setFields(fields []field, mediaType string) error {
	if len(fields) == 0 && !b.body.given {
		return nil
	}
	return b.setBody("", fields, mediaType)
}

// setBody chooses the media type and with it the form of the body. The text is
// that of the whole body, "" to make it of the fields.
func (b *Bound) setBody(text string, fields []field, mediaType string) error {
	op := b.Operation
	if op.RequestBody == nil {
		return b.unknownParameter("", fields[0].name)
	}
	file := slices.IndexFunc(fields, func(f field) bool { return f.files != nil })
	media, err := b.chooseMediaType(mediaType, file >= 0)
	if err != nil {
		return err
	}
	b.body = body{media: media, given: true}
	if isForm(media.Name) {
		if file >= 0 && !isMultipart(media.Name) {
			return b.fail(fields[file].name, "got a file, but the operation takes %s", mediaTypes(op))
		}
		if text != "" && text[0] != '{' {
			return b.fail("body", "got %s, want an object for %s", article(text), media.Name)
		}
		b.body.fields = fields
		return nil
	}
	if file >= 0 {
		return b.fail(fields[file].name, "got a file, but the operation takes %s", mediaTypes(op))
	}
	if !schema.IsJSON(media.Name) {
		return b.fail("", "the operation takes %s: give the bytes as Input.Body", mediaTypes(op))
	}
	if b.body.json = text; text == "" {
		b.body.json = object(fields)
	}
	return nil
}

func (b *Bound) chooseMediaType(name string, hasFile bool) (*schema.MediaType, error) {
	content := b.Operation.RequestBody.Content
	if name != "" {
		media, ok := b.Operation.RequestBody.MediaType(name)
		if !ok {
			return nil, b.fail("", "got media type %.80q, want %s", name, mediaTypes(b.Operation))
		}
		return media, nil
	}
	if hasFile {
		if i := slices.IndexFunc(content, func(m *schema.MediaType) bool { return isMultipart(m.Name) }); i >= 0 {
			return content[i], nil
		}
	}
	if i := slices.IndexFunc(content, func(m *schema.MediaType) bool { return schema.IsJSON(m.Name) }); i >= 0 {
		return content[i], nil
	}
	if i := slices.IndexFunc(content, func(m *schema.MediaType) bool { return isForm(m.Name) }); i >= 0 {
		return content[i], nil
	}
	return content[0], nil
}

func isMultipart(mediaType string) bool {
	return strings.HasPrefix(strings.ToLower(mediaType), "multipart/")
}

func isForm(mediaType string) bool {
	return isMultipart(mediaType) || strings.HasPrefix(strings.ToLower(mediaType), "application/x-www-form-urlencoded")
}

func mediaTypes(op *schema.Operation) string {
	var names []string
	for _, m := range op.RequestBody.Content {
		names = append(names, m.Name)
	}
	return strings.Join(names, " or ")
}

// object writes fields as a JSON object.
func object(fields []field) string {
	size := 2
	for _, f := range fields {
		size += len(f.name) + len(f.json) + 4
	}
	buf := append(make([]byte, 0, size), '{')
	for i, f := range fields {
		if i > 0 {
			buf = append(buf, ',')
		}
		name, _ := marshal(f.name) // a string always encodes
		buf = append(append(append(buf, name...), ':'), f.json...)
	}
	return string(append(buf, '}'))
}

