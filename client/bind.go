package client

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Bound is an operation with its parameters: the first step of a call, which
// value goes where. It belongs to the document that the client had when Bind
// was called.
type Bound struct {
	Operation *schema.Operation

	plan      *plan // nil until it is needed, see known
	settings  *settings
	arguments []argument
	body      body
	accepts   string // Accept, where it is not what the operation's answers say
}

// argument is a value for a parameter.
type argument struct {
	parameter *schema.Parameter
	json      string
}

// body is the request body before it is encoded.
type body struct {
	media   *schema.MediaType // nil without a body
	content string            // its media type; a range where the content of raw decides
	json    string            // of a JSON body
	fields  []field           // of a form
	raw     *File             // of any other media type
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
	Reason    string // "" where Err says it all
	Err       error  // the cause, when there is one
}

func (e *BindError) Error() string {
	text := e.Operation
	if e.Reason != "" { // else the cause says it all
		if e.Name != "" {
			text += fmt.Sprintf(": %.80q", e.Name)
		}
		text += ": " + e.Reason
	}
	if e.Err != nil {
		text += ": " + oneLine(e.Err.Error(), maxMessage)
	}
	return text
}

// Unwrap returns the cause.
func (e *BindError) Unwrap() error { return e.Err }

// Bind finds the operation and decides which of the params goes where: the
// first step of Call. The error is a *schema.UnknownOperationError, a
// *schema.DocumentError where the document is at fault, a *BindError, or that of
// a call option.
func (c *Client) Bind(operationID string, params any, opts ...CallOption) (*Bound, error) {
	s, err := c.forCall(opts)
	if err != nil {
		return nil, err
	}
	edition := c.edition.Load()
	op, err := edition.document.Operation(operationID)
	if err != nil {
		return nil, err
	}
	b := &Bound{Operation: op, plan: edition.plan(op), settings: s}
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
	return b, nil
}

func (b *Bound) fail(name, reason string, args ...any) error {
	return &BindError{Operation: b.Operation.ID, Name: name, Reason: fmt.Sprintf(reason, args...)}
}

func (b *Bound) failure(name, reason string, err error) error {
	return &BindError{Operation: b.Operation.ID, Name: name, Reason: reason, Err: err}
}

// flat binds a map: declared parameters to their places, the rest to the body.
func (b *Bound) flat(params map[string]any) error {
	fields := make([]field, 0, len(params))
	for _, name := range sortedKeys(params) {
		p, declared := b.Operation.Parameter(name)
		if !declared {
			f, err := b.field(name, params[name])
			if err != nil {
				return err
			}
			fields = append(fields, f)
		} else if err := b.argue(p, name, params[name]); err != nil {
			return err
		}
	}
	return b.setFields("", fields)
}

// sortedKeys returns the keys of a map, so that errors and requests do not depend
// on its order.
func sortedKeys[M ~map[string]V, V any](m M) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// argue binds a Go value to a parameter.
func (b *Bound) argue(p *schema.Parameter, name string, value any) error {
	f, err := b.field(name, value)
	if err != nil {
		return err
	}
	if f.files != nil {
		return b.fail(name, "got a file, want a value for the %s parameter", p.In)
	}
	if text, ok := value.(string); ok && !utf8.ValidString(text) {
		return b.fail(name, "got a text that is not UTF-8")
	}
	return b.argueJSON(p, name, f.json)
}

func (b *Bound) argueJSON(p *schema.Parameter, name, text string) error {
	if slices.ContainsFunc(b.arguments, func(a argument) bool { return a.parameter == p }) {
		return b.fail(name, "got the %s parameter a second time", p.In)
	}
	b.arguments = append(b.arguments, argument{p, text})
	return nil
}

// text binds JSON text or a Go value that marshals to an object.
func (b *Bound) text(params any) error {
	text, err := b.jsonOf("params", params)
	if err != nil {
		return err
	}
	switch text[0] {
	case 'n':
		return b.flat(nil)
	case '{':
	default:
		return b.fail("", "got params that are %s, want an object, or an Input with a Body", kindOf(text))
	}
	var fields []field
	for name, value := range jsonscan.Members(text) {
		p, declared := b.Operation.Parameter(name)
		if !declared {
			fields = append(fields, field{name: name, json: value})
		} else if err := b.argueJSON(p, name, value); err != nil {
			return err
		}
	}
	if len(b.arguments) > 0 {
		text = ""
	}
	return b.setFields(text, fields)
}

