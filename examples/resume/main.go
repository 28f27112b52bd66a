// Resume streams a background response whose connection breaks, and continues
// after the last event received: nothing is lost and nothing arrives twice.
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

	// The server keeps the events of background responses. WithStreamResume does what
	// follows automatically.
	stream, err := c.Stream(ctx, "createResponse", client.Params{
		"model":      model,
		"input":      "What is Titan? One sentence.",
		"background": true,
	})
	if err != nil {
		return err
	}
	defer stream.Close()
	for range 3 {
		err = show(stream)
		var cut *client.TruncatedError
		if !errors.As(err, &cut) {
			return err
		}
		fmt.Printf("\nCut off after event %d, continuing.\n", cut.Sequence)
		if err := stream.Resume(ctx); err != nil {
			return err
		}
	}
	return err
}

// show prints the text of a stream from where it is to its end.
func show(stream *client.Stream) error {
	for piece, err := range stream.Text() {
		if err != nil {
			return err
		}
		fmt.Print(piece)
	}
	fmt.Println()
	return nil
}

// script makes the test server drop the connection in the middle of the response.
func script(server *clienttest.Server) {
	answer := clienttest.Answer{Output: clienttest.Say("Titan is the largest moon of Saturn.")}
	server.Respond("getResponse", answer)
	answer.Fail = clienttest.CutBody(2500)
	server.Respond("createResponse", answer)
}
