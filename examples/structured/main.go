// Structured gets a Go value from a model, and shows it as it grows. Without
// OPENAI_API_KEY the built-in test server plays the model.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// moon is what the model has to say: its JSON Schema is made of it.
type moon struct {
	Name   string   `json:"name"`
	Planet string   `json:"planet" jsonschema:"enum=Mars,enum=Jupiter,enum=Saturn"`
	Radius *float64 `json:"radius" jsonschema:"description=in km; null if it is not known"`
	Facts  []string `json:"facts"`
}

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
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say(
		`{"name":"Titan","planet":"Saturn","radius":2574.7,"facts":["It has lakes of methane.","It has an atmosphere."]}`)})
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	request := openai.RespondRequest{Model: "gpt-5-mini", Input: "Tell me about the largest moon of Saturn."} // or a ChatRequest
	titan, err := openai.Parse[moon](ctx, c, request)
	var refusal *openai.RefusalError
	if errors.As(err, &refusal) {
		return fmt.Errorf("the model does not want to: %s", refusal.Refusal)
	}
	if err != nil {
		return err // such as a *openai.IncompleteError, which has the whole response
	}
	fmt.Printf("%s is a moon of %s, with a radius of %.0f km.\n", titan.Value.Name, titan.Value.Planet, *titan.Value.Radius)

	stream, err := openai.ParseStream[moon](ctx, c, request)
	if err != nil {
		return err
	}
	shown := 0
	for partial, err := range stream.Values() {
		if err != nil {
			return err
		}
		if len(partial.Facts) > shown { // the one before the last is whole
			shown = len(partial.Facts)
			fmt.Println(shown, "facts have begun to arrive")
		}
	}
	return nil
}