// jsonOf returns the params or the body as JSON text, checked and without white
// space around it.
func (b *Bound) jsonOf(what string, value any) (string, error) {
	if _, isFile := asFile(value); isFile {
		return "", b.fail("", "got %T as %s, want JSON or what marshals to it; a file is a field of Params, or the Body of an Input for a media type that takes bytes", value, what)
	}
	text, ok := rawJSON(value)
	if !ok {
		var err error
		if text, err = marshalText(value); err != nil {
			return "", b.failure("", "the "+what+" cannot be written as JSON", err)
		}
	}
	if err := jsonscan.Check(text, maxDepth); err != nil {
		return "", b.failure("", "the "+what+" cannot be read as JSON", err)
	}
	return strings.TrimSpace(text), nil
}

// kindOf names the type of a JSON text for messages.
func kindOf(text string) string {
	switch text[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// input binds values that say themselves where they go.
func (b *Bound) input(in Input) error {
	for _, section := range []struct {
		place  string
		values map[string]any
	}{{"path", in.Path}, {"query", in.Query}, {"header", in.Header}, {"cookie", in.Cookie}} {
		for _, name := range sortedKeys(section.values) {
			p := b.declared(section.place, name)
			if p == nil {
				if section.place == "path" || !b.settings.allowUnknown {
					return b.unknownParameter(section.place, name)
				}
				p = b.undeclared(section.place, name)
			}
			if err := b.argue(p, name, section.values[name]); err != nil {
				return err
			}
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
func (b *Bound) undeclared(place, name string) *schema.Parameter {
	p := &schema.Parameter{Name: name, In: place, Style: "form", Explode: place == "query"}
	switch place {
	case "header":
		p.Style = "simple"
	case "query":
		p.Brackets = b.brackets()
	}
	return p
}

// unknownParameter refuses a name that the operation has no place for; the
// place is "" for flat params.
func (b *Bound) unknownParameter(place, name string) error {
	what := "parameter"
	var names []string
	for _, p := range b.Operation.Parameters {
		if place == "" || p.In == place {
			names = append(names, p.Name)
		}
	}
	if place != "" {
		what = place + " parameter"
		if p, ok := b.Operation.Parameter(name); ok {
			return b.fail(name, "unknown %s, but there is a %s parameter of that name", what, p.In)
		}
	}
	nearest := near.Question(near.Names(name, names, 3))
	switch {
	case nearest != "" || place != "":
	case b.settings.allowUnknown:
		nearest = "; the operation takes no body: an Input says where else it goes"
	case len(names) == 0:
		nearest = "; the operation takes none"
	}
	return b.fail(name, "unknown %s%s", what, nearest)
}

func (b *Bound) inputBody(in Input) error {
	switch {
	case b.Operation.RequestBody != nil:
	case in.Body != nil:
		return b.fail("", "got a body, but the operation takes none")
	case in.MediaType != "":
		return b.fail("", "got media type %.80q, but the operation takes no body", in.MediaType)
	}
	if in.Body == nil {
		return nil
	}
	params, isMap := in.Body.(Params)
	if !isMap {
		params, isMap = in.Body.(map[string]any)
	}
	var fields []field
	for _, name := range sortedKeys(params) {
		f, err := b.field(name, params[name])
		if err != nil {
			return err
		}
		fields = append(fields, f)
	}
	media, content, err := b.chooseMediaType(in.MediaType, fields, in.Body)
	if err != nil {
		return err
	}
	if isRaw(content) {
		return b.setRaw(media, content, in)
	}
	if isMap {
		return b.setBody(media, content, "", fields)
	}
	text, err := b.jsonOf("body", in.Body)
	if err != nil {
		return err
	}
	for name, value := range jsonscan.Members(text) {
		fields = append(fields, field{name: name, json: value})
	}
	return b.setBody(media, content, text, fields)
}

// setRaw takes the bytes of a body that is neither JSON nor a form.
func (b *Bound) setRaw(media *schema.MediaType, content string, in Input) error {
	if in.MediaType != "" && !strings.Contains(in.MediaType, "*") {
		content = in.MediaType // with its parameters
	}
	file, ok := asFile(in.Body)
	switch v := in.Body.(type) {
	case []byte:
		file, ok = File{Body: strings.NewReader(string(v))}, true
	case string:
		file, ok = File{Body: strings.NewReader(v)}, true
	}
	if !ok {
		return b.fail("", "got %T as body, want []byte, string, File or io.Reader for %s", in.Body, media.Name)
	}
	if err := file.check(); err != nil {
		return b.failure("", "the body cannot be sent", err)
	}
	if file.MediaType != "" {
		content = file.MediaType
	}
	file = file.named("body")
	b.body = body{media: media, content: content, raw: &file}
	return nil
}

// field turns a Go value into JSON text, or files.
func (b *Bound) field(name string, value any) (field, error) {
	files, list, err := asFiles(value)
	if err != nil {
		return field{}, b.failure(name, "cannot be sent", err)
	}
	if files != nil {
		for i := range files {
			files[i] = files[i].named(name)
		}
		return field{name: name, files: files, list: list}, nil
	}
	text, err := marshalText(value)
	if err != nil {
		return field{}, b.failure(name, "cannot be written as JSON", err)
	}
	if _, ok := value.(json.RawMessage); ok {
		if err := jsonscan.Check(text, maxDepth); err != nil {
			return field{}, b.failure(name, "is not JSON", err)
		}
	}
	return field{name: name, json: text}, nil
}

// setFields makes the body of what flat params leave for it.
func (b *Bound) setFields(text string, fields []field) error {
	if len(fields) == 0 {
		return nil
	}
	if b.Operation.RequestBody == nil {
		return b.unknownParameter("", fields[0].name)
	}
	media, content, err := b.chooseMediaType("", fields, nil)
	if err != nil {
		return err
	}
	return b.setBody(media, content, text, fields)
}

// setBody makes a body of JSON or a form. The text is that of the whole body, ""
// to make it of the fields.
func (b *Bound) setBody(media *schema.MediaType, content, text string, fields []field) error {
	b.body = body{media: media, content: content}
	file := slices.IndexFunc(fields, func(f field) bool { return f.files != nil })
	switch {
	case file >= 0 && !isMultipart(content):
		return b.fail(fields[file].name, "got a file, but the operation takes %s", mediaTypes(b.Operation))
	case isRaw(content):
		return b.fail("", "got fields, but the operation takes %s: give its bytes as Input.Body", mediaTypes(b.Operation))
	case !isForm(content):
		if b.body.json = text; text == "" {
			b.body.json = object(fields)
		}
	case text != "" && text[0] != '{':
		return b.fail("", "got a body that is %s, want an object for %s", kindOf(text), content)
	default:
		b.body.fields = fields
	}
	return nil
}

// chooseMediaType returns the entry of the document that a body goes by, and
// the media type that it is sent as, which differ where the entry is a range:
// by name if one is given, else multipart for files among the fields, else JSON,
// else a form, else the first. A whole body that is a file goes as one of those
// that are neither JSON nor a form.
func (b *Bound) chooseMediaType(name string, fields []field, whole any) (*schema.MediaType, string, error) {
	request := b.Operation.RequestBody
	if name != "" {
		media, ok := request.MediaType(name)
		if !ok || !validMediaType(name) {
			return nil, "", b.fail("", "got media type %.80q, want %s", name, mediaTypes(b.Operation))
		}
		if strings.Contains(media.Name, "*") {
			return media, name, nil
		}
		return media, media.Name, nil
	}
	preferred := []func(string) bool{schema.IsJSON, isForm}
	if _, isFile := asFile(whole); isFile {
		preferred = []func(string) bool{isRaw}
	} else if slices.ContainsFunc(fields, func(f field) bool { return f.files != nil }) {
		preferred = []func(string) bool{isMultipart, schema.IsJSON, isForm}
	}
	for _, fits := range preferred {
		for _, media := range request.Content {
			if fits(media.Name) {
				return media, media.Name, nil
			}
		}
	}
	if _, isText := rawJSON(whole); !isText {
		if media, ok := request.MediaType("application/json"); ok { // within a range
			return media, "application/json", nil
		}
	}
	return request.Content[0], request.Content[0].Name, nil
}

func isMultipart(mediaType string) bool {
	return strings.HasPrefix(strings.ToLower(mediaType), "multipart/")
}

func isForm(mediaType string) bool {
	return isMultipart(mediaType) || strings.HasPrefix(strings.ToLower(mediaType), "application/x-www-form-urlencoded")
}

// isRaw reports whether a media type is one whose bytes the caller makes.
func isRaw(mediaType string) bool { return !schema.IsJSON(mediaType) && !isForm(mediaType) }

func mediaTypes(op *schema.Operation) string {
	var names []string
	for _, m := range op.RequestBody.Content {
		names = append(names, m.Name)
	}
	return strings.Join(names, " or ")
}
