package jsonscan

import (
	"bytes"
	"encoding/json"
)

// Marshal is json.Marshal that leaves <, > and & as they are. Escapes for HTML are of
// no use on the wire of an API, and make messages that quote a value hard to read. The errors
// are those of encoding/json.
func Marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	// Encode ends each value with a line, which a member of a larger text must not have.
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// TypeName names the type of a JSON text for messages, with its article: "an object".
// It looks at the first character; the text is well formed, or empty.
func TypeName(text string) string {
	if text == "" {
		return "nothing"
	}
	switch text[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}
