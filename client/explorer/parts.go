package explorer

import (
	"io"
	"iter"
	"mime/multipart"
)

// newParts yields the parts of a form with their text; that of a file is skipped.
func newParts(body io.Reader, boundary string) iter.Seq2[*multipart.Part, string] {
	return func(yield func(*multipart.Part, string) bool) {
		for r := multipart.NewReader(body, boundary); ; {
			part, err := r.NextPart()
			if err != nil {
				return
			}
			var text []byte
			if part.FileName() == "" {
				if text, err = io.ReadAll(io.LimitReader(part, maxCheck)); err != nil {
					return
				}
			}
			if !yield(part, string(text)) {
				return
			}
		}
	}
}
