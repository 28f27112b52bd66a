package clienttest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/schema"
)

// authenticate asks for the credentials of one of the operation's security
// requirements (OpenAPI 3.1 §4.8.30). Any credential will do, but for none.
func (s *Server) authenticate(op *schema.Operation, hr *http.Request) *inbound.Refusal {
	if len(op.Security) == 0 {
		return nil
	}
	for _, requirement := range op.Security {
		if s.lacking(requirement, hr) == nil {
			return nil
		}
	}
	scheme := s.lacking(op.Security[0], hr)
	return &inbound.Refusal{
		Status: http.StatusUnauthorized, Code: "invalid_api_key",
		Message: fmt.Sprintf("%s: got no credential for %s, want %s", mask.Line(op.ID, 100), mask.Line(scheme.Name, 100), mask.Line(place(*scheme), 200)),
	}
}

// lacking returns the first scheme of a requirement that the request has no
// credential for.
func (s *Server) lacking(requirement schema.SecurityRequirement, hr *http.Request) *schema.SecurityScheme {
	for _, name := range requirement {
		if scheme := s.scheme(name); scheme != nil && !credential(*scheme, hr) {
			return scheme
		}
	}
	return nil
}

// scheme returns a security scheme, nil where the document has none of that name. It is
// read once.
func (s *Server) scheme(name string) *schema.SecurityScheme {
	if known, ok := s.schemes.Load(name); ok {
		return known.(*schema.SecurityScheme)
	}
	var scheme *schema.SecurityScheme
	if found, ok := s.document.SecurityScheme(name); ok {
		scheme = &found
	}
	s.schemes.Store(name, scheme)
	return scheme
}

// credential reports whether the request has one for the scheme (OpenAPI 3.1
// §4.8.27).
func credential(scheme schema.SecurityScheme, hr *http.Request) bool {
	switch {
	case scheme.Type == "mutualTLS", scheme.Type == "http" && challenged[strings.ToLower(scheme.Scheme)]:
		return true
	case scheme.Type == "apiKey" && scheme.In == "header":
		return hr.Header.Get(scheme.ParamName) != ""
	case scheme.Type == "apiKey" && scheme.In == "query":
		return hr.URL.Query().Get(scheme.ParamName) != ""
	case scheme.Type == "apiKey" && scheme.In == "cookie":
		cookie, err := hr.Cookie(scheme.ParamName)
		return err == nil && cookie.Value != ""
	}
	kind, value, _ := strings.Cut(hr.Header.Get("Authorization"), " ")
	value = strings.TrimSpace(value)
	if basic(scheme) {
		plain, err := base64.StdEncoding.DecodeString(value)
		return strings.EqualFold(kind, "Basic") && err == nil && strings.Contains(string(plain), ":")
	}
	return strings.EqualFold(kind, nameOf(scheme)) && value != ""
}

// challenged are the HTTP schemes that respond to a challenge or sign the request. The server
// sends no challenge and takes every request, as it does without TLS.
var challenged = map[string]bool{
	"digest": true, "negotiate": true, "ntlm": true, "hoba": true, "mutual": true, "dpop": true, "concealed": true,
	"scram-sha-1": true, "scram-sha-256": true,
}

// nameOf returns what a credential stands behind in the header Authorization.
func nameOf(scheme schema.SecurityScheme) string {
	if scheme.Type == "http" && scheme.Scheme != "" && !strings.EqualFold(scheme.Scheme, "bearer") {
		return scheme.Scheme
	}
	return "Bearer"
}

func basic(scheme schema.SecurityScheme) bool {
	return scheme.Type == "http" && strings.EqualFold(scheme.Scheme, "basic")
}

// place says where a scheme's credential goes.
func place(scheme schema.SecurityScheme) string {
	switch {
	case scheme.Type == "apiKey":
		return fmt.Sprintf("it in the %s %q", scheme.In, scheme.ParamName)
	case basic(scheme):
		return `the header "Authorization: Basic …"`
	}
	return fmt.Sprintf(`the header "Authorization: %s …"`, nameOf(scheme))
}
