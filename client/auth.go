package client

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/opcall/opcall/schema"
)

// MissingCredentialError says that the operation needs a key that was not
// given. Nothing was sent.
type MissingCredentialError struct {
	Operation string // its ID
	Scheme    string // the security scheme that has no credential
	Remedy    string // what to set
}

func (e *MissingCredentialError) Error() string {
	return fmt.Sprintf("%s: no credential for %s; %s", e.Operation, e.Scheme, e.Remedy)
}

// authorize puts the credentials into a request, if the settings have any.
func (b *Bound) authorize(req *http.Request, query *[]byte) error {
	requirement, _ := b.requirement()
	for _, name := range requirement {
		if scheme, credential := b.credential(name); credential != nil {
			if err := place(req, query, scheme, credential.text); err != nil {
				return b.failure(name, "the credential cannot be sent", err)
			}
		}
	}
	return nil
}

// requirement returns the first of the operation's security requirements that
// the settings can meet (OpenAPI 3.1 §4.8.30). One that asks for nothing is what
// remains where no other can be met. It reports false where none can.
func (b *Bound) requirement() (schema.SecurityRequirement, bool) {
	optional := len(b.Operation.Security) == 0
	for _, requirement := range b.Operation.Security {
		if len(requirement) == 0 {
			optional = true
		} else if _, unmet := b.unmet(requirement); !unmet {
			return requirement, true
		}
	}
	return nil, optional
}

// unmet returns the first scheme of a requirement that has no credential.
func (b *Bound) unmet(requirement schema.SecurityRequirement) (schema.SecurityScheme, bool) {
	for _, name := range requirement {
		if scheme, credential := b.credential(name); credential == nil && scheme.Type != "mutualTLS" {
			return scheme, true
		}
	}
	return schema.SecurityScheme{}, false
}

// credential returns a security scheme and what the settings have for it.
func (b *Bound) credential(name string) (schema.SecurityScheme, *secret) {
	scheme, ok := b.Operation.Document().SecurityScheme(name)
	if !ok {
		return schema.SecurityScheme{Name: name}, nil
	}
	given, ok := b.settings.credentials[name]
	switch {
	case ok:
		return scheme, given
	case scheme.Type == "mutualTLS": // the http.Client's business
		return scheme, nil
	case scheme.Credential == "admin":
		return scheme, b.settings.adminKey
	}
	return scheme, b.settings.apiKey
}

// checkCredentials refuses a request to the API itself that would come back as
// a 401. Other hosts, local ones above all, may need no key.
func (b *Bound) checkCredentials(u *url.URL) error {
	if !isDefaultOrigin(u) || b.settings.header.Get("Authorization") != "" {
		return nil
	}
	if _, ok := b.requirement(); ok {
		return nil
	}
	scheme, _ := b.unmet(b.Operation.Security[0])
	remedy := "set OPENAI_API_KEY or WithAPIKey"
	if scheme.Credential == "admin" {
		remedy = "set OPENAI_ADMIN_KEY or WithAdminKey"
	}
	return &MissingCredentialError{Operation: b.Operation.ID, Scheme: scheme.Name, Remedy: remedy}
}

// place writes a credential where its scheme says (OpenAPI 3.1 §4.8.27). Errors
// do not quote it.
func place(req *http.Request, query *[]byte, scheme schema.SecurityScheme, credential string) error {
	switch {
	case scheme.Type == "apiKey" && scheme.In == "header":
		if err := checkHeader(scheme.ParamName, credential); err != nil {
			return err
		}
		req.Header.Set(scheme.ParamName, credential)
	case scheme.Type == "apiKey" && scheme.In == "query":
		*query = appendPair(*query, url.QueryEscape(scheme.ParamName)+"="+url.QueryEscape(credential))
	case scheme.Type == "apiKey" && scheme.In == "cookie":
		if !validToken(scheme.ParamName) || strings.ContainsFunc(credential, notInCookie) {
			return errors.New("got a character that no cookie can hold (RFC 6265 §4.1.1)")
		}
		addCookie(req.Header, scheme.ParamName+"="+credential)
	case scheme.Type == "http" && strings.EqualFold(scheme.Scheme, "basic"):
		if !strings.Contains(credential, ":") {
			credential += ":" // a key that is the user, without a password
		}
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credential)))
	case scheme.Type == "http" && !strings.EqualFold(scheme.Scheme, "bearer") && validToken(scheme.Scheme):
		req.Header.Set("Authorization", scheme.Scheme+" "+credential)
	default:
		req.Header.Set("Authorization", "Bearer "+credential)
	}
	return nil
}

// notInCookie reports whether a character is no cookie-octet.
func notInCookie(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`",;\`, r)
}
