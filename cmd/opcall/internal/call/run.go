package call

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/argument"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/progress"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/schema"
)

func run(ctx context.Context, opts *Options) error {
	out, err := opts.Output.Writer(opts.IO)
	if err != nil {
		return err
	}
	op, err := opts.Session.Operation(opts.Operation)
	if err != nil {
		return err
	}
	if opts.Skeleton {
		return writeSkeleton(opts, op)
	}
	args := argument.Reader{Stdin: opts.In, DryRun: opts.DryRun || opts.Curl}
	defer args.Close()
	if err := args.Read(op, opts.Data, opts.Arguments); err != nil {
		return err
	}
	for _, note := range args.Notes {
		opts.note(note)
	}
	c := &call{Options: opts, op: op, params: args.Params, out: out}
	if asksForStream(c.params) {
		c.Stream = true
	}
	if opts.DryRun || opts.Curl {
		return c.dryRun(ctx, args.Paths)
	}
	if c.client, err = opts.Client(ctx); err != nil {
		return err
	}
	if err := c.confirm(ctx); err != nil {
		return err
	}
	return c.sendTo(ctx)
}

// call is one call.
type call struct {
	*Options
	op     *schema.Operation
	params any
	client *client.Client
	out    *render.Writer
}

// asksForStream reports whether the parameters say "stream": true, as a body does that was
// written for curl.
func asksForStream(params any) bool {
	switch p := params.(type) {
	case json.RawMessage:
		return gjson.GetBytes(p, "stream").Raw == "true"
	case client.Params:
		raw, ok := p["stream"].(json.RawMessage)
		return ok && bytes.Equal(raw, []byte("true")) || p["stream"] == true
	}
	return false
}

func (c *call) send(ctx context.Context) error {
	switch {
	case c.Stream:
		return c.stream(ctx)
	case c.All:
		return c.all(ctx)
	case c.Wait:
		return c.wait(ctx)
	}
	r, err := c.client.Call(ctx, c.op.ID, c.params, c.settings()...)
	if err != nil {
		return c.failed(c.stopped(err))
	}
	return c.respond(ctx, r)
}

// sendTo sends the call. The file of --to is tried out before, since what is sent costs money.
// Events and items go to it one by one: it has its name when all have come, and before that,
// or where they break off, the name with .part.
func (c *call) sendTo(ctx context.Context) error {
	file, err := progress.Create(c.Out, c.To, "")
	if err != nil {
		return fmt.Errorf("--to: %w", err)
	}
	if file.IsStandard() || !c.Stream && !c.All {
		file.Abandon()
		return errors.Join(c.send(ctx), c.out.Close())
	}
	t := *c.IO
	t.Out, t.OutTerminal = file, false
	if c.out, err = c.Output.Writer(&t); err != nil {
		file.Abandon()
		return err
	}
	if err := errors.Join(c.send(ctx), c.out.Close()); err != nil {
		if part := file.Keep(); part != "" {
			c.note("what came is in " + part)
		}
		return err
	}
	return file.Done()
}

// stopped says of a call that was interrupted before its response what is known about it.
func (c *call) stopped(err error) error {
	switch {
	case !errors.Is(err, context.Canceled):
		return err
	case c.op.Method == http.MethodGet || c.op.Method == http.MethodHead:
		return &exit.Interrupt{Kept: "no response came"}
	}
	return &exit.Interrupt{Kept: "no response came; the server may have carried out the request"}
}

// confirm asks before a deletion where there is somebody to ask. What is wrong with the
// request is said first.
func (c *call) confirm(ctx context.Context) error {
	if c.op.Method != http.MethodDelete || c.Yes || !c.CanAsk() {
		return nil
	}
	if err := c.client.Validate(c.op.ID, c.params, c.settings()...); err != nil {
		return err
	}
	yes, err := c.Confirm(ctx, fmt.Sprintf("%s %s: delete it?", render.Plain(c.op.ID), c.words()))
	if err != nil {
		return err
	}
	if !yes {
		fmt.Fprintln(c.Err, "nothing was deleted")
		return exit.Silent(exit.Local)
	}
	return nil
}

// words are the arguments as they were typed, for the question.
func (c *call) words() string {
	var b bytes.Buffer
	for i, arg := range c.Arguments {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(arg)
	}
	return terminalWord(b.String())
}

func terminalWord(text string) string { return render.Cut(render.Plain(text), 200) }

// note says something about a call that is not an error.
func (o *Options) note(text string) {
	fmt.Fprintf(o.Err, "%s %s\n", o.Paint(o.Err).Text(terminal.Yellow, "opcall: note:"), render.Plain(text))
}

// report prints findings: those of the request always, since somebody asked to let them
// through, those of the response where they are asked for.
func (o *Options) report(operation string, findings []schema.Finding) {
	if !o.Findings && o.Tier.Tier != schema.Lenient && !o.NewValues {
		return
	}
	for _, f := range findings {
		fmt.Fprintf(o.Err, "%s: finding: %s\n", render.Plain(operation), f)
	}
}
