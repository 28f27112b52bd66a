// Opcall is a chat program with opcall and its built-in description.
package main

import (
	"context"
	"fmt"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	c, err := openai.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := c.Chat(context.Background(), openai.ChatRequest{Model: "gpt-4o", Messages: []openai.Message{openai.User("hello")}}, client.WithMaxRetries(0))
	fmt.Println(result, err)
}
