package batch

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/progress"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/transfer"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
	"github.com/opcall/opcall/schema"
)

// RunOptions are those of one run of run.
type RunOptions struct {
	*session.Session
	File   string
	To     string
	Detach bool
}

// NewCmdRun returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdRun(s *session.Session, runF func(context.Context, *RunOptions) error) *cobra.Command {
	opts := &RunOptions{Session: s}
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Validate a file of requests, run it as a batch, and write the results",
		Long: `Validate every line of a file of batch requests, upload it, create the batch, wait for
its end, and write the results: those of requests that failed, too. Ctrl-C ends the waiting
and not the batch. The exit code is 1 where a request failed.`,
		Example: "  opcall batch run requests.jsonl --to results.jsonl\n  id=$(opcall batch run requests.jsonl --detach)",
		Args:    usage.Exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.File = args[0]
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return runBatch(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.To, "to", "", "write results to a `file`")
	cmd.Flags().BoolVar(&opts.Detach, "detach", false, "print the ID of the batch and do not wait")
	return cmd
}

func runBatch(ctx context.Context, opts *RunOptions) error {
	doc, err := opts.Document()
	if err != nil {
		return err
	}
	endpoint, err := check(ctx, opts, doc)
	if err != nil {
		return err
	}
	c, err := opts.OpenAI(ctx)
	if err != nil {
		return err
	}
	out, err := opts.output()
	if err != nil {
		return err
	}
	defer out.Abandon()
	file, err := transfer.Upload(ctx, opts.Session, c, openai.UploadRequest{File: openai.Path(opts.File), Purpose: openai.ForBatch}, opts.File)
	if err != nil {
		return err
	}
	made, err := c.Call(ctx, "createBatch", client.Params{
		"input_file_id": file.ID(), "endpoint": endpoint, "completion_window": "24h",
	})
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return &exit.Interrupt{Kept: fmt.Sprintf("%s is uploaded as %s; whether the batch was created is not known: opcall call listBatches", opts.File, file.ID())}
		}
		return fmt.Errorf("%w; %s is uploaded as %s", err, opts.File, file.ID())
	}
	id := made.Get("id").String()
	if opts.Detach {
		_, err := fmt.Fprintln(opts.Out, render.Plain(id))
		return err
	}
	r, err := wait(ctx, opts.Session, c, id)
	if r == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(err, write(ctx, opts.Session, c, r, out))
}

// output is where the results go; one that does not wait has none.
func (o *RunOptions) output() (*progress.Output, error) {
	if o.Detach {
		if o.To != "" {
			return nil, errors.New("--to: a run with --detach does not wait for results; opcall batch results takes --to")
		}
		return &progress.Output{Writer: o.Out}, nil
	}
	return progress.Create(o.Out, o.To, o.File)
}

// check validates the lines and returns the endpoint that all of them have: a batch is for
// one.
func check(ctx context.Context, opts *RunOptions, doc *schema.Document) (endpoint string, err error) {
	file, err := os.Open(opts.File)
	if err != nil {
		return "", err
	}
	defer file.Close()
	lines, wrong := 0, 0
	for line, err := range doc.ValidateLines(schema.BatchRequestInput, file) {
		if err != nil {
			return "", fmt.Errorf("%s: %w", opts.File, err)
		}
		if ctx.Err() != nil {
			return "", &exit.Interrupt{Kept: "nothing was sent"}
		}
		lines++
		url := gjson.Get(line.Text, "url").String()
		switch {
		case line.Err != nil:
			err = line.Err
		case endpoint != "" && url != endpoint:
			err = fmt.Errorf("got url %.80q, want that of the first line, %q: a batch is for one endpoint", url, endpoint)
		default:
			endpoint = url
		}
		if err != nil {
			if wrong++; wrong <= maxShown {
				fmt.Fprintf(opts.Err, "%s:%d: %s\n", opts.File, line.Number, render.Text(err.Error()))
			}
		}
	}
	switch {
	case wrong > 0:
		fmt.Fprintf(opts.Err, "opcall: %d of %d lines break the description, nothing was sent\n", wrong, lines)
		return "", exit.Silent(exit.Invalid)
	case lines == 0:
		return "", fmt.Errorf("%s has no requests", opts.File)
	}
	return endpoint, nil
}

// maxShown is how many invalid lines are listed.
const maxShown = 20
