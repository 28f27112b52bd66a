// Resume streams a background response whose connection breaks, and goes on
// where it was cut: nothing is lost and nothing comes twice.
package main

import (
	"context"
	"errors"
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

	// The server keeps the events of background responses. WithResume would do
	// what follows by itself.
	stream, err := c.Stream(ctx, "createResponse", client.Params{
		"model":      demo.Model(),
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
		fmt.Printf("\nCut off behind event %d, going on.\n", cut.Sequence)
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

// script is what the test server answers in place of a model: it drops the
// connection in the middle.
func script(server *clienttest.Server) {
	answer := clienttest.Answer{Output: clienttest.Say("Titan is the largest moon of Saturn.")}
	server.Respond("getResponse", answer)
	answer.Fail = clienttest.CutBody(2500)
	server.Respond("createResponse", answer)
}
