package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode"

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

func secrets(req *http.Request) []string {
	found := masking.Secrets(req)
	for _, name := range authorizedHeaders(req) {
		if value := req.Header.Get(name); len(value) >= minSecret {
			found = append(found, value)
		}
	}
	return found
}

func redact(text string, secrets []string) string { return masking.Text(text, secrets) }

func oneLine(text string, limit int) string { return masking.Line(text, limit) }

// named is the name of an operation or socket at the head of a message: a document may
// give it any.
func named(operation string) string { return oneLine(operation, maxName) }

// secret keeps a credential out of %v: fmt prints a nested pointer as an
// address.
type secret struct {
	text   string
	tokens *tokens // in place of text, where a source has it
	basic  bool    // a user and a password
}

// String hides the credential.
func (*secret) String() string { return mask }

// GoString hides the credential.
func (*secret) GoString() string { return mask }

// orNil returns nil for the empty secret, which says that nothing is to be sent.
func (s *secret) orNil() *secret {
	if s == nil || s.text == "" && s.tokens == nil {
		return nil
	}
	return s
}

// isBasic reports whether the secret is a user and a password.
func (s *secret) isBasic() bool { return s != nil && s.basic }

// texts are the credentials that a request may carry.
func (s *secret) texts() []string {
	if s.tokens != nil {
		return s.tokens.texts()
	}
	// A server may quote the password of a user without the user's name.
	if _, password, ok := strings.Cut(s.text, ":"); ok {
		return []string{s.text, password}
	}
	return []string{s.text}
}

// newSecret checks a credential of any form, and takes white space off its ends.
// Errors name what it is for and do not quote it.
func newSecret(what, credential string) (*secret, error) {
	credential = strings.Trim(credential, " \t") // a line end is a mistake that should be seen, except in the environment
	if strings.ContainsFunc(credential, unicode.IsControl) {
		return nil, fmt.Errorf("%s: got a control character (a line end?) in it", what)
	}
	return &secret{text: credential}, nil
}

// newKey is newSecret for a key that is one word.
func newKey(what, key string) (*secret, error) {
	hidden, err := newSecret(what, key)
	if err != nil {
		return nil, err
	}
	if err := checkWord(hidden.text); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return hidden, nil
}

// newID checks a value that is one word, and takes white space off its ends.
func newID(what, id string) (*string, error) {
	id = strings.TrimSpace(id)
	if err := checkWord(id); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return &id, nil
}

// checkWord refuses what no key or ID has: anything but visible
// ASCII, and quotes, which are those of a file that the value was taken from.
// Errors do not quote it.
func checkWord(word string) error {
	for _, r := range word {
		switch {
		case unicode.IsControl(r):
			return errors.New("got a control character (a line end?) in it")
		case unicode.IsSpace(r):
			return errors.New("got white space within it")
		case r == '"' || r == '\'' || r == '`':
			return errors.New("got a quote in it; leave quotes out")
		case r > '~':
			return errors.New("got a character that is not ASCII in it")
		}
	}
	return nil
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

// formatError prints an error for a Format method: its text, in quotes for %q.
func formatError(s fmt.State, verb rune, err error) {
	if verb == 'q' {
		fmt.Fprintf(s, "%q", err.Error())
		return
	}
	io.WriteString(s, err.Error())
}
