package credential

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/opcall/opcall/client/internal/mask"
)

// Error says why there is no token. What the server repeated of the secret is masked.
type Error struct {
	Endpoint   string // that was asked, without its query
	StatusCode int    // of its response, 0 without one
	Code       string // RFC 6749 §5.2: "invalid_client"
	Reason     string // one line
	Remedy     string // what to do, may be ""

	err error
}

func (e *Error) Error() string {
	text := e.Reason
	if e.Endpoint != "" {
		text += " (" + e.Endpoint + ")"
	}
	if e.Remedy != "" {
		text += "; " + e.Remedy
	}
	return text
}

// Unwrap returns what kept the request from the endpoint, such as the end of a context, or nil.
func (e *Error) Unwrap() error { return e.err }

// remedies are those of the codes of RFC 6749 §5.2.
var remedies = map[string]string{
	"invalid_client":         "check the client ID and the secret",
	"unauthorized_client":    "let the provider allow this client the client credentials grant",
	"unsupported_grant_type": "the endpoint has no client credentials grant: is the address right?",
	"invalid_scope":          "check Scopes",
	"invalid_request":        "check Scopes and Parameter: some endpoints want an audience",
}

// failed makes an Error of what golang.org/x/oauth2 returns. Its own error holds the whole
// response, which may repeat the secret, and is not kept.
func (g *grant) failed(endpoint string, err error) error {
	e := &Error{Endpoint: shown(endpoint)}
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		e.Reason, e.err = "the token endpoint cannot be used: "+g.cause(err), causeOf(err)
		e.Remedy = "check TokenURL"
		return e
	}
	e.StatusCode, e.Code = refused.Response.StatusCode, mask.Line(g.masked(refused.ErrorCode), 100)
	e.Reason = strings.TrimSpace(fmt.Sprintf("the token endpoint responded with status %d %s", e.StatusCode, e.Code))
	if refused.ErrorDescription != "" {
		e.Reason += ": " + mask.Line(g.masked(refused.ErrorDescription), 300)
	}
	e.Remedy = remedies[refused.ErrorCode]
	switch {
	case e.StatusCode >= 300 && e.StatusCode < 400:
		e.Remedy = "redirects are not followed, since the secret would go along: give the address it leads to by TokenURL"
	case e.Remedy == "" && e.StatusCode == http.StatusUnauthorized:
		e.Remedy = remedies["invalid_client"]
	case e.Remedy == "" && e.StatusCode == http.StatusNotFound:
		e.Remedy = "check TokenURL"
	}
	return e
}

// cause is the text of an error of the transport, without the address, whose query may
// hold a secret.
func (g *grant) cause(err error) string {
	return mask.Line(g.masked(causeOf(err).Error()), 300)
}

func causeOf(err error) error {
	var outer *url.Error
	if errors.As(err, &outer) {
		return outer.Err
	}
	return err
}

func basic(id, secret string) string {
	return base64.StdEncoding.EncodeToString([]byte(id + ":" + secret))
}
