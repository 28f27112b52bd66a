package openaigo

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/openai/openai-go/v3"
)

// Speech writes a spoken text to a file, which is there only when all of it is.
func Speech(ctx context.Context, c openai.Client, path, text string) error {
	r, err := c.Audio.Speech.New(ctx, openai.AudioSpeechNewParams{
		Model: "gpt-4o-mini-tts", Voice: openai.AudioSpeechNewParamsVoiceUnion{OfString: openai.String("alloy")}, Input: text,
	})
	if err != nil {
		return err
	}
	defer r.Body.Close()
	f, err := os.CreateTemp(filepath.Dir(path), "speech-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := io.Copy(f, r.Body); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
