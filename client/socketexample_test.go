package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

func ExampleClient_Realtime() {
	server := testServer()
	defer server.Close()
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("Titan, by far.")})

	ctx := context.Background()
	c := server.Client() // client.New() for the API itself
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
	socket, err := server.Client().ResponsesSocket(ctx)
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

// A socket that breaks off is opened again: the response that was not complete is
// asked for once more, on top of the last one that was.
func ExampleSocket_Redial() {
	server := testServer()
	defer server.Close()
	server.RespondSocket("responses",
		clienttest.SocketAnswer{Output: clienttest.Say("Titan is a moon of Saturn."), Fail: clienttest.DropSocket(7)},
		clienttest.SocketAnswer{Output: clienttest.Say("Titan is a moon of Saturn.")})

	ctx := context.Background()
	socket, err := server.Client().ResponsesSocket(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { socket.Close() }()

	ask := func() (text string, err error) {
		if err := socket.Send(ctx, client.Params{"type": "response.create", "model": "gpt-5-mini", "input": "What is Titan?"}); err != nil {
			return "", err
		}
		for event, err := range socket.Events() {
			if err != nil {
				return text, err
			}
			text += event.Text()
			if event.Type == "response.completed" {
				break
			}
		}
		return text, nil
	}
	for attempt := 1; ; attempt++ {
		text, err := ask()
		fmt.Printf("%q\n", text)
		var broken *client.ConnectionError
		var closed *client.CloseError
		switch {
		case err == nil:
			return
		case attempt == 3:
			log.Fatal(err)
		case errors.As(err, &broken):
		case errors.As(err, &closed) && closed.Temporary():
		default:
			log.Fatal(err) // another connection would not help
		}
		socket.Close()
		if socket, err = socket.Redial(ctx); err != nil { // with the waits and retries of a call
			log.Fatal(err)
		}
	}
	// Output:
	// "Titan is a"
	// "Titan is a moon of Saturn."
}
