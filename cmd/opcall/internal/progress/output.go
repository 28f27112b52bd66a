package progress

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// Output is where results go: a file that is there when it is whole, or a standard stream.
type Output struct {
	io.Writer
	file *os.File // nil for the stream
	path string
}

// Create opens the file at path for results, or takes standard output for "" and "-". A
// file that is read at the same time, source, is refused: it would be gone before it is
// read. The name is tried out before anything is sent, since what is sent costs money.
func Create(stdout io.Writer, path, source string) (*Output, error) {
	if path == "" || path == "-" {
		return &Output{Writer: stdout}, nil
	}
	if err := Distinct(path, source); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: got a directory, want a file for the results", path)
	} else if err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		return &Output{Writer: file, file: file}, err // a device or a pipe: there is nothing to rename
	}
	file, err := os.Create(path + ".part")
	if err != nil {
		return nil, fmt.Errorf("the file for the results cannot be made: %w", err)
	}
	return &Output{Writer: file, file: file, path: path}, nil
}

// Distinct refuses a file for results that is the one which is read.
func Distinct(path, source string) error {
	to, err := os.Stat(path)
	if err != nil {
		return nil // it is made
	}
	from, err := os.Stat(source)
	if err == nil && from.Mode().IsRegular() && os.SameFile(to, from) {
		return fmt.Errorf("%s is the file that is read; results need another one", path)
	}
	return nil
}

// IsStandard reports whether results go to standard output.
func (o *Output) IsStandard() bool { return o.file == nil }

// Done gives the file its name.
func (o *Output) Done() error {
	if o.file == nil {
		return nil
	}
	if err := o.file.Close(); err != nil || o.path == "" {
		return err
	}
	return os.Rename(o.path+".part", o.path)
}

// Keep closes a file that is not whole, leaves it under the name that it was written by, and
// returns that: "" for a stream, and for a file without content, which is taken away.
func (o *Output) Keep() string {
	if o.path != "" {
		if info, err := o.file.Stat(); err == nil && info.Size() > 0 {
			o.file.Close()
			return o.path + ".part"
		}
	}
	o.Abandon()
	return ""
}

// Abandon takes away a file that is not whole. Behind Done it does nothing.
func (o *Output) Abandon() {
	if o.file != nil && !errors.Is(o.file.Close(), os.ErrClosed) && o.path != "" {
		os.Remove(o.path + ".part")
	}
}
