// Speech writes a spoken text to a file while it arrives.
//
//	go run ./examples/speech [text]
//
// Without OPENAI_API_KEY it asks the built-in test server, which has no voice.
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	if err := run(context.Background(), strings.Join(os.Args[1:], " ")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, text string) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	n, err := c.SpeakFile(ctx, "titan.mp3", openai.SpeechRequest{
		Model: "gpt-4o-mini-tts", Voice: "alloy", Input: cmp.Or(text, "Titan is the largest moon of Saturn."),
		Instructions: "Speak like a narrator.",
	})
	if err != nil {
		return err
	}
	fmt.Printf("titan.mp3: %d bytes\n", n)
	return nil
}
