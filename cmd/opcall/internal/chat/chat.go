package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/complete"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// defaultModel is the model where neither -m, OPCALL_MODEL nor the conversation names one.
const defaultModel = "gpt-5-mini"

// Options are those of one run.
type Options struct {
	*session.Session
	Prompt   string // one turn; "" for a conversation
	Model    string
	System   string
	API      string // "responses" or "chat"
	Name     string // of the conversation
	Continue bool
	List     bool
	Tools    string // file
}

const long = `Talk with a model. Its text is printed as it comes; what was said is kept after each turn,
and a conversation goes on with -c, or by its --name.

With words behind the command, or input that is not a terminal, there is one turn: the words,
and what stands in the input. Ctrl-C ends the turn, Ctrl-D the conversation.

Tools are programs in a file. Nothing goes through a shell: {city} in an argument is what the
model gives for city, all of it in this one argument. Each call is shown and waits for a yes,
unless the tool says "approve: never"; without a terminal such calls are denied.

    tools:
      - name: weather
        description: The weather in a city
        parameters: {type: object, properties: {city: {type: string}}, required: [city]}
        command: [curl, -s, "https://wttr.in/{city}?format=3"]
        approve: always    # or never
        timeout: 30s`

// NewCmdChat returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdChat(s *session.Session, runF func(context.Context, *Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:     "chat [WORD…]",
		Short:   "Talk with a model",
		Long:    long,
		Example: "  opcall chat -m gpt-5-mini\n  git diff | opcall chat Write a commit message\n  opcall chat -c --tools tools.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.Prompt = strings.Join(args, " ")
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return run(cmd.Context(), opts)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	flags := cmd.Flags()
	flags.StringVarP(&opts.Model, "model", "m", "", "`model` (default: OPCALL_MODEL, that of the conversation, "+defaultModel+")")
	flags.StringVar(&opts.System, "system", "", "instructions, as `text` or @FILE")
	flags.StringVar(&opts.API, "api", "", "which API: responses (default), or chat for hosts that have only that")
	flags.StringVar(&opts.Name, "name", "", "`name` of the conversation, to begin it or to go on")
	flags.BoolVarP(&opts.Continue, "continue", "c", false, "go on with the latest conversation")
	flags.BoolVar(&opts.List, "list", false, "list the conversations that are kept")
	flags.StringVar(&opts.Tools, "tools", "", "`file` of tools")
	usage.Exclusive(cmd, "name", "continue")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("system", complete.FileBehindAt))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("api", cobra.FixedCompletions([]string{"responses", "chat"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func run(ctx context.Context, opts *Options) error {
	kept, err := openHistory(opts.Session)
	if err != nil {
		return err
	}
	if opts.List {
		return kept.list(opts.IO)
	}
	t := &talk{Options: opts}
	if t.record, err = kept.find(opts.Name, opts.Continue); err != nil {
		return err
	}
	if err := t.settings(); err != nil {
		return err
	}
	if opts.Tools != "" {
		if t.tools, err = readTools(opts); err != nil {
			return err
		}
	}
	c, err := opts.OpenAI(ctx)
	if err != nil {
		return err
	}
	if t.conversation, err = c.NewConversation(t.request()); err != nil {
		return err
	}
	if t.record.Conversation != nil {
		if err := t.conversation.UnmarshalJSON(t.record.Conversation); err != nil {
			return fmt.Errorf("%s: %w", t.record.path, err)
		}
	}
	return t.run(ctx)
}

// settings decides about model, API and instructions: the flags, else what the conversation
// began with.
func (t *talk) settings() error {
	r := t.record
	if t.API != "" && r.API != "" && t.API != r.API {
		return fmt.Errorf("the conversation %s is one of the API %q; begin another one for --api %s", r.Name, r.API, t.API)
	}
	r.API = cmp.Or(t.API, r.API, "responses")
	if r.API != "responses" && r.API != "chat" {
		return fmt.Errorf("--api: got %.40q, want responses or chat", r.API)
	}
	r.Model = cmp.Or(t.Model, r.Model, t.Getenv("OPCALL_MODEL"), defaultModel)
	if path, ok := strings.CutPrefix(t.System, "@"); ok {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		t.System = string(text)
	}
	if t.System != "" && r.API == "chat" && r.Conversation != nil {
		return errors.New("--system: a conversation of the API chat has its instructions from the beginning")
	}
	r.System = cmp.Or(t.System, r.System)
	return nil
}

// request is what the conversation begins with.
func (t *talk) request() openai.Request {
	var tools []any
	for _, tool := range t.tools {
		tools = append(tools, tool.ToolFunc)
	}
	if t.record.API == "chat" {
		request := openai.ChatRequest{Model: t.record.Model, Tools: tools}
		if t.record.System != "" {
			request.Messages = []openai.Message{openai.System(t.record.System)}
		}
		return request
	}
	return openai.RespondRequest{Model: t.record.Model, Instructions: t.record.System, Tools: tools}
}
