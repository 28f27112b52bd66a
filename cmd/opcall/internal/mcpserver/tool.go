package mcpserver

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Bounds of arguments.
const (
	defaultFound = 20
	maxFound     = 100
	maxWords     = 20
	maxDepth     = 6
	maxSelect    = 500 // bytes
)

// tools are the four.
func (a *api) tools() []*tool {
	look := func(title string) *mcp.ToolAnnotations {
		return &mcp.ToolAnnotations{Title: title, ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: new(false), OpenWorldHint: new(false)}
	}
	operation := argument{"operation", "string", "ID of the operation, from search_operations", true}
	params := argument{"params", "object", "Parameters and fields of the request body, by name, in one flat object", false}
	return []*tool{
		{
			"search_operations",
			"Find operations of the API by words. Returns one per line: ID, method, path, summary; the best match first.",
			[]argument{
				{"query", "string", "Words, such as \"create embedding\". Left out: all operations", false},
				{"limit", "integer", "How many, 20 unless given, at most 100", false},
			},
			look("Find operations"), a.search,
		},
		{
			"describe",
			"What an operation takes and returns, or what a component or field may be. Dots lead further in: " +
				"createResponse.tools.function, createChatCompletion.200.choices.",
			[]argument{
				{"path", "string", "An operation, component or tag, and names of fields behind dots", true},
				{"depth", "integer", "How deep fields of fields are described, 1 unless given, at most 6", false},
			},
			look("Describe a part of the API"), a.describe,
		},
		{
			"validate",
			"Whether a call would be valid. Nothing is sent. Each problem is a line: where, what is there, what is wanted, the nearest name.",
			[]argument{operation, params},
			look("Validate a call"), a.validate,
		},
		{
			"call",
			"Call an operation. It is validated first, and an invalid call is not sent. Long responses are cut, and say so: select a part instead. " +
				"No streams, no files. " + a.permission(),
			[]argument{
				operation, params,
				{"select", "string", "Part of the response, a gjson path: data.#.id, choices.0.message.content", false},
			},
			a.annotations(), a.call,
		},
	}
}

// search lists the operations that match best.
func (a *api) search(_ context.Context, given map[string]string) (string, error) {
	limit, err := integer(given, "limit", defaultFound, maxFound)
	if err != nil {
		return "", err
	}
	query := jsonscan.String(given["query"])
	words := stems(query)
	words = words[:min(len(words), maxWords)]
	hits := rank(a.client.Document(), words)
	if len(hits) == 0 {
		return "", fmt.Errorf("no operation has one of the words %.200q%s", query, near.Question(a.nearestWords(query)))
	}
	var b strings.Builder
	for _, op := range hits[:min(len(hits), limit)] {
		fmt.Fprintf(&b, "%s  %s %s", printable(op.ID, 200), op.Method, printable(op.Path, 200))
		if op.Summary != "" {
			b.WriteString("  " + printable(op.Summary, 200))
		}
		if !a.may(op) {
			b.WriteString("  (may not be called)")
		}
		b.WriteByte('\n')
	}
	if more := len(hits) - limit; more > 0 {
		fmt.Fprintf(&b, "… and %d more that match less; use other words or limit\n", more)
	}
	return a.cut(b.String(), "use limit"), nil
}

// nearestWords returns words of the document near the longest one of a query.
func (a *api) nearestWords(query string) []string {
	longest := ""
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if len(word) > len(longest) {
			longest = word
		}
	}
	known := make(map[string]bool)
	for op := range a.client.Document().Operations() {
		for word := range strings.FieldsFuncSeq(op.Path+" "+op.Summary, func(r rune) bool { return !unicode.IsLetter(r) }) {
			known[strings.ToLower(word)] = true
		}
	}
	var list []string
	for word := range known {
		list = append(list, word)
	}
	slices.Sort(list)
	return near.Names(longest, list, 3)
}

func (a *api) describe(_ context.Context, given map[string]string) (string, error) {
	depth, err := integer(given, "depth", 1, maxDepth)
	if err != nil {
		return "", err
	}
	d, err := a.client.Document().Describe(jsonscan.String(given["path"]))
	if err != nil {
		return "", err
	}
	return a.cut(d.Text(depth), "use a smaller depth, or describe one field by its path"), nil
}

// integer returns a whole number from 0 or 1 up to a limit.
func integer(given map[string]string, name string, otherwise, most int) (int, error) {
	text, ok := given[name]
	if !ok {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("argument %s: got %.40s, want a whole number from 1 to %d", name, text, most)
	}
	return n, nil
}

// operation returns the operation of a call and its params.
func (a *api) operation(given map[string]string) (*schema.Operation, json.RawMessage, error) {
	op, err := a.client.Document().Operation(jsonscan.String(given["operation"]))
	if err != nil {
		return nil, nil, err
	}
	params := given["params"]
	if params == "" {
		params = "{}"
	}
	return op, json.RawMessage(params), nil
}

func (a *api) validate(_ context.Context, given map[string]string) (string, error) {
	op, params, err := a.operation(given)
	if err != nil {
		return "", err
	}
	if err := a.client.Validate(op.ID, params); err != nil {
		return "", err
	}
	if !a.may(op) {
		return "valid; but " + a.refusal(op).Error(), nil
	}
	return "valid; nothing was sent", nil
}

// refusal says that an operation may not be called, and who can change that.
func (a *api) refusal(op *schema.Operation) error {
	return fmt.Errorf("%s (%s) may not be called here: it may change something. Whoever started this server can allow it: --allow %s, or --write for all",
		printable(op.ID, 200), op.Method, printable(op.ID, 200))
}

func (a *api) call(ctx context.Context, given map[string]string) (string, error) {
	op, params, err := a.operation(given)
	if err != nil {
		return "", err
	}
	if !a.may(op) {
		return "", a.refusal(op)
	}
	path := jsonscan.String(given["select"])
	if len(path) > maxSelect {
		return "", fmt.Errorf("argument select: got %d bytes, want at most %d", len(path), maxSelect)
	}
	r, err := a.client.Call(ctx, op.ID, params)
	if err != nil {
		return "", err
	}
	defer r.Close()
	return a.result(r, path)
}
