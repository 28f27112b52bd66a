package client

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// encodeMultipart writes multipart/form-data (RFC 7578).
func (b *Bound) encodeMultipart() (encoded, error) {
	var random [15]byte
	rand.Read(random[:])
	w := formWriter{b: b, boundary: "opcall-" + hex.EncodeToString(random[:])}
	fields, err := b.formFields()
	if err != nil {
		return encoded{}, err
	}
	for _, f := range fields {
		if f.files != nil {
			err = w.addFiles(f)
		} else {
			err = w.addField(f)
		}
		if err != nil {
			return encoded{}, err
		}
	}
	end := "\r\n--" + w.boundary + "--\r\n"
	if len(w.segments) == 0 {
		end = end[2:]
	}
	mediaType := "multipart/form-data"
	if name, _, _ := strings.Cut(b.body.content, ";"); !strings.Contains(name, "*") {
		mediaType = strings.TrimSpace(name)
	}
	return encodeSegments(mediaType+"; boundary="+w.boundary, append(w.segments, segment{text: end})), nil
}

// formWriter is such a body in the making.
type formWriter struct {
	b        *Bound
	boundary string
	segments []segment
}

// add adds a part: its header, and a value or a file.
func (w *formWriter) add(name, file, contentType string, value segment) {
	header := "\r\n--" + w.boundary + "\r\nContent-Disposition: form-data; name=" + quoted(name)
	if len(w.segments) == 0 {
		header = header[2:]
	}
	if file != "" {
		header += "; filename=" + quoted(file)
	}
	header += "\r\n"
	if contentType != "" {
		header += "Content-Type: " + strings.Map(printable, contentType) + "\r\n"
	}
	header += "\r\n"
	if value.file == nil {
		w.segments = append(w.segments, segment{text: header + value.text})
		return
	}
	w.segments = append(w.segments, segment{text: header}, value)
}

// quoted writes a field or file name as browsers do (RFC 7578 §2, WHATWG HTML
// §4.10.21.8): CR, LF and '"' escaped. They leave other control characters as
// they are, but there are servers that read no header with one.
func quoted(name string) string {
	escaped := []byte{'"'}
	for i := range len(name) {
		if c := name[i]; c < 0x20 || c == '"' || c == 0x7f {
			escaped = append(escaped, '%', upperHex[c>>4], upperHex[c&15])
		} else {
			escaped = append(escaped, c)
		}
	}
	return string(append(escaped, '"'))
}

func printable(r rune) rune {
	if r < 0x20 || r > 0x7e {
		return -1
	}
	return r
}

// addFiles adds one part per file. A list of files is a field in brackets, or one
// that stands several times.
func (w *formWriter) addFiles(f field) error {
	name := f.name
	if f.list && extension.Brackets(w.b.Operation.Document()) && !strings.HasSuffix(name, "[]") {
		name += "[]"
	}
	for _, file := range f.files {
		u := &upload{operation: w.b.plan.name, field: f.name, File: file}
		if err := u.open(w.b.body.media.Encoding[f.name].ContentType); err != nil {
			return err
		}
		w.add(name, file.Name, u.MediaType, segment{file: u})
	}
	return nil
}

// addField adds the parts of a JSON value: arrays and objects in brackets where
// the document says so, else one part per item and objects as JSON (OpenAPI 3.1
// §4.8.15). null adds nothing.
func (w *formWriter) addField(f field) error {
	value := gjson.Parse(f.json)
	contentType := w.b.body.media.Encoding[f.name].ContentType
	if value.Type == gjson.Null {
		return nil
	}
	if isSingleType(contentType) {
		text := f.json
		if value.Type == gjson.String && !schema.IsJSON(contentType) {
			text = value.String()
		}
		w.add(f.name, "", contentType, segment{text: text})
		return nil
	}
	if extension.Brackets(w.b.Operation.Document()) {
		if !w.addBracketed(f.name, value, maxNested) {
			return w.b.wrong("", f.name, "cannot be written: got a value nested more than %d levels deep", maxNested)
		}
		return nil
	}
	items := []gjson.Result{value}
	if value.IsArray() {
		items = value.Array()
	}
	for _, item := range items {
		contentType := ""
		if item.Type == gjson.JSON {
			contentType = "application/json"
		}
		w.add(f.name, "", contentType, segment{text: plainText(item)})
	}
	return nil
}

// maxNested bounds brackets in brackets: each part repeats all of them.
const maxNested = 64

// addBracketed reports whether the value was not nested too deep.
func (w *formWriter) addBracketed(name string, value gjson.Result, levels int) bool {
	switch {
	case value.Type == gjson.Null:
		return true
	case value.Type != gjson.JSON:
		w.add(name, "", "", segment{text: plainText(value)})
		return true
	case levels == 0:
		return false
	}
	isArray := value.IsArray()
	if isArray && !strings.HasSuffix(name, "[]") {
		name += "[]"
	}
	fits := true
	value.ForEach(func(key, member gjson.Result) bool {
		inner := name
		if !isArray {
			inner += "[" + key.String() + "]"
		}
		fits = w.addBracketed(inner, member, levels-1)
		return fits
	})
	return fits
}

// plainText is a string as it is, anything else as JSON.
func plainText(value gjson.Result) string {
	if value.Type == gjson.String {
		return value.String()
	}
	return value.Raw
}

// isSingleType distinguishes the contentType of an Encoding Object that can stand in a
// header from ranges and lists of what is allowed.
func isSingleType(contentType string) bool {
	return contentType != "" && !strings.ContainsAny(contentType, "*,")
}
