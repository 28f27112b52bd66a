package opcall

import (
	"context"

	"github.com/opcall/opcall/client/openai"
)

// Transcribe returns what is said in a recording on disk.
func Transcribe(ctx context.Context, c *openai.Client, path string) (string, error) {
	t, err := c.Transcribe(ctx, openai.TranscribeRequest{Model: "gpt-4o-transcribe", File: openai.Path(path)})
	if err != nil {
		return "", err
	}
	return t.Text(), nil
}
