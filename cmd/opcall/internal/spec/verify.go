package spec

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// VerifyOptions are those of one run of verify.
type VerifyOptions struct {
	*session.Session
	Document string // file or URL; "" for the one in use
	Repairs  bool
}

// NewCmdVerify returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdVerify(s *session.Session, runF func(*VerifyOptions) error) *cobra.Command {
	opts := &VerifyOptions{Session: s}
	cmd := &cobra.Command{
		Use:   "verify [FILE|URL]",
		Short: "List the errors of a document, and what is read otherwise than it is written",
		Long: `Open a document and list its errors: references that lead nowhere or in a circle, and
parts of the wrong shape. What uses such a part cannot be called; all else can. The exit code
is 1 where there are any.

What has one obvious meaning is repaired, not refused; --repairs lists each place.`,
		Example: "  opcall spec verify openapi.yaml --repairs",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				opts.Document = args[0]
			}
			if runF != nil {
				return runF(opts)
			}
			return runVerify(opts)
		},
	}
	cmd.Flags().BoolVar(&opts.Repairs, "repairs", false, "list the repairs, too")
	return cmd
}

func runVerify(opts *VerifyOptions) error {
	doc, err := document(opts.Session, opts.Document)
	if err != nil {
		return err
	}
	spec := opts.Document
	if spec == "" {
		if spec, err = opts.Spec(); err != nil {
			return err
		}
	}
	w := bufio.NewWriter(opts.Out)
	p := opts.Paint(opts.Out)
	wrong := doc.Verify()
	for _, e := range wrong {
		fmt.Fprintf(w, "%s %v\n", p.Text(terminal.Red, "error"), session.Named(e, spec))
	}
	repairs := doc.Repairs()
	if opts.Repairs {
		for _, r := range repairs {
			fmt.Fprintf(w, "%s %v\n", p.Text(terminal.Yellow, "repair"), r)
		}
	}
	operations, components := 0, 0
	for range doc.Operations() {
		operations++
	}
	for range doc.Components() {
		components++
	}
	fmt.Fprintf(w, "%q %s, OpenAPI %s: %d operations, %d components, %d errors, %d repairs\n",
		doc.Title(), doc.Version(), doc.OpenAPI(), operations, components, len(wrong), len(repairs))
	if err := w.Flush(); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return exit.Silent(exit.Local)
	}
	return nil
}
