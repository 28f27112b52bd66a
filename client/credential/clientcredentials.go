package credential

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/internal/mask"
)

// WithClientCredentials gets the tokens of a security scheme of the document by the client
// credentials grant (RFC 6749 §4.4), with the ID and the secret that the API's provider
// registered for the program. TokenURL or DocumentTokenURL is required.
//
// ID and secret go into the header Authorization, or into the form where the endpoint does
// not take them there (RFC 6749 §2.3.1): the first request finds out which. A lifetime that
// the endpoint does not give is endless; then a 401 is what ends it.
//
// A call without a token is a *client.TokenError that wraps an *Error. It ends with
// the call's context or after client.WithTimeout.
func WithClientCredentials(scheme, clientID, clientSecret string, opts ...Option) client.Option {
	return client.WithOptions(func() ([]client.Option, error) {
		g, err := newGrant(scheme, clientID, clientSecret, opts)
		if err != nil {
			return nil, fmt.Errorf("WithClientCredentials: %w", err)
		}
		return []client.Option{client.WithTokenSource(g.token, scheme)}, nil
	})
}

// Option is an option of WithClientCredentials.
type Option func(*grant) error

// Scopes asks for a token with these scopes. Without them the endpoint decides.
func Scopes(scopes ...string) Option {
	return func(g *grant) error {
		for _, scope := range scopes {
			if scope == "" || strings.ContainsFunc(scope, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r > '~' }) {
				return fmt.Errorf("Scopes: got %.80q, want a scope of RFC 6749 §3.3, one per argument", scope)
			}
		}
		g.config.Scopes = append(g.config.Scopes, scopes...)
		return nil
	}
}

// Parameter adds a parameter to requests for tokens: "audience" or "resource", for example.
func Parameter(name, value string) Option {
	return func(g *grant) error {
		switch name {
		case "", "grant_type", "scope", "client_id", "client_secret":
			return fmt.Errorf("Parameter: got %.80q, which is not for this option", name)
		}
		g.config.EndpointParams.Add(name, value)
		return nil
	}
}

// HTTPClient sends the requests for tokens, in place of one with the defaults of net/http.
// It is copied: whatever its CheckRedirect says, no redirect is followed.
func HTTPClient(h *http.Client) Option {
	return func(g *grant) error {
		if h == nil {
			return errors.New("HTTPClient: got nil, want a client")
		}
		g.http = new(*h)
		return nil
	}
}

// grant gets tokens. It is safe for concurrent use once it is made.
type grant struct {
	scheme   string
	config   clientcredentials.Config
	http     *http.Client
	discover string // where the address of the endpoint is to be found, "" where it is known
}

// String hides the secret.
func (g *grant) String() string { return "client credentials for " + g.scheme }

// GoString is String.
func (g *grant) GoString() string { return g.String() }

func newGrant(scheme, id, secret string, opts []Option) (*grant, error) {
	switch {
	case scheme == "":
		return nil, errors.New("got no scheme, want the name of a security scheme of the document")
	case id == "" || secret == "":
		return nil, errors.New("got an empty client ID or secret, want those that the API's provider gave the program")
	}
	g := &grant{
		scheme: scheme, http: &http.Client{},
		config: clientcredentials.Config{ClientID: id, ClientSecret: secret, EndpointParams: url.Values{}},
	}
	for _, opt := range opts {
		if err := opt(g); err != nil {
			return nil, err
		}
	}
	if g.config.TokenURL == "" && g.discover == "" {
		return nil, errors.New("got no address of a token endpoint; give it by TokenURL, or allow that of the description by DocumentTokenURL")
	}
	// A redirect with status 307 or 308 would carry the form, which may hold the secret.
	g.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return g, nil
}

// token is a client.TokenSource.
func (g *grant) token(ctx context.Context) (string, time.Time, error) {
	config := &g.config
	if g.discover != "" {
		endpoint, err := g.discovered(ctx)
		if err != nil {
			return "", time.Time{}, err
		}
		config = &clientcredentials.Config{
			ClientID: g.config.ClientID, ClientSecret: g.config.ClientSecret, TokenURL: endpoint,
			Scopes: g.config.Scopes, EndpointParams: g.config.EndpointParams,
		}
	}
	token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, g.http))
	if err != nil {
		return "", time.Time{}, g.failed(config.TokenURL, err)
	}
	if kind := token.Type(); !strings.EqualFold(kind, "Bearer") {
		return "", time.Time{}, &Error{
			Endpoint: shown(config.TokenURL), Reason: fmt.Sprintf("got a token of type %.40q, want Bearer", g.masked(kind)),
			Remedy: "use client.WithTokenSource with a source of your own",
		}
	}
	return token.AccessToken, token.Expiry, nil
}

// masked takes out of a text what a server may have repeated of what it was sent.
func (g *grant) masked(text string) string {
	secret, id := g.config.ClientSecret, g.config.ClientID
	forms := []string{secret, url.QueryEscape(secret), basic(id, secret), basic(url.QueryEscape(id), url.QueryEscape(secret))}
	for _, values := range g.config.EndpointParams {
		forms = append(forms, values...)
	}
	return mask.Given(text, forms)
}
