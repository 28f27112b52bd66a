package openaigo

import (
	"context"
	"errors"

	"github.com/openai/openai-go/v3"
)

// Conversation asks one question after the other.
func Conversation(ctx context.Context, c openai.Client, questions []string) (answers []string, err error) {
	params := openai.ChatCompletionNewParams{Model: "gpt-5-mini"}
	for _, question := range questions {
		params.Messages = append(params.Messages, openai.UserMessage(question))
		r, err := c.Chat.Completions.New(ctx, params)
		if err != nil {
			return nil, err
		}
		if len(r.Choices) == 0 {
			return nil, errors.New("no choice")
		}
		params.Messages = append(params.Messages, r.Choices[0].Message.ToParam())
		answers = append(answers, r.Choices[0].Message.Content)
	}
	return answers, nil
}
