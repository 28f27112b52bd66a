package openaigo

import (
	"context"
	"errors"
	"io"

	"github.com/openai/openai-go/v3"
)

// Stream writes an answer while it arrives; one that breaks off is an error.
func Stream(ctx context.Context, c openai.Client, w io.Writer, question string) error {
	s := c.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{
		Model: "gpt-5-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
	})
	defer s.Close()
	finished := false
	for s.Next() {
		chunk := s.Current()
		if len(chunk.Choices) == 0 {
			continue
		}
		finished = finished || chunk.Choices[0].FinishReason != ""
		if _, err := io.WriteString(w, chunk.Choices[0].Delta.Content); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return err
	}
	if !finished {
		return errors.New("the stream broke off")
	}
	return nil
}
