package validate

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/schema"
)

// lines validates each line of a file. ValidateLines reads them, also for an operation: of
// a component that accepts everything a line is what it is.
func (o *Options) lines(ctx context.Context, doc *schema.Document, name string, in io.Reader, out *report, validate func([]byte) error) error {
	component := schema.BatchRequestInput
	if o.Name != component {
		component = o.Name
	}
	if _, err := doc.Component(component); err != nil && component != schema.BatchRequestInput {
		return fmt.Errorf("--jsonl: want a component, got the operation %s", o.Name)
	}
	count := 0
	for line, err := range doc.ValidateLines(component, in, schema.WithTier(o.Tier.Tier)) {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return &exit.Interrupt{Kept: fmt.Sprintf("%s was validated up to line %d", name, line.Number-1)}
		}
		count++
		var long *schema.LineError
		if errors.As(line.Err, &long) {
			if err := out.add(name, line.Number, 0, schema.Problem{Keyword: "line", Message: long.Reason}); err != nil {
				return err
			}
			continue
		}
		if err := out.problems(name, line.Number, []byte(line.Text), line.Err); err != nil {
			return err
		}
	}
	out.lines += count
	if count == 0 { // what makes such files has failed, more often than not
		return out.add(name, 1, 0, schema.Problem{Keyword: "line", Message: "the file has no lines, want a JSON text on each"})
	}
	return nil
}
