// Tool-stream lets a model call a function: the call arrives in pieces, its
// result goes back, and the final text is streamed as well.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

const model = "gpt-5-mini"

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

	request := client.Params{
		"model": model,
		"tools": []any{client.Params{"type": "function", "function": client.Params{
			"name":        "weather",
			"description": "Returns the weather in a city.",
			"parameters": client.Params{
				"type":       "object",
				"properties": client.Params{"city": client.Params{"type": "string"}},
				"required":   []string{"city"},
			},
		}}},
	}
	messages := []any{client.Params{"role": "user", "content": "What is the weather in Paris?"}}
	for range 4 { // at most four rounds
		request["messages"] = messages
		message, err := round(ctx, c, request)
		if err != nil {
			return err
		}
		messages = append(messages, json.RawMessage(message.Raw))
		calls := message.Get("tool_calls").Array()
		if len(calls) == 0 {
			return nil
		}
		for _, call := range calls {
			result := weather(call.Get("function.arguments").String())
			fmt.Println("Result:", result)
			messages = append(messages, client.Params{"role": "tool", "tool_call_id": call.Get("id").String(), "content": result})
		}
	}
	return nil
}

// round streams one completion and returns its whole message.
func round(ctx context.Context, c *openai.Client, request client.Params) (message gjson.Result, err error) {
	stream, err := c.Stream(ctx, "createChatCompletion", request, client.WithStreamAccumulation())
	if err != nil {
		return message, err
	}
	for event, err := range stream.Events() {
		if err != nil {
			return message, err
		}
		call := event.Get("choices.0.delta.tool_calls.0.function")
		if name := call.Get("name").String(); name != "" {
			fmt.Print("Call: ", name, " ")
		}
		fmt.Print(call.Get("arguments").String(), event.Text())
	}
	fmt.Println()
	answer, err := stream.Final()
	if err != nil {
		return message, err
	}
	return answer.Get("choices.0.message"), nil
}

// weather is the function that the model may call.
func weather(arguments string) string {
	var in struct{ City string }
	if err := json.Unmarshal([]byte(arguments), &in); err != nil {
		return "error: " + err.Error() // the model can mend it
	}
	return fmt.Sprintf("18 °C and sunny in %s", in.City)
}

// script sets what the test server responds in place of a model.
func script(server *clienttest.Server) {
	server.Respond("createChatCompletion",
		clienttest.Answer{Output: clienttest.CallTool("weather", `{"city": "Paris"}`)},
		clienttest.Answer{Output: clienttest.Say("It is sunny in Paris, at 18 °C.")})
}
