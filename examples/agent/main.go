// Agent works on a task with tools: its text is streamed, what changes something is
// asked for first, and it ends after some rounds at the latest. Without OPENAI_API_KEY
// the built-in test server plays the model.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

type noInput struct{}

type removal struct {
	Name   string `json:"name" jsonschema:"description=of the file"`
	Reason string `json:"reason"`
}

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
	server.Respond("createResponse",
		clienttest.Answer{Output: clienttest.Say("I look at the files. ").CallTool("list", `{}`)},
		clienttest.Answer{Output: clienttest.CallTool("remove", `{"name":"a.tmp","reason":"temporary"}`).CallTool("remove", `{"name":"thesis.txt","reason":"old"}`)},
		clienttest.Answer{Output: clienttest.Say("I removed a.tmp and kept thesis.txt.")})
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}

	files := []string{"a.tmp", "thesis.txt"}
	list := openai.MustTool("list", "lists all files", func(context.Context, noInput) ([]string, error) { return files, nil })
	remove := openai.MustTool("remove", "removes a file", func(_ context.Context, in removal) (string, error) {
		files = slices.DeleteFunc(files, func(name string) bool { return name == in.Name })
		return "removed", nil
	}, openai.Sequential())

	run := c.RunTools(ctx, openai.RespondRequest{Model: "gpt-5-mini", Input: "Clean up my files."},
		list, remove, openai.Streaming(), openai.MaxRounds(8), openai.Approve(approve))
	for event, err := range run.Events() {
		if err != nil {
			return err // such as a *openai.LimitError
		}
		switch event.Kind {
		case openai.RunText:
			fmt.Print(event.Text)
		case openai.RunOutcome:
			fmt.Println("\n ", event.Call.Name(), event.Call.Input(), "→", event.Outcome.Output)
		}
	}
	fmt.Println("\nLeft:", files)
	return nil
}

// approve decides about each call; a program would ask a person here.
func approve(_ context.Context, call openai.Approval) (openai.Decision, error) {
	if call.Call.Name() == "remove" && call.Call.Input() != `{"name":"a.tmp","reason":"temporary"}` {
		return openai.Deny("the user wants to keep it"), nil
	}
	return openai.Allow(), nil
}
