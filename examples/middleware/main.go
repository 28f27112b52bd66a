// Middleware puts the validating transport under the official SDK: its requests
// are validated before they are sent, its responses as they are read. (The SDK
// makes this a module of its own.)
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		return err
	}
	// WithErrorResponses makes a refusal an error of the SDK's own type, which it does
	// not mistake for a lost connection and send again.
	transport := conform.NewTransport(doc, nil, conform.WithErrorResponses(), conform.WithReport(report))
	defer transport.CloseIdleConnections()
	options := []option.RequestOption{option.WithHTTPClient(&http.Client{Transport: transport})}

	if os.Getenv("OPENAI_API_KEY") != "" {
		fmt.Println("# OPENAI_API_KEY is set: calling the real API")
	} else {
		fmt.Println("# OPENAI_API_KEY is not set: calling the built-in test server")
		server, err := clienttest.Start()
		if err != nil {
			return err
		}
		defer server.Close()
		script(server)
		options = append(options, option.WithBaseURL(server.URL()), option.WithAPIKey(clienttest.Key))
	}
	sdk := openai.NewClient(options...)

	fmt.Println("\n# A good request")
	completion, err := sdk.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{
		Model:    model(),
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Which is the largest moon of Saturn? One word.")},
	})
	if err != nil {
		return err
	}
	fmt.Println("Response:", completion.Choices[0].Message.Content)

	// The types of the SDK let all of this through.
	fmt.Println("\n# A bad request")
	_, err = sdk.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{
		Model:           model(),
		Messages:        []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello")},
		Temperature:     openai.Float(3),
		ReasoningEffort: "hihg",
	}, option.WithJSONSet("max_token", 100))
	var refused *openai.Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("got %v, want a refusal", err)
	}
	fmt.Println("The SDK says:", refused.StatusCode, refused.Code, refused.Param)
	return nil
}

// report prints what breaks the description and what was not checked.
func report(r conform.Report) {
	switch {
	case r.Rejected:
		fmt.Println("Not sent:", r.Err)
	case r.Err != nil:
		fmt.Println("Passed all the same:", r.Err)
	case r.Skipped != "":
		fmt.Printf("Not checked: %s of %s: %s\n", r.Direction, r.Operation, r.Skipped)
	}
	for _, f := range r.Findings {
		fmt.Println("Finding:", f)
	}
}

func model() string {
	if model := os.Getenv("OPENAI_MODEL"); model != "" {
		return model
	}
	return openai.ChatModelGPT5Mini
}

// script sets what the test server responds in place of a model: a completion
// with a field that the description does not have.
func script(server *clienttest.Server) {
	server.Respond("createChatCompletion", clienttest.Answer{Body: json.RawMessage(`{
		"id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "gpt-5-mini",
		"choices": [{
			"index": 0, "finish_reason": "stop", "logprobs": null,
			"message": {"role": "assistant", "content": "Titan", "refusal": null, "mood": "calm"}
		}],
		"usage": {"prompt_tokens": 17, "completion_tokens": 2, "total_tokens": 19}
	}`)})
}
