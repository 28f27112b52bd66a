package batch

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/progress"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// ResultsOptions are those of one run of results.
type ResultsOptions struct {
	*session.Session
	ID   string
	To   string
	Wait bool
}

// NewCmdResults returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdResults(s *session.Session, runF func(context.Context, *ResultsOptions) error) *cobra.Command {
	opts := &ResultsOptions{Session: s}
	cmd := &cobra.Command{
		Use:   "results BATCH_ID",
		Short: "Write the results of a batch, and the errors of its requests",
		Args:  usage.Exactly("BATCH_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.ID = args[0]
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return runResults(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.To, "to", "", "write results to a `file`")
	cmd.Flags().BoolVar(&opts.Wait, "wait", false, "wait until the batch has ended")
	return cmd
}

func runResults(ctx context.Context, opts *ResultsOptions) error {
	c, err := opts.OpenAI(ctx)
	if err != nil {
		return err
	}
	out, err := progress.Create(opts.Out, opts.To, "")
	if err != nil {
		return err
	}
	defer out.Abandon()
	var r *client.Response
	if opts.Wait {
		r, err = wait(ctx, opts.Session, c, opts.ID)
	} else {
		r, err = c.Call(ctx, "retrieveBatch", client.Params{"batch_id": opts.ID})
		if errors.Is(err, context.Canceled) {
			err = kept(opts.ID)
		}
	}
	if err != nil {
		return err
	}
	return write(ctx, opts.Session, c, r, out)
}

// kept says where the results are of a batch whose download was interrupted.
func kept(id string) error {
	return &exit.Interrupt{Kept: "the results stay on the server: opcall batch results " + id}
}

// write writes the output file of a batch, and then its error file, to one place.
func write(ctx context.Context, s *session.Session, c *openai.Client, r *client.Response, out *progress.Output) error {
	var files []string
	for _, member := range []string{"output_file_id", "error_file_id"} {
		if id := r.Get(member).String(); id != "" {
			files = append(files, id)
		}
	}
	if len(files) == 0 {
		return fmt.Errorf("%s; it has no results", line(r))
	}
	for _, id := range files {
		if err := download(ctx, s, c, id, out); err != nil {
			if ctx.Err() != nil {
				return kept(r.Get("id").String())
			}
			return err
		}
	}
	if err := out.Done(); err != nil {
		return err
	}
	fmt.Fprintln(s.Err, line(r))
	if r.Get("request_counts.failed").Int() > 0 {
		return exit.Silent(exit.Local)
	}
	return nil
}

// download downloads a file of results, with a bar where the terminal does not show the
// results themselves. The last line of the file is ended, since another file may follow.
func download(ctx context.Context, s *session.Session, c *openai.Client, id string, out *progress.Output) error {
	req := openai.DownloadRequest{File: id}
	bar := progress.NewTransfer(s.IO, render.Plain(id))
	defer bar.Close()
	if !out.IsStandard() || !s.OutTerminal {
		req.Progress = bar.Report
	}
	lines := &lineWriter{out: out}
	if _, err := c.Download(ctx, lines, req); err != nil {
		return err
	}
	return lines.end()
}

// lineWriter writes lines of which the last may lack its end.
type lineWriter struct {
	out  io.Writer
	last byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	if len(p) > 0 {
		w.last = p[len(p)-1]
	}
	return w.out.Write(p)
}

// end ends the last line.
func (w *lineWriter) end() error {
	if w.last == 0 || w.last == '\n' {
		return nil
	}
	_, err := io.WriteString(w.out, "\n")
	return err
}
