package render

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema"
)

// Output is what a person asks for: a format, and a part of each value.
type Output struct {
	Format string // one of Formats; "" for JSON on a terminal and raw in a pipe
	Select string // gjson path
	JQ     string // jq program
}

// Formats are those of --output.
var Formats = []string{"json", "jsonl", "yaml", "table", "raw"}

// AddFlags declares --output, --select and --jq.
func (o *Output) AddFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&o.Format, "output", "o", "", "`format`: json, jsonl, yaml, table or raw (default: json on a terminal, raw in a pipe)")
	flags.StringVar(&o.Select, "select", "", "print the part at a gjson `path`, such as data.#.id")
	flags.StringVar(&o.JQ, "jq", "", "print what a jq `program` makes of it")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(Formats, cobra.ShellCompDirectiveNoFileComp)))
}

// Writer writes values in a format. Close writes what it has kept.
type Writer struct {
	io     *terminal.IO
	format string
	filter filter
	table  [][]byte // rows to come
	begun  bool     // a YAML document stands before
}

// Writer checks the flags and returns a writer to Out.
func (o *Output) Writer(t *terminal.IO) (*Writer, error) {
	if o.Format != "" && !slices.Contains(Formats, o.Format) {
		hint := near.Question(near.Names(o.Format, Formats, 1))
		if hint == "" {
			hint = "; want one of " + strings.Join(Formats, ", ")
		}
		return nil, fmt.Errorf("--output: unknown format %.40q%s", o.Format, hint)
	}
	f, err := newFilter(o.Select, o.JQ)
	if err != nil {
		return nil, err
	}
	return &Writer{io: t, format: o.Format, filter: f}, nil
}

// Plain reports whether nothing was asked for: a caller may show a value in a way of its
// own, such as the text of a stream.
func (w *Writer) Plain() bool { return w.format == "" && w.filter.all() }

// Value writes one value, a whole response. seen is the same through its schema, or the zero
// Value.
func (w *Writer) Value(ctx context.Context, text []byte, seen schema.Value) error {
	return w.write(ctx, text, seen, w.one)
}

// Item writes one of many values: an event, an item of a page. Without a format it is a
// line of JSON.
func (w *Writer) Item(ctx context.Context, text []byte, seen schema.Value) error {
	return w.write(ctx, text, seen, func(text []byte) error {
		if w.format == "" || w.format == "raw" {
			return Compact(w.io.Out, text)
		}
		return w.one(text)
	})
}

func (w *Writer) write(ctx context.Context, text []byte, seen schema.Value, one func([]byte) error) error {
	if w.filter.all() {
		return one(text)
	}
	results, failed := w.filter.apply(ctx, text, seen)
	for _, r := range results {
		var err error
		if r.bare {
			err = w.bare(r.text)
		} else {
			err = one(r.json)
		}
		if err != nil {
			return err
		}
	}
	return failed
}

// bare writes a string that a filter found, as it is; a terminal is spared what controls
// it.
func (w *Writer) bare(text string) error {
	if w.io.OutTerminal {
		text = Text(text)
	}
	_, err := io.WriteString(w.io.Out, text+"\n")
	return err
}

// one writes a JSON text in the format.
func (w *Writer) one(text []byte) error {
	switch w.format {
	case "json":
		return Indented(w.io.Out, text, w.io.Paint(w.io.Out))
	case "jsonl":
		return w.lines(text)
	case "yaml":
		return w.yaml(text)
	case "table":
		w.table = append(w.table, bytes.Clone(text))
		return nil
	}
	if w.format == "" && w.io.OutTerminal {
		return Indented(w.io.Out, text, w.io.Paint(w.io.Out))
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text[:len(text):len(text)], '\n')
	}
	_, err := w.io.Out.Write(text)
	return err
}

// lines writes a line per item of an array, and one for any other value.
func (w *Writer) lines(text []byte) error {
	items, ok := listItems(string(text))
	if !ok {
		return Compact(w.io.Out, text)
	}
	for _, item := range items {
		if err := Compact(w.io.Out, []byte(item)); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) yaml(text []byte) error {
	if w.begun {
		if _, err := io.WriteString(w.io.Out, "---\n"); err != nil {
			return err
		}
	}
	w.begun = true
	return YAML(w.io.Out, text)
}

// Close writes a table, whose columns are known now. The caller calls it also where it was
// interrupted: what has come is shown.
func (w *Writer) Close() error {
	if len(w.table) == 0 {
		return nil
	}
	t := Table{Painter: w.io.Paint(w.io.Out)}
	if w.io.OutTerminal {
		t.Width = w.io.Width()
	}
	t.objects(w.table)
	w.table = nil
	return t.Write(w.io.Out)
}
