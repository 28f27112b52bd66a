package spec

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
	"github.com/opcall/opcall/internal/dialect"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// WriteOptions are those of one run of bundle, overlay or derive.
type WriteOptions struct {
	*session.Session
	Document string   // file or URL; "" for the one in use
	Overlays []string // files
	YAML     bool
	To       string

	make func(*WriteOptions) ([]byte, error)
}

// NewCmdBundle returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdBundle(s *session.Session, runF func(*WriteOptions) error) *cobra.Command {
	opts := &WriteOptions{Session: s, make: bundle}
	cmd := &cobra.Command{
		Use:   "bundle FILE",
		Short: "Write a document of several files as one",
		Long: `Write a document with all that it refers to in other files, as one document. Files are
read from the folder of the document and the folders in it.`,
		Example: "  opcall spec bundle api/openapi.yaml --to openapi.json",
		Args:    usage.Exactly("FILE"),
	}
	return opts.command(cmd, runF)
}

// NewCmdOverlay returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdOverlay(s *session.Session, runF func(*WriteOptions) error) *cobra.Command {
	opts := &WriteOptions{Session: s, make: overlay}
	cmd := &cobra.Command{
		Use:   "overlay FILE|URL OVERLAY…",
		Short: "Write a document with overlays applied",
		Long: `Apply OpenAPI Overlay 1.0 documents to a document, in order, and write the result.
Actions that select nothing are listed, and make the exit code 1.`,
		Example: "  opcall spec overlay openapi.yaml fixes.yaml ours.yaml --yaml",
		Args:    usage.AtLeast("FILE|URL", "OVERLAY"),
	}
	return opts.command(cmd, runF)
}

// NewCmdDerive returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdDerive(s *session.Session, runF func(*WriteOptions) error) *cobra.Command {
	opts := &WriteOptions{Session: s, make: derive}
	cmd := &cobra.Command{
		Use:   "derive [FILE|URL]",
		Short: "Write a document as it is read: bundled, corrected, in the dialect of 3.1",
		Long: `Write a document as opcall reads it: files in one, overlays and the built-in errata
applied, and what needs a repair written as OpenAPI 3.1 has it, so that other tools read the
same. Each repair is listed on standard error.`,
		Example: "  opcall spec derive openapi.yaml --overlay fixes.yaml --to derived.json",
		Args:    cobra.MaximumNArgs(1),
	}
	return opts.command(cmd, runF)
}

func (o *WriteOptions) command(cmd *cobra.Command, runF func(*WriteOptions) error) *cobra.Command {
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			o.Document, o.Overlays = args[0], args[1:]
		}
		if runF != nil {
			return runF(o)
		}
		return runWrite(o)
	}
	cmd.Flags().BoolVar(&o.YAML, "yaml", false, "write YAML in place of JSON")
	cmd.Flags().StringVar(&o.To, "to", "", "write to a `file` in place of standard output")
	return cmd
}

// runWrite writes what make returns; an error of exit.Silent comes with a document that is
// written all the same.
func runWrite(opts *WriteOptions) error {
	text, failed := opts.make(opts)
	if text == nil {
		return failed
	}
	var b bytes.Buffer
	var err error
	if opts.YAML {
		err = render.YAML(&b, text)
	} else {
		err = render.Indented(&b, text, terminal.Painter{})
	}
	if err != nil {
		return err
	}
	if opts.To != "" {
		if err := session.WriteFile(opts.To, b.Bytes(), 0o644); err != nil {
			return err
		}
		return failed
	}
	if _, err := opts.Out.Write(b.Bytes()); err != nil {
		return err
	}
	return failed
}

// bundle opens the file without errata: it is the same document in one file.
func bundle(opts *WriteOptions) ([]byte, error) {
	doc, err := schema.LoadFile(opts.Document)
	if err != nil {
		return nil, err
	}
	return doc.JSON(), listErrors(opts, doc)
}

func overlay(opts *WriteOptions) ([]byte, error) {
	var overlays []schema.Option
	for _, path := range opts.Overlays {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		overlays = append(overlays, schema.WithOverlay(text))
	}
	doc, err := opts.Open(opts.Document, overlays...)
	if err != nil {
		return nil, err
	}
	for _, action := range doc.Unmatched() {
		fmt.Fprintf(opts.Err, "%s: %s\n", opts.Overlays[action.Overlay], action)
	}
	if len(doc.Unmatched()) > 0 {
		return doc.JSON(), exit.Silent(exit.Local)
	}
	return doc.JSON(), nil
}

func derive(opts *WriteOptions) ([]byte, error) {
	overlays, err := opts.Session.Overlays()
	if err != nil {
		return nil, err
	}
	doc, err := document(opts.Session, opts.Document, overlays...)
	if err != nil {
		return nil, err
	}
	for _, repair := range doc.Repairs() {
		fmt.Fprintln(opts.Err, "repaired", repair)
	}
	text := dialect.Rewrite(string(doc.JSON()), func(at, text string) string { return dialect.ByTheLetter(text, at) })
	if strings.HasPrefix(doc.OpenAPI(), "3.0") {
		text = jsonscan.SetMember(text, "openapi", `"3.1.0"`)
	}
	if _, err := schema.Load([]byte(text)); err != nil {
		return nil, fmt.Errorf("the derived document does not open: %w", err)
	}
	return []byte(text), listErrors(opts, doc)
}

// listErrors lists what is wrong in a document that is written.
func listErrors(opts *WriteOptions, doc *schema.Document) error {
	wrong := doc.Verify()
	for _, e := range wrong {
		fmt.Fprintln(opts.Err, e)
	}
	if len(wrong) > 0 {
		return exit.Silent(exit.Local)
	}
	return nil
}
