package openai

import (
	"context"
	"maps"

	"github.com/opcall/opcall/client"
)

// ChatRequest is the everyday part of a chat completion request. Fields at
// their zero value are left out; pointers tell zero from absent:
// Temperature: new(0.0).
type ChatRequest struct {
	Model               string
	Messages            []Message
	Temperature         *float64 // 0 to 2
	TopP                *float64 // 0 to 1
	MaxCompletionTokens *int64
	N                   *int64
	Seed                *int64
	Stop                []string // at most 4
	Tools               []any    // FunctionTool, or any object of the API
	ToolChoice          any      // "auto", "none", "required", or an object
	ParallelToolCalls   *bool
	ResponseFormat      any
	ReasoningEffort     string
	Metadata            map[string]string
	Store               *bool
	User                string

	// Extra holds every other field of the request by its name in the API. It
	// comes before the fields above.
	Extra map[string]any
}

// params writes the request as createChatCompletion takes it.
func (r ChatRequest) params() client.Params {
	p := client.Params{}
	setText(p, "model", r.Model)
	if r.Messages != nil {
		p["messages"] = r.Messages
	}
	set(p, "temperature", r.Temperature)
	set(p, "top_p", r.TopP)
	set(p, "max_completion_tokens", r.MaxCompletionTokens)
	set(p, "n", r.N)
	set(p, "seed", r.Seed)
	set(p, "parallel_tool_calls", r.ParallelToolCalls)
	set(p, "store", r.Store)
	if len(r.Stop) > 0 {
		p["stop"] = r.Stop
	}
	if len(r.Tools) > 0 {
		p["tools"] = chatTools(r.Tools)
	}
	if r.ToolChoice != nil {
		p["tool_choice"] = r.ToolChoice
	}
	if r.ResponseFormat != nil {
		p["response_format"] = r.ResponseFormat
	}
	setText(p, "reasoning_effort", r.ReasoningEffort)
	setText(p, "user", r.User)
	if len(r.Metadata) > 0 {
		p["metadata"] = r.Metadata
	}
	maps.Copy(p, r.Extra)
	return p
}

// set adds a field that was given.
func set[T any](p client.Params, name string, value *T) {
	if value != nil {
		p[name] = *value
	}
}

func setText(p client.Params, name, value string) {
	if value != "" {
		p[name] = value
	}
}

// chatTools puts functions into the envelope that chat completions have for
// them.
func chatTools(tools []any) []any {
	out := make([]any, len(tools))
	for i, tool := range tools {
		switch t := tool.(type) {
		case FunctionTool:
			tool = client.Params{"type": "function", "function": t}
		case *FunctionTool: // a nil one becomes null, which validation names
			tool = client.Params{"type": "function", "function": t}
		}
		out[i] = tool
	}
	return out
}

// ChatResult is a chat completion.
type ChatResult struct{ *client.Response }

// Chat creates a chat completion: Call of createChatCompletion.
func (c *Client) Chat(ctx context.Context, req ChatRequest, opts ...client.CallOption) (*ChatResult, error) {
	r, err := c.Call(ctx, "createChatCompletion", req.params(), opts...)
	if r == nil {
		return nil, err
	}
	return &ChatResult{r}, err
}

// Text is the text of the first choice.
func (r *ChatResult) Text() string { return r.Get("choices.0.message.content").String() }

// FinishReason tells why the first choice ended: "stop", "length",
// "tool_calls", "content_filter".
func (r *ChatResult) FinishReason() string { return r.Get("choices.0.finish_reason").String() }

// Refusal is the model's refusal in the first choice, "" when it did not refuse.
func (r *ChatResult) Refusal() string { return r.Get("choices.0.message.refusal").String() }

// Message is the message of the first choice, to be sent back with the next
// request.
func (r *ChatResult) Message() Message {
	message := Message{Role: "assistant"}
	first := r.Get("choices.0.message")
	message.Content = first.Get("content").String()
	message.Refusal = first.Get("refusal").String()
	message.ToolCalls = r.ToolCalls()
	return message
}

// ToolCalls are the calls that the first choice asks for.
func (r *ChatResult) ToolCalls() []ToolCall {
	var calls []ToolCall
	for _, call := range r.Get("choices.0.message.tool_calls").Array() {
		calls = append(calls, ToolCall{
			ID: call.Get("id").String(), Type: call.Get("type").String(),
			Function: FunctionCall{Name: call.Get("function.name").String(), Arguments: call.Get("function.arguments").String()},
		})
	}
	return calls
}

// Usage counts the tokens.
func (r *ChatResult) Usage() Usage {
	u := r.Get("usage")
	return Usage{
		InputTokens:     u.Get("prompt_tokens").Int(),
		CachedTokens:    u.Get("prompt_tokens_details.cached_tokens").Int(),
		OutputTokens:    u.Get("completion_tokens").Int(),
		ReasoningTokens: u.Get("completion_tokens_details.reasoning_tokens").Int(),
		TotalTokens:     u.Get("total_tokens").Int(),
	}
}
