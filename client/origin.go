package client

import (
	"fmt"
	"net/url"
	"strings"
)

// UntrustedServerError says that a document names a server that nobody but the
// document vouches for. Nothing was sent.
type UntrustedServerError struct {
	Operation string // its ID
	Server    string // as the document has it; "" when it names none
}

func (e *UntrustedServerError) Error() string {
	if e.Server == "" {
		return e.Operation + ": the document names no server; give one with WithBaseURL"
	}
	return fmt.Sprintf("%s: the document names the server %.120q, and a document does not decide where keys go; "+
		"give its address with WithBaseURL, or allow it with WithDocumentServer", e.Operation, e.Server)
}

var defaultBase, _ = url.Parse(DefaultBaseURL) // a constant that parses

// base returns the address that the operation's path is relative to: the one
// that the caller configured, else the default one if the document means that,
// else the document's own if the caller allows it.
func (b *Bound) base() (*url.URL, error) {
	if b.settings.baseURL != nil {
		return b.settings.baseURL, nil
	}
	server := ""
	if len(b.Operation.Servers) > 0 {
		server = b.Operation.Servers[0].URL
	}
	if strings.TrimSuffix(server, "/") == DefaultBaseURL {
		return defaultBase, nil
	}
	if b.settings.documentServer && server != "" {
		if u, err := url.Parse(server); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			return u, nil
		}
	}
	return nil, &UntrustedServerError{Operation: b.Operation.ID, Server: server}
}

// isDefaultOrigin reports whether a request goes to the API itself.
func isDefaultOrigin(u *url.URL) bool {
	return u.Scheme == defaultBase.Scheme && u.Host == defaultBase.Host
}
