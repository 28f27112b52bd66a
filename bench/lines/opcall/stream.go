package opcall

import (
	"context"
	"io"

	"github.com/opcall/opcall/client/openai"
)

// Stream writes an answer while it arrives; one that breaks off is an error.
func Stream(ctx context.Context, c *openai.Client, w io.Writer, question string) error {
	s, err := c.ChatStream(ctx, openai.ChatRequest{Model: "gpt-5-mini", Messages: []openai.Message{openai.User(question)}})
	if err != nil {
		return err
	}
	for text, err := range s.Text() {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}
