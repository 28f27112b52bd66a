// Errors shows what a program learns from each kind of error.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
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

	_, err = c.Call(ctx, "createChatCompletoin", nil)
	explain(err)

	_, err = c.Call(ctx, "createChatCompletion", client.Params{
		"model":       model,
		"messages":    []openai.Message{openai.User("Hello")},
		"temprature":  0.5,
		"tool_choice": "sometimes",
	})
	explain(err)

	_, err = c.Call(ctx, "retrieveModel", client.Params{"model": "no-such-model"})
	explain(err)

	_, err = c.Call(ctx, "listModels", nil, client.WithBaseURL("http://127.0.0.1:1"), client.WithMaxRetries(0))
	explain(err)
	return nil
}

func explain(err error) {
	var unknown *schema.UnknownOperationError
	var invalid *schema.ValidationError
	var refused *client.APIError
	var lost *client.ConnectionError
	switch {
	case errors.As(err, &unknown):
		fmt.Println("No such operation; the nearest is", unknown.Nearest[0])
	case errors.As(err, &invalid):
		fmt.Println("Nothing was sent:")
		for _, p := range invalid.Problems {
			fmt.Println("  at", p.Pointer, "-", p.Message)
		}
	case errors.As(err, &refused):
		fmt.Printf("The API said %d, %s: %s (request %s)\n", refused.StatusCode, refused.Code, refused.Message, refused.RequestID)
	case errors.As(err, &lost):
		fmt.Printf("No response from %s after %d attempt\n", lost.Host, lost.Attempts)
	default:
		fmt.Println("No error")
	}
}

// script sets what the test server responds in place of the API.
func script(server *clienttest.Server) {
	server.Respond("retrieveModel", clienttest.ErrorAnswer(404, "model_not_found", "The model 'no-such-model' does not exist"))
}
