package client

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	masking "github.com/opcall/opcall/client/internal/mask"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/internal/style"
	"github.com/opcall/opcall/schema"
)

// MissingCredentialError says that the operation needs a key that was not
// given. Nothing was sent.
type MissingCredentialError struct {
	Operation string // its ID, or the name of the socket
	Scheme    string // the security scheme that has no credential
	Remedy    string // what to set
}

func (e *MissingCredentialError) Error() string {
	return fmt.Sprintf("%s: no credential for %s; %s", named(e.Operation), oneLine(e.Scheme, maxName), e.Remedy)
}

// grant is a credential, and the scheme by which it is sent.
type grant struct {
	scheme schema.SecurityScheme
	secret *secret // nil where there is none
	given  bool    // by WithCredential
}

// met reports whether the scheme has what it needs. Certificates, and what is made anew
// of each challenge, are the http.Client's business.
func (g grant) met() bool { return g.secret != nil || byTransport(g.scheme) }

// byTransport reports whether a scheme needs more than a text that is the same in every
// request: a certificate, or an HTTP scheme that responds to a challenge of the server or
// signs the request. The transport of WithHTTPClient has to do that.
func byTransport(scheme schema.SecurityScheme) bool {
	if scheme.Type == "mutualTLS" {
		return true
	}
	if scheme.Type != "http" {
		return false
	}
	name := strings.ToLower(scheme.Scheme)
	switch name {
	case "digest", "negotiate", "ntlm", "hoba", "mutual", "dpop", "concealed":
		return true
	}
	return strings.HasPrefix(name, "scram-")
}

// authorize puts the credentials into a request, if the settings have any. What the
// call gives as a parameter stays. With an error it returns the request too.
func (b *Bound) authorize(req *http.Request, query *[]byte) (*http.Request, error) {
	grants, _ := b.grants()
	var headers []string
	var tokens []placedToken
	for i := range grants {
		g := &grants[i]
		if g.secret == nil || g.scheme.Type == "apiKey" && b.gives(g.scheme.In, g.scheme.ParamName) {
			continue
		}
		text, err := b.textOf(req.Context(), *g)
		if err != nil {
			return req, err
		}
		c, err := credentialOf(g.scheme, text)
		if err != nil {
			return req, &BindError{Operation: b.plan.name, Name: g.scheme.Name, Reason: "the credential cannot be sent", Err: err}
		}
		c.place(req, query)
		if c.in == "header" && slices.Contains(travelling[:], http.CanonicalHeaderKey(c.name)) {
			headers = append(headers, http.CanonicalHeaderKey(c.name))
		}
		if g.secret.tokens != nil {
			tokens = append(tokens, placedToken{g.scheme, g.secret.tokens, text})
		}
	}
	if headers != nil || tokens != nil {
		req = req.WithContext(context.WithValue(req.Context(), authorizationKey{}, &authorization{headers, tokens}))
	}
	return req, nil
}

// grants returns what meets one of the operation's security requirements (OpenAPI
// 3.1 §4.8.30): of those that can be met the one that rests on the least, see
// reliance, and of several the first. One that asks for nothing is what remains where
// no other can be met. It reports false where none can.
//
// They are the same for all calls with the settings of the client, and found once, but for
// calls that give a credential as a parameter.
func (b *Bound) grants() ([]grant, bool) {
	if b.givesKey() {
		return b.findGrants()
	}
	if known := b.plan.granted.Load(); known != nil && known.settings == b.settings {
		return known.grants, known.met
	}
	grants, met := b.findGrants()
	if b.settings.ofClient {
		b.plan.granted.Store(&granted{b.settings, grants, met})
	}
	return grants, met
}

// givesKey reports whether the params have a credential, declared as a parameter or not.
func (b *Bound) givesKey() bool {
	return slices.ContainsFunc(b.plan.keys, func(s schema.SecurityScheme) bool { return b.gives(s.In, s.ParamName) })
}

// granted is what grants found for the settings of a client.
type granted struct {
	settings *settings
	grants   []grant
	met      bool
}

func (b *Bound) findGrants() ([]grant, bool) {
	met := len(b.plan.security) == 0
	var best []grant
	least := unmet
	for _, requirement := range b.plan.security {
		grants := b.grantsFor(requirement)
		if len(grants) == 0 {
			met = true
		} else if r := b.reliance(grants); r < least {
			best, least = grants, r
		}
	}
	return best, met || least < unmet
}

// reliance is what the grants of a requirement rest on.
type reliance int

const (
	onGiven   reliance = iota // credentials that WithCredential gave for the schemes
	onKeys                    // as well keys that are for all schemes, or the transport that the caller brought
	onNothing                 // a transport of which nobody said that it has what the scheme needs
	unmet
)

