package openai

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// Media is a file that a request sends: a picture or a recording. Path, Bytes and
// Reader make one.
type Media struct {
	path string
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

// open returns the file to upload, and what closes it.
func (m Media) open() (client.File, func(), error) {
	switch {
	case m.path == "" && m.file.Body == nil:
		return client.File{}, nil, errors.New("got no file: use Path, Bytes or Reader")
	case m.path == "":
		file := m.file
		if content, ok := file.Body.(*bytes.Reader); ok { // for a request that is made more than once
			file.Body = io.NewSectionReader(content, 0, content.Size())
		}
		return file, func() {}, nil
	}
	info, err := os.Stat(m.path)
	switch {
	case err != nil:
		return client.File{}, nil, err
	case !info.Mode().IsRegular():
		return client.File{}, nil, fmt.Errorf("%s: got %s, want a file; Reader takes anything that can be read", m.path, kindOfFile(info.Mode()))
	}
	f, err := os.Open(m.path)
	if err != nil {
		return client.File{}, nil, err
	}
	return client.File{Name: filepath.Base(m.path), Body: f}, func() { f.Close() }, nil
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
	content, err := readFile(m.path)
	if err != nil {
		return Media{}, err
	}
	return Bytes(filepath.Base(m.path), content), nil
}

// isText reports a response that calls itself JSON, whole or not, where sound or a picture
// was asked for.
func isText(r *client.Response) bool { return r.IsJSON() || schema.IsJSON(r.MediaType()) }

// replaceFile writes a file that readers see either as it was or whole: under a
// temporary name first, which goes where write fails.
func replaceFile(path string, write func(io.Writer) (int64, error)) (int64, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s: got %s, want the name of a file", path, kindOfFile(info.Mode()))
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(temporary.Name())
	n, err := write(temporary)
	if err := errors.Join(err, temporary.Chmod(0o644), temporary.Close()); err != nil {
		return n, err
	}
	return n, os.Rename(temporary.Name(), path)
}
