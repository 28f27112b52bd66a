package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// A socket that breaks off is opened again: the response that was not complete is
// asked for once more, on top of the last one that was.
func ExampleSocket_Redial() {
	server := testServer()
	defer server.Close()
	server.RespondSocket("responses",
		clienttest.SocketAnswer{Output: clienttest.Say("Titan is a moon of Saturn."), Fail: clienttest.DropSocket(7)},
		clienttest.SocketAnswer{Output: clienttest.Say("Titan is a moon of Saturn.")})

	ctx := context.Background()
	socket, err := server.Client().Socket(ctx, "responses", nil)
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
