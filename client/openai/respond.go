package openai

import (
	"context"
	"maps"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// RespondRequest is the everyday part of a request of the Responses API.
// Fields at their zero value are left out; pointers tell zero from absent.
type RespondRequest struct {
	Model              string
	Input              any // text, or a list of input items: Message, or objects of the API
	Instructions       string
	PreviousResponseID string
	Conversation       string // its ID
	Temperature        *float64
	TopP               *float64
	MaxOutputTokens    *int64
	Tools              []any // FunctionTool, or any object of the API
	ToolChoice         any
	ParallelToolCalls  *bool
	Text               any // format and verbosity
	Reasoning          any
	Include            []string
	Metadata           map[string]string
	Store              *bool
	Background         *bool

	// Extra holds every other field of the request by its name in the API. It
	// comes before the fields above.
	Extra map[string]any
}

// params writes the request as createResponse takes it.
func (r RespondRequest) params() client.Params {
	p := client.Params{}
	setText(p, "model", r.Model)
	setText(p, "instructions", r.Instructions)
	setText(p, "previous_response_id", r.PreviousResponseID)
	setText(p, "conversation", r.Conversation)
	set(p, "temperature", r.Temperature)
	set(p, "top_p", r.TopP)
	set(p, "max_output_tokens", r.MaxOutputTokens)
	set(p, "parallel_tool_calls", r.ParallelToolCalls)
	set(p, "store", r.Store)
	set(p, "background", r.Background)
	for name, value := range map[string]any{"input": r.Input, "tool_choice": r.ToolChoice, "text": r.Text, "reasoning": r.Reasoning} {
		if value != nil {
			p[name] = value
		}
	}
	if len(r.Tools) > 0 {
		p["tools"] = responseTools(r.Tools)
	}
	if len(r.Include) > 0 {
		p["include"] = r.Include
	}
	if len(r.Metadata) > 0 {
		p["metadata"] = r.Metadata
	}
	maps.Copy(p, r.Extra)
	return p
}

// responseTools marks functions as such: in the Responses API they have no
// envelope.
func responseTools(tools []any) []any {
	type function struct {
		Type string `json:"type"`
		FunctionTool
	}
	out := make([]any, len(tools))
	for i, tool := range tools {
		switch t := tool.(type) {
		case FunctionTool:
			tool = function{"function", t}
		case *FunctionTool:
			if t != nil {
				tool = function{"function", *t}
			}
		}
		out[i] = tool
	}
	return out
}

// RespondResult is an answer of the Responses API.
type RespondResult struct{ *client.Response }

// Respond creates a model response: Call of createResponse.
func (c *Client) Respond(ctx context.Context, req RespondRequest, opts ...client.CallOption) (*RespondResult, error) {
	r, err := c.Call(ctx, "createResponse", req.params(), opts...)
	if r == nil {
		return nil, err
	}
	return &RespondResult{r}, err
}

// ID is what PreviousResponseID takes.
func (r *RespondResult) ID() string { return r.Get("id").String() }

// Status is "completed", "failed", "in_progress", "cancelled", "queued" or
// "incomplete".
func (r *RespondResult) Status() string { return r.Get("status").String() }

// Text is the text of all messages in the output, joined.
func (r *RespondResult) Text() string { return r.contents("output_text", "text") }

// Refusal is the model's refusal, "" when it did not refuse.
func (r *RespondResult) Refusal() string { return r.contents("refusal", "refusal") }

// contents joins a member of the content parts of one type.
func (r *RespondResult) contents(kind, member string) string {
	var text strings.Builder
	r.Get("output").ForEach(func(_, item gjson.Result) bool {
		if item.Get("type").String() == "message" {
			item.Get("content").ForEach(func(_, part gjson.Result) bool {
				if part.Get("type").String() == kind {
					text.WriteString(part.Get(member).String())
				}
				return true
			})
		}
		return true
	})
	return text.String()
}

// FunctionCalls are the calls that the output asks for. Their results go into
// the next request's Input as objects {"type": "function_call_output",
// "call_id": …, "output": …}.
func (r *RespondResult) FunctionCalls() []ToolCall {
	var calls []ToolCall
	for _, item := range r.Get("output").Array() {
		if item.Get("type").String() == "function_call" {
			calls = append(calls, ToolCall{
				ID: item.Get("call_id").String(), Type: "function",
				Function: FunctionCall{Name: item.Get("name").String(), Arguments: item.Get("arguments").String()},
			})
		}
	}
	return calls
}

// Usage counts the tokens.
func (r *RespondResult) Usage() Usage {
	u := r.Get("usage")
	return Usage{
		InputTokens:     u.Get("input_tokens").Int(),
		CachedTokens:    u.Get("input_tokens_details.cached_tokens").Int(),
		OutputTokens:    u.Get("output_tokens").Int(),
		ReasoningTokens: u.Get("output_tokens_details.reasoning_tokens").Int(),
		TotalTokens:     u.Get("total_tokens").Int(),
	}
}
