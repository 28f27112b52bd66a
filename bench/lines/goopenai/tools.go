package goopenai

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/sashabaranov/go-openai"
	"github.com/sashabaranov/go-openai/jsonschema"
)

type place struct {
	City string `json:"city"`
}

// Tools lets the model call a function until it has an answer.
func Tools(ctx context.Context, c *openai.Client, question string, weather func(ctx context.Context, city string) (string, error)) (string, error) {
	parameters, err := jsonschema.GenerateSchemaForType(place{})
	if err != nil {
		return "", err
	}
	request := openai.ChatCompletionRequest{
		Model: "gpt-5-mini", Messages: []openai.ChatCompletionMessage{{Role: "user", Content: question}},
		Tools: []openai.Tool{{Type: "function", Function: &openai.FunctionDefinition{
			Name: "weather", Description: "the weather in a city", Strict: true, Parameters: parameters,
		}}},
	}
	for range 10 {
		r, err := c.CreateChatCompletion(ctx, request)
		if err != nil {
			return "", err
		}
		if len(r.Choices) == 0 {
			return "", errors.New("no choice")
		}
		message := r.Choices[0].Message
		if len(message.ToolCalls) == 0 {
			return message.Content, nil
		}
		request.Messages = append(request.Messages, message)
		for _, call := range message.ToolCalls {
			request.Messages = append(request.Messages, openai.ChatCompletionMessage{
				Role: "tool", ToolCallID: call.ID, Content: answer(ctx, call.Function.Arguments, weather),
			})
		}
	}
	return "", errors.New("too many rounds")
}

func answer(ctx context.Context, arguments string, weather func(ctx context.Context, city string) (string, error)) string {
	var in place
	if err := json.Unmarshal([]byte(arguments), &in); err != nil {
		return "error: " + err.Error()
	}
	out, err := weather(ctx, in.City)
	if err != nil {
		return "error: " + err.Error()
	}
	return out
}
