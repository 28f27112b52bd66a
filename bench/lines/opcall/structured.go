package opcall

import (
	"context"

	"github.com/opcall/opcall/client/openai"
)

// Moon is what the model fills in.
type Moon struct {
	Name   string   `json:"name"`
	Planet string   `json:"planet" jsonschema:"enum=Mars,enum=Jupiter,enum=Saturn"`
	Radius *float64 `json:"radius"`
}

// Structured returns an answer as a Go value; a refusal and a text that is cut off are
// errors.
func Structured(ctx context.Context, c *openai.Client, question string) (Moon, error) {
	moon, err := openai.Parse[Moon](ctx, c, openai.ChatRequest{Model: "gpt-5-mini", Messages: []openai.Message{openai.User(question)}})
	if err != nil {
		return Moon{}, err
	}
	return moon.Value, nil
}
