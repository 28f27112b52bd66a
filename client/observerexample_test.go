package client_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// meter prints what each call was. An Observer that needs nothing of its calls is its own
// CallObserver.
type meter struct{}

func (m meter) StartCall(ctx context.Context, call client.CallInfo) (context.Context, client.CallObserver) {
	fmt.Println(call.Operation, call.Model)
	return ctx, m
}

func (meter) StartAttempt(ctx context.Context, _ int) context.Context { return ctx }
func (meter) FirstByte(time.Duration)                                 {}

func (meter) EndAttempt(a client.AttemptInfo) {
	fmt.Println("attempt", a.Number, a.Status, a.Again)
}

func (meter) EndCall(e client.EndInfo) {
	fmt.Println("end", e.Attempts, e.Status, e.Tokens.Input, e.Tokens.Output, e.Class)
}

func ExampleWithObserver() {
	server, err := clienttest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	server.Respond("createChatCompletion", clienttest.ErrorAnswer(503, "overloaded", "try again"), clienttest.Answer{})

	c := server.Client(client.WithObserver(meter{}))
	_, err = c.Call(context.Background(), "createChatCompletion", client.Params{
		"model": "gpt-5-mini", "messages": []any{client.Params{"role": "user", "content": "Hello"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// createChatCompletion gpt-5-mini
	// attempt 1 503 true
	// attempt 2 200 false
	// end 2 200 9 13
}
