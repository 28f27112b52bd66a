// Local-host asks a host that speaks the OpenAI API in a way of its own, such as Ollama
// or vLLM on this machine.
//
//	go run ./examples/local-host ollama llama3.2
//	go run ./examples/local-host http://localhost:1234/v1 some-model
//
// Without arguments it asks the built-in test server.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 2 {
		server, err := clienttest.Start()
		if err != nil {
			return err
		}
		defer server.Close()
		args = []string{server.URL(), "any-model"}
		fmt.Fprintln(os.Stderr, "no host: asking the built-in test server")
	}
	host := openai.Host(args[0])
	if strings.Contains(args[0], "://") {
		host = openai.Compatible(args[0])
	}
	c, err := openai.New(host, client.WithAPIKey("none"), client.WithFindings(
		func(operation string, findings []schema.Finding) {
			fmt.Fprintf(os.Stderr, "%s: %d findings, the first: %v\n", operation, len(findings), findings[0])
		}))
	if err != nil {
		return err
	}
	r, err := c.Chat(ctx, openai.ChatRequest{
		Model: args[1], Messages: []openai.Message{openai.User("Which is the largest moon of Saturn?")},
	})
	if err != nil {
		return err
	}
	fmt.Println("Response:", r.Text())
	return nil
}
