package call

import (
	"context"
	"errors"
	"fmt"

	"github.com/opcall/opcall/cmd/opcall/internal/exit"
)

// all prints the items of a list, page after page, as they come. A page that fails ends it:
// the items before it are printed, and are named in the error.
func (c *call) all(ctx context.Context) error {
	count := 0
	for item, err := range c.client.Items(ctx, c.op.ID, c.params, c.settings()...) {
		switch {
		case errors.Is(err, context.Canceled):
			return &exit.Interrupt{Kept: fmt.Sprintf("%d items are printed, the list may have more", count)}
		case err != nil && count > 0:
			return fmt.Errorf("%w; the %d items before it are printed", err, count)
		case err != nil:
			return c.failed(err)
		}
		count++
		if err := c.out.Item(ctx, item.Raw(), item); err != nil {
			return err
		}
	}
	return nil
}
