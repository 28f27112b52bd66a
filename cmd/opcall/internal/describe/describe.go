// Package describe is the command "opcall describe".
package describe

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/complete"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// Options are those of one run.
type Options struct {
	*session.Session
	Path  string
	Depth int
	JSON  bool
}

// NewCmdDescribe returns the command; runF, where it is not nil, takes the place of what
// it does.
func NewCmdDescribe(s *session.Session, runF func(*Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:   "describe OP|COMPONENT|TAG[.PATH]",
		Short: "Say what an operation takes and returns, or what a field may be",
		Long: `Describe an operation, a component or a tag of the document or, behind dots, a part of
it: a field, a parameter, a response by its status, a branch of a union by its tag.
Case, "-" and "_" make no difference.`,
		Example: `  opcall describe createResponse
  opcall describe createResponse.tools.function --depth 3
  opcall describe createChatCompletion.200.choices
  opcall describe Response --depth 9 --json`,
		Args: usage.Exactly("OP|COMPONENT|TAG[.PATH]"),
		RunE: func(_ *cobra.Command, args []string) error {
			opts.Path = args[0]
			if runF != nil {
				return runF(opts)
			}
			return run(opts)
		},
		ValidArgsFunction: complete.Paths(s),
	}
	cmd.Flags().IntVar(&opts.Depth, "depth", 1, "describe the fields of fields down to this `depth`")
	cmd.Flags().BoolVar(&opts.JSON, "json", false, "print the description as JSON")
	return cmd
}

func run(opts *Options) error {
	if opts.Depth < 0 {
		return fmt.Errorf("--depth: got %d, want 0 or more", opts.Depth)
	}
	doc, err := opts.Document()
	if err != nil {
		return err
	}
	d, err := doc.Describe(opts.Path)
	if err != nil {
		return err
	}
	if !opts.JSON {
		_, err := io.WriteString(opts.Out, headed(opts.Paint(opts.Out), d.Text(opts.Depth)))
		return err
	}
	text, err := json.Marshal(d.Expand(opts.Depth))
	if err != nil {
		return err
	}
	return render.JSON(opts.IO, text)
}

// headed sets the headings apart: the lines that begin at the margin.
func headed(p terminal.Painter, text string) string {
	if !p.On() {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if content := strings.TrimSuffix(line, "\n"); content != "" && content[0] != ' ' {
			line = p.Text(terminal.Bold, content) + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}
