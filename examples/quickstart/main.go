// Quickstart asks a model a question and prints the response, the request ID and
// the usage. Then it shows what happens to a request with a mistake.
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
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say("Titan")})

	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}
	result, err := c.Chat(ctx, openai.ChatRequest{
		Model:    "gpt-5-mini",
		Messages: []openai.Message{openai.User("Which is the largest moon of Saturn? One word.")},
	})
	if err != nil {
		return err
	}
	usage := result.Usage()
	fmt.Println("Response:", result.Text())
	fmt.Println("Request ID:", result.RequestID())
	fmt.Printf("Usage: %d tokens in, %d out\n", usage.InputTokens, usage.OutputTokens)

	fmt.Println("\nA request with a wrong role is refused before it is sent:")
	_, err = c.Call(ctx, "createChatCompletion", client.Params{
		"model":    "gpt-5-mini",
		"messages": []any{client.Params{"role": "usr", "content": "Hello"}},
	})
	if err == nil {
		return errors.New("the request with a wrong role was sent, want it refused")
	}
	fmt.Println(err)
	return nil
}
