// Go-openai is the same chat program with go-openai.
package main

import (
	"context"
	"fmt"

	"github.com/sashabaranov/go-openai"
)

func main() {
	c := openai.NewClient("key")
	result, err := c.CreateChatCompletion(context.Background(), openai.ChatCompletionRequest{
		Model:    "gpt-4o",
		Messages: []openai.ChatCompletionMessage{{Role: openai.ChatMessageRoleUser, Content: "hello"}},
	})
	fmt.Println(result, err)
}
