package goopenai

import (
	"context"
	"errors"

	"github.com/sashabaranov/go-openai"
	"github.com/sashabaranov/go-openai/jsonschema"
)

// Moon is what the model fills in.
type Moon struct {
	Name   string   `json:"name"`
	Planet string   `json:"planet" enum:"Mars,Jupiter,Saturn"`
	Radius *float64 `json:"radius" nullable:"true"`
}

// Structured returns an answer as a Go value; a refusal and a text that is cut off are
// errors.
func Structured(ctx context.Context, c *openai.Client, question string) (Moon, error) {
	schema, err := jsonschema.GenerateSchemaForType(Moon{})
	if err != nil {
		return Moon{}, err
	}
	r, err := c.CreateChatCompletion(ctx, openai.ChatCompletionRequest{
		Model: "gpt-5-mini", Messages: []openai.ChatCompletionMessage{{Role: "user", Content: question}},
		ResponseFormat: &openai.ChatCompletionResponseFormat{
			Type: "json_schema", JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: "moon", Schema: schema, Strict: true},
		},
	})
	if err != nil {
		return Moon{}, err
	}
	if len(r.Choices) == 0 {
		return Moon{}, errors.New("no choice")
	}
	choice := r.Choices[0]
	switch {
	case choice.Message.Refusal != "":
		return Moon{}, errors.New("refused: " + choice.Message.Refusal)
	case choice.FinishReason != "stop":
		return Moon{}, errors.New("incomplete: " + string(choice.FinishReason))
	}
	var moon Moon
	if err := schema.Unmarshal(choice.Message.Content, &moon); err != nil {
		return Moon{}, err
	}
	return moon, nil
}
