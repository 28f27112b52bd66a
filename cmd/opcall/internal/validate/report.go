package validate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/internal/order"
	"github.com/opcall/opcall/schema"
)

// formats are those of --format.
var formats = []string{"text", "json", "github"}

func addFormat(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVar(format, "format", "text", "`format` of the problems: text, json (a line each) or github (annotations)")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)))
}

// report writes problems as they are found. Its error is that of writing.
type report struct {
	io     *terminal.IO
	format string
	level  string // of annotations: "error" or "warning"
	found  int
	lines  int
}

func newReport(t *terminal.IO, format string) (*report, error) {
	if !slices.Contains(formats, format) {
		return nil, fmt.Errorf("--format: unknown format %.40q%s", format, cmp.Or(near.Question(near.Names(format, formats, 1)), "; want one of "+strings.Join(formats, ", ")))
	}
	return &report{io: t, format: format, level: "error"}, nil
}

// problems writes what is wrong with a text. Where it is a line of a file, number is that of
// the line, else 0.
func (r *report) problems(file string, number int, text []byte, err error) error {
	var (
		invalid *schema.ValidationError
		broken  *schema.InstanceError
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &broken):
		line, column := broken.Line, broken.Column
		if number > 0 {
			line = number
		}
		return r.add(file, line, column, schema.Problem{Keyword: "json", Message: "not JSON: " + broken.Reason})
	case !errors.As(err, &invalid):
		return err
	}
	entries := make([]entry, len(invalid.Problems))
	for i, p := range invalid.Problems {
		line, column := position(string(text), p.Pointer)
		if number > 0 {
			line = number
		}
		entries[i] = entry{File: file, Line: line, Column: column, Problem: p}
	}
	// In the order of the file, in which an editor goes through them.
	order.Sort(entries, func(a, b entry) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	for _, e := range entries {
		if err := r.write(e); err != nil {
			return err
		}
	}
	if invalid.More > 0 {
		r.found += invalid.More
		_, err := fmt.Fprintf(r.io.Err, "%s: and %d more\n", render.Plain(file), invalid.More)
		return err
	}
	return nil
}

// entry is a problem as --format json has it.
type entry struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column,omitempty"`
	Kind   string `json:"kind,omitempty"`
	schema.Problem
}

func (r *report) add(file string, line, column int, p schema.Problem) error {
	return r.write(entry{File: file, Line: line, Column: column, Problem: p})
}

func (r *report) write(e entry) error {
	r.found++
	var err error
	switch r.format {
	case "json":
		// The line of a Problem is that of the schema; here it is that of the file.
		e.Problem.Line = 0
		var text []byte
		if text, err = json.Marshal(e); err == nil {
			_, err = r.io.Out.Write(append(text, '\n'))
		}
	case "github":
		_, err = fmt.Fprintf(r.io.Out, "::%s file=%s,line=%d,col=%d,title=opcall::%s\n",
			r.level, property.Replace(e.File), e.Line, max(1, e.Column), data.Replace(e.text()))
	default:
		p := r.io.Paint(r.io.Out)
		place := fmt.Sprintf("%s:%d:", render.Plain(e.File), e.Line)
		if e.Column > 0 {
			place += fmt.Sprintf("%d:", e.Column)
		}
		_, err = io.WriteString(r.io.Out, p.Text(terminal.Bold, place)+" "+e.text()+"\n")
	}
	return err
}

func (e entry) text() string {
	text := e.Problem.Message
	if e.Pointer != "" || e.Keyword != "json" && e.Keyword != "line" {
		text = e.Problem.String()
	}
	if e.Kind != "" {
		return e.Kind + " " + text
	}
	return text
}

// What workflow commands of GitHub escape in messages, and in their properties.
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// close returns what the exit code is made of.
func (r *report) close() error {
	if r.found == 0 {
		return nil
	}
	fmt.Fprintf(r.io.Err, "%d problem%s\n", r.found, map[bool]string{true: "s"}[r.found != 1])
	return exit.Silent(exit.Local)
}

// stop ends a report that cannot go on. A reader that has seen enough is not an error, but what
// was found until then counts.
func (r *report) stop(err error) error {
	if terminal.IsClosedPipe(err) && r.found > 0 {
		return exit.Silent(exit.Local)
	}
	return err
}
