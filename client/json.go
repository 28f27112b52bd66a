package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
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
// json.RawMessage is taken as it stands, unchecked. After an error nothing has been
// appended.
func (w *writer) write(value any) error {
	if raw, ok := value.(json.RawMessage); ok {
		if raw == nil {
			raw = json.RawMessage("null")
		}
		w.text.Write(raw)
		return nil
	}
	start := w.text.Len()
	err := w.value(value, 0)
	if err != nil {
		w.text.Truncate(start)
	}
	return err
}

// value appends a value, and below it what params are mostly made of, in the bytes of
// encoding/json but without reflection, which takes several times as long. All else is left
// to encoding/json, as is what is nested so deep that it may be a circle.
func (w *writer) value(value any, depth int) error {
	if depth > maxDepth {
		return w.encode(value)
	}
	switch v := value.(type) {
	case nil:
		w.text.WriteString("null")
	case string:
		w.writeString(v)
	case bool:
		w.text.Write(strconv.AppendBool(w.text.AvailableBuffer(), v))
	case int:
		w.text.Write(strconv.AppendInt(w.text.AvailableBuffer(), int64(v), 10))
	case int64:
		w.text.Write(strconv.AppendInt(w.text.AvailableBuffer(), v, 10))
	case map[string]any:
		return w.object(v, depth)
	case Params:
		return w.object(v, depth)
	case []any:
		return w.array(v, depth)
	default:
		return w.list(value)
	}
	return nil
}

// object appends a map, sorted by its keys.
func (w *writer) object(m map[string]any, depth int) error {
	if m == nil {
		w.text.WriteString("null")
		return nil
	}
	var few [8]string // on the stack: most objects have no more members
	keys := appendKeys(few[:0], m)
	w.text.WriteByte('{')
	for i, key := range keys {
		if i > 0 {
			w.text.WriteByte(',')
		}
		w.writeString(key)
		w.text.WriteByte(':')
		if err := w.value(m[key], depth+1); err != nil {
			return err
		}
	}
	w.text.WriteByte('}')
	return nil
}

func (w *writer) array(items []any, depth int) error {
	if items == nil {
		w.text.WriteString("null")
		return nil
	}
	w.text.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			w.text.WriteByte(',')
		}
		if err := w.value(item, depth+1); err != nil {
			return err
		}
	}
	w.text.WriteByte(']')
	return nil
}

// appender is a value that can append the text of its MarshalJSON, in the form that
// encoding/json gives it. It reports false, with dst as it was, where it cannot.
type appender interface {
	AppendJSON(dst []byte) ([]byte, bool)
}

var appenderType = reflect.TypeFor[appender]()

// list appends a value of any other type. Where it is a list of appenders, as the messages
// of a chat are, each appends itself.
func (w *writer) list(value any) error {
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.Slice || v.IsNil() || !reflect.PointerTo(v.Type().Elem()).Implements(appenderType) {
		return w.encode(value)
	}
	w.text.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			w.text.WriteByte(',')
		}
		item := v.Index(i).Addr()
		text, ok := item.Interface().(appender).AppendJSON(w.text.AvailableBuffer())
		if ok && jsonscan.Check(jsonscan.Alias(text), maxDepth) == nil {
			w.text.Write(text)
		} else if err := w.encode(item.Interface()); err != nil {
			return err
		}
	}
	w.text.WriteByte(']')
	return nil
}

// encode appends a value by encoding/json.
func (w *writer) encode(value any) error {
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

// appendKeys appends the keys of a map in their order.
func appendKeys(keys []string, m map[string]any) []string {
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
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
