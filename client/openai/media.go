package openai

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// Media is a file that a request sends: a picture, a recording, a document. Path,
// Bytes, Reader and FS make one.
type Media struct {
	path string // of a file of fsys, or of the disk where that is nil
	fsys fs.FS
	file client.File
}

// Path is the file at a path. It is opened when the request is made, streamed, and
// closed afterwards. Anything but a regular file is an error of the call.
func Path(path string) Media { return Media{path: path} }

// Bytes is a file by its content, with a name, by whose extension servers tell its
// format: "speech.mp3".
func Bytes(name string, content []byte) Media {
	if content == nil {
		content = []byte{}
	}
	return Media{file: client.File{Name: name, Body: bytes.NewReader(content)}}
}

// Reader is a file by what r has left, with a name as for Bytes. It is streamed; a
// request can be sent again only if r is an io.Seeker. The caller closes r.
func Reader(name string, r io.Reader) Media { return Media{file: client.File{Name: name, Body: r}} }

// FS is the file at a path of a file system, such as an embed.FS. It is opened, streamed
// and closed as that of Path.
func FS(fsys fs.FS, path string) Media { return Media{path: path, fsys: fsys} }

// open returns the file to upload, and what closes it.
func (m Media) open() (client.File, func(), error) {
	switch {
	case m.path == "" && m.file.Body == nil:
		return client.File{}, nil, errors.New("got no file: use Path, Bytes, Reader or FS")
	case m.path == "":
		file := m.file
		if content, ok := file.Body.(*bytes.Reader); ok { // for a request that is made more than once
			file.Body = io.NewSectionReader(content, 0, content.Size())
		}
		return file, func() {}, nil
	}
	f, err := m.openFile()
	if err != nil {
		return client.File{}, nil, err
	}
	return client.File{Name: path.Base(filepath.ToSlash(m.path)), Body: f}, func() { f.Close() }, nil
}

// openFile opens a regular file. It looks before it opens, because opening a pipe waits.
func (m Media) openFile() (fs.File, error) {
	stat, open := os.Stat, func(name string) (fs.File, error) { return os.Open(name) }
	if m.fsys != nil {
		stat, open = func(name string) (fs.FileInfo, error) { return fs.Stat(m.fsys, name) }, m.fsys.Open
	}
	info, err := stat(m.path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: got %s, want a file; Reader takes anything that can be read", m.path, kindOfFile(info.Mode()))
	}
	return open(m.path)
}

// uploads are the files of a request, open until it has been made.
type uploads struct{ closers []func() }

// add opens a file of a field of the request.
func (u *uploads) add(operation, field string, m Media) (client.File, error) {
	file, closer, err := m.open()
	if err != nil {
		u.close()
		return client.File{}, &client.FileError{Operation: operation, Field: field, Name: m.path, Err: err}
	}
	u.closers = append(u.closers, closer)
	return file, nil
}

func (u *uploads) close() {
	for _, closer := range u.closers {
		closer()
	}
	u.closers = nil
}

// inMemory returns a file that nothing has to close. A stream has no end at which its
// request's file could be closed: servers may respond while they read.
func (m Media) inMemory() (Media, error) {
	if m.path == "" {
		return m, nil
	}
	if m.fsys == nil {
		content, err := readFile(m.path)
		return Bytes(filepath.Base(m.path), content), err
	}
	stat := func(name string) (fs.FileInfo, error) { return fs.Stat(m.fsys, name) }
	read := func(name string) ([]byte, error) { return fs.ReadFile(m.fsys, name) }
	content, err := readFileOf(stat, read, m.path)
	return Bytes(path.Base(m.path), content), err
}

// isText reports a response that calls itself JSON, whole or not, where sound or a picture
// was asked for.
func isText(r *client.Response) bool { return r.IsJSON() || schema.IsJSON(r.MediaType()) }

// replaceFile writes a file that readers see either as it was or whole: under a
// temporary name first, which goes where write fails or panics: it calls functions of the
// caller.
func replaceFile(path string, write func(io.Writer) (int64, error)) (int64, error) {
	if path == "" {
		return 0, errors.New("got no path, want the name of a file")
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s: got %s, want the name of a file", path, kindOfFile(info.Mode()))
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return 0, err
	}
	isWhole := false
	defer func() {
		if !isWhole {
			temporary.Close()
			os.Remove(temporary.Name())
		}
	}()
	n, err := write(temporary)
	if err == nil {
		err = temporary.Sync() // a name that outlives a crash must not lead to an empty file
	}
	if err := errors.Join(err, temporary.Chmod(0o644), temporary.Close()); err != nil {
		return n, err
	}
	isWhole = true
	return n, nameWhole(temporary.Name(), path)
}

// nameWhole gives a file that is whole its name. One that cannot have it stays where it is,
// which the error says.
func nameWhole(temporary, path string) error {
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("%w; the file is whole in %s", err, temporary)
	}
	return nil
}
