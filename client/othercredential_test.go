package client_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

const credentialDocument = `openapi: 3.1.0
info: {title: credentials, version: "1"}
servers: [{url: "https://api.example.com"}]
paths:
  /digest: {get: {operationId: digest, security: [{D: []}], responses: {"200": {description: OK}}}}
  /basic: {get: {operationId: basic, security: [{Nowhere: [], B: []}], responses: {"200": {description: OK}}}}
components: {securitySchemes: {D: {type: http, scheme: Digest}, B: {type: http, scheme: basic}}}
`

// TestFixedTextIsNoCredentialForChallenges: what is sent in place of a response to a challenge
// would give the password away in clear text.
func TestFixedTextIsNoCredentialForChallenges(t *testing.T) {
	spec := client.WithSpec([]byte(credentialDocument))
	if _, err := client.New(spec, client.WithCredential("D", "ann:password")); err == nil || !strings.Contains(err.Error(), "WithHTTPClient") || strings.Contains(err.Error(), "password") {
		t.Errorf("credential for digest: got %v, want an error that names WithHTTPClient and no password", err)
	}
	c := newClient(t, spec, client.WithDocumentServer(), client.WithAPIKey("sk-of-everything"))
	req, err := c.Request(t.Context(), "digest", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := req.Header.Get("Authorization"); got != "" {
		t.Errorf("digest: got Authorization %q, want none", got)
	}
}

func TestBasicAuthIsSentBesideASchemeThatIsNotThere(t *testing.T) {
	doc, err := schema.Load([]byte(credentialDocument))
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, client.WithDocument(doc), client.WithDocumentServer(), client.WithBasicAuth("B", "ann", "pass:word"))
	req, err := c.Request(t.Context(), "basic", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := req.Header.Get("Authorization"), "Basic "+base64.StdEncoding.EncodeToString([]byte("ann:pass:word")); got != want {
		t.Errorf("got Authorization %q, want %q", got, want)
	}
	if _, err := client.New(client.WithDocument(doc), client.WithBasicAuth("B", "a:b", "password")); err == nil || !strings.Contains(err.Error(), "colon") {
		t.Errorf("a user with a colon: got %v, want an error", err)
	}
}

func TestHostParameterIsAHost(t *testing.T) {
	spec := client.WithSpec([]byte(`{"openapi":"3.0.3","info":{"title":"h","version":"1"},"servers":[{"url":"https://api.example.com"}],"paths":{"/a":{"get":{"operationId":"a",
		"parameters":[{"name":"Host","in":"header","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"OK"}}}}}}`))
	c := newClient(t, spec, client.WithDocumentServer())
	for host, want := range map[string]string{"other.example.com:8443": "other.example.com:8443", "h/path": "", "user@h": "", "": "api.example.com"} {
		params := client.Params{}
		if host != "" {
			params["Host"] = host
		}
		req, err := c.Request(t.Context(), "a", params)
		if got := ""; want == "" && err == nil || want != "" && (err != nil || req.Host != want) {
			if req != nil {
				got = req.Host
			}
			t.Errorf("Host %q: got %q and error %v, want %q", host, got, err, want)
		}
	}
}
