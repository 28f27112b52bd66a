package credential

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/opcall/opcall/schema"
)

// TokenURL is the address of the token endpoint. With http:// the secret goes in clear
// text, which is meant for a network of one's own (RFC 6749 §3.2 wants TLS).
func TokenURL(address string) Option {
	return func(g *grant) error {
		if _, err := parseEndpoint(address); err != nil {
			return fmt.Errorf("TokenURL: %w", err)
		}
		g.config.TokenURL, g.discover = address, ""
		return nil
	}
}

// DocumentTokenURL consents to send the secret where a description says: to the tokenUrl of
// the scheme's clientCredentials flow, or to the token endpoint that an openIdConnect
// scheme's discovery document has, which is fetched without credentials before each
// token (OpenID Connect Discovery 1.0 §4). The address is the one that doc has now, and stays
// what it is when the client swaps its document. It must be https://, or http:// of this
// machine; a description that names no such address is an error of client.New.
func DocumentTokenURL(doc *schema.Document) Option {
	return func(g *grant) error {
		if doc == nil {
			return errors.New("DocumentTokenURL: got nil, want a document")
		}
		scheme, ok := doc.SecurityScheme(g.scheme)
		address := scheme.TokenURL
		switch {
		case !ok:
			return fmt.Errorf("DocumentTokenURL: the document has no security scheme %.80q", g.scheme)
		case scheme.Type == "openIdConnect":
			address = scheme.OpenIDConnectURL
		case scheme.Type != "oauth2":
			return fmt.Errorf("DocumentTokenURL: got a scheme of type %.40q, want oauth2 or openIdConnect", scheme.Type)
		case address == "":
			return errors.New("DocumentTokenURL: the scheme has no clientCredentials flow with a tokenUrl; give the address by TokenURL")
		}
		if err := checkDocumentURL(address); err != nil {
			return fmt.Errorf("DocumentTokenURL: %w; give the address by TokenURL", err)
		}
		if g.config.TokenURL, g.discover = address, ""; scheme.Type == "openIdConnect" {
			g.config.TokenURL, g.discover = "", address
		}
		return nil
	}
}

// parseEndpoint reads an address. Errors do not quote it, since it may hold a password.
func parseEndpoint(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Fragment != "" {
		return nil, errors.New("got what is not an address, want one like https://login.example.com/token")
	}
	if u.User != nil {
		return nil, errors.New("got an address with a user in it, want ID and secret as arguments of WithClientCredentials")
	}
	return u, nil
}

// checkDocumentURL refuses what a document must not decide: to send a secret in clear text.
func checkDocumentURL(address string) error {
	u, err := parseEndpoint(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "https" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("the document names %.120q, want https://: the secret would go in clear text", shown(address))
	}
	return nil
}

// maxDiscovery bounds a discovery document, in bytes.
const maxDiscovery = 1 << 20

// discovered returns the token endpoint that the discovery document names.
func (g *grant) discovered(ctx context.Context) (string, error) {
	fail := func(reason string, err error) error {
		return &Error{Endpoint: shown(g.discover), Reason: reason, Remedy: "give the address of the token endpoint by TokenURL", err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.discover, nil)
	if err != nil {
		return "", fail("the discovery document cannot be asked for", nil)
	}
	resp, err := g.http.Do(req)
	if err != nil {
		return "", fail("the discovery document cannot be fetched: "+g.cause(err), causeOf(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fail(fmt.Sprintf("got status %d for the discovery document, want 200", resp.StatusCode), nil)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDiscovery+1))
	if err != nil {
		return "", fail("the discovery document cannot be read: "+g.cause(err), causeOf(err))
	}
	var found struct {
		Endpoint string `json:"token_endpoint"`
	}
	if len(body) > maxDiscovery || json.Unmarshal(body, &found) != nil || found.Endpoint == "" {
		return "", fail("got a discovery document without a token_endpoint", nil)
	}
	if err := checkDocumentURL(found.Endpoint); err != nil {
		return "", fail("the discovery document has a token_endpoint that is not used: "+err.Error(), nil)
	}
	return found.Endpoint, nil
}

// shown is an address without its query, for messages.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
