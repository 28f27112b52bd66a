package openaigo

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/openai/openai-go/v3"
)

type place struct {
	City string `json:"city"`
}

// Tools lets the model call a function until it has an answer.
func Tools(ctx context.Context, c openai.Client, question string, weather func(ctx context.Context, city string) (string, error)) (string, error) {
	params := openai.ChatCompletionNewParams{
		Model: "gpt-5-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
		Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{
			Name: "weather", Description: openai.String("the weather in a city"), Strict: openai.Bool(true),
			Parameters: openai.FunctionParameters{
				"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}},
				"required": []string{"city"}, "additionalProperties": false,
			},
		})},
	}
	for range 10 {
		r, err := c.Chat.Completions.New(ctx, params)
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
		params.Messages = append(params.Messages, message.ToParam())
		for _, call := range message.ToolCalls {
			params.Messages = append(params.Messages, openai.ToolMessage(answer(ctx, call.Function.Arguments, weather), call.ID))
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
