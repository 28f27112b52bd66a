package openaigo

import (
	"context"
	"errors"
	"slices"

	"github.com/openai/openai-go/v3"
)

// Embeddings returns the vectors of any number of texts, in their order. It goes by the
// limit of their number alone, and one request after the other.
func Embeddings(ctx context.Context, c openai.Client, texts []string) ([][]float64, error) {
	vectors := make([][]float64, 0, len(texts))
	for batch := range slices.Chunk(texts, 2048) {
		r, err := c.Embeddings.New(ctx, openai.EmbeddingNewParams{
			Model: "text-embedding-3-small", Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: batch},
		})
		if err != nil {
			return nil, err
		}
		if len(r.Data) != len(batch) {
			return nil, errors.New("vectors are missing")
		}
		for _, d := range r.Data {
			vectors = append(vectors, d.Embedding)
		}
	}
	return vectors, nil
}
