package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	masking "github.com/opcall/opcall/client/internal/mask"
)

// Bounds of what Error prints, in bytes.
const (
	maxMessage = 500
	maxName    = 100
)

// mask stands where a credential stood.
const mask = masking.Mask

// minSecret is the shortest value that is masked by comparison.
const minSecret = masking.MinSecret

func secrets(req *http.Request) []string { return masking.Secrets(req) }

func redact(text string, secrets []string) string { return masking.Text(text, secrets) }

func oneLine(text string, limit int) string { return masking.Line(text, limit) }

// secret keeps a credential out of %v: fmt prints a nested pointer as an
// address.
type secret struct{ text string }

// String hides the credential.
func (*secret) String() string { return mask }

// GoString hides the credential.
func (*secret) GoString() string { return mask }

// newSecret checks a credential; the empty one is nil. Errors name what it is for.
func newSecret(what, key string) (*secret, error) {
	if strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return nil, fmt.Errorf("%s: got a control character (a line end?) in it; trim it", what)
	}
	if key == "" {
		return nil, nil
	}
	return &secret{key}, nil
}

// redactError returns err with a text that shows no secret and no URL beyond
// its path. net/http wraps what fails in a *url.Error that prints the whole
// URL: the outermost is taken off, further ones are rewritten.
func redactError(err error, secrets []string) error {
	if outer, ok := err.(*url.Error); ok {
		err = outer.Err
	}
	original := err.Error()
	text := original
	var inner *url.Error
	for cause := err; errors.As(cause, &inner); cause = inner.Err {
		if inner.URL != "" {
			text = strings.ReplaceAll(text, inner.URL, bareURL(inner.URL))
		}
	}
	if text = redact(text, secrets); text == original {
		return err
	}
	return &redactedError{text: text, err: err}
}

// bareURL cuts userinfo, query and fragment from an address.
func bareURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return mask
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// redactedError is err with another text.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }
