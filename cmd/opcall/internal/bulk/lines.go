package bulk

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/render"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// maxShown is how many invalid lines are listed.
const maxShown = 20

// source is the file of calls.
type source struct {
	opts  *Options
	doc   *schema.Document
	check *client.Client // validates parameters of an operation
	file  *os.File
	name  string
	count int64  // lines
	job   string // what the journal knows the file by
	err   error  // what ended the reading
}

// source opens the file and validates every line of it, so that nothing is sent of a file
// with a mistake.
func (o *Options) source(ctx context.Context) (*source, error) {
	doc, err := o.Document()
	if err != nil {
		return nil, err
	}
	s := &source{opts: o, doc: doc, name: filepath.Base(o.File)}
	if o.Operation != "" {
		op, err := o.Session.Operation(o.Operation)
		if err != nil {
			return nil, err
		}
		o.Operation = op.ID
		if s.check, err = client.New(client.WithDocument(doc), client.WithoutEnvironment()); err != nil {
			return nil, err
		}
	}
	if s.file, err = os.Open(o.File); err != nil {
		return nil, err
	}
	if info, err := s.file.Stat(); err != nil || !info.Mode().IsRegular() {
		s.close()
		return nil, errors.Join(err, fmt.Errorf("%s: got no regular file; lines are read twice, to validate them and to send them", o.File))
	}
	if err := s.validate(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *source) close() { s.file.Close() }

// validate reads the file once: is each line valid, how many are there, and what is the
// checksum of them.
func (s *source) validate(ctx context.Context) error {
	sum := sha256.New()
	wrong := 0
	for line, err := range s.lines(io.TeeReader(s.file, sum)) {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return &exit.Interrupt{Kept: "nothing was sent"}
		}
		s.count++
		if line.Err == nil {
			continue
		}
		if wrong++; wrong <= maxShown {
			fmt.Fprint(s.opts.Err, render.Text(s.explain(line)))
		}
	}
	if wrong > 0 {
		fmt.Fprintf(s.opts.Err, "opcall: %d of %d lines break the description, nothing was sent\n", wrong, s.count)
		return exit.Silent(exit.Invalid)
	}
	if s.count == 0 {
		return fmt.Errorf("%s has no calls, want one on each line", s.opts.File)
	}
	s.job = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	_, err := s.file.Seek(0, io.SeekStart)
	return err
}

// explain says what is wrong with a line: file, number and problem, a line for each. The
// number is in the error, too, and is not written twice.
func (s *source) explain(line schema.Line) string {
	place := fmt.Sprintf("%s:%d:", s.opts.File, line.Number)
	var (
		broken  *schema.InstanceError
		params  *jsonscan.SyntaxError
		long    *schema.LineError
		invalid *schema.ValidationError
	)
	switch {
	case errors.As(line.Err, &broken):
		return fmt.Sprintf("%s%d: not JSON: %s\n", place, broken.Column, broken.Reason)
	case errors.As(line.Err, &params):
		return fmt.Sprintf("%s%d: not JSON: %s\n", place, params.Column, params.Reason)
	case errors.As(line.Err, &long):
		return place + " " + long.Reason + "\n"
	case !errors.As(line.Err, &invalid):
		return place + " " + exit.Text(line.Err) + "\n"
	}
	var b strings.Builder
	for _, p := range invalid.Problems {
		b.WriteString(place + " " + exit.Flags(p.String()) + "\n")
	}
	if invalid.More > 0 {
		fmt.Fprintf(&b, "%s and %d more\n", place, invalid.More)
	}
	return b.String()
}

// lines yields the lines of the file, validated.
func (s *source) lines(r io.Reader) iter.Seq2[schema.Line, error] {
	if s.opts.Operation == "" {
		return s.doc.ValidateLines(schema.BatchRequestInput, r)
	}
	return func(yield func(schema.Line, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(make([]byte, 64<<10), schema.MaxLine)
		for number := 1; lines.Scan(); number++ {
			text := lines.Text()
			if number == 1 {
				text = jsonscan.TrimMark(text)
			}
			if strings.TrimSpace(text) == "" {
				continue
			}
			line := schema.Line{Number: number, Text: text, Operation: s.opts.Operation}
			line.Err = s.check.Validate(s.opts.Operation, json.RawMessage(text))
			if !yield(line, nil) {
				return
			}
		}
		if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
			yield(schema.Line{}, fmt.Errorf("%s: got a line of more than %d MiB, want JSONL, a JSON text per line", s.opts.File, schema.MaxLine>>20))
		} else if err != nil {
			yield(schema.Line{}, fmt.Errorf("%s: %w", s.opts.File, err))
		}
	}
}

// calls yields the calls of the file. It was valid a moment ago: a line that is not any more
// ends the run.
func (s *source) calls(ctx context.Context) iter.Seq[client.Call] {
	return func(yield func(client.Call) bool) {
		for line, err := range s.lines(s.file) {
			if err == nil {
				err = line.Err
			}
			if err != nil || ctx.Err() != nil {
				s.err = err
				return
			}
			call := client.Call{OperationID: line.Operation, Params: json.RawMessage(line.Text)}
			if s.opts.Operation == "" {
				call.ID = gjson.Get(line.Text, "custom_id").String()
				call.Params = json.RawMessage(gjson.Get(line.Text, "body").Raw)
			}
			if !yield(call) {
				return
			}
		}
	}
}
