package opcall

import (
	"context"
	"os"

	"github.com/opcall/opcall/client/openai"
)

// Images edits a picture on disk and writes the result to another file.
func Images(ctx context.Context, c *openai.Client, from, to, prompt string) error {
	r, err := c.EditImage(ctx, openai.EditImageRequest{
		ImageRequest: openai.ImageRequest{Model: "gpt-image-1", Prompt: prompt}, Images: []openai.Media{openai.Path(from)},
	})
	if err != nil {
		return err
	}
	picture, err := r.Bytes()
	if err != nil {
		return err
	}
	return os.WriteFile(to, picture, 0o644)
}
