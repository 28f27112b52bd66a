package openai

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// ChatResult is a chat completion. What its methods do not name, Get has:
// r.Get("system_fingerprint").
type ChatResult struct{ *client.Response }

// Choice is one of the results that a request with N asks for.
type Choice struct {
	Index        int
	FinishReason string  // as ChatResult.FinishReason
	Message      Message // as ChatResult.Message
	Annotations  []Annotation
	Logprobs     []Logprob       // of the text, where they were asked for
	Raw          json.RawMessage // all of it
}

// Choices are the results, in the order of the response.
func (r *ChatResult) Choices() []Choice {
	var choices []Choice
	for at, c := range r.Get("choices").Array() {
		choices = append(choices, Choice{
			Index: int(c.Get("index").Int()), FinishReason: c.Get("finish_reason").String(),
			Message: r.message(at, c.Get("message")), Annotations: annotationsOf(c.Get("message.annotations")),
			Logprobs: logprobsOf(c.Get("logprobs.content")), Raw: json.RawMessage(c.Raw),
		})
	}
	return choices
}

// Text is the text of the first choice. Where a host sends the content as a list
// of parts, it is that of the text parts.
func (r *ChatResult) Text() string {
	content := r.Get("choices.0.message.content")
	if !content.IsArray() {
		return content.String()
	}
	var text strings.Builder
	content.ForEach(func(_, part gjson.Result) bool {
		if part.Get("type").String() == "text" {
			text.WriteString(part.Get("text").String())
		}
		return true
	})
	return text.String()
}

// FinishReason says why the first choice ended: "stop", "length", "tool_calls",
// "content_filter".
func (r *ChatResult) FinishReason() string { return r.Get("choices.0.finish_reason").String() }

// Refusal is the model's refusal in the first choice, "" when it did not refuse.
func (r *ChatResult) Refusal() string { return r.Get("choices.0.message.refusal").String() }

// Message is the message of the first choice, to be sent back with the next
// request: it has all that came, custom tool calls and the members of a
// compatible host among it. What the request's schema does not take of what the
// response's schema has, such as the data of an audio, is left out when it is
// written; Raw has it.
func (r *ChatResult) Message() Message { return r.message(0, r.Get("choices.0.message")) }

func (r *ChatResult) message(choice int, raw gjson.Result) Message {
	m := received([]byte(raw.Raw))
	m.back = sync.OnceValue(returned{response: r.Response, at: choice}.message)
	return m
}

// ToolCalls are the calls that the first choice asks for, of functions and of
// custom tools.
func (r *ChatResult) ToolCalls() []ToolCall { return r.Message().ToolCalls }

// Annotations are the sources that the first choice names.
func (r *ChatResult) Annotations() []Annotation {
	return annotationsOf(r.Get("choices.0.message.annotations"))
}

// Usage counts the tokens.
func (r *ChatResult) Usage() Usage { return usageOf(r.Get("usage"), "prompt", "completion") }
