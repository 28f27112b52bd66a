package openai

import (
	"encoding/json"
	"reflect"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Message is one message of a chat, or of the input of the Responses API. The
// constructors System, Developer, User, Assistant and ToolResult make the
// everyday ones.
//
// A Message that was read from JSON, by UnmarshalJSON or as a result, keeps every
// member that it came with, known here or not, and is written with them again;
// a field that was changed since then is written anew.
type Message struct {
	Role       string
	Content    string // text; ignored if Parts is set
	Parts      []Part
	Name       string
	ToolCalls  []ToolCall // of an assistant message
	ToolCallID string     // of a tool message: the call whose result it is
	Refusal    string     // of an assistant message

	members jsonscan.Object // what came, nil for a message that was made here
	back    func() []byte   // what of it goes back, nil for all
	foreign bool            // a server made it
	custom  bool            // it is the result of a custom tool's call
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

// ToolResult returns the result of a tool call, for both APIs. ToolCall.Result
// does it for a call at hand, and tells custom tools from functions, which the
// Responses API wants told apart.
func ToolResult(callID, result string) Message {
	return Message{Role: "tool", ToolCallID: callID, Content: result}
}

// Text is the text of the message: its Content, or that of its text parts.
func (m Message) Text() string {
	if len(m.Parts) > 0 {
		return texts(m.Parts)
	}
	return m.Content
}

// Raw is the message as it came, nil for one that was made here.
func (m Message) Raw() json.RawMessage { return joinMembers(m.members) }

// Received reports whether a server made the message. Validation then ignores
// members that the schema does not know: they go back as they came.
func (m Message) Received() bool {
	return m.foreign && slices.Contains(m.members, jsonscan.Field{Name: "role", Text: quote(m.Role)})
}

// MarshalJSON writes the message as chat completions have it. Content is text or
// parts; it is null in an assistant message that only calls tools, and left out
// in one that only refuses.
func (m Message) MarshalJSON() ([]byte, error) {
	if text, ok := m.AppendJSON(make([]byte, 0, len(m.Content)+64)); ok {
		return text, nil
	}
	edits, err := m.edits()
	if err != nil {
		return nil, err
	}
	members := m.members
	if m.back != nil {
		if members, err = splitMembers(m.back()); err != nil {
			return nil, err
		}
	}
	return []byte(replaceMembers(members, edits).String()), nil
}

// AppendJSON appends what MarshalJSON returns, and reports whether it does: it does so for
// a message that was made here and has nothing but texts. A request is written by it in one
// piece.
func (m *Message) AppendJSON(dst []byte) ([]byte, bool) {
	if len(m.Parts) > 0 || len(m.ToolCalls) > 0 || m.members != nil {
		return dst, false
	}
	return m.appendText(dst), true
}

// appendText appends a message that has nothing but texts.
func (m *Message) appendText(buf []byte) []byte {
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

// edits are the members of the message that differ from what came.
func (m Message) edits() (jsonscan.Object, error) {
	was := readable(m.members)
	fresh := m.members == nil
	var edits jsonscan.Object
	put := func(name, now, before string) {
		if now != before || fresh && now != "" {
			text := ""
			if now != "" {
				text = quote(now)
			}
			edits = append(edits, jsonscan.Field{Name: name, Text: text})
		}
	}
	if fresh || m.Role != was.Role {
		edits = append(edits, jsonscan.Field{Name: "role", Text: quote(m.Role)})
	}
	put("name", m.Name, was.Name)
	put("tool_call_id", m.ToolCallID, was.ToolCallID)
	put("refusal", m.Refusal, was.Refusal)
	content, err := m.content(was)
	if err != nil {
		return nil, err
	}
	edits = append(edits, content...)
	if !slices.EqualFunc(m.ToolCalls, was.ToolCalls, ToolCall.same) {
		text := []byte{}
		if len(m.ToolCalls) > 0 {
			if text, err = marshal(m.ToolCalls); err != nil {
				return nil, err
			}
		}
		edits = append(edits, jsonscan.Field{Name: "tool_calls", Text: string(text)})
	}
	return edits, nil
}

// content is the member content where it differs from what came, or has to be
// there.
func (m Message) content(was Message) (jsonscan.Object, error) {
	switch {
	case len(m.Parts) > 0 && !reflect.DeepEqual(m.Parts, was.Parts):
		text, err := marshal(forChat(m.Parts))
		return jsonscan.Object{{Name: "content", Text: string(text)}}, err
	case len(m.Parts) > 0:
		return nil, nil
	case m.Content != was.Content || len(was.Parts) > 0:
		return jsonscan.Object{{Name: "content", Text: quote(m.Content)}}, nil
	case len(m.ToolCalls) > 0 && !m.members.Has("content"):
		return jsonscan.Object{{Name: "content", Text: "null"}}, nil
	case m.members == nil && m.Refusal == "":
		return jsonscan.Object{{Name: "content", Text: quote(m.Content)}}, nil
	}
	return nil, nil
}

// UnmarshalJSON reads a message of a chat completion.
func (m *Message) UnmarshalJSON(data []byte) error {
	members, err := splitMembers(data)
	if err != nil {
		return err
	}
	*m = Message{}
	if err := m.read(members); err != nil {
		return err
	}
	m.members = members
	return nil
}

// read fills the fields from the members of a message.
func (m *Message) read(members jsonscan.Object) error {
	for _, x := range members {
		var err error
		switch x.Name {
		case "role":
			err = readText(x, &m.Role)
		case "name":
			err = readText(x, &m.Name)
		case "tool_call_id":
			err = readText(x, &m.ToolCallID)
		case "refusal":
			err = readText(x, &m.Refusal)
		case "tool_calls":
			err = json.Unmarshal([]byte(x.Text), &m.ToolCalls)
		case "content":
			if x.Text[0] == '[' {
				err = json.Unmarshal([]byte(x.Text), &m.Parts)
			} else {
				err = readText(x, &m.Content)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// received reads what a server made.
func received(data []byte) Message {
	members, err := splitMembers(data)
	if err != nil {
		return Message{Role: "assistant", foreign: true}
	}
	m := readable(members)
	m.members, m.foreign = members, true
	return m
}

// readable fills the fields from the members that can be read. One of another kind,
// such as a content that is an object, is kept as it came.
func readable(members jsonscan.Object) Message {
	var m Message
	for _, x := range members {
		next := m
		if next.read(jsonscan.Object{x}) == nil {
			m = next
		}
	}
	return m
}

// forChat writes the message for a chat completion: a copy, whose parts have
// chat's form.
func (m Message) forChat() Message {
	if len(m.Parts) > 0 && m.members == nil {
		m.Parts = forChat(m.Parts)
	}
	return m
}

// forChatAll writes messages for a chat completion: the list itself where all of them are
// in that form.
func forChatAll(list []Message) []Message {
	if !slices.ContainsFunc(list, func(m Message) bool { return len(m.Parts) > 0 && m.members == nil }) {
		return list
	}
	messages := make([]Message, len(list))
	for i, m := range list {
		messages[i] = m.forChat()
	}
	return messages
}

// input writes the message as items of the input of the Responses API: a message,
// a call of a tool, the result of one.
func (m Message) input() []any {
	if m.Role == "tool" || m.Role == "function" {
		kind := "function_call_output"
		if m.custom {
			kind = "custom_tool_call_output"
		}
		output := any(m.Content)
		if len(m.Parts) > 0 {
			output = forResponses(m.Parts)
		}
		item := map[string]any{"type": kind, "call_id": m.ToolCallID, "output": output}
		if m.Name != "" {
			item["name"] = m.Name
		}
		return []any{item}
	}
	var items []any
	if message := m.inputMessage(); message != nil {
		items = append(items, message)
	}
	for _, call := range m.ToolCalls {
		items = append(items, call.item())
	}
	return items
}

// inputMessage is the message without its calls, nil when nothing is left.
func (m Message) inputMessage() map[string]any {
	message := map[string]any{"role": m.Role, "content": m.Content}
	if m.Name != "" { // the Responses API has none, as validation says
		message["name"] = m.Name
	}
	switch {
	case m.Role == "assistant" && len(m.Parts) > 0:
		message["content"] = texts(m.Parts)
	case len(m.Parts) > 0:
		message["content"] = forResponses(m.Parts)
	case m.Refusal != "" && m.Content == "":
		message["type"] = "message"
		message["content"] = []any{map[string]any{"type": "refusal", "refusal": m.Refusal}}
	case m.Content == "" && len(m.ToolCalls) > 0:
		return nil
	}
	return message
}

// item writes a call as an item of the Responses API.
func (c ToolCall) item() map[string]any {
	if c.Type == "custom" {
		return map[string]any{"type": "custom_tool_call", "call_id": c.ID, "name": c.Custom.Name, "input": c.Custom.Input}
	}
	return map[string]any{"type": "function_call", "call_id": c.ID, "name": c.Function.Name, "arguments": c.Function.Arguments}
}
