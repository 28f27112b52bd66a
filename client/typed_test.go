package client_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

// The typed requests of package openai are params of a client that has no helpers:
// a mistake in them is an error, what a server made is a finding.
func TestTypedRequestsAreParamsOfAnyClient(t *testing.T) {
	var received openai.Message
	if err := json.Unmarshal([]byte(`{"role":"assistant","content":"a"}`), &received); err != nil {
		t.Fatal(err)
	}
	var found []schema.Finding
	c, err := client.New(client.WithoutEnvironment(), client.WithFindings(func(_ string, f []schema.Finding) { found = append(found, f...) }))
	if err != nil {
		t.Fatal(err)
	}
	chat := openai.ChatRequest{Model: "m", Messages: []openai.Message{openai.User("a"), received}, Temperature: new(0.0)}
	respond := openai.RespondRequest{Model: "m", Input: []openai.Message{openai.User("a")}}
	for operation, request := range map[string]any{"createChatCompletion": &chat, "createResponse": respond} {
		if err := c.Validate(operation, request); err != nil || len(found) > 0 {
			t.Errorf("%s: got %v, findings %v", operation, err, found)
		}
	}
	chat.Extra = map[string]any{"temprature": 1}
	var invalid *schema.ValidationError
	if err := c.Validate("createChatCompletion", chat); !errors.As(err, &invalid) || invalid.Problems[0].Pointer != "/temprature" {
		t.Errorf("got %v, want the unknown field", err)
	}
}
