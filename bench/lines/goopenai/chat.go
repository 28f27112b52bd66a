package goopenai

import (
	"context"
	"errors"

	"github.com/sashabaranov/go-openai"
)

// Chat returns the answer to a question.
func Chat(ctx context.Context, c *openai.Client, question string) (string, error) {
	r, err := c.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model: "gpt-5-mini", Messages: []openai.ChatCompletionMessage{{Role: "user", Content: question}},
	})
	if err != nil {
		return "", err
	}
	if len(r.Choices) == 0 {
		return "", errors.New("no choice")
	}
	return r.Choices[0].Message.Content, nil
}
