package goopenai

import (
	"context"

	"github.com/sashabaranov/go-openai"
)

// Transcribe returns what is said in a recording on disk.
func Transcribe(ctx context.Context, c *openai.Client, path string) (string, error) {
	r, err := c.CreateTranscription(ctx, openai.AudioRequest{Model: "gpt-4o-transcribe", FilePath: path})
	if err != nil {
		return "", err
	}
	return r.Text, nil
}
