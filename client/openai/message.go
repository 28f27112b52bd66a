package openai

import (
	"bytes"
	"encoding/json"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Message is one message of a chat. The constructors System, Developer, User,
// Assistant and ToolResult make the everyday ones.
type Message struct {
	Role       string     `json:"role"`
	Content    string     `json:"-"` // text; Parts comes before it
	Parts      []Part     `json:"-"`
	Name       string     `json:"name,omitempty"`
	ToolCalls  []ToolCall `json:"tool_calls,omitempty"`   // of an assistant message
	ToolCallID string     `json:"tool_call_id,omitempty"` // of a tool message: the call that it answers
	Refusal    string     `json:"refusal,omitempty"`      // of an assistant message
}

// System returns a system message.
func System(text string) Message { return Message{Role: "system", Content: text} }

// Developer returns a developer message, which newer models take in place of a
// system message.
func Developer(text string) Message { return Message{Role: "developer", Content: text} }

// User returns a message of the user: text, or parts of it and others.
func User(text string, parts ...Part) Message {
	if len(parts) == 0 {
		return Message{Role: "user", Content: text}
	}
	if text != "" {
		parts = append([]Part{Text(text)}, parts...)
	}
	return Message{Role: "user", Parts: parts}
}

// Assistant returns a message of the model.
func Assistant(text string) Message { return Message{Role: "assistant", Content: text} }

// ToolResult returns the answer to a tool call.
func ToolResult(callID, result string) Message {
	return Message{Role: "tool", ToolCallID: callID, Content: result}
}

// MarshalJSON writes the content as text or as parts; an assistant message that
// only calls tools or refuses has none.
func (m Message) MarshalJSON() ([]byte, error) {
	if len(m.Parts) == 0 && len(m.ToolCalls) == 0 {
		return m.appendText(make([]byte, 0, len(m.Content)+64)), nil
	}
	type plain Message
	out := struct {
		plain
		Content any `json:"content,omitempty"`
	}{plain: plain(m)}
	switch {
	case len(m.Parts) > 0:
		out.Content = m.Parts
	case m.Content != "":
		out.Content = m.Content
	}
	return marshal(out)
}

// appendText appends a message that has nothing but texts.
func (m Message) appendText(buf []byte) []byte {
	buf = jsonscan.AppendString(append(buf, `{"role":`...), m.Role)
	for _, member := range [...]struct{ name, text string }{
		{`,"name":`, m.Name}, {`,"tool_call_id":`, m.ToolCallID}, {`,"refusal":`, m.Refusal},
	} {
		if member.text != "" {
			buf = jsonscan.AppendString(append(buf, member.name...), member.text)
		}
	}
	if m.Content != "" || m.Refusal == "" {
		buf = jsonscan.AppendString(append(buf, `,"content":`...), m.Content)
	}
	return append(buf, '}')
}

// UnmarshalJSON reads a message that a chat completion holds.
func (m *Message) UnmarshalJSON(data []byte) error {
	type plain Message
	in := struct {
		*plain
		Content json.RawMessage `json:"content"`
	}{plain: (*plain)(m)}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	m.Content, m.Parts = "", nil
	if bytes.HasPrefix(in.Content, []byte("[")) {
		return json.Unmarshal(in.Content, &m.Parts)
	}
	if len(in.Content) == 0 || string(in.Content) == "null" {
		return nil
	}
	return json.Unmarshal(in.Content, &m.Content)
}

// Part is one part of a message's content, as the API writes it: Text, ImageURL
// or any other object with a type.
type Part map[string]any

// Text returns a part of text.
func Text(text string) Part { return Part{"type": "text", "text": text} }

// ImageURL returns an image by its address, which may be a data: URL.
func ImageURL(url string) Part {
	return Part{"type": "image_url", "image_url": map[string]any{"url": url}}
}

// ToolCall is a function that the model wants to be called.
type ToolCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"` // "function"
	Function FunctionCall `json:"function"`
}

// FunctionCall is a function's name with its arguments, JSON text that the
// model made up and that need not be valid.
type FunctionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// FunctionTool is a function that the model may call.
type FunctionTool struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Parameters  any    `json:"parameters,omitempty"` // JSON Schema: anything that marshals to one
	Strict      *bool  `json:"strict,omitempty"`
}

// Usage counts the tokens of an answer.
type Usage struct {
	InputTokens     int64 // of the prompt, the cached ones included
	CachedTokens    int64
	OutputTokens    int64 // of the answer, the reasoning included
	ReasoningTokens int64
	TotalTokens     int64
}
