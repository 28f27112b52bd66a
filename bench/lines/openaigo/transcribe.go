package openaigo

import (
	"context"
	"os"

	"github.com/openai/openai-go/v3"
)

// Transcribe returns what is said in a recording on disk.
func Transcribe(ctx context.Context, c openai.Client, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	r, err := c.Audio.Transcriptions.New(ctx, openai.AudioTranscriptionNewParams{Model: "gpt-4o-transcribe", File: f})
	if err != nil {
		return "", err
	}
	return r.Text, nil
}
