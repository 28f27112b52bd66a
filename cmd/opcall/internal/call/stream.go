package call

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
)

// stream prints the text of a stream as it comes where a person looks at it and nothing
// else was asked for, and else its events, one per line.
func (c *call) stream(ctx context.Context) error {
	s, err := c.client.Stream(ctx, c.op.ID, c.params, c.settings()...)
	if err != nil {
		return c.failed(c.stopped(err))
	}
	defer s.Close()
	if c.Include {
		if err := c.head(s.StatusCode(), s.Header()); err != nil {
			return err
		}
	}
	live := c.OutTerminal && c.To == "" && c.out.Plain()
	events, text := 0, 0
	for event, err := range s.Events() {
		if err != nil {
			if text > 0 {
				fmt.Fprintln(c.Out)
			}
			return kept(err, events)
		}
		events++
		if !live {
			if err := c.out.Item(ctx, event.Data, event.Value()); err != nil {
				return err
			}
			continue
		}
		piece := render.Text(event.Text())
		text += len(piece)
		if _, err := io.WriteString(c.Out, piece); err != nil {
			return err
		}
	}
	if text > 0 {
		_, err = fmt.Fprintln(c.Out)
	} else if live {
		fmt.Fprintf(c.Err, "%d events without text; -o jsonl shows them\n", events)
	}
	return err
}

// kept says of an interrupted stream what has been printed.
func kept(err error, events int) error {
	if errors.Is(err, context.Canceled) {
		came := fmt.Sprintf("%d events came and are", events)
		if events == 1 {
			came = "1 event came and is"
		}
		return &exit.Interrupt{Kept: came + " printed whole; the server may go on, and count what it makes"}
	}
	return err
}
