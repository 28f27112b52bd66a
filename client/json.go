package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
)

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
		buf = append(append(jsonscan.AppendString(buf, f.name), ':'), f.json...)
	}
	return jsonscan.Alias(append(buf, '}')) // nobody else has it
}

// withMember returns an object with a member, in place of the one of that name or
// behind all others.
func withMember(text string, added field) string {
	if _, had := jsonscan.Member(text, added.name); had {
		var fields []field
		for key, value := range jsonscan.Members(text) {
			fields = append(fields, field{name: key, json: value})
		}
		return object(replaceField(fields, added))
	}
	rest := strings.TrimRight(strings.TrimSuffix(text, "}"), " \t\r\n")
	buf := append(make([]byte, 0, len(rest)+len(added.name)+len(added.json)+5), rest...)
	if rest != "{" {
		buf = append(buf, ',')
	}
	buf = append(append(jsonscan.AppendString(buf, added.name), ':'), added.json...)
	return jsonscan.Alias(append(buf, '}')) // nobody else has it
}

// rawJSON returns the text of values that are JSON text already. It is a copy:
// a transport may still be sending when the call is over.
func rawJSON(value any) (string, bool) {
	switch v := value.(type) {
	case json.RawMessage:
		return string(v), true
	case []byte:
		return string(v), true
	case string:
		return v, true
	}
	return "", false
}

// writer is an encoder with the buffer that it writes into.
type writer struct {
	text    bytes.Buffer
	encoder *json.Encoder
}

// writers are those that wait to be used again.
var writers = sync.Pool{New: func() any {
	w := &writer{}
	w.encoder = json.NewEncoder(&w.text)
	w.encoder.SetEscapeHTML(false)
	return w
}}

// maxWriter is the capacity up to which the buffer of a writer is used again.
const maxWriter = 64 << 10

func (w *writer) release() {
	if w.text.Cap() <= maxWriter {
		w.text.Reset()
		writers.Put(w)
	}
}

// take returns what w holds, as a text that nobody else has.
func (w *writer) take() string {
	if w.text.Cap() > maxWriter { // release gives the buffer up
		return jsonscan.Alias(w.text.Bytes())
	}
	return w.text.String()
}

// write appends a Go value as JSON, leaving <, > and & as they are. A
// json.RawMessage is taken as it stands, unchecked.
func (w *writer) write(value any) error {
	switch v := value.(type) {
	case json.RawMessage:
		if v == nil {
			v = json.RawMessage("null")
		}
		w.text.Write(v)
		return nil
	case string:
		w.writeString(v)
		return nil
	}
	if err := w.encoder.Encode(value); err != nil {
		var nested *nestedFileError
		if errors.As(err, &nested) {
			return nested
		}
		return err
	}
	w.text.Truncate(w.text.Len() - len("\n"))
	return nil
}

// writeString appends a string as JSON.
func (w *writer) writeString(s string) {
	w.text.Grow(len(s) + len(`""`))
	w.text.Write(jsonscan.AppendString(w.text.AvailableBuffer(), s))
}

// marshalText returns what write appends.
func marshalText(value any) (string, error) {
	w := writers.Get().(*writer)
	defer w.release()
	err := w.write(value)
	return w.take(), err
}

// maxDepth bounds how deep params and responses may be nested.
const maxDepth = 1000
