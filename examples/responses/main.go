// Responses asks the Responses API, streamed: the text as it arrives, then the items
// of the output by their types. Without OPENAI_API_KEY it asks the built-in test server.
package main

import (
	"context"
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
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say("Titan was discovered in 1655.")})
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	stream, err := c.RespondStream(ctx, openai.RespondRequest{
		Model:           "gpt-5-mini",
		Input:           "When was Titan discovered?",
		Tools:           []any{client.Params{"type": "web_search"}}, // runs on the server
		ReasoningEffort: "low",
		Include:         []string{"web_search_call.action.sources"},
	})
	if err != nil {
		return err
	}
	for text, err := range stream.Text() {
		if err != nil {
			return err // a stream that breaks off is a *client.TruncatedError
		}
		fmt.Print(text)
	}
	result, err := stream.Final()
	if err != nil {
		return err
	}
	fmt.Println()
	for _, item := range result.Output() {
		switch {
		case item.Message() != nil:
			fmt.Println("message with", len(item.Message().Annotations), "sources")
		case item.WebSearch() != nil:
			fmt.Println("search for", item.WebSearch().Queries)
		default:
			fmt.Println(item.Type) // of any type: item.Raw has all of it
		}
	}
	fmt.Println("Response", result.Status(), "with", result.Usage().TotalTokens, "tokens")
	return nil
}
