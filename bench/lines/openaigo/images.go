package openaigo

import (
	"context"
	"encoding/base64"
	"errors"
	"os"

	"github.com/openai/openai-go/v3"
)

// Images edits a picture on disk and writes the result to another file.
func Images(ctx context.Context, c openai.Client, from, to, prompt string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := c.Images.Edit(ctx, openai.ImageEditParams{
		Model: "gpt-image-1", Prompt: prompt, Image: openai.ImageEditParamsImageUnion{OfFile: f},
	})
	if err != nil {
		return err
	}
	if len(r.Data) == 0 {
		return errors.New("no picture")
	}
	picture, err := base64.StdEncoding.DecodeString(r.Data[0].B64JSON)
	if err != nil {
		return err
	}
	return os.WriteFile(to, picture, 0o644)
}
