// Stream-responses shows the events of a response: text as it is written, and
// how it ended.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
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

	stream, err := c.Stream(ctx, "createResponse", client.Params{
		"model": demo.Model(),
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

// script is what the test server answers in place of a model.
func script(server *clienttest.Server) {
	server.Respond("createResponse", clienttest.Answer{
		Output: clienttest.Say("Titan is the largest moon of Saturn."),
	})
}
