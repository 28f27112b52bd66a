package client

import (
	"bytes"
	"encoding/json"
	"errors"
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
	for _, f := range fields {
		buf = jsonscan.AppendMember(buf, f.name, f.json)
	}
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

// writers pools encoders with their buffers.
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
