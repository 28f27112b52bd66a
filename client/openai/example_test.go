package openai_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// A model's answer, as the test server gives it in these examples.
const titan = `{
	"id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "gpt-5-mini",
	"choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
		"message": {"role": "assistant", "content": "Titan", "refusal": null}}],
	"usage": {"prompt_tokens": 17, "completion_tokens": 2, "total_tokens": 19}}`

// testServer stands in for the API.
func testServer() *clienttest.Server {
	server, err := clienttest.Start()
	if err != nil {
		log.Fatal(err)
	}
	return server
}

func ExampleClient_Chat() {
	server := testServer()
	defer server.Close()
	server.Respond("createChatCompletion", clienttest.Answer{Body: json.RawMessage(titan)})

	c := openai.From(server.Client()) // openai.New() for the API itself
	result, err := c.Chat(context.Background(), openai.ChatRequest{
		Model:       "gpt-5-mini",
		Messages:    []openai.Message{openai.User("Which is the largest moon of Saturn?")},
		Temperature: new(0.0), // zero, not absent
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Text(), result.Usage().TotalTokens, result.RequestID())
	// Output: Titan 19 req_test_0001
}

func ExampleClient_Respond() {
	server := testServer()
	defer server.Close()
	server.Respond("createResponse", clienttest.Answer{Body: json.RawMessage(`{
		"id": "resp_1", "object": "response", "status": "completed", "created_at": 1767225600, "model": "gpt-5-mini",
		"output": [{"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
			"content": [{"type": "output_text", "text": "Titan", "annotations": []}]}],
		"usage": {"input_tokens": 17, "output_tokens": 2, "total_tokens": 19}}`)})

	result, err := openai.From(server.Client()).Respond(context.Background(), openai.RespondRequest{
		Model: "gpt-5-mini",
		Input: "Which is the largest moon of Saturn?",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Status(), result.Text())
	// Output: completed Titan
}

func ExampleClient_Realtime() {
	server := testServer()
	defer server.Close()
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("Titan, by far.")})

	ctx := context.Background()
	c := openai.From(server.Client()) // openai.New() for the API itself
	socket, err := c.Realtime(ctx, client.Params{"model": "gpt-realtime"})
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	for _, event := range []client.Params{
		{"type": "session.update", "session": client.Params{"type": "realtime", "output_modalities": []string{"text"}}},
		{"type": "conversation.item.create", "item": client.Params{
			"type": "message", "role": "user",
			"content": []any{client.Params{"type": "input_text", "text": "Which is the largest moon of Saturn?"}},
		}},
		{"type": "response.create"},
	} {
		if err := socket.Send(ctx, event); err != nil {
			log.Fatal(err) // it breaks the description, or the socket has ended
		}
	}
	for event, err := range socket.Events() {
		if err != nil {
			log.Fatal(err) // the server reports an error, or the socket has ended
		}
		fmt.Print(event.Text())
		if event.Type == "response.done" {
			fmt.Println(" —", event.Get("response.status"))
			break // the socket stays open for what comes next
		}
	}
	// Output:
	// Titan, by far. — completed
}

func ExampleClient_ResponsesSocket() {
	server := testServer()
	defer server.Close()
	server.RespondSocket("responses",
		clienttest.SocketAnswer{Output: clienttest.Say("Titan.")},
		clienttest.SocketAnswer{Output: clienttest.Say("5,150 km.")})

	ctx := context.Background()
	socket, err := openai.From(server.Client()).ResponsesSocket(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer socket.Close()
	previous := "" // the context is kept by the server
	for _, question := range []string{"Which is the largest moon of Saturn?", "How wide is it?"} {
		request := client.Params{"type": "response.create", "model": "gpt-5-mini", "input": question}
		if previous != "" {
			request["previous_response_id"] = previous
		}
		if err := socket.Send(ctx, request); err != nil {
			log.Fatal(err)
		}
		for event, err := range socket.Events() {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Print(event.Text())
			if event.Type == "response.completed" {
				previous = event.Get("response.id").String()
				break
			}
		}
		fmt.Println()
	}
	// Output:
	// Titan.
	// 5,150 km.
}
