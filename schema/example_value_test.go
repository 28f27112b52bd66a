package schema_test

import (
	"cmp"
	"fmt"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func ExampleDocument_Decode() {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		panic(err)
	}
	answer, err := doc.Decode("Response", []byte(`{"id": "resp_1", "created_at": 1741476542, "output": [
		{"type": "function_call", "call_id": "call_1", "name": "locate", "arguments": "{\"picture\":1}"},
		{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "One moment."}]}
	]}`))
	if err != nil {
		panic(err)
	}
	for _, item := range answer.Get("output").Items() {
		switch item.Schema() {
		case "FunctionToolCall":
			fmt.Println("call", item.Get("name"), item.Get("arguments"))
		case "OutputMessage":
			fmt.Println("text", item.Get("content.0.text"))
		}
	}
	created, err := answer.Get("created_at").Time()
	fmt.Println(created, err)
	_, err = answer.Get("usage.total_tokens").Int64()
	fmt.Println(err)
	// Output:
	// call locate {"picture":1}
	// text One moment.
	// 2025-03-08 23:29:02 +0000 UTC <nil>
	// there is no value at "usage.total_tokens", want an integer of 64 bits
}

func ExampleValue_Fields() {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		panic(err)
	}
	event, err := doc.Decode("ResponseStreamEvent", []byte(`{"type": "response.output_item.done", "item": {"type": "reasoning"}, "mood": "good"}`))
	if err != nil {
		panic(err)
	}
	fmt.Println(event.Schema())
	for name, field := range event.Fields() {
		fmt.Printf("%s: %s %s\n", name, field.Kind(), cmp.Or(field.Schema(), "inline"))
	}
	// Output:
	// ResponseOutputItemDoneEvent
	// type: string inline
	// item: object ReasoningItem
	// mood: string inline
}
