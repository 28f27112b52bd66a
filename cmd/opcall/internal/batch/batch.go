// Package batch is the command "opcall batch".
//
//	batch.go    the group; status
//	run.go      a file of requests to a file of results
//	results.go  what a batch has made
package batch

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/session"
	"github.com/opcall/opcall/cmd/opcall/internal/usage"
)

// NewCmdBatch returns the command with its commands.
func NewCmdBatch(s *session.Session) *cobra.Command {
	cmd := &cobra.Command{Use: "batch", Short: "Run batches: a file of requests, a file of results"}
	usage.Group(cmd)
	cmd.AddCommand(NewCmdRun(s, nil), NewCmdStatus(s, nil), NewCmdResults(s, nil))
	return cmd
}

// StatusOptions are those of one run of status.
type StatusOptions struct {
	*session.Session
	ID     string
	Wait   bool
	Output render.Output
}

// NewCmdStatus returns the command; runF, where it is not nil, takes the place of what it
// does.
func NewCmdStatus(s *session.Session, runF func(context.Context, *StatusOptions) error) *cobra.Command {
	opts := &StatusOptions{Session: s}
	cmd := &cobra.Command{
		Use:   "status BATCH_ID",
		Short: "Say how far a batch is",
		Args:  usage.Exactly("BATCH_ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts.ID = args[0]
			if runF != nil {
				return runF(cmd.Context(), opts)
			}
			return runStatus(cmd.Context(), opts)
		},
	}
	cmd.Flags().BoolVar(&opts.Wait, "wait", false, "wait until it has ended")
	opts.Output.AddFlags(cmd)
	return cmd
}

func runStatus(ctx context.Context, opts *StatusOptions) error {
	out, err := opts.Output.Writer(opts.IO)
	if err != nil {
		return err
	}
	c, err := opts.OpenAI(ctx)
	if err != nil {
		return err
	}
	var r *client.Response
	if opts.Wait {
		r, err = wait(ctx, opts.Session, c, opts.ID)
	} else {
		r, err = c.Call(ctx, "retrieveBatch", client.Params{"batch_id": opts.ID})
	}
	if err != nil {
		return err
	}
	if out.Plain() {
		_, err = fmt.Fprintln(opts.Out, line(r))
		return err
	}
	if err := out.Value(ctx, r.Raw(), r.Value()); err != nil {
		return err
	}
	return out.Close()
}

// line is a batch in one line.
func line(r *client.Response) string {
	text := r.Get("id").String() + ": " + r.Get("status").String()
	if n := r.Get("request_counts.total"); n.Int() > 0 {
		text += fmt.Sprintf(", %d of %d requests completed", r.Get("request_counts.completed").Int(), n.Int())
		if failed := r.Get("request_counts.failed").Int(); failed > 0 {
			text += fmt.Sprintf(", %d failed", failed)
		}
	}
	return render.Plain(text)
}

// wait follows a batch to its end and says each state on the way.
func wait(ctx context.Context, s *session.Session, c *openai.Client, id string) (*client.Response, error) {
	before := ""
	r, err := c.Wait(ctx, "retrieveBatch", client.Params{"batch_id": id}, client.WithWaitProgress(func(r *client.Response) {
		if now := line(r); now != before {
			before = now
			fmt.Fprintln(s.Err, now)
		}
	}))
	if err != nil && ctx.Err() != nil {
		return r, &exit.Interrupt{Kept: fmt.Sprintf("the batch goes on; its results come by: opcall batch results %s --wait", id)}
	}
	return r, err
}
