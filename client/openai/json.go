package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
)

// marshal writes a value as JSON, with <, > and & as they are.
func marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// quote writes a string as JSON.
func quote(s string) string { return string(jsonscan.AppendString(nil, s)) }

// member is a member of a JSON object: its name, and its value as JSON text.
type member struct{ name, json string }

// splitMembers reads the members of a JSON object, in their order.
func splitMembers(data []byte) ([]member, error) {
	text := string(bytes.TrimSpace(data))
	if text == "" || text[0] != '{' {
		return nil, fmt.Errorf("got %.40q, want an object", text)
	}
	members := make([]member, 0, 8)
	for name, value := range jsonscan.Members(text) {
		members = append(members, member{name, value})
	}
	return members, nil
}

// writeMembers writes a JSON object.
func writeMembers(members []member) []byte {
	size := 2
	for _, m := range members {
		size += len(m.name) + len(m.json) + 4
	}
	buf := append(make([]byte, 0, size), '{')
	for i, m := range members {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = append(append(jsonscan.AppendString(buf, m.name), ':'), m.json...)
	}
	return append(buf, '}')
}

// joinMembers is writeMembers for an object that may be none.
func joinMembers(members []member) json.RawMessage {
	if members == nil {
		return nil
	}
	return writeMembers(members)
}

// replaceMembers gives members new values, in their place where the object has
// them, else at its end. One whose value is "" is taken away.
func replaceMembers(members, edits []member) []member {
	out := slices.Clone(members)
	for _, edit := range edits {
		at := slices.IndexFunc(out, func(m member) bool { return m.name == edit.name })
		switch {
		case edit.json == "" && at >= 0:
			out = slices.Delete(out, at, at+1)
		case edit.json == "":
		case at >= 0:
			out[at] = edit
		default:
			out = append(out, edit)
		}
	}
	return out
}

// readText reads a member that is a string or null.
func readText(m member, to *string) error {
	if err := json.Unmarshal([]byte(m.json), to); err != nil {
		return fmt.Errorf("%s: got %.40s, want a string", m.name, m.json)
	}
	return nil
}
