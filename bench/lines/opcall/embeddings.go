package opcall

import (
	"context"

	"github.com/opcall/opcall/client/openai"
)

// Embeddings returns the vectors of any number of texts, in their order.
func Embeddings(ctx context.Context, c *openai.Client, texts []string) ([][]float32, error) {
	return c.Embed(ctx, "text-embedding-3-small", texts...)
}
