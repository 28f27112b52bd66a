// Stream-chat prints the answer of a chat while it is being written, and then
// what the whole of it was.
package main

import (
	"context"
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

	stream, err := c.Stream(ctx, "createChatCompletion", client.Params{
		"model":          demo.Model(),
		"messages":       []openai.Message{openai.User("What is Titan? One sentence.")},
		"stream_options": client.Params{"include_usage": true},
	}, client.WithAccumulation())
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

// script is what the test server answers in place of a model.
func script(server *clienttest.Server) {
	server.Respond("createChatCompletion", clienttest.Answer{
		Output: clienttest.Say("Titan is the largest moon of Saturn."),
	})
}
