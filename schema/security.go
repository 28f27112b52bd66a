package schema

import (
	"fmt"
	"slices"

	"github.com/opcall/opcall/internal/jsonscan"
)

// SecurityRequirement is one of the ways to authenticate: every scheme in it is needed
// (OpenAPI 3.1 §4.8.30). An empty one means that no credential is needed. Which of
// several ways is taken is up to the client, which knows what credentials it has.
type SecurityRequirement []string // names of security schemes

// SecurityScheme says where a credential goes (OpenAPI 3.1 §4.8.27). Of how one
// is obtained only the addresses are kept; whether a secret goes there is the caller's decision.
type SecurityScheme struct {
	Name       string // in the document
	Type       string // "http", "apiKey", "oauth2", "openIdConnect", "mutualTLS"
	Scheme     string // of http: "bearer", "basic"
	In         string // of apiKey: "header", "query", "cookie"
	ParamName  string // of apiKey: the header's, query parameter's or cookie's name
	Credential string // x-opcall-credential: which of the caller's keys it takes, "" for the API key

	TokenURL         string // of oauth2: the tokenUrl of its clientCredentials flow, "" without one
	OpenIDConnectURL string // of openIdConnect: where its discovery document is
}

// SecurityScheme returns the security scheme of that name, references resolved. It
// reports false where the document has none, or one whose reference leads nowhere.
//
// It is read from the text at each call and not kept: schemes are few and short. Members
// that are not in a SecurityScheme are passed over.
//
// Types are not checked: one that this package does not know is for the client to refuse,
// when it is asked for a credential of that type.
func (d *Document) SecurityScheme(name string) (SecurityScheme, bool) {
	text, ok := jsonscan.Member(d.components["securitySchemes"], name)
	if !ok {
		return SecurityScheme{}, false
	}
	text, _, err := d.follow(text, Pointer("/components/securitySchemes").Append(name))
	if err != nil {
		return SecurityScheme{}, false
	}
	s := SecurityScheme{Name: name}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "type":
			s.Type = jsonscan.String(value)
		case "scheme":
			s.Scheme = jsonscan.String(value)
		case "in":
			s.In = jsonscan.String(value)
		case "name":
			s.ParamName = jsonscan.String(value)
		case "flows":
			flow, _ := jsonscan.Member(value, "clientCredentials")
			address, _ := jsonscan.Member(flow, "tokenUrl")
			s.TokenURL = jsonscan.String(address)
		case "openIdConnectUrl":
			s.OpenIDConnectURL = jsonscan.String(value)
		case "x-opcall-credential":
			s.Credential = jsonscan.String(value)
		}
	}
	return s, true
}

// parseSecurity returns alternatives: one of the requirements is enough. Scopes are not
// kept, since what a token permits is for the server to say.
// Names are not looked up either, as they may be used in operations that nobody calls.
func parseSecurity(text string) []SecurityRequirement {
	var list []SecurityRequirement
	for _, item := range jsonscan.Items(text) {
		requirement := SecurityRequirement{}
		for name := range jsonscan.Members(item) {
			requirement = append(requirement, name)
		}
		list = append(list, requirement)
	}
	return list
}

// noteUndefinedSchemes lists the security schemes that an operation requires and the
// document does not have. Where they stand beside others, these are what can be sent. It is a
// repair and not an error: a gateway in front of the API may add what the document names. Own
// says whether the operation has a security of its own or that of the document.
func (op *Operation) noteUndefinedSchemes(own bool) {
	at := Pointer("/security")
	if own {
		at = op.Pointer.Append("security")
	}
	var noted []string
	for _, requirement := range op.Security {
		for _, name := range requirement {
			if _, ok := op.doc.SecurityScheme(name); !ok && !slices.Contains(noted, name) {
				noted = append(noted, name)
				op.repairs = append(op.repairs, Repair{
					Pointer: at, Keyword: "security", Reason: fmt.Sprintf("the document has no security scheme %.80q; nothing is sent for it", name),
				})
			}
		}
	}
}
