package client

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
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
	return fmt.Sprintf("%s: %.80q: the file %.120q cannot be read: %s", e.Operation, e.Field, e.Name, oneLine(e.Err.Error(), maxMessage))
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// segment is a piece of a body: text, or a file.
type segment struct {
	text string
	file *upload
}

// sniffLength is how much http.DetectContentType looks at.
const sniffLength = 512

// encodeMultipart writes multipart/form-data (RFC 7578).
func (b *Bound) encodeMultipart() (encoded, error) {
	var random [15]byte
	rand.Read(random[:])
	w := formWriter{b: b, boundary: "opcall-" + hex.EncodeToString(random[:])}
	for _, f := range b.formFields() {
		var err error
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

// addFiles adds a part a file. A list of files is a field in brackets, or one
// that stands several times.
func (w *formWriter) addFiles(f field) error {
	name := f.name
	if f.list && w.b.brackets() && !strings.HasSuffix(name, "[]") {
		name += "[]"
	}
	for _, file := range f.files {
		u := &upload{operation: w.b.Operation.ID, field: f.name, File: file}
		if err := u.open(w.b.body.media.Encoding[f.name].ContentType); err != nil {
			return err
		}
		w.add(name, file.Name, u.MediaType, segment{file: u})
	}
	return nil
}

// addField adds the parts of a JSON value: arrays and objects in brackets where
// the document says so, else a part an item and objects as JSON (OpenAPI 3.1
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
	if w.b.brackets() {
		if !w.addBracketed(f.name, value, maxNested) {
			return w.b.fail(f.name, "cannot be written: got a value nested more than %d levels deep", maxNested)
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

// isSingleType tells the contentType of an Encoding Object that can stand in a
// header from ranges and lists of what is allowed.
func isSingleType(contentType string) bool {
	return contentType != "" && !strings.ContainsAny(contentType, "*,")
}

// upload is a file that is streamed.
type upload struct {
	operation, field string
	File
	head   []byte       // read ahead of a file that cannot be rewound
	size   int64        // in all, -1 when unknown
	rewind func() error // nil when the file can be read once only
}

// open measures the file and reads its beginning: a file that cannot be read is
// refused before anything is sent, and the media type may depend on it. declared
// is what the document says of the field.
func (u *upload) open(declared string) error {
	u.size, u.rewind = measure(u.Body)
	head := make([]byte, sniffLength)
	n, err := readHead(u.Body, head)
	if err == nil && u.rewind != nil {
		err = u.rewind() // the next field may be the same file
	}
	if err != nil {
		return u.fail(err)
	}
	head = head[:n]
	switch {
	case n < sniffLength:
		u.size = int64(n)
	case u.size < sniffLength: // a device: seekable, but of no size
		u.size = -1
	}
	if u.rewind == nil {
		u.head = head
	}
	if u.MediaType == "" && isSingleType(declared) {
		u.MediaType = declared
	}
	if u.MediaType == "" {
		u.MediaType = mime.TypeByExtension(filepath.Ext(u.Name))
	}
	if u.MediaType == "" {
		u.MediaType = http.DetectContentType(head)
	}
	return nil
}

// readHead fills head, or reads to the end. Unlike io.ReadFull it keeps an
// ErrUnexpectedEOF of the reader, which is not the end.
func readHead(r io.Reader, head []byte) (n int, err error) {
	for empty := 0; n < len(head) && err == nil; {
		var more int
		if more, err = r.Read(head[n:]); more > 0 {
			n, empty = n+more, 0
		} else if empty++; empty > 100 && err == nil {
			err = io.ErrNoProgress
		}
	}
	if err == io.EOF || n == len(head) {
		err = nil
	}
	return n, err
}

// measure returns how many bytes are left in r, -1 when that is unknown, and a
// function that goes back to where r stands now, nil when r cannot.
func measure(r io.Reader) (int64, func() error) {
	if buffer, ok := r.(*bytes.Buffer); ok {
		return int64(buffer.Len()), nil
	}
	seeker, ok := r.(io.Seeker)
	if !ok {
		return -1, nil
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return -1, nil
	}
	rewind := func() error {
		_, err := seeker.Seek(start, io.SeekStart)
		return err
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil || rewind() != nil {
		return -1, nil
	}
	return max(0, end-start), rewind
}

func (u *upload) fail(err error) error {
	return &FileError{Operation: u.operation, Field: u.field, Name: u.Name, Err: err}
}

// reader returns the file from its beginning. What a file has grown by in the
// meantime is left out: the length has been announced.
func (u *upload) reader() io.Reader {
	if u.size >= 0 {
		return io.LimitReader(&uploadReader{upload: u}, u.size)
	}
	return &uploadReader{upload: u}
}

// uploadReader reads a file, going back to where it began first.
type uploadReader struct {
	*upload
	begun bool
	sent  int // of the head
}

func (r *uploadReader) Read(p []byte) (n int, err error) {
	if !r.begun && r.rewind != nil {
		if err := r.rewind(); err != nil {
			return 0, r.fail(err)
		}
	}
	r.begun = true
	if r.sent < len(r.head) {
		n = copy(p, r.head[r.sent:])
		r.sent += n
		return n, nil
	}
	if n, err = r.Body.Read(p); err != nil && err != io.EOF {
		err = r.fail(err)
	}
	return n, err
}
