package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/opcall/opcall/client"
)

func ExampleClient_Items() {
	server := testServer()
	defer server.Close()
	c, ctx := server.Client(), context.Background()

	for file, err := range c.Items(ctx, "listFiles", client.Params{"purpose": "batch"}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(file.Get("object"), file.Schema())
	}
	// Output: file OpenAIFile
}

func ExampleClient_Wait() {
	server := testServer()
	defer server.Close()
	c, ctx := server.Client(), context.Background()

	started, err := c.Call(ctx, "createResponse", client.Params{"model": "gpt-5-mini", "input": "Hello", "background": true})
	if err != nil {
		log.Fatal(err)
	}
	params := client.Params{"response_id": started.Get("id").String()}
	done, err := c.Wait(ctx, "getResponse", params, client.WithWaitLimit(time.Hour))
	var ended *client.WaitError
	if errors.As(err, &ended) {
		log.Fatal(ended) // getResponse: resp_1 is "failed": "server_error": "…"
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(done.Get("status"))
	// Output: completed
}
