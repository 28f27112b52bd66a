package openaigo

import (
	"context"
	"errors"

	"github.com/openai/openai-go/v3"
)

// Chat returns the answer to a question.
func Chat(ctx context.Context, c openai.Client, question string) (string, error) {
	r, err := c.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{
		Model: "gpt-5-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
	})
	if err != nil {
		return "", err
	}
	if len(r.Choices) == 0 {
		return "", errors.New("no choice")
	}
	return r.Choices[0].Message.Content, nil
}
