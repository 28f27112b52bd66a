package argument

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// MaxText bounds a text that is read from a file or the standard input, in bytes. Files that
// are uploaded as files have no limit.
const MaxText = 256 << 20

// Reader reads the arguments of one call.
type Reader struct {
	Stdin io.Reader
	// DryRun leaves files that would be uploaded closed: they have a name and no content.
	DryRun bool

	// Params is what Read has made: client.Params, a client.Input, or JSON text.
	Params any
	// Notes are what a person should know of how an argument was read.
	Notes []string
	// Paths are the files that are uploaded, by the name that they have there.
	Paths map[string]string

	operation *schema.Operation
	root      map[string]any
	data      map[string]any // of --data, which the arguments override
	body      any            // that is not an object: JSON text, or a file
	read      bool
	open      []*os.File
}

// Read reads --data and the arguments; "-" among them is JSON from the standard input, as
// -d - and -d @- are. The caller calls Close when the call is over.
func (r *Reader) Read(op *schema.Operation, data string, args []string) error {
	r.operation, r.root, r.Paths = op, make(map[string]any), make(map[string]string)
	words := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == "-" })
	if len(words) < len(args) {
		if data != "" || len(args)-len(words) > 1 {
			return errors.New("the standard input is named twice")
		}
		data = "-"
	}
	if data == "-" {
		data = "@-"
	}
	if data != "" {
		if err := r.readData(data, len(words) == 0); err != nil || r.Params != nil {
			return err
		}
	}
	for _, arg := range words {
		if err := r.argument(arg); err != nil {
			return fmt.Errorf("%s: %w", argumentName(arg), err)
		}
	}
	if r.body == nil {
		r.Params = client.Params(override(r.data, r.root))
		return nil
	}
	input := client.Input{Body: r.body, Path: map[string]any{}, Query: map[string]any{}, Header: map[string]any{}, Cookie: map[string]any{}}
	sections := map[string]map[string]any{"path": input.Path, "query": input.Query, "header": input.Header, "cookie": input.Cookie}
	for name, value := range r.root {
		p, ok := op.Parameter(name)
		if !ok {
			return fmt.Errorf("%s: the body is all in --data, and no parameter has that name", name)
		}
		sections[p.In][p.Name] = value
	}
	r.Params = input
	return nil
}

// Close closes the files.
func (r *Reader) Close() {
	for _, file := range r.open {
		file.Close()
	}
	r.open = nil
}

// readData reads --data: an object is fields and parameters, to which arguments add; alone it
// is sent as it is written. Anything else is the body.
func (r *Reader) readData(data string, alone bool) error {
	if body := r.operation.RequestBody; body != nil && !structuredBody(body) {
		if name, ok := strings.CutPrefix(data, "@"); ok && name != "-" {
			file, err := r.file(name)
			r.body = file
			return err
		}
	}
	text := []byte(data)
	if name, ok := strings.CutPrefix(data, "@"); ok {
		var err error
		if text, err = r.text(name); err != nil {
			return err
		}
	}
	if body := r.operation.RequestBody; body != nil && !structuredBody(body) {
		r.body = text
		return nil
	}
	text = jsonscan.TrimMark(text)
	if err := jsonscan.Check(string(text), maxDepth); err != nil {
		return fmt.Errorf("--data: got no JSON (%w); a file is given by -d @FILE", err)
	}
	if trimmed := bytes.TrimSpace(text); trimmed[0] != '{' {
		r.body = json.RawMessage(trimmed)
		return nil
	}
	if alone {
		r.Params = json.RawMessage(text)
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(&r.data)
}

// structuredBody reports whether a body has fields: JSON or a form.
func structuredBody(body *schema.RequestBody) bool {
	return slices.ContainsFunc(body.MediaTypes(), func(name string) bool {
		return schema.IsJSON(name) || strings.HasPrefix(name, "multipart/") || strings.HasPrefix(name, "application/x-www-form-urlencoded")
	})
}

func (r *Reader) argument(text string) error {
	a, err := parse(text, func(name string) bool { _, ok := r.operation.Parameter(name); return ok })
	if err != nil {
		return err
	}
	value, err := r.value(a)
	if err != nil {
		return err
	}
	return set(r.root, a.path, value)
}

// value is what an argument stands for.
func (r *Reader) value(a argument) (any, error) {
	switch {
	case a.empty:
		return []any{}, nil
	case a.json && a.file == "":
		if err := jsonscan.Check(a.value, maxDepth); err != nil {
			return nil, fmt.Errorf("got no JSON behind := (%w)", err)
		}
		return json.RawMessage(a.value), nil
	}
	e := expect(r.operation.Document(), r.operation.ID, a.path)
	text := a.value
	if a.file != "" {
		if e.file && !a.json && a.file != "-" {
			return r.file(a.file)
		}
		read, err := r.text(a.file)
		if err != nil {
			return nil, err
		}
		if e.file && !a.json {
			return client.File{Name: a.path[len(a.path)-1].name, Body: bytes.NewReader(read)}, nil
		}
		text = string(read)
		if a.json {
			text = jsonscan.TrimMark(text)
			if err := jsonscan.Check(text, maxDepth); err != nil {
				return nil, fmt.Errorf("%s is not JSON (%w)", a.file, err)
			}
			return json.RawMessage(text), nil
		}
	}
	value, note, err := typed(text, e)
	if note != "" {
		r.Notes = append(r.Notes, show(a.path)+" "+note)
	}
	return value, err
}

// text reads a file, or the standard input, whole.
func (r *Reader) text(name string) ([]byte, error) {
	from := r.Stdin
	if name == "-" {
		if r.read {
			return nil, errors.New("the standard input is named twice")
		}
		r.read = true
	} else {
		file, err := os.Open(name)
		if err != nil {
			return nil, noFile(name, err)
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, MaxText+1))
	if err == nil && len(text) > MaxText {
		err = fmt.Errorf("%s has more than %d MiB", name, MaxText>>20)
	}
	return text, err
}

// file opens a file that is uploaded.
func (r *Reader) file(name string) (any, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, noFile(name, err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, want a file", name)
	}
	base := filepath.Base(name)
	r.Paths[base] = name
	if r.DryRun {
		return client.File{Name: base, Body: strings.NewReader("")}, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	r.open = append(r.open, file)
	return client.File{Name: base, Body: file}, nil
}

func noFile(name string, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: no such file; a text that begins with @ is written @@%s", name, name)
	}
	return err
}

// argumentName is how an argument is called in an error: what it is about without the
// value, which may be secret, and long.
func argumentName(arg string) string {
	key, _, ok := cutValue(arg)
	if key = strings.TrimSuffix(key, ":"); !ok || key == "" {
		return "argument"
	}
	if len(key) > 80 {
		return key[:80] + "…"
	}
	return key
}
