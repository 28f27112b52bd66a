package spec

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/schema"
)

// traffic compares two documents by recorded calls. With --fail-on breaking the exit code is
// 1 where the new one refuses a call that the old one allows.
func traffic(opts *DiffOptions, old, newer *schema.Document) error {
	file, err := os.Open(opts.Traffic)
	if err != nil {
		return err
	}
	defer file.Close()
	compared, err := conform.Compare(conform.Exchanges(file), old, newer)
	if err != nil {
		return fmt.Errorf("%s: %w", opts.Traffic, err)
	}
	if opts.Format == "json" {
		text, err := json.Marshal(compared)
		if err == nil {
			err = render.JSON(opts.IO, text)
		}
		if err != nil {
			return err
		}
	} else if _, err := fmt.Fprint(opts.Out, withEnd(compared.String())); err != nil {
		return err
	}
	for _, d := range compared.Differences {
		if opts.FailOn != "" && d.Invalid == "new" {
			return exit.Silent(exit.Local)
		}
	}
	return nil
}
