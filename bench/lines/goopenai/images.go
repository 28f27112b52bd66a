package goopenai

import (
	"context"
	"encoding/base64"
	"errors"
	"os"

	"github.com/sashabaranov/go-openai"
)

// Images edits a picture on disk and writes the result to another file.
func Images(ctx context.Context, c *openai.Client, from, to, prompt string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	r, err := c.CreateEditImage(ctx, openai.ImageEditRequest{
		Model: "gpt-image-1", Prompt: prompt, Image: f, N: 1, ResponseFormat: "b64_json", // it sends them in any case
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
