package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/internal/yamltext"
)

const (
	maxToolFile   = 1 << 20
	maxToolOutput = 64 << 10 // of a tool, in bytes: what the model gets of it
	toolTimeout   = time.Minute
)

// tool is a program that a model may ask for.
type tool struct {
	*openai.ToolFunc `json:"-"`
	Name             string          `json:"name"`
	Description      string          `json:"description"`
	Parameters       json.RawMessage `json:"parameters"`
	Command          []string        `json:"command"`
	Approve          string          `json:"approve"` // "always", the default, or "never"
	Timeout          string          `json:"timeout"`
}

var toolNames = []string{"name", "description", "parameters", "command", "approve", "timeout"}

// readTools reads the file of --tools.
func readTools(opts *Options) ([]*tool, error) {
	text, err := os.ReadFile(opts.Tools)
	if err != nil {
		return nil, err
	}
	read, err := yamltext.JSON(text, maxToolFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", opts.Tools, err)
	}
	list, _ := jsonscan.Member(read.JSON, "tools")
	for _, item := range jsonscan.Items(list) {
		for name := range jsonscan.Members(item) {
			if !slices.Contains(toolNames, name) {
				return nil, fmt.Errorf("%s: a tool has the unknown name %.80q%s", opts.Tools, name, near.Question(near.Names(name, toolNames, 1)))
			}
		}
	}
	var tools []*tool
	if err := json.Unmarshal([]byte(list), &tools); err != nil || len(tools) == 0 {
		return nil, errors.Join(fmt.Errorf("%s: want a list of tools (opcall chat --help)", opts.Tools), err)
	}
	for _, t := range tools {
		if err := t.define(opts); err != nil {
			return nil, fmt.Errorf("%s: tool %.80s: %w", opts.Tools, t.Name, err)
		}
	}
	return tools, nil
}

// define makes the tool that the library calls.
func (t *tool) define(opts *Options) error {
	limit := toolTimeout
	switch {
	case len(t.Command) == 0:
		return errors.New("want a command, a list of the program and its arguments")
	case t.Approve != "" && t.Approve != "always" && t.Approve != "never":
		return fmt.Errorf("approve: got %.40q, want always or never", t.Approve)
	case t.Timeout != "":
		var err error
		if limit, err = time.ParseDuration(t.Timeout); err != nil || limit <= 0 {
			return fmt.Errorf("timeout: got %.40q, want a time such as 30s", t.Timeout)
		}
	}
	definition := openai.FunctionTool{Name: t.Name, Description: t.Description}
	if t.Parameters != nil {
		definition.Parameters = t.Parameters
	}
	var err error
	t.ToolFunc, err = openai.ToolOf(definition, func(ctx context.Context, arguments json.RawMessage) (any, error) {
		return t.call(ctx, opts, arguments)
	}, openai.Timeout(limit), openai.Sequential())
	return err
}

// call runs the program. It gets the arguments as JSON on its standard input, too, and none
// of the variables that hold keys.
func (t *tool) call(ctx context.Context, opts *Options, arguments json.RawMessage) (any, error) {
	words, err := t.words(arguments)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.WaitDelay = time.Second
	cmd.Stdin = bytes.NewReader(arguments)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return strings.HasSuffix(name, "_KEY") || strings.HasSuffix(name, "_TOKEN") || strings.HasSuffix(name, "_SECRET")
	})
	var out limited
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out.text())
	}
	return out.text(), nil
}

// words are the program and its arguments, {name} replaced by what the model gives for it. A
// value cannot become an option: it does not begin an argument with a dash.
func (t *tool) words(arguments json.RawMessage) ([]string, error) {
	given := gjson.ParseBytes(arguments).Map()
	words := slices.Clone(t.Command)
	for i, word := range words {
		for name, value := range given {
			text := value.String()
			if strings.HasPrefix(word, "{"+name+"}") && strings.HasPrefix(text, "-") {
				return nil, fmt.Errorf("%s begins with a dash, which the program would take for an option", name)
			}
			word = strings.ReplaceAll(word, "{"+name+"}", text)
		}
		words[i] = word
	}
	return words, nil
}

// limited keeps the beginning of what a program prints.
type limited struct {
	kept bytes.Buffer
	more bool
}

func (l *limited) Write(p []byte) (int, error) {
	room := maxToolOutput - l.kept.Len()
	l.more = l.more || len(p) > room
	l.kept.Write(p[:min(len(p), room)])
	return len(p), nil
}

func (l *limited) text() string {
	text := strings.ToValidUTF8(l.kept.String(), "�")
	if l.more {
		text += "\n(the output was longer)"
	}
	return text
}

// approve shows a call as the command that it is, and asks.
func (t *talk) approve(ctx context.Context, a openai.Approval) (openai.Decision, error) {
	i := slices.IndexFunc(t.tools, func(tool *tool) bool { return tool.ToolFunc.Name() == a.Call.Name() })
	if i < 0 {
		return openai.Deny("no such tool here"), nil
	}
	tool := t.tools[i]
	if tool.Approve == "never" {
		return openai.Allow(), nil
	}
	if !t.CanAsk() {
		fmt.Fprintf(t.Err, "opcall: %s is denied: nobody is at a terminal to approve it\n", render.Plain(a.Call.Name()))
		return openai.Deny("nobody is there to approve the call"), nil
	}
	words, err := tool.words(json.RawMessage(a.Call.Input()))
	if err != nil {
		return openai.Deny(err.Error()), nil
	}
	shown := make([]string, len(words))
	for i, word := range words {
		shown[i] = fmt.Sprintf("%q", word)
	}
	fmt.Fprintf(t.Err, "%s %s\n", t.Paint(t.Err).Text(terminal.Yellow, "the model wants to run:"), strings.Join(shown, " "))
	yes, err := t.Confirm(ctx, "run it?")
	if err != nil {
		return openai.Decision{}, err
	}
	if !yes {
		return openai.Deny("the user does not want this call"), nil
	}
	return openai.Allow(), nil
}
