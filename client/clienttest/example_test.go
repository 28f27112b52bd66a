package clienttest_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// A program that is not a test starts and closes the server itself. Tests call
// NewServer(t).
func ExampleStart() {
	server, err := clienttest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	r, err := server.Client().Call(context.Background(), "createEmbedding", client.Params{"model": "m", "input": "text"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.RequestID(), r.Get("object"))
	// Output: req_test_0001 list
}

func ExampleServer_Respond() {
	server, err := clienttest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	server.Respond("retrieveModel",
		clienttest.ErrorAnswer(429, "rate_limit_exceeded", "Slow down."),
		clienttest.Answer{Body: `{"id": "gpt-5-mini", "object": "model", "created": 1, "owned_by": "openai"}`},
	)

	c := server.Client(client.WithMaxRetries(0))
	for range 2 {
		r, err := c.Call(context.Background(), "retrieveModel", client.Params{"model": "gpt-5-mini"})
		var failed *client.APIError
		if errors.As(err, &failed) {
			fmt.Println(failed.Code)
			continue
		}
		fmt.Println(r.Get("owned_by"))
	}
	// Output:
	// rate_limit_exceeded
	// openai
}

func ExampleServer_RespondFunc() {
	server, err := clienttest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	server.RespondFunc("createModeration", func(r *clienttest.Request) clienttest.Answer {
		return clienttest.ErrorAnswer(400, "echo", "got "+r.Get("input").String())
	})

	_, err = server.Client().Call(context.Background(), "createModeration", client.Params{"input": "a text"})
	fmt.Println(err)
	// Output: createModeration: 400 echo: got a text (request req_test_0001)
}

func ExampleServer_LastRequest() {
	server, err := clienttest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()

	c := server.Client()
	if _, err := c.Call(context.Background(), "listFiles", client.Params{"limit": 2, "order": "asc"}); err != nil {
		log.Fatal(err)
	}
	sent := server.LastRequest("listFiles")
	fmt.Println(sent.Method, sent.Path, sent.Query, sent.Param("limit").Int())
	// Output: GET /v1/files limit=2&order=asc 2
}
