package openai

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// ToolFunc is a tool that runs here: what the model learns about it, and the
// function that is called. RunTools takes it, and so does the field Tools of a
// request, which sends the definition alone. It never changes and is safe for
// concurrent use, if its function is.
type ToolFunc struct {
	name       string
	definition any        // FunctionTool or CustomTool
	schema     *ownSchema // of the arguments; nil for a custom tool
	strict     bool
	sequential bool
	timeout    time.Duration
	call       func(ctx context.Context, input string) (any, error)
}

// ToolOption changes how a tool is defined or called.
type ToolOption func(*ToolFunc)

// Sequential lets a tool run alone: calls that the model made before it in the same
// response have ended, those behind it wait.
func Sequential() ToolOption { return func(t *ToolFunc) { t.sequential = true } }

// Timeout is how long one call of the tool may take; by default there is no limit. The
// context of a call that takes longer is cancelled, the model is told, and the run
// goes on. A function that does not heed its context runs on by itself.
func Timeout(d time.Duration) ToolOption { return func(t *ToolFunc) { t.timeout = d } }

// NotStrict defines a tool whose arguments the API does not hold to the schema, for
// types that the strict subset does not have, such as maps and any. The arguments
// are validated here all the same.
func NotStrict() ToolOption { return func(t *ToolFunc) { t.strict = false } }

// ToolDefinitionError reports a tool that cannot be defined.
type ToolDefinitionError struct {
	Tool   string
	Reason string
	Err    error // the cause, when there is one: a *TypeError, a *SchemaError
}

func (e *ToolDefinitionError) Error() string { return fmt.Sprintf("tool %.100q: %s", e.Tool, e.Reason) }

// Unwrap returns the cause.
func (e *ToolDefinitionError) Unwrap() error { return e.Err }

// Tool makes a tool of a Go function. The schema of its arguments is that of In, a
// struct: all fields are required, others are not allowed, and fields that are
// pointers or have omitempty may be null. The tags json, jsonschema
// ("description=…,enum=a,enum=b,minimum=1") and jsonschema_description of package
// github.com/invopop/jsonschema are read. Types may be recursive.
//
// What the function returns is sent as JSON, a string as it is, a []Part as parts,
// such as images. Its error is for the model, which may try again; it ends no run.
//
// The error is a *ToolDefinitionError: the name is not one that the API takes, or In
// has no schema.
func Tool[In, Out any](name, description string, fn func(ctx context.Context, in In) (Out, error), opts ...ToolOption) (*ToolFunc, error) {
	t := newToolFunc(name, opts)
	if fn == nil {
		return nil, &ToolDefinitionError{name, "got no function", nil}
	}
	own, err := schemaOf(reflect.TypeFor[In](), t.strict)
	if err != nil {
		return nil, &ToolDefinitionError{name, err.Error(), err}
	}
	t.schema = own
	t.definition = FunctionTool{Name: name, Description: description, Parameters: own, Strict: &t.strict}
	t.call = func(ctx context.Context, input string) (any, error) {
		var in In
		if err := json.Unmarshal([]byte(input), &in); err != nil {
			return nil, &argumentsError{err.Error(), err}
		}
		return fn(ctx, in)
	}
	return t.checked()
}

// MustTool is Tool for variables of a package; it panics instead of returning an
// error.
func MustTool[In, Out any](name, description string, fn func(ctx context.Context, in In) (Out, error), opts ...ToolOption) *ToolFunc {
	t, err := Tool(name, description, fn, opts...)
	if err != nil {
		panic(err)
	}
	return t
}

// ToolOf makes a tool of a definition that is at hand, such as one of an MCP
// server, and a function that gets the arguments as JSON, validated against the
// definition's Parameters. Whether it is strict is what the definition says.
func ToolOf(definition FunctionTool, fn func(ctx context.Context, arguments json.RawMessage) (any, error), opts ...ToolOption) (*ToolFunc, error) {
	t := newToolFunc(definition.Name, opts)
	if fn == nil {
		return nil, &ToolDefinitionError{definition.Name, "got no function", nil}
	}
	parameters := definition.Parameters
	if parameters == nil {
		parameters = json.RawMessage(`{"type":"object"}`)
	}
	own, err := ownSchemaOf(parameters)
	if err == nil {
		_, err = own.compile()
	}
	if err != nil {
		return nil, &ToolDefinitionError{definition.Name, err.Error(), err}
	}
	t.schema, t.definition = own, definition
	t.call = func(ctx context.Context, input string) (any, error) { return fn(ctx, json.RawMessage(input)) }
	return t.checked()
}

// TextTool makes a custom tool, whose function gets a text.
func TextTool(definition CustomTool, fn func(ctx context.Context, input string) (string, error), opts ...ToolOption) (*ToolFunc, error) {
	t := newToolFunc(definition.Name, opts)
	if fn == nil {
		return nil, &ToolDefinitionError{definition.Name, "got no function", nil}
	}
	t.definition = definition
	t.call = func(ctx context.Context, input string) (any, error) { return fn(ctx, input) }
	return t.checked()
}

func newToolFunc(name string, opts []ToolOption) *ToolFunc {
	t := &ToolFunc{name: name, strict: true}
	for _, opt := range opts {
		opt(t)
	}
	return t
}

// isToolName reports whether the API takes a name for a tool.
func isToolName(name string) bool {
	return name != "" && len(name) <= 64 && strings.IndexFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}) < 0
}

func (t *ToolFunc) checked() (*ToolFunc, error) {
	switch {
	case !isToolName(t.name):
		return nil, &ToolDefinitionError{t.name, "want a name of 1 to 64 letters, digits, _ and -", nil}
	case t.timeout < 0:
		return nil, &ToolDefinitionError{t.name, fmt.Sprintf("got a timeout of %v, want a positive one", t.timeout), nil}
	}
	return t, nil
}

// Name is the tool's name.
func (t *ToolFunc) Name() string { return t.name }

// Definition is what the model learns about the tool: a FunctionTool or CustomTool.
func (t *ToolFunc) Definition() any { return t.definition }

// MarshalJSON writes the definition in the form of chat completions. RespondRequest
// and ResponseTools write it as the Responses API has it.
func (t *ToolFunc) MarshalJSON() ([]byte, error) {
	if t == nil {
		return []byte("null"), nil
	}
	return marshal(t.definition)
}

// isCustom reports whether it is a custom tool.
func (t *ToolFunc) isCustom() bool { return t.schema == nil }
