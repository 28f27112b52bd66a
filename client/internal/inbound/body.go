package inbound

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/schema"
)

// readBody reads the request body and validates it against the schema of its media
// type. It refuses what it cannot validate; problems are noted.
func (rx *reception) readBody() *Refusal {
	contentType := rx.http.Header.Get("Content-Type")
	if rx.op.RequestBody == nil || contentType == "" {
		return rx.readUndescribed()
	}
	media, ok := rx.op.RequestBody.MediaType(contentType)
	if !ok {
		return rx.readUndescribed()
	}
	name, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		name = contentType
	}
	switch {
	case schema.IsJSON(name):
		return rx.readJSON(media)
	case strings.HasPrefix(name, "multipart/"):
		return rx.readMultipart(media, params["boundary"])
	case name == urlEncoded:
		return rx.readURLEncoded(media)
	}
	if rx.Body, rx.Size, err = rx.keep(rx.http.Body); err != nil {
		return brokenOff(err)
	}
	return nil
}

// BodyKind says how the body of a request is validated.
type BodyKind int

// The kinds of bodies.
const (
	BodyUndescribed BodyKind = iota // by whether there is one: the operation takes none, or none of its media type
	BodyWhole                       // as a whole: JSON and urlencoded forms
	BodyMultipart                   // part by part: multipart forms, whose files need not be kept
	BodyOpaque                      // not at all: the document says nothing about the bytes of other types
)

// KindOf returns the kind of the body of a request with that Content-Type.
func KindOf(op *schema.Operation, contentType string) BodyKind {
	if op.RequestBody == nil || contentType == "" {
		return BodyUndescribed
	}
	if _, ok := op.RequestBody.MediaType(contentType); !ok {
		return BodyUndescribed
	}
	name := mediaType(contentType)
	if schema.IsJSON(name) || name == urlEncoded {
		return BodyWhole
	}
	if strings.HasPrefix(name, "multipart/") {
		return BodyMultipart
	}
	return BodyOpaque
}

const urlEncoded = "application/x-www-form-urlencoded"

func mediaType(contentType string) string {
	name, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return contentType
	}
	return name
}

// readUndescribed reads a body that the operation does not describe, or finds
// that there is none.
func (rx *reception) readUndescribed() *Refusal {
	var err error
	if rx.Body, rx.Size, err = rx.keep(rx.http.Body); err != nil {
		return brokenOff(err)
	}
	contentType := rx.http.Header.Get("Content-Type")
	switch request := rx.op.RequestBody; {
	case request == nil && rx.Size == 0:
	case request == nil:
		rx.problem("", "", "got a body of %d bytes, but the operation takes none", max(rx.Size, rx.http.ContentLength))
	case rx.Size > 0 || contentType != "":
		return &Refusal{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type",
			Message: fmt.Sprintf("%s: got media type %.80q, want %s", named(rx.op), contentType, extension.MediaTypes(request.MediaTypes())),
		}
	case request.Required:
		rx.problem("", "required", "missing request body: %s", extension.MediaTypes(request.MediaTypes()))
	}
	return nil
}

func (rx *reception) readJSON(media *schema.MediaType) *Refusal {
	text, refusal := rx.readAll()
	if refusal != nil {
		return refusal
	}
	rx.setBody(text)
	if len(text) == 0 && !rx.op.RequestBody.Required {
		return nil
	}
	if media.Schema != nil {
		rx.note("", rx.validate(media.Schema, json.RawMessage(text)))
	} else if !json.Valid(text) {
		rx.problem("", "", "the body is not JSON")
	}
	return nil
}

// setBody notes a body that was read as a whole.
func (rx *reception) setBody(text []byte) {
	if rx.Body = text; !rx.validator.KeepWhole {
		rx.Body = bytes.Clone(text[:min(len(text), rx.validator.Keep)])
	}
}

// readAll reads a body that has to be validated as a whole.
func (rx *reception) readAll() ([]byte, *Refusal) {
	text, err := readText(io.LimitReader(rx.http.Body, MaxBody+1), rx.http.ContentLength)
	rx.Size = int64(len(text))
	if err != nil {
		return nil, brokenOff(err)
	}
	if len(text) > MaxBody {
		return nil, tooLarge(MaxBody)
	}
	return text, nil
}

// maxAnnounced is how much is set aside for a body before it is there, whatever length the
// request says.
const maxAnnounced = 1 << 20

// readText reads to the end, into one piece of memory where the length is known.
func readText(r io.Reader, length int64) ([]byte, error) {
	if length <= 0 || length > maxAnnounced {
		return io.ReadAll(r)
	}
	text := bytes.NewBuffer(make([]byte, 0, length+bytes.MinRead))
	_, err := text.ReadFrom(r)
	return text.Bytes(), err
}

// keep reads to the end and returns the beginning with the length of the whole.
func (rx *reception) keep(r io.Reader) ([]byte, int64, error) {
	head, err := io.ReadAll(io.LimitReader(r, int64(rx.validator.Keep)))
	if err != nil {
		return head, int64(len(head)), err
	}
	rest, err := io.Copy(io.Discard, r)
	return head, int64(len(head)) + rest, err
}

func tooLarge(limit int) *Refusal {
	return &Refusal{
		Status: http.StatusRequestEntityTooLarge, Code: "request_too_large",
		Message: fmt.Sprintf("got more than %d bytes outside of files", limit),
	}
}

func brokenOff(err error) *Refusal {
	return &Refusal{
		Status: http.StatusBadRequest, Code: "invalid_body",
		Message: "the body cannot be read: " + mask.Line(err.Error(), 500),
	}
}
