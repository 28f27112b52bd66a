// Stream-responses prints the events of a response: its text as it arrives, and
// how it ended.
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

	stream, err := c.Stream(ctx, "createResponse", client.Params{
		"model": model,
		"input": "What is Titan? One sentence.",
	})
	if err != nil {
		return err
	}
	for event, err := range stream.Events() {
		if err != nil {
			return err // cut off, or an error that the server reported
		}
		switch event.Type {
		case "response.output_text.delta":
			fmt.Printf("%-28s %q\n", event.Type, event.Text())
		case "response.completed", "response.incomplete", "response.failed":
			fmt.Printf("%-28s %s, %s tokens\n", event.Type, event.Get("response.status"), event.Get("response.usage.total_tokens"))
		default:
			fmt.Println(event.Type)
		}
	}
	return nil
}

// script sets what the test server responds in place of a model.
func script(server *clienttest.Server) {
	server.Respond("createResponse", clienttest.Answer{
		Output: clienttest.Say("Titan is the largest moon of Saturn."),
	})
}
