package clienttest

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/opcall/opcall/internal/jsonscan"
)

// jsonObject is a JSON object whose members keep their order, as the API writes
// them.
type jsonObject []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o jsonObject) MarshalJSON() ([]byte, error) { return o.appendTo(nil) }

// marshal writes an object without the copies of encoding/json.
func (o jsonObject) marshal() ([]byte, error) { return o.appendTo(make([]byte, 0, 1024)) }

func (o jsonObject) appendTo(text []byte) ([]byte, error) {
	text = append(text, '{')
	var err error
	for i, m := range o {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(jsonscan.AppendString(text, m.name), ':')
		if text, err = appendValue(text, m.value); err != nil {
			return nil, err
		}
	}
	return append(text, '}'), nil
}

// appendValue writes what objects are made of; all else is left to encoding/json.
func appendValue(text []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(text, "null"...), nil
	case string:
		return jsonscan.AppendString(text, v), nil
	case int:
		return strconv.AppendInt(text, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(text, v, 10), nil
	case bool:
		return strconv.AppendBool(text, v), nil
	case jsonObject:
		if v == nil {
			return append(text, "null"...), nil
		}
		return v.appendTo(text)
	case []jsonObject:
		if v == nil {
			return append(text, "null"...), nil
		}
		text = append(text, '[')
		var err error
		for i, o := range v {
			if i > 0 {
				text = append(text, ',')
			}
			if text, err = o.appendTo(text); err != nil {
				return nil, err
			}
		}
		return append(text, ']'), nil
	case json.RawMessage:
		if json.Valid(v) {
			return append(text, v...), nil
		}
	}
	other, err := jsonscan.Marshal(value)
	return append(text, other...), err
}

// with is the object with members replaced where they are, or added at the end.
func (o jsonObject) with(members ...member) jsonObject {
	o = slices.Clone(o)
	for _, m := range members {
		at := slices.IndexFunc(o, func(have member) bool { return have.name == m.name })
		if at < 0 {
			o = append(o, m)
		} else {
			o[at] = m
		}
	}
	return o
}

// parseObject reads an object whose members stay as they are written.
func parseObject(text []byte) (o jsonObject) {
	for name, value := range jsonscan.Members(string(text)) {
		o = append(o, member{name, json.RawMessage(value)})
	}
	return o
}
