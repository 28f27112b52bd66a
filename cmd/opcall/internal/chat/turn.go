package chat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// turn sends what a person says, prints the text as it comes, and keeps the conversation.
func (t *talk) turn(ctx context.Context, prompt string) error {
	options := []openai.RunOption{openai.Streaming(), openai.Approve(t.approve)}
	run := t.conversation.Run(ctx, prompt, options...)
	p := t.Paint(t.Err)
	open := false // a line of text is not ended
	endLine := func() {
		if open {
			fmt.Fprintln(t.Out)
			open = false
		}
	}
	for event, err := range run.Events() {
		if err != nil {
			endLine()
			return stopped(ctx, err)
		}
		switch event.Kind {
		case openai.RunText:
			text := event.Text
			if t.OutTerminal {
				text = render.Text(text)
			}
			if _, err := io.WriteString(t.Out, text); err != nil {
				return err
			}
			open = text != "" && !strings.HasSuffix(text, "\n") || open && text == ""
		case openai.RunCall:
			endLine()
			fmt.Fprintln(t.Err, p.Text(terminal.Faint, "→ "+render.Cut(render.Plain(event.Call.Name()+" "+event.Call.Input()), 300)))
		case openai.RunOutcome:
			if event.Outcome != nil && event.Outcome.Err != nil {
				fmt.Fprintln(t.Err, p.Text(terminal.Yellow, "← "+render.Cut(render.Plain(event.Outcome.Err.Error()), 300)))
			}
		}
	}
	endLine()
	if refusal := run.Refusal(); refusal != "" {
		fmt.Fprintln(t.Err, "the model refuses: "+render.Plain(refusal))
	}
	return t.record.save(t.conversation)
}

// stopped says of a turn that was interrupted what became of it.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return &exit.Interrupt{Kept: "the turn is given up; what was said before it is kept"}
	}
	return err
}
