package opcall

import (
	"context"

	"github.com/opcall/opcall/client/openai"
)

// Conversation asks one question after the other.
func Conversation(ctx context.Context, c *openai.Client, questions []string) (answers []string, err error) {
	talk, err := c.NewConversation(openai.ChatRequest{Model: "gpt-5-mini"})
	if err != nil {
		return nil, err
	}
	for _, question := range questions {
		turn, err := talk.Send(ctx, question)
		if err != nil {
			return nil, err
		}
		answers = append(answers, turn.Text())
	}
	return answers, nil
}
