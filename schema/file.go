package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/opcall/opcall/schema/internal/bundle"
)

// LoadFile is Load of the file at path; errors name it. Anything but a regular file, or
// a link to one, is refused: a device or a pipe need not end.
//
// References to other files are followed within the folder of the file and the folders
// in it, as LoadFS says; links out of it are not followed.
//
// The file is read once. To follow its changes see Watch.
func LoadFile(path string, opts ...Option) (*Document, error) {
	l := loader{maxSize: DefaultMaxSize}
	for _, opt := range opts {
		opt(&l)
	}
	data, err := readFile(path, l.maxSize)
	if err != nil {
		return nil, err
	}
	return loadOf(path, data, opts)
}

// loadOf loads what has been read of a file, and the files that it refers to.
//
// The folder is the limit because a document may be a stranger's: "../../.ssh/id_rsa" in a
// $ref would otherwise end up in an error message, or in what JSON returns.
func loadOf(path string, data []byte, opts []Option) (*Document, error) {
	root, err := os.OpenRoot(filepath.Dir(path)) // no path and no link leads out of it
	if err != nil {
		return nil, &DocumentError{Path: path, Reason: "the folder of the file cannot be opened", Err: err}
	}
	defer root.Close()
	// The options are applied a second time, by Load; the slice is cut so that the
	// append cannot write into the array of the caller.
	return Load(data, append(opts[:len(opts):len(opts)], func(l *loader) {
		l.path, l.files, l.name = path, root.FS(), filepath.Base(path)
	})...)
}

// LoadFS is Load of a file in fsys, with the files that it refers to. A relative
// reference is one to a file relative to the file that it stands in, with slashes, such
// as "schemas/Pet.yaml" or "../common.yaml#/Error"; it must stay in fsys. Files may be
// JSON or YAML. Of each, what is referred to becomes a component of the document, or
// takes the place of a component or path that is nothing but a reference to it, so that
// JSON returns one document without other files.
//
// All files together have at most the size of WithMaxSize, DefaultMaxSize without it.
// An error names the file, and where in it.
//
// Cycles between files are fine: each file, and each part of it, is taken once.
func LoadFS(fsys fs.FS, name string, opts ...Option) (*Document, error) {
	l := loader{maxSize: DefaultMaxSize}
	for _, opt := range opts {
		opt(&l)
	}
	data, err := readFS(fsys, name, name, l.maxSize)
	if err != nil {
		return nil, err
	}
	return Load(data, append(opts[:len(opts):len(opts)], func(l *loader) { l.path, l.files, l.name = name, fsys, name })...)
}

// bundled puts the files that a document refers to into it.
//
// Each file goes through the same checks as the document itself, encodings and YAML
// included, and its source is kept: an error in a part is reported with the file and the
// line that it came from. What cannot be followed is an error of the part that refers to
// it, which Verify lists, and not of the whole.
func (l *loader) bundled(text string) (string, error) {
	folder := strings.TrimSuffix(l.path, l.name)
	sources := map[string]*source{}
	// Counted down over all files, so that a folder of many files of the largest size cannot be
	// read into memory.
	left := l.maxSize - int64(len(text))
	result, err := bundle.Bundle(l.name, text, int(min(l.maxSize, math.MaxInt)), func(name string) (string, error) {
		data, err := readFS(l.files, name, folder+name, left)
		if err != nil {
			return "", err
		}
		left -= int64(len(data))
		other := loader{maxSize: l.maxSize, path: folder + name}
		text, err := other.json(data)
		if err != nil {
			var docErr *DocumentError
			errors.As(err, &docErr)
			docErr.Path = other.path
			return "", docErr
		}
		sources[name] = &other.source
		return text, nil
	})
	if err != nil {
		return "", &DocumentError{Path: l.path, Reason: tooManyBytes, Err: err}
	}
	l.source.parts = make(map[Pointer]part, len(result.Parts))
	for _, p := range result.Parts {
		l.source.parts[Pointer(p.Pointer)] = part{sources[p.File], Pointer(p.Source)}
	}
	for _, wrong := range result.Unresolved {
		from := &l.source
		if other := sources[wrong.File]; other != nil {
			from = other
		}
		if from.unresolved == nil {
			from.unresolved = make(map[Pointer]string)
		}
		from.unresolved[Pointer(wrong.Pointer)] = wrong.Reason
	}
	return result.Text, nil
}

// beyond reads as much of r as tells whether it has more than limit bytes. The largest
// limit bounds nothing: one more than that would be a negative number.
func beyond(r io.Reader, limit int64) io.Reader {
	if limit == math.MaxInt64 {
		return r
	}
	return io.LimitReader(r, limit+1)
}

const tooManyBytes = "the document and its files have more bytes than the limit; raise it with WithMaxSize"

// readFS is readFile in a file system. Messages call the file by its path.
// A file system of the caller may be of any kind, an archive or a network; only what its
// Stat calls a regular file is opened.
func readFS(fsys fs.FS, name, path string, limit int64) ([]byte, error) {
	fail := func(reason string, err error) ([]byte, error) {
		return nil, &DocumentError{Path: path, Reason: reason, Err: err}
	}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return fail("the file cannot be read", err)
	}
	if !info.Mode().IsRegular() {
		return fail(fmt.Sprintf("got %s, want a regular file", fileKind(info.Mode())), nil)
	}
	if info.Size() > limit {
		return fail(tooManyBytes, nil)
	}
	file, err := fsys.Open(name)
	if err != nil {
		return fail("the file cannot be read", err)
	}
	defer file.Close()
	data, err := io.ReadAll(beyond(file, limit))
	if err != nil {
		return fail("the file cannot be read", err)
	}
	if int64(len(data)) > limit {
		return fail(tooManyBytes, nil)
	}
	return data, nil
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
	// The files of /proc have more than their size, and others may grow meanwhile.
	var data bytes.Buffer
	data.Grow(int(info.Size()) + bytes.MinRead)
	if _, err := data.ReadFrom(beyond(file, limit)); err != nil {
		return fail("the file cannot be read", err)
	}
	if int64(data.Len()) > limit {
		return fail(fmt.Sprintf("the document has more bytes than the limit of %d; raise it with WithMaxSize", limit), nil)
	}
	return data.Bytes(), nil
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
