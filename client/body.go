package client

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// body is the request body before it is encoded.
type body struct {
	media   *schema.MediaType // nil without a body
	content string            // media type to send; may be a range (image/*), then taken from the content of raw
	json    string            // of a JSON body
	fields  []field           // of a form
	raw     *File             // of any other media type
	absent  bool              // the caller gave none: it is empty, but for what is set in it
}

// field is one field of a form: JSON or files.
type field struct {
	name  string
	json  string
	files []File
	list  bool // files were given as a list
	given given
}

// given is what the caller gave as the value of a field.
type given uint8

const (
	givenJSON  given = iota // a part of JSON text or of a struct
	givenValue              // a value of Params
	givenBytes              // []byte or a list of them, as a value of Params
)

func givenAs(value any) given {
	switch v := value.(type) {
	case []byte, [][]byte:
		return givenBytes
	case []any:
		if len(v) > 0 {
			return givenAs(v[0])
		}
	}
	return givenValue
}

func (b *Bound) inputBody(in Input) error {
	switch {
	case b.Operation.RequestBody != nil:
	case in.Body != nil:
		return b.wrong("", "", "got a body, but the operation takes none")
	case in.MediaType != "":
		return b.wrong("", "", "got media type %.80q, but the operation takes no body", in.MediaType)
	}
	if in.Body == nil {
		return nil
	}
	params, isMap := in.Body.(Params)
	if !isMap {
		params, isMap = in.Body.(map[string]any)
	}
	if !isMap {
		params, isMap = asParams(in.Body)
	}
	names := sortedKeys(params)
	for _, name := range names {
		b.received = appendReceived(b.received, name, params[name])
	}
	text, fields, err := b.fields(nil, params, names)
	if err != nil {
		return err
	}
	media, content, err := b.chooseMediaType(in.MediaType, fields, in.Body)
	if err != nil {
		return err
	}
	if isRaw(content) {
		return b.setRaw(media, content, in)
	}
	if isMap {
		return b.setBody(media, content, text, fields)
	}
	if text, err = b.jsonOf("body", in.Body); err != nil {
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
		return b.wrong("", "", "got %T as body, want []byte, string, File or io.Reader for %s", in.Body, media.Name)
	}
	if err := file.check(); err != nil {
		return b.unfit("", "the body cannot be sent", err)
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
	w := writers.Get().(*writer)
	defer w.release()
	f, err := b.writeField(w, name, value)
	f.json = w.take()
	return f, err
}

// fields turns the values of names into fields, which it appends to dst, and those that are
// JSON into an object, of whose text theirs is a part.
func (b *Bound) fields(dst []field, params map[string]any, names []string) (string, []field, error) {
	w := writers.Get().(*writer)
	defer w.release()
	type span struct{ start, end int }
	spans := make([]span, 0, 16)
	fields := slices.Grow(dst, len(names))
	w.text.WriteByte('{')
	for _, name := range names {
		before := w.text.Len()
		if before > len("{") {
			w.text.WriteByte(',')
		}
		w.writeString(name)
		w.text.WriteByte(':')
		at := span{start: w.text.Len()}
		f, err := b.writeField(w, name, params[name])
		if at.end = w.text.Len(); err != nil || f.files != nil {
			w.text.Truncate(before)
			at = span{}
		}
		if err := b.misplaced.note(err); err != nil {
			return "", nil, err
		}
		fields, spans = append(fields, f), append(spans, at)
	}
	w.text.WriteByte('}')
	text := w.take()
	for i, at := range spans {
		fields[i].json = text[at.start:at.end]
	}
	return text, fields, nil
}

// writeField writes a Go value to w as JSON, or returns it as files.
func (b *Bound) writeField(w *writer, name string, value any) (field, error) {
	files, list, err := asFiles(value)
	if err != nil {
		return field{}, b.unfit(name, "cannot be sent", err)
	}
	if files != nil {
		for i := range files {
			files[i] = files[i].named(name)
		}
		return field{name: name, files: files, list: list}, nil
	}
	if raw, ok := value.(json.RawMessage); ok && raw != nil {
		if err := jsonscan.Check(jsonscan.Alias(raw), maxDepth); err != nil {
			return field{}, b.unfit(name, "is not JSON", err)
		}
	}
	if err := w.write(value); err != nil {
		return field{}, b.unfit(name, "cannot be written as JSON", err)
	}
	return field{name: name, given: givenAs(value)}, nil
}

// setFields makes the body of what flat params leave for it.
func (b *Bound) setFields(text string, fields []field) error {
	if len(fields) == 0 {
		return nil
	}
	if b.Operation.RequestBody == nil {
		for _, f := range fields {
			b.misplaced.unknown(b, "", f.name)
		}
		return nil
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
	case file >= 0 && isRaw(content):
		return b.wrong("", fields[file].name, "got a file, but the operation takes %s: give its bytes as Input.Body", extension.MediaTypes(b.Operation.RequestBody.MediaTypes()))
	case file >= 0 && !isMultipart(content):
		return b.wrong("", fields[file].name, "got a file, but the operation takes %s", extension.MediaTypes(b.Operation.RequestBody.MediaTypes()))
	case isRaw(content):
		return b.wrong("", "", "got fields, but the operation takes %s: give its bytes as Input.Body", extension.MediaTypes(b.Operation.RequestBody.MediaTypes()))
	case !isForm(content):
		if b.body.json = text; text == "" {
			b.body.json = object(fields)
		}
	case text != "" && text[0] != '{':
		return b.wrong("", "", "got a body that is %s, want an object for %s", jsonscan.TypeName(text), content)
	default:
		b.body.fields = slices.Clone(fields) // those that come may be on the stack
	}
	return nil
}

// completeBody makes an empty object or form of a body that the caller did not give,
// where the operation requires one or extra fields are to be set in it. A body of
// bytes, and one that the document does not describe, cannot be made up: Validate
// reports that it is missing.
func (b *Bound) completeBody() error {
	request, extra := b.Operation.RequestBody, len(b.settings.extraBody) > 0
	if b.body.media != nil || request == nil || !request.Required && !extra {
		return nil
	}
	empty, err := b.emptyBody()
	if empty.media != nil && (empty.media.Schema != nil || extra) {
		b.body = empty
	}
	return err
}

// emptyBody returns an object or a form without fields, nothing where the operation
// takes neither.
func (b *Bound) emptyBody() (body, error) {
	media, content, err := b.chooseMediaType("", nil, nil)
	switch {
	case err != nil || isRaw(content):
		return body{}, err
	case isForm(content):
		return body{media: media, content: content, absent: true}, nil
	}
	return body{media: media, content: content, json: "{}", absent: true}, nil
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
			return nil, "", b.wrong("", "", "got media type %.80q, want %s", name, extension.MediaTypes(b.Operation.RequestBody.MediaTypes()))
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
			if fits(media.Name) && schema.IsJSON(media.Name) && strings.Contains(media.Name, "*") { // application/*+json
				return media, "application/json", nil
			}
			if fits(media.Name) {
				return media, media.Name, nil
			}
		}
	}
	// A text or bytes may be of any media type in a range, which a json.RawMessage may not.
	_, isJSON := whole.(json.RawMessage)
	if _, isText := rawJSON(whole); isJSON || !isText {
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

// askForStream makes the call one for the stream of its operation, and returns what the
// document says of that.
func (b *Bound) askForStream() (*extension.Stream, error) {
	spec, err := b.plan.stream()
	if err != nil {
		return nil, err
	}
	b.accepts = extension.EventStream
	for _, f := range spec.Request {
		if err := b.put(f.Name, f.JSON); err != nil {
			return nil, err
		}
	}
	return spec, nil
}

// put sets a parameter, or else a field of the body, in place of what the caller
// gave for it.
func (b *Bound) put(name, text string) error {
	if p, ok := b.Operation.Parameter(name); ok {
		b.arguments = slices.DeleteFunc(b.arguments, func(a argument) bool { return a.parameter == p })
		return b.argueJSON(p, name, text)
	}
	if b.Operation.RequestBody == nil {
		return b.fail(name, "the document asks for the stream by a field, but the operation takes no body")
	}
	if b.body.media == nil {
		empty, err := b.emptyBody()
		if err != nil {
			return err
		}
		b.body = empty
	}
	switch {
	case b.body.raw != nil || isRaw(b.body.content):
		return b.wrong("", name, "cannot be set in a body of %s", extension.MediaTypes(b.Operation.RequestBody.MediaTypes()))
	case !isForm(b.body.content) && b.body.json[0] != '{':
		return b.wrong("", name, "cannot be set in a body that is %s", jsonscan.TypeName(b.body.json))
	}
	b.body = b.body.with(field{name: name, json: text})
	return nil
}

// with returns the body, a form or a JSON object, with a field. The body itself does
// not change.
func (b body) with(added field) body {
	if isForm(b.content) {
		b.fields = replaceField(slices.Clone(b.fields), added)
	} else {
		b.json = jsonscan.SetMember(b.json, added.name, added.json)
	}
	return b
}

// replaceField returns fields with one in place of the first of its name, and
// without others of that name, or else behind all others.
func replaceField(fields []field, added field) []field {
	at := slices.IndexFunc(fields, func(f field) bool { return f.name == added.name })
	if at < 0 {
		return append(fields, added)
	}
	fields[at] = added
	rest := slices.DeleteFunc(fields[at+1:], func(f field) bool { return f.name == added.name })
	return fields[:at+1+len(rest)]
}

// given returns the JSON text of a parameter or body field, "" where the caller
// gave none.
func (b *Bound) given(name string) string {
	for _, edit := range slices.Backward(b.settings.extraBody) {
		if len(edit.tokens) == 1 && edit.tokens[0] == name {
			return edit.json
		}
	}
	for _, a := range b.arguments {
		if a.parameter.Name == name {
			return a.json
		}
	}
	for _, f := range b.body.fields {
		if f.name == name {
			return f.json
		}
	}
	text, _ := jsonscan.Member(b.body.json, name)
	return text
}

// terminalEvents returns how many events of a terminal type the stream has.
func (b *Bound) terminalEvents(s *extension.Stream) int {
	if s.Count == "" {
		return 1
	}
	return max(1, int(gjson.Parse(b.given(s.Count)).Int()))
}
