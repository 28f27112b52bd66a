// Package progress shows how far a file has come, and writes files so that a part of one
// is never taken for the whole.
//
//	progress.go  bars, and files that are saved with one
//	output.go    files of results
package progress

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/opcall/opcall/cmd/opcall/internal/exit"
	"github.com/opcall/opcall/cmd/opcall/internal/terminal"
)

// Bar shows how far something has come, on a terminal; elsewhere it shows nothing. It is an
// io.Writer that counts what is written, and safe for concurrent use.
type Bar struct{ bar *progressbar.ProgressBar }

// NewBytes returns a bar for so many bytes, -1 where nobody knows.
func NewBytes(t *terminal.IO, size int64, label string) *Bar {
	return newBar(t, size, label, progressbar.OptionShowBytes(true))
}

// NewCount returns a bar for so many things.
func NewCount(t *terminal.IO, count int64, label string) *Bar {
	return newBar(t, count, label, progressbar.OptionShowCount(), progressbar.OptionShowIts())
}

func newBar(t *terminal.IO, size int64, label string, opts ...progressbar.Option) *Bar {
	if !t.Live() {
		return &Bar{}
	}
	return &Bar{progressbar.NewOptions64(size, append(opts,
		progressbar.OptionSetWriter(t.Err),
		progressbar.OptionSetDescription(label),
		progressbar.OptionSetWidth(min(30, t.Width()/3)),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionEnableColorCodes(false),
	)...)}
}

// Write counts bytes.
func (b *Bar) Write(p []byte) (int, error) {
	b.Add(int64(len(p)))
	return len(p), nil
}

// Add counts.
func (b *Bar) Add(n int64) {
	if b.bar != nil {
		_ = b.bar.Add64(n) // it counts beyond its size, where a server lies about a length
	}
}

// Close takes the bar away.
func (b *Bar) Close() {
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}

// Transfer is the bar of bytes of which nobody knows how many there are before the first
// come. It may go back, where a transfer begins anew.
type Transfer struct {
	io    *terminal.IO
	label string
	bar   *Bar
	done  int64
}

// NewTransfer returns the bar of a transfer that has not begun.
func NewTransfer(t *terminal.IO, label string) *Transfer { return &Transfer{io: t, label: label} }

// Report says how many bytes have come, and how many there are, -1 where nobody knows.
func (t *Transfer) Report(done, total int64) {
	if t.bar == nil {
		t.bar = NewBytes(t.io, total, t.label)
	}
	t.bar.Add(done - t.done)
	t.done = done
}

// Done returns how many bytes have come.
func (t *Transfer) Done() int64 { return t.done }

// Close takes the bar away.
func (t *Transfer) Close() {
	if t.bar != nil {
		t.bar.Close()
	}
}

// Save writes what it reads to the file at path, with a bar of its progress. The file is
// there when it is whole; what came of one that broke off stays beside it, under the name
// with .part, and the error says so.
func Save(ctx context.Context, t *terminal.IO, path string, from io.Reader, size int64) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return write(path, from) // a device or a pipe: there is nothing to rename
	}
	part := path + ".part"
	file, err := os.Create(part)
	if err != nil {
		return err
	}
	bar := NewBytes(t, size, filepath.Base(path))
	n, err := io.Copy(io.MultiWriter(file, bar), from)
	bar.Close()
	if err := cmp.Or(err, file.Close()); err != nil {
		if n == 0 {
			os.Remove(part)
			return err
		}
		if errors.Is(err, context.Canceled) || ctx.Err() != nil {
			return &exit.Interrupt{Kept: fmt.Sprintf("%s has the %d bytes that came", part, n)}
		}
		return fmt.Errorf("%w; %s has the %d bytes that came", err, part, n)
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	fmt.Fprintf(t.Err, "%s: %d bytes\n", path, n)
	return nil
}

func write(path string, from io.Reader) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return cmp.Or(err, file.Close())
}

// Unused returns a name that no file has: the name, or the name with a number.
func Unused(name string) string {
	extension := filepath.Ext(name)
	for n, path := 1, name; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			return path
		}
		path = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, extension), n, extension)
	}
}
