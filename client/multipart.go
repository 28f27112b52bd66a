package client

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/schema"
)

// FileError says that a file to upload cannot be read.
type FileError struct {
	Operation string // its ID
	Field     string // of the form
	Name      string // of the file
	Err       error
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s: %.80q: the file %.120q cannot be read: %v", e.Operation, e.Field, e.Name, e.Err)
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// part is one part of a multipart body (RFC 7578): a header, and a value or a
// file.
type part struct {
	header []byte
	value  string
	file   *upload
}

// upload is a file that is streamed.
type upload struct {
	operation, field string
	File
	head   []byte // read ahead of a file that cannot be rewound
	size   int64  // in all, -1 when unknown
	rewind func() error
}

// sniffLength is how much http.DetectContentType looks at.
const sniffLength = 512

// encodeMultipart writes multipart/form-data (RFC 7578) as a sequence of
// readers: no file is held in memory, and no goroutine is needed.
func (b *Bound) encodeMultipart() (encoded, error) {
	var parts []part
	for _, f := range b.formFields() {
		var err error
		if f.files != nil {
			parts, err = b.appendFiles(parts, f)
		} else {
			parts, err = b.appendValue(parts, f)
		}
		if err != nil {
			return encoded{}, err
		}
	}
	var random [15]byte
	rand.Read(random[:])
	boundary := "opcall-" + hex.EncodeToString(random[:])
	e := encoded{contentType: "multipart/form-data; boundary=" + boundary, again: true}
	for i := range parts {
		prefix := "\r\n--" + boundary + "\r\n"
		if i == 0 {
			prefix = prefix[2:]
		}
		parts[i].header = append([]byte(prefix), parts[i].header...)
		e.length += int64(len(parts[i].header) + len(parts[i].value))
		if file := parts[i].file; file != nil {
			if file.size < 0 || e.length < 0 {
				e.length = -1 << 62 // unknown stays unknown
			} else {
				e.length += file.size
			}
			e.again = e.again && file.rewind != nil
		}
	}
	end := "\r\n--" + boundary + "--\r\n"
	if len(parts) == 0 {
		end = end[2:]
	}
	if e.length += int64(len(end)); e.length < 0 {
		e.length = -1
	}
	e.open = func() (io.ReadCloser, error) {
		readers := make([]io.Reader, 0, 3*len(parts)+1)
		for _, p := range parts {
			readers = append(readers, bytes.NewReader(p.header))
			if p.file == nil {
				readers = append(readers, strings.NewReader(p.value))
				continue
			}
			if p.file.rewind != nil {
				if err := p.file.rewind(); err != nil {
					return nil, p.file.fail(err)
				}
			}
			readers = append(readers, bytes.NewReader(p.file.head), p.file)
		}
		return io.NopCloser(io.MultiReader(append(readers, strings.NewReader(end))...)), nil
	}
	return e, nil
}

// appendFiles adds a part a file. A list of files is a field in brackets, or one
// that stands several times.
func (b *Bound) appendFiles(parts []part, f field) ([]part, error) {
	name := f.name
	if f.list && b.brackets() && !strings.HasSuffix(name, "[]") {
		name += "[]"
	}
	for _, file := range f.files {
		u := &upload{operation: b.Operation.ID, field: f.name, File: file}
		if err := u.open(b.body.media.Encoding[f.name].ContentType); err != nil {
			return nil, err
		}
		parts = append(parts, part{file: u, header: partHeader(name, file.Name, u.MediaType)})
	}
	return parts, nil
}

// open measures the file and reads its beginning: a file that cannot be read is
// refused before anything is sent.
func (u *upload) open(declared string) error {
	u.size, u.rewind = measure(u.Body)
	head := make([]byte, sniffLength)
	n, err := io.ReadFull(u.Body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return u.fail(err)
	}
	head = head[:n]
	if u.MediaType == "" {
		u.MediaType = mime.TypeByExtension(filepath.Ext(u.Name))
	}
	if u.MediaType == "" && declared != "" && !strings.ContainsAny(declared, "*,") {
		u.MediaType = declared
	}
	if u.MediaType == "" {
		u.MediaType = http.DetectContentType(head)
	}
	if u.rewind == nil {
		u.head = head
		if n < sniffLength {
			u.size = int64(n)
		}
	}
	return nil
}

func (u *upload) fail(err error) error {
	return &FileError{Operation: u.operation, Field: u.field, Name: u.Name, Err: err}
}

// Read is that of the file, its errors named.
func (u *upload) Read(p []byte) (int, error) {
	n, err := u.Body.Read(p)
	if err != nil && err != io.EOF {
		err = u.fail(err)
	}
	return n, err
}

// appendValue adds the parts of a JSON value: arrays and objects in brackets
// where the document says so, else a part an item and objects as JSON (OpenAPI
// 3.1 §4.8.15).
func (b *Bound) appendValue(parts []part, f field) ([]part, error) {
	encoding := b.body.media.Encoding[f.name]
	value := gjson.Parse(f.json)
	if value.Type == gjson.Null {
		return parts, nil
	}
	if encoding.ContentType != "" && !strings.Contains(encoding.ContentType, "*") {
		text := f.json
		if value.Type == gjson.String && !schema.IsJSON(encoding.ContentType) {
			text = value.String()
		}
		return append(parts, part{value: text, header: partHeader(f.name, "", encoding.ContentType)}), nil
	}
	if b.brackets() {
		return appendBracketed(parts, f.name, value), nil
	}
	items := []gjson.Result{value}
	if value.IsArray() {
		items = value.Array()
	}
	for _, item := range items {
		contentType := ""
		if item.IsObject() || item.IsArray() {
			contentType = "application/json"
		}
		parts = append(parts, part{value: plainText(item), header: partHeader(f.name, "", contentType)})
	}
	return parts, nil
}

func appendBracketed(parts []part, name string, value gjson.Result) []part {
	switch {
	case value.IsArray():
		if !strings.HasSuffix(name, "[]") {
			name += "[]"
		}
		for _, item := range value.Array() {
			parts = appendBracketed(parts, name, item)
		}
		return parts
	case value.IsObject():
		value.ForEach(func(key, member gjson.Result) bool {
			parts = appendBracketed(parts, name+"["+key.String()+"]", member)
			return true
		})
		return parts
	case value.Type == gjson.Null:
		return parts
	}
	return append(parts, part{value: plainText(value), header: partHeader(name, "", "")})
}

// plainText is a string as it is, anything else as JSON.
func plainText(value gjson.Result) string {
	if value.Type == gjson.String {
		return value.String()
	}
	return value.Raw
}

// quoteName escapes a field or file name as browsers do (RFC 7578 §2, WHATWG
// HTML §4.10.21.8).
var quoteName = strings.NewReplacer("\r", "%0D", "\n", "%0A", `"`, "%22")

func partHeader(name, file, contentType string) []byte {
	header := `Content-Disposition: form-data; name="` + quoteName.Replace(name) + `"`
	if file != "" {
		header += `; filename="` + quoteName.Replace(file) + `"`
	}
	header += "\r\n"
	if contentType != "" {
		header += "Content-Type: " + strings.Map(printable, contentType) + "\r\n"
	}
	return []byte(header + "\r\n")
}

func printable(r rune) rune {
	if r < 0x20 || r > 0x7e {
		return -1
	}
	return r
}
