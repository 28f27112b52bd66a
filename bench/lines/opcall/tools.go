package opcall

import (
	"context"

	"github.com/opcall/opcall/client/openai"
)

type place struct {
	City string `json:"city"`
}

// Tools lets the model call a function until it has an answer.
func Tools(ctx context.Context, c *openai.Client, question string, weather func(ctx context.Context, city string) (string, error)) (string, error) {
	tool, err := openai.Tool("weather", "the weather in a city", func(ctx context.Context, in place) (string, error) {
		return weather(ctx, in.City)
	})
	if err != nil {
		return "", err
	}
	run := c.RunTools(ctx, openai.ChatRequest{Model: "gpt-5-mini", Messages: []openai.Message{openai.User(question)}}, tool)
	if _, err := run.Final(); err != nil {
		return "", err
	}
	return run.Text(), nil
}
