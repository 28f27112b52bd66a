package inbound

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

// Form reads a request with a multipart form (RFC 7578) bit by bit, so that a body of
// any length can be validated while it is passed on.
type Form struct {
	rx      *reception
	media   *schema.MediaType
	counted *counter
	reader  *multipart.Reader
	fields  []formField
	limit   int             // of bytes of the fields which are not files
	budget  int             // what is left of it
	file    *multipart.Part // that is being read, nil between parts
	kept    int             // bytes of files
	buf     []byte
}

// Form begins to read a request whose KindOf is Multipart. It refuses what can be refused
// without the body. All fields that are not files may have limit bytes together.
func (j *Validator) Form(hr *http.Request, op *schema.Operation, path map[string]string, limit int) (*Form, *Refusal) {
	rx := j.receive(hr, op, path)
	if refusal := rx.readParameters(); refusal != nil {
		return nil, refusal
	}
	media, _ := op.RequestBody.MediaType(hr.Header.Get("Content-Type"))
	form, refusal := rx.form(media, boundaryOf(hr.Header.Get("Content-Type")))
	if refusal != nil {
		return nil, refusal
	}
	form.limit = min(limit, form.limit)
	form.budget = form.limit
	rx.checkHeaders()
	return form, rx.refusal()
}

// Next reads on: a field, or a piece of a file. It reports whether the form is at its
// end, and then what the whole is refused for.
func (f *Form) Next() (done bool, refusal *Refusal) {
	if done, refusal = f.next(); refusal != nil || !done {
		return refusal != nil, refusal
	}
	f.validate()
	return true, f.rx.refusal()
}

func boundaryOf(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params["boundary"]
}

// readMultipart reads the whole of a multipart form. The fields make a JSON object, in
// which files are strings, as schemas describe them.
func (rx *reception) readMultipart(media *schema.MediaType, boundary string) *Refusal {
	form, refusal := rx.form(media, boundary)
	for done := false; refusal == nil && !done; {
		done, refusal = form.next()
	}
	if refusal != nil {
		return refusal
	}
	io.Copy(io.Discard, form.counted)
	rx.Size = form.counted.n
	form.validate()
	return nil
}

func (rx *reception) form(media *schema.MediaType, boundary string) (*Form, *Refusal) {
	if boundary == "" {
		return nil, brokenOff(fmt.Errorf("the Content-Type has no boundary"))
	}
	counted := &counter{r: rx.http.Body}
	return &Form{rx: rx, media: media, counted: counted, reader: multipart.NewReader(counted, boundary), limit: MaxBody, budget: MaxBody}, nil
}

// validate validates the object that the fields make.
func (f *Form) validate() {
	f.rx.checkFiles(f.media, f.fields)
	f.rx.validateForm(f.media, func(r reading) (json.RawMessage, error) {
		return joinFields(f.fields, f.rx.validator.shapes.of(f.media.Schema, r), extension.Brackets(f.rx.op.Document()))
	})
}

// unambiguous refuses the head of a part that others may read as that of another one.
func unambiguous(h textproto.MIMEHeader) error {
	for _, name := range []string{"Content-Disposition", "Content-Type", "Content-Transfer-Encoding"} {
		if n := len(h.Values(name)); n > 1 {
			return fmt.Errorf("%d headers %s", n, name)
		}
	}
	switch encoding := strings.ToLower(h.Get("Content-Transfer-Encoding")); encoding {
	case "", "7bit", "8bit", "binary":
		return nil
	default:
		return fmt.Errorf("the Content-Transfer-Encoding %.80q, want none (RFC 7578 §4.7)", encoding)
	}
}

// piece is how much of a file is read at once.
const piece = 32 << 10

func (f *Form) next() (done bool, refusal *Refusal) {
	if f.file != nil {
		return false, f.readPiece()
	}
	// Raw, as NextPart decodes quoted-printable, and takes away the header that says so: what
	// was validated would not be what is passed on.
	part, err := f.reader.NextRawPart()
	switch {
	case err == io.EOF:
		return true, nil
	case err != nil:
		return false, brokenOff(err)
	case len(f.fields) == maxParts:
		return false, brokenOff(fmt.Errorf("got more than %d parts", maxParts))
	}
	return false, f.begin(part)
}

// begin reads the head of a part, and the value of one that is not a file.
func (f *Form) begin(part *multipart.Part) *Refusal {
	record := Part{Name: part.FormName(), ContentType: part.Header.Get("Content-Type")}
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil || record.Name == "" {
		return brokenOff(fmt.Errorf("part %d has no name", len(f.fields)+1))
	}
	if err := unambiguous(part.Header); err != nil {
		return brokenOff(fmt.Errorf("part %d has %w", len(f.fields)+1, err))
	}
	field := formField{name: record.Name}
	if name, isFile := params["filename"]; isFile {
		record.FileName = name
		field.text, field.kind = name, fileField
		f.file = part
	} else {
		// The budget is that of all fields: many small ones cost as much as a large one.
		text, err := io.ReadAll(io.LimitReader(part, int64(f.budget)+1))
		if err != nil {
			return brokenOff(err)
		}
		if f.budget -= len(text); f.budget < 0 {
			return tooLarge(f.limit)
		}
		record.Content, record.Size = bytes.Clone(text[:min(len(text), f.rx.validator.Keep)]), int64(len(text))
		field.text = string(text)
		if schema.IsJSON(record.ContentType) || schema.IsJSON(f.media.Encoding[record.Name].ContentType) {
			field.kind = jsonField
		}
	}
	f.rx.Parts = append(f.rx.Parts, record)
	f.fields = append(f.fields, field)
	return nil
}

// readPiece reads on in a file.
func (f *Form) readPiece() *Refusal {
	record := &f.rx.Parts[len(f.rx.Parts)-1]
	if f.buf == nil {
		f.buf = make([]byte, piece)
	}
	n, err := f.file.Read(f.buf)
	record.Size += int64(n)
	room := f.rx.validator.Keep - len(record.Content)
	if limit := f.rx.validator.KeepFiles; limit > 0 {
		room = min(room, limit-f.kept)
	}
	keep := min(n, room)
	f.kept += keep
	if cap(record.Content)-len(record.Content) < keep {
		// Doubled, so that a file is copied once, and not beyond what is kept of it.
		record.Content = slices.Grow(record.Content, min(room, max(keep, len(record.Content))))
	}
	record.Content = append(record.Content, f.buf[:keep]...)
	switch {
	case err == io.EOF:
		f.file = nil
	case err != nil:
		return brokenOff(err)
	}
	return nil
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
