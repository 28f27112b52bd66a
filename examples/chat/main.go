// Chat asks a question about an image, with everyday settings, and shows what came
// with the result. Without OPENAI_API_KEY it asks the built-in test server.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say("Titan, the largest moon of Saturn.")})
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	result, err := c.Chat(ctx, openai.ChatRequest{
		Model: "gpt-5-mini",
		Messages: []openai.Message{
			openai.Developer("Answer in one sentence."),
			openai.User("Which moon is this?", openai.ImageURL("https://upload.wikimedia.org/wikipedia/commons/4/45/Titan_in_true_color.jpg")),
		},
		MaxCompletionTokens: new(int64(500)),
		Store:               new(false),                        // false is sent, absent is not
		Extra:               map[string]any{"prediction": nil}, // any other field, validated like the rest
	})
	var refused *client.APIError
	if errors.As(err, &refused) {
		return fmt.Errorf("the API says %s (try again: %v)", refused.Message, refused.Retryable())
	}
	if err != nil {
		return err
	}
	fmt.Println(result.Text())
	fmt.Println("Finished:", result.FinishReason(), "after", result.Usage().OutputTokens, "tokens; request", result.RequestID())
	return nil
}
