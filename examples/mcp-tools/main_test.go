package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/opcall/opcall/client/openai"
)

// serve is set where the test program is an MCP server on its standard input.
const serve = "MCP_TOOLS_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serve) == "" {
		os.Exit(m.Run())
	}
	server := mcp.NewServer(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "temperature", Description: "the temperature at a station"},
		func(_ context.Context, _ *mcp.CallToolRequest, in station) (*mcp.CallToolResult, any, error) {
			if in.Station != "Paris" {
				return nil, nil, fmt.Errorf("no station in %s", in.Station)
			}
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "18 °C"}}}, nil, nil
		})
	mcp.AddTool(server, &mcp.Tool{Name: "map"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "here"}, &mcp.ImageContent{Data: []byte("\x89PNG\r\n\x1a\n"), MIMEType: "image/png"}}}, nil, nil
	})
	if err := server.Run(context.Background(), &mcp.StdioTransport{}); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
	}
}

// program is an MCP server that runs as a program of its own.
func program(t *testing.T) mcp.Transport {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serve+"=1")
	return &mcp.CommandTransport{Command: cmd}
}

func TestToolsOfServerAreCalled(t *testing.T) {
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), program(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	set, err := toolSet(t.Context(), session)
	if err != nil || len(set) != 2 {
		t.Fatalf("got %d tools, %v", len(set), err)
	}
	tools := map[string]*openai.ToolFunc{}
	for _, tool := range set {
		tools[tool.Name()] = tool
	}
	for arguments, want := range map[string]string{
		`{"station":"Paris"}`: "18 °C",
		`{"station":"Oslo"}`:  "error: no station in Oslo",
		`{"station":7}`:       "error: invalid arguments: /station: got number 7, want string",
		`{}`:                  "error: invalid arguments: missing property \"station\"",
	} {
		got := tools["temperature"].Call(t.Context(), openai.ToolCall{ID: "c", Type: "function", Function: openai.FunctionCall{Name: "temperature", Arguments: arguments}})
		if got.Output != want {
			t.Errorf("%s: got %q, want %q", arguments, got.Output, want)
		}
	}
	got := tools["map"].Call(t.Context(), openai.ToolCall{ID: "c", Type: "function", Function: openai.FunctionCall{Name: "map"}})
	if got.Err != nil || len(got.Parts) != 2 || !strings.HasPrefix(fmt.Sprint(got.Parts[1]["image_url"]), "map[url:data:image/png;base64,") {
		t.Errorf("got %+v, want a text and an image", got)
	}
}

func TestExampleRunsWithoutAKey(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "")
	t.Setenv("OPENAI_BASE_URL", "")
	for name, transport := range map[string]mcp.Transport{"within": nil, "stdio": program(t)} {
		if err := run(t.Context(), transport); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
