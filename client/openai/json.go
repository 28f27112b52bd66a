package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
)

// marshal writes a value as JSON, with <, > and & as they are.
func marshal(value any) ([]byte, error) { return jsonscan.Marshal(value) }

// quote writes a string as JSON.
func quote(s string) string { return string(jsonscan.AppendString(nil, s)) }

// splitMembers reads the members of a JSON object, in their order; of {} the result
// is empty, but not nil.
func splitMembers(data []byte) (jsonscan.Object, error) {
	text := string(bytes.TrimSpace(data))
	if text == "" || text[0] != '{' {
		return nil, fmt.Errorf("got %.40q, want an object", text)
	}
	return jsonscan.ReadObject(text), nil
}

// joinMembers writes an object, which may be nil.
func joinMembers(members jsonscan.Object) json.RawMessage {
	if members == nil {
		return nil
	}
	return json.RawMessage(members.String())
}

// replaceMembers returns members with new values, in their place where the object has
// them, else at its end. One whose value is "" is taken away.
func replaceMembers(members, edits jsonscan.Object) jsonscan.Object {
	out := slices.Clone(members)
	for _, edit := range edits {
		if edit.Text == "" {
			out.Take(edit.Name)
		} else {
			out.Set(edit.Name, edit.Text)
		}
	}
	return out
}

// readText reads a member that is a string or null.
func readText(m jsonscan.Field, to *string) error {
	if err := json.Unmarshal([]byte(m.Text), to); err != nil {
		return fmt.Errorf("%s: got %.40s, want a string", m.Name, m.Text)
	}
	return nil
}
