package client

import (
	"encoding/base64"
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

// authorize puts the credentials into a request: those of the first of the
// operation's security requirements that the settings can meet (OpenAPI 3.1
// §4.8.30).
func (b *Bound) authorize(req *http.Request, query *[]byte) {
	for _, requirement := range b.Operation.Security {
		if b.meets(requirement) {
			for _, name := range requirement {
				scheme, credential := b.credential(name)
				place(req, query, scheme, credential)
			}
			return
		}
	}
}

func (b *Bound) meets(requirement schema.SecurityRequirement) bool {
	for _, name := range requirement {
		if _, credential := b.credential(name); credential == nil {
			return false
		}
	}
	return true
}

// credential returns a security scheme and what the settings have for it.
func (b *Bound) credential(name string) (schema.SecurityScheme, *secret) {
	scheme, ok := b.Operation.Document().SecurityScheme(name)
	if !ok {
		return scheme, nil
	}
	if given, ok := b.settings.credentials[name]; ok {
		return scheme, given
	}
	if scheme.Credential == "admin" {
		return scheme, b.settings.adminKey
	}
	return scheme, b.settings.apiKey
}

// checkCredentials refuses a request to the API itself that would come back as
// a 401. Other hosts, local ones above all, may need no key.
func (b *Bound) checkCredentials(u *url.URL) error {
	if !isDefaultOrigin(u) || b.settings.header.Get("Authorization") != "" || len(b.Operation.Security) == 0 {
		return nil
	}
	for _, requirement := range b.Operation.Security {
		if b.meets(requirement) {
			return nil
		}
	}
	for _, name := range b.Operation.Security[0] {
		scheme, credential := b.credential(name)
		if credential != nil {
			continue
		}
		remedy := "set OPENAI_API_KEY or WithAPIKey"
		if scheme.Credential == "admin" {
			remedy = "set OPENAI_ADMIN_KEY or WithAdminKey"
		}
		return &MissingCredentialError{Operation: b.Operation.ID, Scheme: name, Remedy: remedy}
	}
	return nil
}

// place writes a credential where its scheme says (OpenAPI 3.1 §4.8.27).
func place(req *http.Request, query *[]byte, scheme schema.SecurityScheme, credential *secret) {
	switch {
	case scheme.Type == "apiKey" && scheme.In == "header":
		req.Header.Set(scheme.ParamName, credential.text)
	case scheme.Type == "apiKey" && scheme.In == "query":
		*query = appendPair(*query, url.QueryEscape(scheme.ParamName)+"="+url.QueryEscape(credential.text))
	case scheme.Type == "apiKey" && scheme.In == "cookie":
		req.AddCookie(&http.Cookie{Name: scheme.ParamName, Value: credential.text})
	case scheme.Type == "http" && strings.EqualFold(scheme.Scheme, "basic"):
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credential.text)))
	default:
		req.Header.Set("Authorization", "Bearer "+credential.text)
	}
}
