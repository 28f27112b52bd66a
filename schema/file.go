package schema

import (
	"fmt"
	"io"
	"os"
)

// LoadFile is Load of the file at path; errors name it, and have its lines. Anything
// but a regular file, or a link to one, is refused: a device or a pipe need not end.
// The path is the caller's: nothing in the document leads to another file.
func LoadFile(path string, opts ...Option) (*Document, error) {
	l := loader{maxSize: DefaultMaxSize}
	for _, opt := range opts {
		opt(&l)
	}
	data, err := readFile(path, l.maxSize)
	if err != nil {
		return nil, err
	}
	// The options are applied a second time, by Load; the slice is cut so that the
	// append cannot write into the array of the caller.
	return Load(data, append(opts[:len(opts):len(opts)], func(l *loader) { l.path = path })...)
}

// readFile reads a regular file of at most limit bytes. The size that Stat reports
// refuses a large file before any of it is read; it is not relied on, since a file may
// grow meanwhile and those of /proc report none.
func readFile(path string, limit int64) ([]byte, error) {
	fail := func(reason string, err error) ([]byte, error) {
		return nil, &DocumentError{Path: path, Reason: reason, Err: err}
	}
	info, err := os.Stat(path) // before it is opened, which waits where it is a pipe
	if err != nil {
		return fail("the file cannot be read", err)
	}
	if !info.Mode().IsRegular() {
		return fail(fmt.Sprintf("got %s, want a regular file; for what comes from elsewhere, give its bytes to Load", fileKind(info.Mode())), nil)
	}
	// Before it is opened and read: a wrong path may lead to a file of many gigabytes.
	if info.Size() > limit {
		return fail(tooLarge(info.Size(), limit), nil)
	}
	file, err := os.Open(path)
	if err != nil {
		return fail("the file cannot be read", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1)) // the files of /proc have more than their size
	if err != nil {
		return fail("the file cannot be read", err)
	}
	if int64(len(data)) > limit {
		return fail(fmt.Sprintf("the document has more bytes than the limit of %d; raise it with WithMaxSize", limit), nil)
	}
	return data, nil
}

// fileKind names what stands where a regular file was wanted. It comes behind Stat,
// which follows links, so that a link is never the kind.
func fileKind(mode os.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&os.ModeNamedPipe != 0:
		return "a pipe"
	case mode&os.ModeSocket != 0:
		return "a socket"
	case mode&os.ModeDevice != 0:
		return "a device"
	}
	return "a file that is not regular"
}
