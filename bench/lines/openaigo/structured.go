package openaigo

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/shared"
)

// Moon is what the model fills in.
type Moon struct {
	Name   string   `json:"name"`
	Planet string   `json:"planet"`
	Radius *float64 `json:"radius"`
}

var moonSchema = map[string]any{
	"type": "object",
	"properties": map[string]any{
		"name":   map[string]any{"type": "string"},
		"planet": map[string]any{"type": "string", "enum": []string{"Mars", "Jupiter", "Saturn"}},
		"radius": map[string]any{"type": []string{"number", "null"}},
	},
	"required":             []string{"name", "planet", "radius"},
	"additionalProperties": false,
}

// Structured returns an answer as a Go value; a refusal and a text that is cut off are
// errors.
func Structured(ctx context.Context, c openai.Client, question string) (Moon, error) {
	r, err := c.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{
		Model: "gpt-5-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
		ResponseFormat: openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "moon", Schema: moonSchema, Strict: openai.Bool(true)},
		}},
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
		return Moon{}, errors.New("incomplete: " + choice.FinishReason)
	}
	var moon Moon
	if err := json.Unmarshal([]byte(choice.Message.Content), &moon); err != nil {
		return Moon{}, err
	}
	return moon, nil
}
