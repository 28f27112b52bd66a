package bulk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/complete"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/progress"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// Options are those of one run.
type Options struct {
	*session.Session
	File        string
	Operation   string // of lines that are parameters; "" for batch requests
	Concurrency int
	Journal     string
	Shard       string
	InOrder     bool
	Resend      bool
	To          string
}

// NewCmdBulk returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdBulk(s *session.Session, runF func(context.Context, *Options) error) *cobra.Command {
	opts := &Options{Session: s}
	cmd := &cobra.Command{
		Use:   "bulk FILE",
		Short: "Make the calls of a JSONL file, many at once",
		Long: `Make a call per line of a file, as fast as the server's rate limits allow, and write a
line of JSON for each result, in the form of a batch: custom_id, response, error. Lines are
batch requests, or with --op the parameters of one operation. All lines are validated first.

With --journal a run that was interrupted or killed goes on where it was: the same command
sends what is not in the journal. The exit code is 1 where a call failed.`,
		Example: `  opcall bulk requests.jsonl --concurrency 32 --journal run.journal --to results.jsonl
  opcall bulk texts.jsonl --op createEmbedding --shard 0/4`,
		Args: usage.Exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.File = args[0]
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return run(cmd.Context(), opts)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Operation, "op", "", "`operation` whose parameters each line has")
	flags.IntVar(&opts.Concurrency, "concurrency", client.DefaultConcurrency, "how many calls are under way at most")
	flags.StringVar(&opts.Journal, "journal", "", "`file` by which a run that was killed goes on")
	flags.StringVar(&opts.Shard, "shard", "", "only the lines of this `shard`: i/n, 0/4 to 3/4")
	flags.BoolVar(&opts.InOrder, "in-order", false, "write results in the order of the lines")
	flags.BoolVar(&opts.Resend, "resend", false, "send calls again that were begun and have no result in the journal; they may be carried out twice")
	flags.StringVar(&opts.To, "to", "", "write results to a `file`")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("op", complete.Operations(s)))
	return cmd
}

func run(ctx context.Context, opts *Options) error {
	source, err := opts.source(ctx)
	if err != nil {
		return err
	}
	defer source.close()
	each, err := opts.each(source)
	if err != nil {
		return err
	}
	c, err := opts.Client(ctx)
	if err != nil {
		return err
	}
	out, done, err := opts.output()
	if err != nil {
		return err
	}
	w := &writer{out: bufio.NewWriter(out)}
	bar := progress.NewCount(opts.IO, source.count, source.name)
	for result, err := range c.Each(ctx, source.calls(ctx), each...) {
		if err == nil {
			err = w.result(ctx, result)
			bar.Add(1)
		}
		if err != nil {
			bar.Close()
			return errors.Join(opts.stopped(err, w), w.out.Flush(), done())
		}
	}
	bar.Close()
	if err := errors.Join(w.out.Flush(), done(), source.err); err != nil {
		return err
	}
	if w.open > 0 { // the interrupt came when no call was left to begin
		return opts.stopped(ctx.Err(), w)
	}
	fmt.Fprintf(opts.Err, "%d calls, %d failed\n", w.count, w.failed)
	if w.failed > 0 {
		return exit.Silent(exit.Local)
	}
	return nil
}

// each are the settings of the run.
func (o *Options) each(s *source) ([]client.EachOption, error) {
	each := []client.EachOption{client.EachConcurrency(o.Concurrency)}
	if o.Journal != "" {
		each = append(each, client.EachJournal(o.Journal, s.job))
	}
	if o.Shard != "" {
		shard, err := client.ParseShard(o.Shard)
		if err != nil {
			return nil, fmt.Errorf("--%w", err) // it begins with "shard: "
		}
		each = append(each, client.EachShard(shard))
	}
	if o.InOrder {
		each = append(each, client.EachInOrder())
	}
	if o.Resend {
		each = append(each, client.EachResendInDoubt())
	}
	return each, nil
}

// output is where results go, and how it is closed.
func (o *Options) output() (io.Writer, func() error, error) {
	if o.To == "" {
		return o.Out, func() error { return nil }, nil
	}
	for _, source := range []string{o.File, o.Journal} {
		if err := progress.Distinct(o.To, source); err != nil {
			return nil, nil, fmt.Errorf("--to: %w", err)
		}
	}
	file, err := os.Create(o.To)
	if err != nil {
		return nil, nil, fmt.Errorf("--to: %w", err)
	}
	return file, file.Close, nil
}

// stopped says of a run that ended early what is kept.
func (o *Options) stopped(err error, w *writer) error {
	kept := fmt.Sprintf("results written: %d, calls under way: %d", w.count, w.open)
	if o.Journal != "" {
		kept += fmt.Sprintf("; %s has what was sent, and the same command goes on", o.Journal)
	}
	if errors.Is(err, context.Canceled) {
		return &exit.Interrupt{Kept: kept}
	}
	return err
}
