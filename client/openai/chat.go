package openai

import (
	"context"
	"maps"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/jsonscan"
)

// ChatRequest is the everyday part of a chat completion request. Fields at
// their zero value are left out; pointers tell zero from absent:
// Temperature: new(0.0).
//
// It marshals to the API's JSON, and is the params of any method that takes some:
// c.Stream(ctx, "createChatCompletion", request), c.Validate, c.Request. A line of
// a batch has it as its body.
type ChatRequest struct {
	Model               string
	Messages            []Message
	Temperature         *float64 // 0 to 2
	TopP                *float64 // 0 to 1
	FrequencyPenalty    *float64 // -2 to 2
	PresencePenalty     *float64 // -2 to 2
	MaxCompletionTokens *int64
	N                   *int64
	Seed                *int64
	Stop                []string // at most 4
	Tools               []any    // FunctionTool, CustomTool, ToolFunc, or any object of the API
	ToolChoice          any      // "auto", "none", "required", or an object
	ParallelToolCalls   *bool
	ResponseFormat      any // Format, or an object such as {"type": "json_object"}
	ReasoningEffort     string
	Verbosity           string // "low", "medium", "high"
	Logprobs            *bool
	TopLogprobs         *int64 // 0 to 20; needs Logprobs
	Metadata            map[string]string
	Store               *bool
	ServiceTier         string
	SafetyIdentifier    string
	PromptCacheKey      string
	User                string // replaced by SafetyIdentifier and PromptCacheKey in newer models

	// Extra holds every other field of the request by its name in the API. Its
	// entries override the fields above; one that is nil is written as null.
	Extra map[string]any
}

// Params returns the request as params of createChatCompletion.
func (r ChatRequest) Params() client.Params {
	p := client.Params{}
	setText(p, "model", r.Model)
	if r.Messages != nil {
		p["messages"] = forChatAll(r.Messages)
	}
	set(p, "temperature", r.Temperature)
	set(p, "top_p", r.TopP)
	set(p, "frequency_penalty", r.FrequencyPenalty)
	set(p, "presence_penalty", r.PresencePenalty)
	set(p, "max_completion_tokens", r.MaxCompletionTokens)
	set(p, "n", r.N)
	set(p, "seed", r.Seed)
	set(p, "parallel_tool_calls", r.ParallelToolCalls)
	set(p, "store", r.Store)
	set(p, "logprobs", r.Logprobs)
	set(p, "top_logprobs", r.TopLogprobs)
	if len(r.Stop) > 0 {
		p["stop"] = r.Stop
	}
	if len(r.Tools) > 0 {
		p["tools"] = r.Tools
	}
	if r.ToolChoice != nil {
		p["tool_choice"] = r.ToolChoice
	}
	if r.ResponseFormat != nil {
		p["response_format"] = r.ResponseFormat
	}
	setText(p, "reasoning_effort", r.ReasoningEffort)
	setText(p, "verbosity", r.Verbosity)
	setText(p, "service_tier", r.ServiceTier)
	setText(p, "safety_identifier", r.SafetyIdentifier)
	setText(p, "prompt_cache_key", r.PromptCacheKey)
	setText(p, "user", r.User)
	if len(r.Metadata) > 0 {
		p["metadata"] = r.Metadata
	}
	maps.Copy(p, r.Extra)
	return p
}

// MarshalJSON writes the request as the API has it.
func (r ChatRequest) MarshalJSON() ([]byte, error) { return marshal(r.Params()) }

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

// Chat creates a chat completion: Call of createChatCompletion. A result without
// a choice, or with one that has no message, is a *client.ResponseError.
func (c *Client) Chat(ctx context.Context, req ChatRequest, opts ...client.CallOption) (*ChatResult, error) {
	r, err := c.Call(ctx, "createChatCompletion", req, opts...)
	return chatResult(r, err)
}

// chatResult makes the result of a response, which is nil where there is none.
func chatResult(r *client.Response, err error) (*ChatResult, error) {
	if r == nil {
		return nil, err
	}
	if err == nil && !hasMessage(r.Raw()) {
		err = withoutMessage(r)
	}
	return &ChatResult{r}, err
}

// withoutMessage returns what is wrong with a response that has no message where the first
// choice should have it.
func withoutMessage(r *client.Response) error {
	switch choice := r.Get("choices.0"); {
	case !choice.IsObject():
		return missing(r, "choices", "a choice")
	// A filter may have taken the message away, and says so.
	case !choice.Get("message").IsObject() && choice.Get("finish_reason").String() != "content_filter":
		return missing(r, "choices.0.message", "a message")
	}
	return nil
}

// hasMessage is a first look at a response, without a copy of its choice. Raw is JSON that
// has been checked.
func hasMessage(raw []byte) bool {
	choices, _ := jsonscan.Member(jsonscan.Alias(raw), "choices")
	for _, choice := range jsonscan.Items(choices) {
		message, _ := jsonscan.Member(choice, "message")
		return message != "" && message[0] == '{'
	}
	return false
}

// ChatStream creates a chat completion and streams it: Stream of
// createChatCompletion. Its Final is a ChatResult, also after the text has been
// ranged over. Usage comes with a stream when it is asked for:
// Extra: map[string]any{"stream_options": map[string]any{"include_usage": true}}.
func (c *Client) ChatStream(ctx context.Context, req ChatRequest, opts ...client.CallOption) (*ChatStream, error) {
	s, err := c.Stream(ctx, "createChatCompletion", req, append([]client.CallOption{client.WithStreamAccumulation()}, opts...)...)
	if err != nil {
		return nil, err
	}
	return &ChatStream{s}, nil
}

// ChatStream is a chat completion that arrives piece by piece.
type ChatStream struct{ *client.Stream }

// Final reads the stream to its end and returns what Chat would have returned,
// with the errors of client.Stream.Final.
func (s *ChatStream) Final() (*ChatResult, error) { return chatResult(s.Stream.Final()) }
