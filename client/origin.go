package client

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// UntrustedServerError says that a document names a server that nobody but the
// document vouches for, or one that WithDocumentServer allows and that cannot be
// called. Nothing was sent.
type UntrustedServerError struct {
	Operation string // its ID, or the name of the socket
	Server    string // as the document has it, without user and password; "" when it names none
	Allowed   bool   // by WithDocumentServer, but it is not an address
}

func (e *UntrustedServerError) Error() string {
	switch {
	case e.Server == "":
		return named(e.Operation) + ": the document names no server; give one with WithBaseURL"
	case e.Allowed:
		return fmt.Sprintf("%s: the document names the server %.120q, which is not an address like %s; give one with WithBaseURL",
			named(e.Operation), e.Server, DefaultBaseURL)
	}
	return fmt.Sprintf("%s: the document names the server %.120q, and a document does not decide where keys go; "+
		"give its address with WithBaseURL, or allow it with WithDocumentServer", named(e.Operation), e.Server)
}

var defaultBase, _ = url.Parse(DefaultBaseURL) // a constant that parses

// base returns the address that the operation's path is relative to: the one
// that the caller configured, else the document's own if the caller allows it, else
// that of the environment or the default one if the document means the OpenAI API.
func (b *Bound) base() (*url.URL, error) {
	server, err := b.server()
	if err != nil {
		return nil, err
	}
	if b.settings.baseURL != nil {
		if own, ok := b.ownBase(server); ok {
			return own, nil
		}
		return b.settings.baseURL, nil
	}
	if b.settings.documentServer && server != "" {
		if u, err := parseBase(server); err == nil {
			u.User = nil // a document does not decide who is asking
			return u, nil
		}
	}
	if b.plan.openAI {
		if env := b.environment().baseURL; env != nil {
			return env, nil
		}
		return defaultBase, nil
	}
	return nil, &UntrustedServerError{Operation: b.plan.name, Server: withoutUser(server), Allowed: b.settings.documentServer && server != ""}
}

// withoutUser takes user and password out of an address, be it one or not.
func withoutUser(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	start := strings.Index(address, "//") + len("//")
	if start < len("//") || start > at {
		start = 0
	}
	return address[:start] + address[at+1:]
}

// parseBase reads an address that paths can be appended to. Errors do not quote
// what may hold a password.
func parseBase(address string) (*url.URL, error) {
	address = strings.TrimSpace(address)
	u, err := url.Parse(address)
	switch {
	case strings.ContainsFunc(address, notInAddress):
		return nil, fmt.Errorf("got a character that no address has (white space, a quote, a brace that was to be filled in?), want one like %s", DefaultBaseURL)
	case err != nil:
		return nil, fmt.Errorf("got an address that cannot be parsed, want one like %s", DefaultBaseURL)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("got scheme %.20q and host %.80q, want an address like %s", u.Scheme, u.Host, DefaultBaseURL)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("got a query or fragment; WithQuery adds to the query of every request")
	}
	return u, nil
}

// notInAddress reports whether a character cannot stand in a URL (RFC 3986 appendix A).
func notInAddress(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"'`<>{}|\\^", r)
}

// isDefaultOrigin reports whether a request goes to the API itself.
func isDefaultOrigin(u *url.URL) bool {
	return sameOrigin(u, defaultBase)
}

// sameOrigin compares scheme, host and port, the default ports filled in.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	switch port := u.Port(); {
	case port != "":
		return port
	case u.Scheme == "http":
		return "80"
	case u.Scheme == "https":
		return "443"
	}
	return ""
}

// siteOf names an origin for people.
func siteOf(u *url.URL) string {
	return oneLine(u.Scheme+"://"+u.Host, maxName)
}
