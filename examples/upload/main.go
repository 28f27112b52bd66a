// Upload sends a file, which is streamed and never read into memory as a whole,
// and prints what the API returns.
//
//	go run ./examples/upload [file]
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

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

	file := client.File{
		Name: "questions.jsonl",
		Body: strings.NewReader(`{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}` + "\n"),
	}
	if path != "" {
		opened, err := os.Open(path)
		if err != nil {
			return err
		}
		defer opened.Close()
		file = client.File{Body: opened}
	}
	r, err := c.Call(ctx, "createFile", client.Params{
		"purpose":       "fine-tune",
		"file":          file,
		"expires_after": client.Params{"anchor": "created_at", "seconds": 3600},
	})
	if err != nil {
		return err
	}
	fmt.Println("Uploaded:", r.Get("id"), r.Get("filename"), r.Get("bytes"))
	return nil
}
