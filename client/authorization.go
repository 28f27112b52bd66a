package client

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/opcall/opcall/schema"
)

// authorizationKey is the key of a context whose value is the *authorization of a
// request.
type authorizationKey struct{}

// authorization is what a request must not lose on its way: which of its headers hold
// a credential although their names do not say so, and which of its credentials expire.
// It never changes.
type authorization struct {
	headers []string
	tokens  []placedToken
}

// placedToken is a token that a request carries.
type placedToken struct {
	scheme schema.SecurityScheme
	tokens *tokens
	text   string
}

// authorizationOf returns the authorization of a request, the empty one where it has
// none.
func authorizationOf(req *http.Request) *authorization {
	if a, ok := req.Context().Value(authorizationKey{}).(*authorization); ok {
		return a
	}
	return &authorization{}
}

// authorizedHeaders returns the headers of a request that hold a credential although
// their names do not say so.
func authorizedHeaders(req *http.Request) []string { return authorizationOf(req).headers }

// textOf returns the credential of a grant as it is now.
func (b *Bound) textOf(ctx context.Context, g grant) (string, error) {
	if g.secret.tokens == nil {
		return g.secret.text, nil
	}
	text, err := currentToken(ctx, b.plan.name, g.scheme.Name, g.secret.tokens, b.settings.timeout)
	if err != nil {
		return "", err
	}
	return text, nil
}

// currentToken returns the token of a source, which has as long as an attempt has.
func currentToken(ctx context.Context, operation, scheme string, t *tokens, timeout time.Duration) (string, *TokenError) {
	bounded := ctx
	if timeout > 0 {
		var cancel context.CancelFunc
		bounded, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	text, err := t.get(bounded)
	if err == nil {
		return text, nil
	}
	if bounded.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("the token source returned nothing within %v (WithTimeout): %w", timeout, err)
	}
	return "", &TokenError{Operation: operation, Scheme: scheme, Err: redactError(err, t.texts())}
}

// reauthorized returns a request with the tokens of now in place of those that req
// carries; req itself where they are the same.
func (s *sender) reauthorized(req *http.Request) (*http.Request, error) {
	was := authorizationOf(req)
	a := &authorization{headers: was.headers, tokens: slices.Clone(was.tokens)}
	fresh := req
	for i, placed := range was.tokens {
		text, err := currentToken(req.Context(), s.operation, placed.scheme.Name, placed.tokens, s.timeout)
		if err != nil {
			return nil, err
		}
		if text == placed.text {
			continue
		}
		if fresh == req {
			fresh = req.WithContext(context.WithValue(req.Context(), authorizationKey{}, a))
			fresh.Header, fresh.URL = req.Header.Clone(), new(*req.URL)
		}
		if err := placed.replace(fresh, text); err != nil {
			return nil, &TokenError{Operation: s.operation, Scheme: placed.scheme.Name, Err: err}
		}
		a.tokens[i].text = text
	}
	return fresh, nil
}

// replace writes another token where the placed one is. One that WithHeader has
// overridden is not there.
func (p placedToken) replace(req *http.Request, text string) error {
	old, _ := credentialOf(p.scheme, p.text)
	c, err := credentialOf(p.scheme, text)
	if err != nil {
		return err
	}
	switch {
	case c.in == "header" && req.Header.Get(c.name) == old.value:
		req.Header.Set(c.name, c.value)
	case c.in == "query":
		req.URL.RawQuery = replacePair(req.URL.RawQuery, "&", old, c)
	case c.in == "cookie":
		req.Header.Set("Cookie", replacePair(req.Header.Get("Cookie"), "; ", old, c))
	}
	return nil
}

// replacePair replaces one of the pairs NAME=VALUE of a text.
func replacePair(text, separator string, old, c credential) string {
	pairs := strings.Split(text, separator)
	for i, pair := range pairs {
		if pair == old.name+"="+old.value {
			pairs[i] = c.name + "=" + c.value
		}
	}
	return strings.Join(pairs, separator)
}

// renew asks for other tokens after the server has refused those that a request
// carried, with status 401. It reports whether there are some, for another attempt; the
// error is that of the attempt where there are none.
func (s *sender) renew(req *http.Request, failure error) (bool, error) {
	refused, ok := failure.(*APIError)
	tokens := authorizationOf(req).tokens
	if !ok || refused.StatusCode != http.StatusUnauthorized || len(tokens) == 0 || !replayable(req) {
		return false, failure
	}
	renewed := false
	for _, placed := range tokens {
		placed.tokens.reject(placed.text)
		text, err := currentToken(req.Context(), s.operation, placed.scheme.Name, placed.tokens, s.timeout)
		if err != nil {
			err.Refused = refused
			return false, err
		}
		renewed = renewed || text != placed.text
	}
	return renewed, failure
}
