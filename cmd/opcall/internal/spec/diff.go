package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// DiffOptions are those of one run of diff.
type DiffOptions struct {
	*session.Session
	Old, New   string // files or URLs
	Operations []string
	Format     string
	Prose      bool
	FailOn     string
	Traffic    string
}

// diffFormats are those of --format.
var diffFormats = []string{"text", "markdown", "json"}

// NewCmdDiff returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdDiff(s *session.Session, runF func(*DiffOptions) error) *cobra.Command {
	opts := &DiffOptions{Session: s}
	cmd := &cobra.Command{
		Use:   "diff [OLD] NEW",
		Short: "Say what changes from one document to another, and what it breaks",
		Long: `Compare two documents and list each change once, with what it means for a program that
was written with the old one, and which operations it concerns. With one document, the one in
use is the old one.

With --traffic the two are compared by recorded calls in place of their text: which of them
one of the documents refuses. The file has a line of JSON per call, as conform.NewRecorder
and "opcall proxy --record" write them.`,
		Example: `  opcall spec diff old.yaml new.yaml --fail-on breaking
  opcall spec diff new.yaml --operation createResponse --format markdown
  opcall spec diff old.yaml new.yaml --traffic calls.jsonl`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return usage.Exactly("OLD", "NEW")(cmd, args)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			opts.New = args[len(args)-1]
			if len(args) == 2 {
				opts.Old = args[0]
			}
			if runF != nil {
				return runF(opts)
			}
			return runDiff(opts)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&opts.Operations, "operation", nil, "only changes that concern this operation, by its `ID`, may be repeated")
	flags.StringVar(&opts.Format, "format", "text", "`format`: text, markdown or json")
	flags.BoolVar(&opts.Prose, "prose", false, "list changed texts for people, too")
	flags.StringVar(&opts.FailOn, "fail-on", "", "exit code 1 where a change is of this `severity` or worse: breaking, unknown or safe")
	flags.StringVar(&opts.Traffic, "traffic", "", "compare by the recorded calls of this `file`")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(diffFormats, cobra.ShellCompDirectiveNoFileComp)))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"breaking", "unknown", "safe"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func runDiff(opts *DiffOptions) error {
	limit, err := severity(opts.FailOn)
	if err != nil {
		return err
	}
	old, err := document(opts.Session, opts.Old)
	if err != nil {
		return err
	}
	newer, err := document(opts.Session, opts.New)
	if err != nil {
		return err
	}
	if opts.Traffic != "" {
		return traffic(opts, old, newer)
	}
	changes := schema.Diff(old, newer)
	if len(opts.Operations) > 0 {
		if changes, err = changes.For(opts.Operations...); err != nil {
			return err
		}
	}
	if err := writeChanges(opts, changes); err != nil {
		return err
	}
	for s := limit; opts.FailOn != "" && s <= schema.SeverityBreaking; s++ {
		if changes.Count(s) > 0 {
			return exit.Silent(exit.Local)
		}
	}
	return nil
}

// severity reads --fail-on.
func severity(text string) (schema.Severity, error) {
	var names []string
	for s := schema.SeveritySafe; s <= schema.SeverityBreaking; s++ {
		if s.String() == text {
			return s, nil
		}
		names = append(names, s.String())
	}
	if text == "" {
		return 0, nil
	}
	return 0, fmt.Errorf("--fail-on: unknown severity %.40q, want one of %s", text, strings.Join(names, ", "))
}

func writeChanges(opts *DiffOptions, changes *schema.Changes) error {
	switch opts.Format {
	case "json":
		text, err := json.Marshal(changes)
		if err != nil {
			return err
		}
		return render.JSON(opts.IO, text)
	case "markdown":
		_, err := io.WriteString(opts.Out, changes.Markdown())
		return err
	case "text":
		_, err := io.WriteString(opts.Out, coloured(opts.Paint(opts.Out), changes.String()))
		if err != nil || !opts.Prose {
			return err
		}
		for change := range changes.Prose() {
			if _, err := fmt.Fprintln(opts.Out, change); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("--format: unknown format" + fmt.Sprintf(" %.40q", opts.Format) + near.Question(near.Names(opts.Format, diffFormats, 1)))
}

// coloured sets breaking and unknown changes apart.
func coloured(p terminal.Painter, text string) string {
	if !p.On() {
		return withEnd(text)
	}
	var b strings.Builder
	for line := range strings.Lines(withEnd(text)) {
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "breaking":
			word = p.Text(terminal.Red, word)
		case "unknown":
			word = p.Text(terminal.Yellow, word)
		case "safe":
			word = p.Text(terminal.Green, word)
		}
		b.WriteString(word + " " + rest)
	}
	return b.String()
}

// withEnd ends the last line.
func withEnd(text string) string { return strings.TrimSuffix(text, "\n") + "\n" }
