package chat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/argument"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// talk is a conversation that goes on.
type talk struct {
	*Options
	record       *record
	conversation *openai.Conversation
	tools        []*tool
}

// run talks until the end: one turn where there is a prompt or nobody to ask.
func (t *talk) run(ctx context.Context) error {
	if t.Prompt == "" && t.InTerminal {
		return t.interactive(ctx)
	}
	prompt := t.Prompt
	if !t.InTerminal {
		text, err := io.ReadAll(io.LimitReader(t.In, argument.MaxText))
		if err != nil {
			return err
		}
		prompt = strings.TrimSpace(prompt + "\n\n" + string(text))
	}
	if prompt == "" {
		return errors.New("got nothing to say; type words behind the command, or give them on standard input")
	}
	return t.turn(ctx, prompt)
}

const help = `/usage  tokens so far
/name   how the conversation is called, for --name
/quit   end, as Ctrl-D does`

// interactive reads line by line. A line that ends in a backslash goes on in the next one.
// The first Ctrl-C within a turn ends the turn, one at the prompt the conversation: the
// context of the command, which ends with the first of them, says nothing here.
func (t *talk) interactive(ctx context.Context) error {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupts)
	ctx = context.WithoutCancel(ctx)
	p := t.Paint(t.Err)
	fmt.Fprintf(t.Err, "%s, %s; Ctrl-D ends, /help\n", t.record.Model, t.record.Name)
	for {
		line, err := interruptible(ctx, interrupts, func(ctx context.Context) (string, error) {
			return t.read(ctx, p.Text(terminal.Bold, "> "))
		})
		switch {
		case errors.Is(err, io.EOF):
			fmt.Fprintln(t.Err)
			return nil
		case errors.Is(err, context.Canceled):
			return &exit.Interrupt{Kept: t.kept()}
		case err != nil:
			return err
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if strings.HasPrefix(line, "/") {
			if t.command(line) {
				return nil
			}
			continue
		}
		_, err = interruptible(ctx, interrupts, func(ctx context.Context) (string, error) { return "", t.turn(ctx, line) })
		switch {
		case errors.Is(err, context.Canceled):
			fmt.Fprintln(t.Err, "\nthe turn is given up; what was said before it is kept")
		case terminal.IsClosedPipe(err):
			return err
		case err != nil:
			exit.Print(t.IO, err) // the conversation goes on without the turn
		}
	}
}

// interruptible calls a function whose context ends with a signal.
func interruptible(ctx context.Context, interrupts <-chan os.Signal, f func(context.Context) (string, error)) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-interrupts:
			cancel()
		case <-done:
		}
	}()
	return f(ctx)
}

// read reads a message of one line, or of several.
func (t *talk) read(ctx context.Context, prompt string) (string, error) {
	var lines []string
	for {
		line, err := t.ReadLine(ctx, prompt)
		if err != nil {
			return "", err
		}
		more, ok := strings.CutSuffix(line, `\`)
		lines = append(lines, more)
		if !ok {
			return strings.Join(lines, "\n"), nil
		}
		prompt = "… "
	}
}

// command does what a line with a slash says, and reports whether it ends the conversation.
func (t *talk) command(line string) (end bool) {
	switch line {
	case "/quit", "/exit":
		return true
	case "/usage":
		u := t.conversation.Usage()
		fmt.Fprintf(t.Err, "%d tokens in, %d of them cached, %d out; the next turn has %d\n", u.InputTokens, u.CachedTokens, u.OutputTokens, t.conversation.ContextTokens())
	case "/name":
		fmt.Fprintln(t.Err, t.record.Name)
	default:
		if line != "/help" {
			fmt.Fprintf(t.Err, "unknown command %s\n", render.Plain(line))
		}
		fmt.Fprintln(t.Err, help)
	}
	return false
}

// kept says how the conversation goes on.
func (t *talk) kept() string {
	if t.record.Conversation == nil {
		return ""
	}
	return "the conversation goes on by: opcall chat --name " + t.record.Name
}
