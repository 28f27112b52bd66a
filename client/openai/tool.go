package openai

import (
	"encoding/json"

	"github.com/opcall/opcall/internal/jsonscan"
)

// FunctionTool is a function that the model may call. As JSON it has the form of
// chat completions; RespondRequest and ResponseTools write it as the Responses
// API has it.
type FunctionTool struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Parameters  any    `json:"parameters,omitempty"` // JSON Schema: anything that marshals to one
	Strict      *bool  `json:"strict,omitempty"`
}

// CustomTool is a tool that the model gives a text instead of JSON, by a grammar
// where there is one. Its two forms are those of FunctionTool.
type CustomTool struct {
	Name        string
	Description string
	Grammar     string // definition; "" for any text
	Syntax      string // of the grammar: "lark" or "regex"
}

// flatFunction is a function without the envelope of chat completions.
type flatFunction FunctionTool

// MarshalJSON writes {"type": "function", "function": {…}}.
func (t FunctionTool) MarshalJSON() ([]byte, error) {
	return marshal(struct {
		Type     string       `json:"type"`
		Function flatFunction `json:"function"`
	}{"function", flatFunction(t)})
}

// custom is a custom tool without an envelope.
type custom struct {
	Type        string         `json:"type,omitempty"`
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Format      map[string]any `json:"format,omitempty"`
}

// MarshalJSON writes {"type": "custom", "custom": {…}}.
func (t CustomTool) MarshalJSON() ([]byte, error) {
	plain := custom{Name: t.Name, Description: t.Description}
	if t.Grammar != "" {
		plain.Format = map[string]any{"type": "grammar", "grammar": map[string]any{"definition": t.Grammar, "syntax": t.Syntax}}
	}
	return marshal(struct {
		Type   string `json:"type"`
		Custom custom `json:"custom"`
	}{"custom", plain})
}

// ResponseTools writes tools in the form of the Responses API, for params that
// are not a RespondRequest: client.Params{"tools": openai.ResponseTools(tool)}.
// Tools of other types than FunctionTool, CustomTool and ToolFunc stay as they are.
func ResponseTools(tools ...any) []any {
	type function struct {
		Type string `json:"type"`
		flatFunction
	}
	out := make([]any, len(tools))
	for i, tool := range tools {
		if t, ok := tool.(*ToolFunc); ok && t != nil {
			tool = t.definition
		}
		switch t := tool.(type) {
		case *FunctionTool:
			if t != nil { // a nil one becomes null, which validation names
				tool = function{"function", flatFunction(*t)}
			}
		case FunctionTool:
			tool = function{"function", flatFunction(t)}
		case *CustomTool:
			if t != nil {
				tool = t.forResponses()
			}
		case CustomTool:
			tool = t.forResponses()
		}
		out[i] = tool
	}
	return out
}

func (t CustomTool) forResponses() custom {
	out := custom{Type: "custom", Name: t.Name, Description: t.Description}
	if t.Grammar != "" {
		out.Format = map[string]any{"type": "grammar", "definition": t.Grammar, "syntax": t.Syntax}
	}
	return out
}

// ToolCall is a tool that the model wants to be called, in either API.
type ToolCall struct {
	ID       string       `json:"id"`   // in the Responses API its call_id
	Type     string       `json:"type"` // "function" or "custom"
	Function FunctionCall `json:"-"`    // of a call of the type "function"
	Custom   CustomCall   `json:"-"`    // of a call of the type "custom"

	members jsonscan.Object // what came, when a server made it
}

// FunctionCall is a function's name with its arguments, JSON text that the
// model made up and that need not be valid.
type FunctionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

// UnmarshalJSON reads a function call. Arguments that a host writes as an object
// instead of its text are taken as that text.
func (c *FunctionCall) UnmarshalJSON(data []byte) error {
	members, err := splitMembers(data)
	if err != nil {
		return err
	}
	for _, m := range members {
		switch {
		case m.Name == "name":
			err = readText(m, &c.Name)
		case m.Name == "arguments" && m.Text[0] == '{':
			c.Arguments = m.Text
		case m.Name == "arguments":
			err = readText(m, &c.Arguments)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// CustomCall is a custom tool's name with its input.
type CustomCall struct {
	Name  string `json:"name"`
	Input string `json:"input"`
}

// Name is the name of the tool, whatever the type of the call.
func (c ToolCall) Name() string {
	if c.Type == "custom" {
		return c.Custom.Name
	}
	return c.Function.Name
}

// Input is what the tool is called with: the arguments of a function, the input
// of a custom tool.
func (c ToolCall) Input() string {
	if c.Type == "custom" {
		return c.Custom.Input
	}
	return c.Function.Arguments
}

// Result returns the message that holds the result of the call.
func (c ToolCall) Result(result string) Message {
	m := ToolResult(c.ID, result)
	m.custom = c.Type == "custom"
	return m
}

// Raw is the call as the server sent it, nil for one that no server made.
func (c ToolCall) Raw() json.RawMessage { return joinMembers(c.members) }

// MarshalJSON writes the call in the form of chat completions, with every member
// that came with it.
func (c ToolCall) MarshalJSON() ([]byte, error) {
	edits := jsonscan.Object{{Name: "id", Text: quote(c.ID)}, {Name: "type", Text: quote(c.Type)}}
	body := any(c.Function)
	switch c.Type {
	case "custom":
		body = c.Custom
	case "function", "":
	default: // of a type that is not known here
		body = nil
	}
	if body != nil {
		text, err := marshal(body)
		if err != nil {
			return nil, err
		}
		name := c.Type
		if name == "" {
			name = "function"
		}
		edits = append(edits, jsonscan.Field{Name: name, Text: string(text)})
	}
	return c.merge(edits), nil
}

// merge writes the members that came, those that have been changed anew.
func (c ToolCall) merge(edits jsonscan.Object) []byte {
	var was ToolCall
	if c.members == nil {
		return []byte(edits.String())
	}
	if err := was.read(c.members); err == nil && was.same(c) {
		return []byte(c.members.String())
	}
	return []byte(replaceMembers(c.members, edits).String())
}

func (c ToolCall) same(other ToolCall) bool {
	return c.ID == other.ID && c.Type == other.Type && c.Function == other.Function && c.Custom == other.Custom
}

// UnmarshalJSON reads a call of chat completions.
func (c *ToolCall) UnmarshalJSON(data []byte) error {
	members, err := splitMembers(data)
	if err != nil {
		return err
	}
	*c = ToolCall{}
	if err := c.read(members); err != nil {
		return err
	}
	c.members = members
	return nil
}

func (c *ToolCall) read(members jsonscan.Object) error {
	for _, m := range members {
		var err error
		switch m.Name {
		case "id":
			err = readText(m, &c.ID)
		case "type":
			err = readText(m, &c.Type)
		case "function":
			err = json.Unmarshal([]byte(m.Text), &c.Function)
		case "custom":
			err = json.Unmarshal([]byte(m.Text), &c.Custom)
		}
		if err != nil {
			return err
		}
	}
	if c.Type == "" && c.Function.Name != "" { // hosts leave the type out
		c.Type = "function"
	}
	return nil
}
