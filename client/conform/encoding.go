package conform

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// encoded returns the Content-Encoding of a body, "" where its bytes are plain.
func encoded(h http.Header) string {
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(h.Values("Content-Encoding"), ",")))
	if encoding == "identity" {
		return ""
	}
	return bounded(encoding)
}

// decodes reports whether bodies in a Content-Encoding can be read: plain ones, gzip
// and deflate (RFC 9110 §8.4.1).
func decodes(encoding string) bool {
	switch encoding {
	case "", "gzip", "x-gzip", "deflate":
		return true
	}
	return false
}

// errTooLong is the error of decode for more than it may decode.
var errTooLong = errors.New("too long")

// decode returns the plain text of a body, of at most limit bytes.
func decode(text []byte, encoding string, limit int) ([]byte, error) {
	if encoding == "" || len(text) == 0 {
		return text, nil
	}
	var reader io.Reader
	var err error
	if encoding == "deflate" {
		reader, err = zlib.NewReader(bytes.NewReader(text))
	} else {
		reader, err = gzip.NewReader(bytes.NewReader(text))
	}
	var plain []byte
	if err == nil {
		plain, err = io.ReadAll(io.LimitReader(reader, int64(limit)+1))
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("it is not the %s that its Content-Encoding says: %w", encoding, err)
	case len(plain) > limit:
		return nil, fmt.Errorf("%w: decoded, %w", errTooLong, tooLong(limit))
	}
	return plain, nil
}
