package goopenai

import (
	"context"
	"errors"

	"github.com/sashabaranov/go-openai"
)

// Conversation asks one question after the other.
func Conversation(ctx context.Context, c *openai.Client, questions []string) (answers []string, err error) {
	request := openai.ChatCompletionRequest{Model: "gpt-5-mini"}
	for _, question := range questions {
		request.Messages = append(request.Messages, openai.ChatCompletionMessage{Role: "user", Content: question})
		r, err := c.CreateChatCompletion(ctx, request)
		if err != nil {
			return nil, err
		}
		if len(r.Choices) == 0 {
			return nil, errors.New("no choice")
		}
		request.Messages = append(request.Messages, r.Choices[0].Message)
		answers = append(answers, r.Choices[0].Message.Content)
	}
	return answers, nil
}
