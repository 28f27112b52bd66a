package client_test

import (
	"testing"

	"github.com/opcall/opcall/client/internal/extension"
)

func TestMaxResponseIsAWholeNumberWithinBounds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		members string
		want    int64
	}{
		"none":        {``, 0},
		"some bytes":  {`, "x-opcall-max-response": 100`, 100},
		"too many":    {`, "x-opcall-max-response": 9000000000000000000`, 1 << 30},
		"beyond all":  {`, "x-opcall-max-response": 99999999999999999999`, 0},
		"zero":        {`, "x-opcall-max-response": 0`, 0},
		"less":        {`, "x-opcall-max-response": -1`, 0},
		"a fraction":  {`, "x-opcall-max-response": 1.5`, 0},
		"text":        {`, "x-opcall-max-response": "100"`, 0},
		"of a client": {`, "x-opcall-max-response": {"bytes": 100}`, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := extension.MaxResponse(operation(t, noStream+tt.members, ``)); got != tt.want {
				t.Errorf("%s: got %d, want %d", tt.members, got, tt.want)
			}
		})
	}
}

// A response with as many vectors as a request can ask for is within the limit.
func TestLargestEmbeddingResponseIsRead(t *testing.T) {
	t.Parallel()
	const inputs, dimensions, bytes = 2048, 3072, 25
	for name, document := range documents(t) {
		op, err := document.Operation("createEmbedding")
		if err != nil {
			t.Fatal(err)
		}
		if got := extension.MaxResponse(op); got < inputs*dimensions*bytes {
			t.Errorf("%s: got %d bytes, want at least %d", name, got, inputs*dimensions*bytes)
		}
	}
}

func TestInputsAreWholeNumbersWithinBounds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		members string
		want    extension.InputLimits
	}{
		"none":     {``, extension.InputLimits{}},
		"all":      {`, "x-opcall-inputs": {"field": "input", "items": 2048, "tokens": 300000, "itemTokens": 8192}`, extension.InputLimits{Field: "input", Items: 2048, Tokens: 300000, ItemTokens: 8192}},
		"nonsense": {`, "x-opcall-inputs": {"field": 5, "items": -1, "tokens": 1e300, "itemTokens": "many"}`, extension.InputLimits{Field: "5", Tokens: 1 << 30}},
		"a list":   {`, "x-opcall-inputs": [1]`, extension.InputLimits{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := extension.Inputs(operation(t, noStream+tt.members, ``)); got != tt.want {
				t.Errorf("%s: got %+v, want %+v", tt.members, got, tt.want)
			}
		})
	}
}
