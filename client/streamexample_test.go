package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// Pieces of a model's answer, as the test server streams them in these examples.
const titanStream = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"gpt-5-mini","choices":[{"index":0,"delta":{"role":"assistant","content":"Ti"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"gpt-5-mini","choices":[{"index":0,"delta":{"content":"tan"},"finish_reason":"stop"}]}

data: [DONE]

`

var moonQuestion = client.Params{
	"model":    "gpt-5-mini",
	"messages": []any{client.Params{"role": "user", "content": "Which is the largest moon of Saturn?"}},
}

func ExampleClient_Stream() {
	server := testServer()
	defer server.Close()
	server.Respond("createChatCompletion", clienttest.Answer{Body: titanStream})

	c := server.Client() // client.New() for the API itself
	stream, err := c.Stream(context.Background(), "createChatCompletion", moonQuestion)
	if err != nil {
		log.Fatal(err)
	}
	for event, err := range stream.Events() {
		if err != nil {
			log.Fatal(err) // cut off, refused, or not what it should be
		}
		fmt.Printf("%s %q\n", event.Type, event.Get("choices.0.delta.content"))
	}
	// Output:
	// chat.completion.chunk "Ti"
	// chat.completion.chunk "tan"
}

func ExampleStream_Text() {
	server := testServer()
	defer server.Close()
	server.Respond("createChatCompletion", clienttest.Answer{Body: titanStream})

	c := server.Client()
	stream, err := c.Stream(context.Background(), "createChatCompletion", moonQuestion, client.WithStreamAccumulation())
	if err != nil {
		log.Fatal(err)
	}
	for text, err := range stream.Text() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%q\n", text)
	}
	completion, err := stream.Final()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(completion.Get("choices.0.message.content"))
	// Output:
	// "Ti"
	// "tan"
	// Titan
}

func ExampleStream_TextReader() {
	server := testServer()
	defer server.Close()
	server.Respond("createChatCompletion", clienttest.Answer{Body: titanStream})

	stream, err := server.Client().Stream(context.Background(), "createChatCompletion", moonQuestion)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := io.Copy(os.Stdout, stream.TextReader()); err != nil {
		log.Fatal(err)
	}
	// Output: Titan
}

func ExampleStream_Resume() {
	server := testServer()
	defer server.Close()
	server.Respond("createResponse", clienttest.Answer{Body: `data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1"}}

data: {"type":"response.output_text.delta","sequence_number":1,"delta":"Ti"}

`}) // and no end
	server.Respond("getResponse", clienttest.Answer{Body: `data: {"type":"response.output_text.delta","sequence_number":2,"delta":"tan"}

data: {"type":"response.completed","sequence_number":3,"response":{"id":"resp_1"}}

`})

	ctx := context.Background()
	stream, err := server.Client().Stream(ctx, "createResponse", client.Params{
		"model": "gpt-5-mini", "input": "Which is the largest moon of Saturn?", "background": true,
	})
	for err == nil {
		_, err = io.Copy(os.Stdout, stream.TextReader())
		var cut *client.TruncatedError
		if !errors.As(err, &cut) {
			break
		}
		fmt.Printf(" (cut after number %d) ", cut.Sequence)
		err = stream.Resume(ctx)
	}
	if err != nil {
		log.Fatal(err)
	}
	// Output: Ti (cut after number 1) tan
}
