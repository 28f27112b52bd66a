package opcall

import (
	"context"

	"github.com/opcall/opcall/client/openai"
)

// Chat returns the answer to a question.
func Chat(ctx context.Context, c *openai.Client, question string) (string, error) {
	r, err := c.Chat(ctx, openai.ChatRequest{Model: "gpt-5-mini", Messages: []openai.Message{openai.User(question)}})
	if err != nil {
		return "", err
	}
	return r.Text(), nil
}
