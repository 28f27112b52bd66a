package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Bounds of what Error prints, in bytes.
const (
	maxMessage = 500
	maxName    = 100
)

// mask stands where a credential stood.
const mask = "***"

// minSecret is the shortest value that is masked by comparison. Shorter ones
// protect nothing, and as placeholders ("none", "ollama") they are words that
// messages need.
const minSecret = 8

// keyPattern finds API keys by their looks, whole or already shortened with
// asterisks by the server: an answer may quote a key that this program never
// sent.
var keyPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:sk-|sess-|ek_)[A-Za-z0-9_*-]{6,}`)
})

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

// secrets returns every value in req that a server or a transport could quote
// and nobody may read: credentials in headers, in the query and before the
// host. The longest comes first, so that masking one cannot leave a part of
// another.
func secrets(req *http.Request) []string {
	var found []string
	add := func(value string) {
		if len(value) >= minSecret && !slices.Contains(found, value) {
			found = append(found, value)
		}
	}
	for name, values := range req.Header {
		if !sensitive(name) {
			continue
		}
		for _, value := range values {
			add(value)
			if _, credential, ok := strings.Cut(value, " "); ok { // RFC 9110, 11.4: scheme SP credential
				add(strings.TrimSpace(credential))
			}
		}
	}
	if req.URL != nil {
		if password, ok := req.URL.User.Password(); ok {
			add(password)
			add(url.PathEscape(password))
		}
		for name, values := range req.URL.Query() {
			if !sensitive(name) {
				continue
			}
			for _, value := range values {
				add(value)
				add(url.QueryEscape(value))
			}
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return found
}

// sensitive reports whether the name of a header or a query parameter says
// that its value is a credential.
func sensitive(name string) bool {
	name = strings.ToLower(name)
	for _, part := range [...]string{"auth", "key", "token", "secret", "password", "cookie", "signature"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return name == "sig" // Azure shared access signatures
}

// redact masks the given secrets in text, and whatever looks like an API key. One
// that text was cut in the middle of is masked, too.
func redact(text string, secrets []string) string {
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, mask)
		for n := min(len(secret)-1, len(text)); n >= minSecret; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				text = text[:len(text)-n] + mask
				break
			}
		}
	}
	if strings.Contains(text, "sk-") || strings.Contains(text, "sess-") || strings.Contains(text, "ek_") {
		text = keyPattern().ReplaceAllString(text, mask)
	}
	return text
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

// oneLine makes text from a stranger fit for a line of a log or a terminal: runs
// of white space, control and invisible characters become one space, and what
// exceeds limit bytes is cut at a character and ends in "…".
func oneLine(text string, limit int) string {
	var b strings.Builder
	gap := false
	for _, r := range text {
		if r == utf8.RuneError || r == ' ' || !unicode.IsPrint(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		if b.Len()+utf8.RuneLen(r) > limit {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}
