package goopenai

import (
	"context"
	"errors"
	"io"

	"github.com/sashabaranov/go-openai"
)

// Stream writes an answer while it arrives; one that breaks off is an error.
func Stream(ctx context.Context, c *openai.Client, w io.Writer, question string) error {
	s, err := c.CreateChatCompletionStream(ctx, openai.ChatCompletionRequest{
		Model: "gpt-5-mini", Messages: []openai.ChatCompletionMessage{{Role: "user", Content: question}},
	})
	if err != nil {
		return err
	}
	defer s.Close()
	finished := false
	for {
		chunk, err := s.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(chunk.Choices) == 0 {
			continue
		}
		finished = finished || chunk.Choices[0].FinishReason != ""
		if _, err := io.WriteString(w, chunk.Choices[0].Delta.Content); err != nil {
			return err
		}
	}
	if !finished {
		return errors.New("the stream broke off")
	}
	return nil
}
