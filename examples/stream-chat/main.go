// Stream-chat prints the text of a chat completion while it arrives, and then
// facts about the whole completion.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

const model = "gpt-5-mini"

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
	script(server)
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	stream, err := c.Stream(ctx, "createChatCompletion", client.Params{
		"model":          model,
		"messages":       []openai.Message{openai.User("What is Titan? One sentence.")},
		"stream_options": client.Params{"include_usage": true},
	}, client.WithStreamAccumulation())
	if err != nil {
		return err
	}
	for piece, err := range stream.Text() {
		if err != nil {
			return err
		}
		fmt.Print(piece)
	}
	fmt.Println()

	answer, err := stream.Final()
	if err != nil {
		return err
	}
	fmt.Println("Finished:", answer.Get("choices.0.finish_reason"))
	fmt.Println("Tokens:", answer.Get("usage.total_tokens"))
	return nil
}

// script sets what the test server responds in place of a model.
func script(server *clienttest.Server) {
	server.Respond("createChatCompletion", clienttest.Answer{
		Output: clienttest.Say("Titan is the largest moon of Saturn."),
	})
}
