package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/opcall/opcall/client/openai"
)

// toolSet makes tools of those that an MCP server lists. Their schemas are the
// server's, so that they need not be strict.
func toolSet(ctx context.Context, session *mcp.ClientSession) (openai.ToolSet, error) {
	var set openai.ToolSet
	for listed, err := range session.Tools(ctx, nil) {
		if err != nil {
			return nil, err
		}
		name := listed.Name
		tool, err := openai.ToolOf(
			openai.FunctionTool{Name: name, Description: listed.Description, Parameters: listed.InputSchema},
			func(ctx context.Context, arguments json.RawMessage) (any, error) {
				result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: name, Arguments: arguments})
				if err != nil {
					return nil, err
				}
				return content(result)
			})
		if err != nil {
			return nil, err
		}
		set = append(set, tool)
	}
	return set, nil
}

// content is what a tool returned: its text, or the error that it is.
func content(result *mcp.CallToolResult) (any, error) {
	var parts []openai.Part
	var text strings.Builder
	for _, c := range result.Content {
		switch c := c.(type) {
		case *mcp.TextContent:
			text.WriteString(c.Text)
			parts = append(parts, openai.Text(c.Text))
		case *mcp.ImageContent:
			parts = append(parts, openai.ImageBytes(c.Data))
		}
	}
	switch {
	case result.IsError:
		return nil, errors.New(text.String())
	case len(parts) == 0 && result.StructuredContent != nil:
		return result.StructuredContent, nil
	case len(parts) == 1 && text.Len() > 0:
		return text.String(), nil
	}
	return parts, nil
}

// station is what the tool of the server within takes.
type station struct {
	Station string `json:"station" jsonschema:"name of the city"`
}

// stations is the client's side of an MCP server within this program.
func stations(ctx context.Context) mcp.Transport {
	here, there := mcp.NewInMemoryTransports()
	server := mcp.NewServer(&mcp.Implementation{Name: "stations", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "temperature", Description: "the temperature at a station"},
		func(_ context.Context, _ *mcp.CallToolRequest, in station) (*mcp.CallToolResult, any, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "18 °C in " + in.Station}}}, nil, nil
		})
	go server.Run(ctx, there)
	return here
}
