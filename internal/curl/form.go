package curl

import (
	"bytes"
	"io"
	"iter"
	"mime/multipart"
)

// Part is a part of a form: a file, where File is its name, or a value.
type Part struct{ Name, File, MediaType, Value string }

// Parts yields the parts of a form.
func Parts(body []byte, boundary string) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		reader := multipart.NewReader(bytes.NewReader(body), boundary)
		for {
			p, err := reader.NextPart()
			if err == io.EOF {
				return
			}
			var content []byte
			if err == nil {
				content, err = io.ReadAll(p)
			}
			if err != nil {
				yield(Part{}, err)
				return
			}
			if !yield(Part{p.FormName(), p.FileName(), p.Header.Get("Content-Type"), string(content)}, nil) {
				return
			}
		}
	}
}
