package goopenai

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/sashabaranov/go-openai"
)

// Speech writes a spoken text to a file, which is there only when all of it is.
func Speech(ctx context.Context, c *openai.Client, path, text string) error {
	r, err := c.CreateSpeech(ctx, openai.CreateSpeechRequest{Model: "gpt-4o-mini-tts", Voice: "alloy", Input: text})
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := os.CreateTemp(filepath.Dir(path), "speech-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := io.Copy(f, r); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
