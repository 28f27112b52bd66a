// Migrate shows that the types of other SDKs work with opcall as they are: as the
// params of a call and as the target of Decode. A program can change one call at
// a time. (The SDKs make this a module of its own.)
package main

import (
	"context"
	"fmt"
	"os"

	official "github.com/openai/openai-go/v3"
	community "github.com/sashabaranov/go-openai"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
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
	c, err := client.New(server.Options()...)
	if err != nil {
		return err
	}
	if err := fromOfficial(ctx, c); err != nil {
		return err
	}
	return fromCommunity(ctx, c)
}

// fromOfficial uses the types of openai-go.
func fromOfficial(ctx context.Context, c *client.Client) error {
	r, err := c.Call(ctx, "createChatCompletion", official.ChatCompletionNewParams{
		Model:    official.ChatModelGPT5Mini,
		Messages: []official.ChatCompletionMessageParamUnion{official.UserMessage("Which is the largest moon of Saturn?")},
	})
	if err != nil {
		return err
	}
	var completion official.ChatCompletion
	if err := r.Decode(&completion); err != nil {
		return err
	}
	fmt.Println("openai-go:", completion.Choices[0].Message.Content)
	return nil
}

// fromCommunity uses the types of go-openai, and streams.
func fromCommunity(ctx context.Context, c *client.Client) error {
	stream, err := c.Stream(ctx, "createChatCompletion", community.ChatCompletionRequest{
		Model:    "gpt-5-mini",
		Messages: []community.ChatCompletionMessage{{Role: "user", Content: "Which is the largest moon of Saturn?"}},
	})
	if err != nil {
		return err
	}
	fmt.Print("go-openai: ")
	for text, err := range stream.Text() {
		if err != nil {
			return err
		}
		fmt.Print(text)
	}
	fmt.Println()
	return nil
}
