// Conversation talks for some turns, tries something in a fork, and goes on after it
// was saved and restored. Without OPENAI_API_KEY it talks to the built-in test server.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

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
	say := func(text string) clienttest.Answer { return clienttest.Answer{Output: clienttest.Say(text)} }
	server.Respond("createResponse", say("Titan."), say("Le voici: Titan."), say("It is 5,150 km wide."))
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	request := openai.RespondRequest{Model: "gpt-5-mini", Instructions: "Be brief."} // or a ChatRequest
	talk, err := c.NewConversation(request)
	if err != nil {
		return err
	}
	if err := turn(ctx, talk, "Which is the largest moon of Saturn?"); err != nil {
		return err
	}
	if err := turn(ctx, talk.Fork(), "Say it in French."); err != nil { // talk knows nothing of it
		return err
	}

	saved, err := json.Marshal(talk) // what was said, without the request
	if err != nil {
		return err
	}
	restored, err := c.NewConversation(request)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(saved, restored); err != nil {
		return err
	}
	if err := turn(ctx, restored, "How wide is it?"); err != nil {
		return err
	}
	fmt.Println(len(restored.Items()), "items,", restored.Usage().TotalTokens, "tokens in all,", restored.ContextTokens(), "of context")
	return nil
}

// turn says something and prints the answer as it arrives.
func turn(ctx context.Context, talk *openai.Conversation, text string) error {
	fmt.Println(">", text)
	for piece, err := range talk.Run(ctx, text, openai.Streaming()).Pieces() {
		if err != nil {
			return err // and talk is as it was
		}
		fmt.Print(piece)
	}
	fmt.Println()
	return nil
}
