package client

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
)

// Params gives parameters and body fields of a call side by side: a key that
// the operation declares as a parameter goes where the parameter goes, every
// other key is a field of the request body. Values are anything that marshals
// to JSON; a File, an *os.File or another io.Reader is a file to upload.
//
// A type with a method Params() Params is taken as what that returns. A value, or
// an item of a list, whose method Received() bool returns true is one that a
// server made and that goes back: what its schema does not take in it is a
// finding for WithFindings, and no error.
type Params map[string]any

// Input says which value goes where. It is needed when a name is both a
// parameter and a body field, for bodies that are not objects, and to choose a
// media type.
type Input struct {
	Path, Query, Header, Cookie map[string]any

	// Body is the request body: anything that marshals to JSON, JSON text
	// (json.RawMessage, []byte, string), Params with files, or, for a media type
	// other than JSON and forms, the bytes themselves ([]byte, string, File,
	// io.Reader).
	Body any

	// MediaType chooses among the media types that the operation takes. The
	// default is multipart where a field is a file, one that is neither JSON nor a
	// form where the whole Body is, else JSON where it is offered, else a form,
	// else the first.
	MediaType string
}

// File is a file to upload. Its content is streamed: it is never in memory as a
// whole. A call that may have to be sent again needs a Body that is an
// io.Seeker, as an *os.File is: each attempt sends the file from its offset at the
// time of the call. The caller closes it, after the call.
type File struct {
	Name      string // file name; default: that of Body if it has one, else the field's name
	MediaType string // default: what the document says, else by the name's extension, else by the content
	Body      io.Reader
}

// MarshalJSON refuses: a file stands for itself in a form, not within JSON.
func (f File) MarshalJSON() ([]byte, error) { return nil, &nestedFileError{f.Name} }

// nestedFileError is a file in a place that no form has.
type nestedFileError struct{ name string }

func (e *nestedFileError) Error() string {
	return fmt.Sprintf("got file %.80q inside of it, want it in Params or Input.Body, as a field or in a list of files", e.name)
}

// asFile returns the file that a value stands for.
func asFile(value any) (File, bool) {
	switch v := value.(type) {
	case File:
		return v, true
	case *File:
		if v != nil {
			return *v, true
		}
	case io.Reader:
		return File{Body: v}, true
	}
	return File{}, false
}

// asFiles returns the files that a value stands for, none when it is something
// else. Files among other values are an error: no form can carry such a list.
func asFiles(value any) (files []File, list bool, err error) {
	switch v := value.(type) {
	case []File:
		files, err = collectFiles(v)
	case []*File:
		files, err = collectFiles(v)
	case []*os.File:
		files, err = collectFiles(v)
	case []io.Reader:
		files, err = collectFiles(v)
	case []any:
		files, err = collectFiles(v)
	default:
		if file, ok := asFile(value); ok {
			return []File{file}, false, file.check()
		}
		return nil, false, nil
	}
	return files, files != nil, err
}

func collectFiles[T any](list []T) ([]File, error) {
	var files []File
	for i, item := range list {
		file, ok := asFile(item)
		switch {
		case ok && len(files) == i:
			if err := file.check(); err != nil {
				return nil, err
			}
			files = append(files, file)
		case ok || len(files) > 0:
			return nil, errors.New("a list cannot mix files with other values")
		}
	}
	return files, nil
}

// check refuses a file that cannot be read, and one whose media type would
// break the header that it stands in.
func (f File) check() error {
	if isNil(f.Body) {
		return errors.New("got a file without content, want a Body to read")
	}
	if f.MediaType != "" && !validMediaType(f.MediaType) {
		return fmt.Errorf("got %.80q as the media type of a file, want one like \"image/png\"", f.MediaType)
	}
	return nil
}

// isNil reports whether there is nothing to read, be it behind a type.
func isNil(r io.Reader) bool {
	if r == nil {
		return true
	}
	v := reflect.ValueOf(r)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// named fills in the name of a file.
func (f File) named(field string) File {
	if f.Name != "" {
		return f
	}
	f.Name = field
	if n, ok := f.Body.(interface{ Name() string }); ok && n.Name() != "" {
		f.Name = filepath.Base(n.Name())
	}
	return f
}
