// Mcp-tools lets a model use the tools of an MCP server, which it starts as a program
// of its own (stdio):
//
//	go run . npx -y @modelcontextprotocol/server-filesystem .
//
// Without a command the server is one within this program. Without OPENAI_API_KEY the
// built-in test server plays the model.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

func main() {
	transport := mcp.Transport(nil)
	if len(os.Args) > 1 {
		transport = &mcp.CommandTransport{Command: exec.Command(os.Args[1], os.Args[2:]...)}
	}
	if err := run(context.Background(), transport); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, transport mcp.Transport) error {
	if transport == nil {
		transport = stations(ctx)
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "mcp-tools", Version: "1"}, nil).Connect(ctx, transport, nil)
	if err != nil {
		return err
	}
	defer session.Close()
	tools, err := toolSet(ctx, session)
	if err != nil {
		return err
	}

	server, err := clienttest.StartWithoutKey() // nil if OPENAI_API_KEY is set
	if err != nil {
		return err
	}
	defer server.Close()
	server.Respond("createResponse",
		clienttest.Answer{Output: clienttest.CallTool("temperature", `{"station":"Paris"}`).CallTool("temperature", `{"station":7}`)},
		clienttest.Answer{Output: clienttest.Say("It is 18 °C in Paris.")})
	c, err := openai.New(server.Options()...)
	if err != nil {
		return err
	}
	run := c.RunTools(ctx, openai.RespondRequest{Model: "gpt-5-mini", Input: "How warm is it in Paris?"}, tools)
	for event, err := range run.Events() {
		if err != nil {
			return err
		}
		if event.Kind == openai.RunOutcome {
			fmt.Println(event.Call.Name(), event.Call.Input(), "→", event.Outcome.Output)
		}
	}
	fmt.Println(run.Text())
	return nil
}
