// Download turns text into speech and streams the response into a file.
//
//	go run ./examples/download [out.mp3]
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	path := ""
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	if err := run(context.Background(), path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path string) error {
	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	r, err := c.Call(ctx, "createSpeech", client.Params{
		"model": "gpt-4o-mini-tts",
		"voice": "alloy",
		"input": "Titan is the largest moon of Saturn.",
	})
	if err != nil {
		return err
	}
	defer r.Close()

	out, err := create(path)
	if err != nil {
		return err
	}
	n, err := r.WriteTo(out)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	fmt.Printf("%d bytes of %s\n", n, r.MediaType())
	return nil
}

// create opens the file to write, a temporary one when no path is given.
func create(path string) (*os.File, error) {
	if path != "" {
		return os.Create(path)
	}
	return os.CreateTemp("", "speech-*.mp3")
}
