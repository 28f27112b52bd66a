package validate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/complete"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// Options are those of one run.
type Options struct {
	*session.Session
	Name   string // of a component or an operation
	Files  []string
	Lines  bool
	Tier   tierFlag
	Format string
}

// tierFlag is the flag --tier.
type tierFlag struct{ schema.Tier }

func (t *tierFlag) Set(text string) error {
	var read schema.Tier
	if err := read.UnmarshalText([]byte(text)); err != nil {
		return err
	}
	if read != schema.Strict && read != schema.Standard {
		return errors.New("want strict or standard; opcall check is for the lenient tier")
	}
	t.Tier = read
	return nil
}

func (t *tierFlag) Type() string { return "tier" }

// NewCmdValidate returns the command; runF, where it is not nil, takes the place of what
// it does.
func NewCmdValidate(s *session.Session, runF func(context.Context, *Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:   "validate COMPONENT|OP FILE…",
		Short: "Validate files against a component, or as parameters of an operation",
		Long: `Validate JSON files against a component of the document, or against the parameters of
an operation, as call takes them by -d. "-" is standard input.

Every problem is a line: file, line, column, place, what is wrong. The exit code is 1 where
there are any. With --jsonl each line of a file is validated by itself; the component
BatchRequestInput validates the bodies of batch requests, too.`,
		Example: `  opcall validate CreateEmbeddingRequest request.json
  opcall validate createChatCompletion body.json
  opcall validate BatchRequestInput --jsonl requests.jsonl --format github`,
		Args: usage.AtLeast("COMPONENT|OP", "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.Name, opts.Files = args[0], args[1:]
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return run(cmd.Context(), opts)
		},
		ValidArgsFunction: complete.Components(s),
	}
	cmd.Flags().BoolVar(&opts.Lines, "jsonl", false, "files have a JSON text per line")
	cmd.Flags().Var(&opts.Tier, "tier", "how strictly: strict or standard (default)")
	addFormat(cmd, &opts.Format)
	return cmd
}

func run(ctx context.Context, opts *Options) error {
	out, err := newReport(opts.IO, opts.Format)
	if err != nil {
		return err
	}
	doc, err := opts.Document()
	if err != nil {
		return err
	}
	validate, err := validator(opts, doc)
	if err != nil {
		return err
	}
	for _, name := range opts.Files {
		if ctx.Err() != nil {
			return &exit.Interrupt{Kept: fmt.Sprintf("%s and what follows were not validated", name)}
		}
		if err := opts.file(ctx, doc, name, out, validate); err != nil {
			return out.stop(err)
		}
	}
	return out.close()
}

// validator returns the function that validates one text. A name that a component has wins
// over that of an operation.
func validator(opts *Options, doc *schema.Document) (func(text []byte) error, error) {
	component, err := doc.Component(opts.Name)
	if err == nil {
		return func(text []byte) error { return component.Validate(text, schema.WithTier(opts.Tier.Tier)) }, nil
	}
	if opts.Lines && opts.Name == schema.BatchRequestInput {
		return nil, nil
	}
	op, notFound := opts.Operation(opts.Name)
	if notFound != nil {
		return nil, err
	}
	c, err := client.New(client.WithDocument(doc), client.WithoutEnvironment())
	return func(text []byte) error {
		return c.Validate(op.ID, text, client.WithRequestValidation(opts.Tier.Tier))
	}, err
}

// file validates one file, all of it or line by line.
func (o *Options) file(ctx context.Context, doc *schema.Document, name string, out *report, validate func([]byte) error) error {
	if o.Lines {
		in, err := open(o.Session, name)
		if err != nil {
			return err
		}
		defer in.Close()
		return o.lines(ctx, doc, name, in, out, validate)
	}
	text, err := read(o.Session, name)
	if err != nil {
		return err
	}
	return out.problems(name, 0, text, validate(text))
}

// read reads a JSON file, or the standard input, whole.
func read(s *session.Session, name string) ([]byte, error) {
	in, err := open(s, name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, schema.MaxInstance+1))
	if err == nil && len(text) > schema.MaxInstance {
		err = fmt.Errorf("%s has more than %d MiB; opcall validate --jsonl reads line by line", name, schema.MaxInstance>>20)
	}
	return jsonscan.TrimMark(text), err
}

// open opens a file, or the standard input.
func open(s *session.Session, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(s.In), nil
	}
	return os.Open(name)
}