func (b *Bound) reliance(grants []grant) reliance {
	given, keys, transport := 0, 0, 0
	for _, g := range grants {
		switch {
		case b.supplies(g.scheme):
			given++
		case !g.met():
			return unmet
		case g.secret == nil:
			transport++
		case g.given:
			given++
		default:
			keys++
		}
	}
	switch {
	case transport > 0 && !b.settings.ownTransport:
		return onNothing
	case keys == 0 && given > 0:
		return onGiven
	}
	return onKeys
}

// supplies reports whether the call itself, or a header or query of the settings, has what a
// scheme asks for.
func (b *Bound) supplies(scheme schema.SecurityScheme) bool {
	if scheme.Type != "apiKey" {
		return false
	}
	s := b.settings
	return b.gives(scheme.In, scheme.ParamName) || scheme.In == "header" && s.header.Get(scheme.ParamName) != "" ||
		scheme.In == "query" && s.query.Get(scheme.ParamName) != ""
}

// grantsFor returns the grants for a requirement. Of several schemes, one that the document
// does not have is nothing that a credential could be given for: the others are sent.
func (b *Bound) grantsFor(requirement schema.SecurityRequirement) []grant {
	grants := make([]grant, 0, len(requirement))
	for _, name := range requirement {
		if g := b.grant(name); g.scheme.Type != "" {
			grants = append(grants, g)
		}
	}
	if len(grants) == 0 && len(requirement) > 0 {
		return []grant{b.grant(requirement[0])}
	}
	return grants
}

// grant returns what the settings have for a security scheme.
func (b *Bound) grant(name string) grant {
	scheme, ok := b.plan.schemes[name]
	if !ok {
		return grant{scheme: schema.SecurityScheme{Name: name}}
	}
	given, ok := b.settings.credentials[name]
	switch {
	case ok:
		return grant{scheme, given.orNil(), true}
	case byTransport(scheme):
		return grant{scheme: scheme}
	}
	return grant{scheme, b.key(scheme.Credential == "admin"), false}
}

// credentialFor reports whether a parameter is one that a credential of the settings
// is sent in.
func (b *Bound) credentialFor(p *schema.Parameter) bool {
	grants, _ := b.grants()
	return slices.ContainsFunc(grants, func(g grant) bool {
		return g.secret != nil && g.scheme.Type == "apiKey" && g.scheme.In == p.In &&
			(g.scheme.ParamName == p.Name || p.In == "header" && strings.EqualFold(g.scheme.ParamName, p.Name))
	})
}

// checkSchemes refuses a credential for a scheme that the document does not have.
func (s *settings) checkSchemes(doc *schema.Document) error {
	for _, name := range sortedKeys(s.credentials) {
		if scheme, ok := doc.SecurityScheme(name); ok {
			if byTransport(scheme) && s.credentials[name].orNil() != nil {
				return fmt.Errorf("WithCredential: security scheme %s is %s, which a fixed text cannot satisfy; let the transport of WithHTTPClient do it, "+
					"and give no credential", quoteName(name), oneLine(cmp.Or(scheme.Scheme, scheme.Type), maxName))
			}
			if s.credentials[name].isBasic() && !(scheme.Type == "http" && strings.EqualFold(scheme.Scheme, "basic")) {
				return fmt.Errorf("WithBasicAuth: security scheme %s is %s, which takes no user and password; give its credential by WithCredential",
					quoteName(name), oneLine(cmp.Or(scheme.Scheme, scheme.Type), maxName))
			}
			continue
		}
		components, _ := doc.Lookup("/components")
		all, _ := jsonscan.Member(components, "securitySchemes")
		var names []string
		for known := range jsonscan.Members(all) {
			names = append(names, known)
		}
		nearest := near.Names(name, names, 3)
		if len(names) == 0 {
			return fmt.Errorf("WithCredential: unknown security scheme %s; the document has none", quoteName(name))
		}
		return fmt.Errorf("WithCredential: unknown security scheme %s%s", quoteName(name), unknownHint(names, nearest))
	}
	return nil
}

// checkDefined refuses a request whose operation requires schemes that the document does
// not have, and nothing else: no credential could be sent, and the server's 401 would not
// say why. It is sent where the caller has said what authorizes it: by a header or query of
// the settings, by a transport, or by an empty key that nothing does.
func (b *Bound) checkDefined() error {
	for _, requirement := range b.plan.security {
		if len(requirement) == 0 || slices.ContainsFunc(requirement, func(name string) bool { return b.plan.schemes[name].Type != "" }) {
			return nil
		}
	}
	if len(b.plan.security) == 0 || b.settings.ownTransport || b.authorizedOtherwise() {
		return nil
	}
	return &MissingCredentialError{
		Operation: b.plan.name, Scheme: b.plan.security[0][0],
		Remedy: "the document names this security scheme and does not define it: define it below /components/securitySchemes, with WithOverlay for example, " +
			`or send the credential by WithHeader; WithAPIKey("") sends none`,
	}
}

