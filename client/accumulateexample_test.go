package client_test

import (
	"fmt"
	"log"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

func ExampleAccumulator() {
	doc, err := schema.Load(embed.OpenAI())
	if err != nil {
		log.Fatal(err)
	}
	op, err := doc.Operation("createChatCompletion")
	if err != nil {
		log.Fatal(err)
	}
	a, err := client.NewAccumulator(op)
	if err != nil {
		log.Fatal(err)
	}
	for _, chunk := range []string{
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]}`,
		`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}`,
	} {
		if err := a.Add("", []byte(chunk)); err != nil {
			log.Fatal(err)
		}
	}
	completion, err := a.Final()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(gjson.GetBytes(completion, "choices.0.message"))
	// Output: {"role":"assistant","content":"Hello","refusal":null}
}
