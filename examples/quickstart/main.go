// Quickstart asks a model a question and prints the answer, the request ID and
// the usage.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/examples/internal/demo"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	c, stop, err := demo.Client(script)
	if err != nil {
		return err
	}
	defer stop()

	// A request is held against the description before it is sent.
	err = c.Validate("createChatCompletion", client.Params{
		"model":    demo.Model(),
		"messages": []openai.Message{{Role: "usr", Content: "Hello"}},
	})
	fmt.Println("A mistake:", err)

	result, err := c.Chat(ctx, openai.ChatRequest{
		Model:    demo.Model(),
		Messages: []openai.Message{openai.User("Which is the largest moon of Saturn? One word.")},
	})
	if err != nil {
		return err
	}
	usage := result.Usage()
	fmt.Println("Answer:", result.Text())
	fmt.Println("Request:", result.RequestID())
	fmt.Printf("Usage: %d tokens in, %d out\n", usage.InputTokens, usage.OutputTokens)
	return nil
}

// script is what the test server answers in place of a model.
func script(server *clienttest.Server) {
	server.Respond("createChatCompletion", clienttest.Answer{Body: json.RawMessage(`{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "gpt-5-mini",
		"choices": [{
			"index": 0, "finish_reason": "stop", "logprobs": null,
			"message": {"role": "assistant", "content": "Titan", "refusal": null}
		}],
		"usage": {"prompt_tokens": 17, "completion_tokens": 2, "total_tokens": 19}
	}`)})
}
