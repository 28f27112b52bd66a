package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// DefaultMaxBytes is the length of a result, in bytes: about 5,000 tokens.
const DefaultMaxBytes = 20_000

// Options say what a model may do.
type Options struct {
	Write    bool     // call operations that change something
	Allow    []string // IDs of operations that may be called in any case
	MaxBytes int      // of a result; 0 for DefaultMaxBytes
	Version  string   // of this program, for clients that show it
}

// api is what the tools work on.
type api struct {
	client   *client.Client
	write    bool
	allowed  map[string]bool // by ID, as the document spells it
	maxBytes int
}

// New returns a server of the document of c. The error is a
// *schema.UnknownOperationError for an ID in Allow that the document does not have.
func New(c *client.Client, opts Options) (*mcp.Server, error) {
	a := &api{client: c, write: opts.Write, allowed: make(map[string]bool), maxBytes: opts.MaxBytes}
	if a.maxBytes == 0 {
		a.maxBytes = DefaultMaxBytes
	}
	a.maxBytes = min(a.maxBytes, math.MaxInt-1) // a byte more is read to know
	for _, id := range opts.Allow {
		op, err := c.Document().Operation(id)
		if err != nil {
			return nil, err
		}
		a.allowed[op.ID] = true
	}
	title := c.Document().Title()
	server := mcp.NewServer(&mcp.Implementation{Name: "opcall", Title: "opcall: " + printable(title, 80), Version: opts.Version}, &mcp.ServerOptions{
		Instructions: "Calls the operations of " + printable(title, 80) + ". Find one with search_operations, read what it takes with describe, " +
			"then call it. " + a.permission(),
	})
	for _, t := range a.tools() {
		server.AddTool(t.declare(), t.serve)
	}
	return server, nil
}

// permission says what may be called.
func (a *api) permission() string {
	switch {
	case a.write:
		return "All operations may be called."
	case len(a.allowed) > 0:
		return fmt.Sprintf("Operations that read may be called, and %d others; the rest can be described and validated only.", len(a.allowed))
	}
	return "Only operations that read may be called; others can be described and validated."
}

// may reports whether an operation may be called.
func (a *api) may(op *schema.Operation) bool { return a.write || reads(op) || a.allowed[op.ID] }

// reads reports whether an operation only reads (RFC 9110 §9.2.1).
func reads(op *schema.Operation) bool {
	return op.Method == http.MethodGet || op.Method == http.MethodHead || op.Method == http.MethodOptions
}

// annotations are what may come of a call, by the methods of the operations that may be
// called.
func (a *api) annotations() *mcp.ToolAnnotations {
	all := &mcp.ToolAnnotations{Title: "Call an operation", ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: new(false), OpenWorldHint: new(true)}
	for op := range a.client.Document().Operations() {
		if !a.may(op) || reads(op) {
			continue
		}
		all.ReadOnlyHint = false
		idempotent := op.Method == http.MethodPut || op.Method == http.MethodDelete // RFC 9110 §9.2.2
		all.IdempotentHint = all.IdempotentHint && idempotent
		if idempotent || op.Method == http.MethodPatch { // what is there is replaced, or goes
			all.DestructiveHint = new(true)
		}
	}
	return all
}

// tool is one of the tools.
type tool struct {
	name, description string
	arguments         []argument
	annotations       *mcp.ToolAnnotations
	run               func(context.Context, map[string]string) (string, error) // of arguments as JSON text
}

// argument is a parameter of a tool.
type argument struct {
	name, kind, description string
	required                bool
}

func (t *tool) declare() *mcp.Tool {
	properties := make(map[string]any, len(t.arguments))
	required := []string{}
	for _, p := range t.arguments {
		properties[p.name] = map[string]any{"type": p.kind, "description": p.description}
		if p.required {
			required = append(required, p.name)
		}
	}
	return &mcp.Tool{
		Name: t.name, Description: t.description, Annotations: t.annotations,
		InputSchema: map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false},
	}
}

// serve runs the tool. What is wrong with a call is a result that the model reads, not an
// error of the protocol.
func (t *tool) serve(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	given, err := t.read(req.Params.Arguments)
	if err != nil {
		return failed(err), nil
	}
	text, err := t.run(ctx, given)
	if err != nil {
		return failed(err), nil
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}, nil
}

// read checks the arguments of a call and returns their JSON texts by name.
func (t *tool) read(raw json.RawMessage) (map[string]string, error) {
	text := strings.TrimSpace(string(raw))
	if text == "" || text == "null" {
		text = "{}"
	}
	if err := jsonscan.CheckUnique(text, 1000); err != nil {
		return nil, fmt.Errorf("the arguments: %w", err)
	}
	if text[0] != '{' {
		return nil, fmt.Errorf("the arguments: got %s, want an object", jsonscan.TypeName(text))
	}
	given := make(map[string]string)
	for name, value := range jsonscan.Members(text) {
		i := slices.IndexFunc(t.arguments, func(p argument) bool { return p.name == name })
		if i < 0 {
			return nil, fmt.Errorf("%s has no argument %.80q%s", t.name, name, near.Question(near.Names(name, t.names(), 1)))
		}
		if value == "null" {
			continue
		}
		if !jsonvalue.ParseKind(t.arguments[i].kind).Has(jsonvalue.KindOfText(value)) {
			return nil, fmt.Errorf("argument %s: got %s, want %s", name, jsonscan.TypeName(value), t.arguments[i].kind)
		}
		given[name] = value
	}
	for _, p := range t.arguments {
		if _, ok := given[p.name]; p.required && !ok {
			return nil, fmt.Errorf("argument %s is missing: %s", p.name, p.description)
		}
	}
	return given, nil
}

func (t *tool) names() []string {
	var names []string
	for _, p := range t.arguments {
		names = append(names, p.name)
	}
	return names
}
