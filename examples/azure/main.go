// Azure asks a deployment of Azure OpenAI.
//
//	AZURE_OPENAI_ENDPOINT=https://NAME.openai.azure.com AZURE_OPENAI_API_KEY=… go run ./examples/azure [deployment]
//
// Without an endpoint it asks the built-in test server.
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
	deployment := "my-deployment"
	if len(os.Args) > 1 {
		deployment = os.Args[1]
	}
	if err := run(context.Background(), deployment); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, deployment string) error {
	endpoint, key := os.Getenv("AZURE_OPENAI_ENDPOINT"), os.Getenv("AZURE_OPENAI_API_KEY")
	var local []client.Option
	if endpoint == "" {
		server, err := clienttest.Start()
		if err != nil {
			return err
		}
		defer server.Close()
		endpoint, key, local = "https://example.openai.azure.com", "a-key", server.Options()
		fmt.Fprintln(os.Stderr, "no AZURE_OPENAI_ENDPOINT: asking the built-in test server")
	}

	// Without a key: openai.Azure(endpoint, ""), client.WithTokenSource(entra)
	c, err := openai.New(append([]client.Option{openai.Azure(endpoint, key)}, local...)...)
	if err != nil {
		return err
	}
	request := openai.ChatRequest{Model: deployment, Messages: []openai.Message{openai.User("Which is the largest moon of Saturn?")}}
	r, err := c.Chat(ctx, request)
	if err != nil {
		return err
	}
	fmt.Println("Response:", r.Text())

	// The dated API versions have the deployment in the address.
	dated, err := openai.New(openai.AzureDeployments(endpoint, "2024-10-21", key))
	if err != nil {
		return err
	}
	req, err := dated.Request(ctx, "createChatCompletion", request)
	if err != nil {
		return err
	}
	fmt.Println("The same, to a dated version:", req.URL)
	return nil
}
