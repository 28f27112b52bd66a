// Realtime holds a conversation with a model on one WebSocket: a question, a
// function that the model calls, and the final response.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

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

	socket, err := c.Realtime(ctx, client.Params{"model": model()})
	if err != nil {
		return err
	}
	defer socket.Close()
	err = send(ctx, socket,
		client.Params{"type": "session.update", "session": client.Params{
			"type":              "realtime",
			"output_modalities": []string{"text"}, // ["audio"] for a voice
			"tools": []any{client.Params{
				"type":        "function",
				"name":        "weather",
				"description": "Returns the weather in a city.",
				"parameters": client.Params{
					"type":       "object",
					"properties": client.Params{"city": client.Params{"type": "string"}},
					"required":   []string{"city"},
				},
			}},
		}},
		item(client.Params{
			"type": "message", "role": "user",
			"content": []any{client.Params{"type": "input_text", "text": "What is the weather in Paris?"}},
		}),
		client.Params{"type": "response.create"})
	if err != nil {
		return err
	}
	for event, err := range socket.Events() {
		if err != nil {
			return err // an error that the server reports, or the end of the socket
		}
		fmt.Print(event.Text())
		if event.Type != "response.done" {
			continue
		}
		if status := event.Get("response.status").String(); status != "completed" {
			return errors.New("the response is " + status)
		}
		calls := event.Get(`response.output.#(type=="function_call")#`).Array()
		if len(calls) == 0 {
			fmt.Println()
			return nil
		}
		if err := answer(ctx, socket, calls); err != nil {
			return err
		}
	}
	return nil
}

// answer sends the results of the calls and asks for the next response.
func answer(ctx context.Context, socket *client.Socket, calls []gjson.Result) error {
	var events []client.Params
	for _, call := range calls {
		result := weather(call.Get("arguments").String())
		fmt.Printf("Call: %s %s\nResult: %s\n", call.Get("name"), call.Get("arguments"), result)
		events = append(events, item(client.Params{
			"type": "function_call_output", "call_id": call.Get("call_id").String(), "output": result,
		}))
	}
	return send(ctx, socket, append(events, client.Params{"type": "response.create"})...)
}

// send sends events, each validated first.
func send(ctx context.Context, socket *client.Socket, events ...client.Params) error {
	for _, event := range events {
		if err := socket.Send(ctx, event); err != nil {
			return err
		}
	}
	return nil
}

// item adds to the conversation.
func item(item client.Params) client.Params {
	return client.Params{"type": "conversation.item.create", "item": item}
}

// weather is the function that the model may call.
func weather(arguments string) string {
	var in struct{ City string }
	if err := json.Unmarshal([]byte(arguments), &in); err != nil {
		return "error: " + err.Error() // the model can mend it
	}
	return fmt.Sprintf("18 °C and sunny in %s", in.City)
}

// model returns OPENAI_REALTIME_MODEL, else the default model.
func model() string {
	if model := os.Getenv("OPENAI_REALTIME_MODEL"); model != "" {
		return model
	}
	return "gpt-realtime"
}

// script sets what the test server responds in place of a model.
func script(server *clienttest.Server) {
	server.RespondSocket("realtime",
		clienttest.SocketAnswer{Output: clienttest.CallTool("weather", `{"city": "Paris"}`)},
		clienttest.SocketAnswer{Output: clienttest.Say("It is sunny in Paris, at 18 °C.")})
}
