package client

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/opcall/opcall/internal/style"
)

// checkHeader checks the name of a header (RFC 9110 §5.1) and its value (§5.5).
// Errors do not quote the value.
func checkHeader(name, value string) error {
	if !style.IsToken(name) {
		return fmt.Errorf("header name %.80q is not a token (RFC 9110 §5.1)", name)
	}
	for i := range len(value) {
		if c := value[i]; c < 0x20 && c != '\t' || c == 0x7f {
			return fmt.Errorf("header %.80s: got a control character in its value; a header is one line", name)
		}
	}
	return nil
}

// validMediaType reports whether a text can be a Content-Type: RFC 9110 §8.3.1.
func validMediaType(name string) bool {
	_, _, err := mime.ParseMediaType(name)
	return err == nil && strings.Contains(name, "/") && checkHeader("Content-Type", name) == nil
}

// setHeaderParameter sets a header that a call gives as a parameter. net/http writes
// three headers itself: Host, which is that of the request, and those that say how long the
// body is, which nobody knows better.
func setHeaderParameter(req *http.Request, name, value string) error {
	switch http.CanonicalHeaderKey(name) {
	case "Host":
		if u, err := url.Parse("http://" + value); err != nil || u.Host != value {
			return errors.New("got no host, want one like api.example.com or api.example.com:8443")
		}
		req.Host = value
	case "Content-Length", "Transfer-Encoding":
	default:
		req.Header.Set(name, value)
	}
	return nil
}
