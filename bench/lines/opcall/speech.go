package opcall

import (
	"context"

	"github.com/opcall/opcall/client/openai"
)

// Speech writes a spoken text to a file, which is there only when all of it is.
func Speech(ctx context.Context, c *openai.Client, path, text string) error {
	_, err := c.SpeakFile(ctx, path, openai.SpeechRequest{Model: "gpt-4o-mini-tts", Voice: "alloy", Input: text})
	return err
}
