package clienttest

import (
	"encoding/json"
	"slices"

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
func (o jsonObject) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			text = append(text, ',')
		}
		value, err := jsonscan.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		name, err := jsonscan.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		text = append(append(append(text, name...), ':'), value...)
	}
	return append(text, '}'), nil
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
