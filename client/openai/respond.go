package openai

import (
	"context"
	"maps"

	"github.com/opcall/opcall/client"
)

// RespondRequest is the everyday part of a request of the Responses API.
// Fields at their zero value are left out; pointers tell zero from absent.
//
// It marshals to the API's JSON, and is the params of any method that takes some;
// the event that a socket of responses takes is one with "type":
// "response.create" in Extra.
type RespondRequest struct {
	Model string

	// Input is text, or a Message, an Item or a list of them and of objects of the
	// API ([]Message, []Item, []any). Messages with their parts, tool calls and
	// results are written as this API has them.
	Input any

	Instructions       string
	PreviousResponseID string
	Conversation       string // its ID
	Temperature        *float64
	TopP               *float64
	MaxOutputTokens    *int64
	MaxToolCalls       *int64
	TopLogprobs        *int64 // 0 to 20
	Tools              []any  // FunctionTool, CustomTool, ToolFunc, or any object of the API
	ToolChoice         any
	ParallelToolCalls  *bool
	ResponseFormat     any    // Format, or an object such as {"type": "json_object"}: the format of text
	Verbosity          string // of text: "low", "medium", "high"
	Text               any    // overrides ResponseFormat and Verbosity
	ReasoningEffort    string // of reasoning
	Reasoning          any    // overrides ReasoningEffort
	Include            []string
	Truncation         string
	Metadata           map[string]string
	Store              *bool
	Background         *bool
	ServiceTier        string
	SafetyIdentifier   string
	PromptCacheKey     string

	// Extra holds every other field of the request by its name in the API. Its
	// entries override the fields above; one that is nil is written as null.
	Extra map[string]any
}

// Params returns the request as params of createResponse.
func (r RespondRequest) Params() client.Params {
	p := client.Params{}
	setText(p, "model", r.Model)
	setText(p, "instructions", r.Instructions)
	setText(p, "previous_response_id", r.PreviousResponseID)
	setText(p, "conversation", r.Conversation)
	setText(p, "truncation", r.Truncation)
	setText(p, "service_tier", r.ServiceTier)
	setText(p, "safety_identifier", r.SafetyIdentifier)
	setText(p, "prompt_cache_key", r.PromptCacheKey)
	set(p, "temperature", r.Temperature)
	set(p, "top_p", r.TopP)
	set(p, "max_output_tokens", r.MaxOutputTokens)
	set(p, "max_tool_calls", r.MaxToolCalls)
	set(p, "top_logprobs", r.TopLogprobs)
	set(p, "parallel_tool_calls", r.ParallelToolCalls)
	set(p, "store", r.Store)
	set(p, "background", r.Background)
	if r.Input != nil {
		p["input"] = Input(r.Input)
	}
	if r.ToolChoice != nil {
		p["tool_choice"] = r.ToolChoice
	}
	text := client.Params{}
	setText(text, "verbosity", r.Verbosity)
	if r.ResponseFormat != nil {
		text["format"] = formatForResponses(r.ResponseFormat)
	}
	setObject(p, "text", r.Text, text)
	reasoning := client.Params{}
	setText(reasoning, "effort", r.ReasoningEffort)
	setObject(p, "reasoning", r.Reasoning, reasoning)
	if len(r.Tools) > 0 {
		p["tools"] = ResponseTools(r.Tools...)
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

// setObject adds a field that was given whole, or else its parts.
func setObject(p client.Params, name string, whole any, parts client.Params) {
	switch {
	case whole != nil:
		p[name] = whole
	case len(parts) > 0:
		p[name] = parts
	}
}

// MarshalJSON writes the request as the API has it.
func (r RespondRequest) MarshalJSON() ([]byte, error) { return marshal(r.Params()) }

// Respond creates a model response: Call of createResponse. A result without a
// list of output is a *client.ResponseError.
func (c *Client) Respond(ctx context.Context, req RespondRequest, opts ...client.CallOption) (*RespondResult, error) {
	r, err := c.Call(ctx, "createResponse", req, opts...)
	return respondResult(r, err)
}

// respondResult makes the result of a response, which is nil where there is none.
func respondResult(r *client.Response, err error) (*RespondResult, error) {
	if r == nil {
		return nil, err
	}
	// One that is not complete may have no output yet.
	if status := r.Get("status").String(); err == nil && !r.Get("output").IsArray() && (status == "completed" || r.Get("object").String() != "response") {
		err = missing(r, "output", "a list of output")
	}
	return newRespondResult(r), err
}

// RespondStream creates a model response and streams it: Stream of
// createResponse. Its Final is a RespondResult, also after the text has been
// ranged over.
func (c *Client) RespondStream(ctx context.Context, req RespondRequest, opts ...client.CallOption) (*RespondStream, error) {
	s, err := c.Stream(ctx, "createResponse", req, append([]client.CallOption{client.WithStreamAccumulation()}, opts...)...)
	if err != nil {
		return nil, err
	}
	return &RespondStream{s}, nil
}

// RespondStream is a model response that arrives piece by piece.
type RespondStream struct{ *client.Stream }

// Final reads the stream to its end and returns what Respond would have returned,
// with the errors of client.Stream.Final.
func (s *RespondStream) Final() (*RespondResult, error) { return respondResult(s.Stream.Final()) }
