package openai

import (
	"bytes"
	"encoding/json"
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

// appendString appends a string as JSON.
func appendString(buf []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			text, _ := marshal(s) // a string always encodes
			return append(buf, text...)
		}
	}
	return append(append(append(buf, '"'), s...), '"')
}