// authorizedOtherwise reports whether the caller has said what authorizes a request: a header or
// query, or an empty key for that nothing does.
func (b *Bound) authorizedOtherwise() bool {
	said := func(values map[string][]string) bool {
		for name := range values {
			if masking.Sensitive(name) {
				return true
			}
		}
		return false
	}
	s := b.settings
	return s.apiKey != nil && s.apiKey.orNil() == nil || said(s.header) || said(s.query) || b.gives("header", "Authorization")
}

// checkPartial refuses a request of which several schemes are required together, and only some
// were given a credential: nothing would be sent, not even what was given.
func (b *Bound) checkPartial() error {
	if _, ok := b.grants(); ok || b.authorizedOtherwise() {
		return nil
	}
	for _, requirement := range b.plan.security {
		grants := b.grantsFor(requirement)
		missing := slices.IndexFunc(grants, func(g grant) bool { return !g.given && !g.met() && !b.supplies(g.scheme) })
		given := slices.IndexFunc(grants, func(g grant) bool { return g.given && g.secret != nil })
		if missing >= 0 && given >= 0 {
			return &MissingCredentialError{
				Operation: b.plan.name, Scheme: grants[missing].scheme.Name,
				Remedy: "the operation requires it beside " + oneLine(grants[given].scheme.Name, maxName) + ": set it by WithCredential",
			}
		}
	}
	return nil
}

// checkCredentials refuses a request to the API itself that would come back as
// a 401. Other hosts, local ones above all, may need no key.
func (b *Bound) checkCredentials(u *url.URL) error {
	if err := b.checkDefined(); err != nil {
		return err
	}
	if err := b.checkPartial(); err != nil {
		return err
	}
	if !isDefaultOrigin(u) || b.settings.header.Get("Authorization") != "" || b.gives("header", "Authorization") {
		return nil
	}
	if _, ok := b.grants(); ok {
		return nil
	}
	for _, g := range b.grantsFor(b.plan.security[0]) {
		if g.met() {
			continue
		}
		remedy := "set OPENAI_API_KEY or WithAPIKey"
		if g.scheme.Credential == "admin" {
			remedy = "set OPENAI_ADMIN_KEY or WithAdminKey"
		}
		if !b.plan.openAI {
			remedy = "set it by WithCredential"
		}
		return &MissingCredentialError{Operation: b.plan.name, Scheme: g.scheme.Name, Remedy: remedy}
	}
	return nil
}

// credential is a credential as it goes on the wire.
type credential struct{ in, name, value string }

// credentialOf writes a credential as its scheme says (OpenAPI 3.1 §4.8.27). Errors
// do not quote it.
func credentialOf(scheme schema.SecurityScheme, text string) (credential, error) {
	switch {
	case scheme.Type == "apiKey" && scheme.In == "header":
		return credential{"header", scheme.ParamName, text}, checkHeader(scheme.ParamName, text)
	case scheme.Type == "apiKey" && scheme.In == "query":
		return credential{"query", url.QueryEscape(scheme.ParamName), url.QueryEscape(text)}, nil
	case scheme.Type == "apiKey" && scheme.In == "cookie":
		if !style.IsToken(scheme.ParamName) || strings.ContainsFunc(text, notInCookie) {
			return credential{}, errors.New("got a character that no cookie can hold (RFC 6265 §4.1.1)")
		}
		return credential{"cookie", scheme.ParamName, text}, nil
	case scheme.Type == "http" && strings.EqualFold(scheme.Scheme, "basic"):
		if !strings.Contains(text, ":") {
			text += ":" // a key that is the user, without a password
		}
		return credential{"header", "Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(text))}, nil
	case scheme.Type == "http" && !strings.EqualFold(scheme.Scheme, "bearer") && style.IsToken(scheme.Scheme):
		return credential{"header", "Authorization", scheme.Scheme + " " + text}, nil
	}
	return credential{"header", "Authorization", "Bearer " + text}, nil
}

// place writes a credential into a request.
func (c credential) place(req *http.Request, query *[]byte) {
	switch c.in {
	case "header":
		req.Header.Set(c.name, c.value)
	case "query":
		*query = appendPair(*query, c.name+"="+c.value)
	case "cookie":
		addCookie(req.Header, c.name+"="+c.value)
	}
}

// notInCookie reports whether a character is not a cookie-octet.
func notInCookie(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`",;\`, r)
}
