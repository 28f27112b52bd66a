package client_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

var discardLog = log.New(io.Discard, "", 0)

// withSecurity is a document with one operation of that security.
func withSecurity(t *testing.T, security string) *schema.Document {
	t.Helper()
	return otherDocument{
		op: "security: " + security,
		root: `components: {securitySchemes: {H: {type: apiKey, in: header, name: X-Api-Key}, Q: {type: apiKey, in: query, name: api_key}, M: {type: mutualTLS},
			D: {type: http, scheme: digest}, Bearer: {type: http, scheme: bearer}, Dangling: {$ref: "#/components/securitySchemes/None"}}}`,
	}.load(t)
}

// Of alternatives the one is taken that the caller has what it needs for.
func TestAlternativeIsChosenByWhatTheCallerHas(t *testing.T) {
	h, q := client.WithCredential("H", "header-key"), client.WithCredential("Q", "query-key")
	key := client.WithAPIKey("key-for-all")
	own := client.WithHTTPClient(&http.Client{})
	for name, tc := range map[string]struct {
		security string
		options  []client.Option
		want     string // what is sent
	}{
		"second by name":                     {"[{H: []}, {Q: []}]", []client.Option{q}, "query-key"},
		"both by name":                       {"[{H: []}, {H: [], Q: []}]", []client.Option{h, q}, "header-key"},
		"all of one":                         {"[{H: [], Q: []}, {Bearer: []}]", []client.Option{h, q}, "header-key query-key"},
		"a certificate that nobody has":      {"[{M: []}, {H: []}]", []client.Option{h}, "header-key"},
		"a certificate or the key for all":   {"[{M: []}, {Bearer: []}]", []client.Option{key}, "Bearer key-for-all"},
		"a certificate of an own client":     {"[{M: []}, {Bearer: []}]", []client.Option{own}, ""},
		"a certificate and a key":            {"[{Bearer: []}, {M: [], H: []}]", []client.Option{own, h}, "header-key"},
		"digest or a key":                    {"[{D: []}, {H: []}]", []client.Option{h}, "header-key"},
		"not defined or defined":             {"[{Nowhere: []}, {H: []}]", []client.Option{h}, "header-key"},
		"not defined and defined":            {"[{Nowhere: [], H: []}]", []client.Option{h}, "header-key"},
		"nothing is needed":                  {"[{Nowhere: []}, {}]", nil, ""},
		"nothing is needed, but a key given": {"[{}, {H: []}]", []client.Option{h}, "header-key"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, responding(200, "application/json", `{"ok": true}`))
			c, err := client.New(append([]client.Option{client.WithDocument(withSecurity(t, tc.security)), client.WithBaseURL(w.URL), client.WithoutEnvironment()}, tc.options...)...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Call(t.Context(), "call", nil); err != nil {
				t.Fatal(err)
			}
			a := w.only(t)
			_, query, _ := strings.Cut(a.Query, "api_key=")
			if got := strings.Join(strings.Fields(a.Header.Get("X-Api-Key")+" "+query+" "+a.Header.Get("Authorization")), " "); got != tc.want {
				t.Errorf("%s: sent %q, want %q", tc.security, got, tc.want)
			}
		})
	}
}

// A scheme that the document does not have is an error of the call, unless the caller has
// said what authorizes the request.
func TestUndefinedSchemeIsNotSkippedInSilence(t *testing.T) {
	for name, tc := range map[string]struct {
		security string
		options  []client.Option
		sent     bool
	}{
		"alone":                        {"[{Nowhere: []}]", nil, false},
		"with a key that has no place": {"[{Nowhere: []}]", []client.Option{client.WithAPIKey("key-for-all")}, false},
		"two":                          {"[{Nowhere: [], Neither: []}]", nil, false},
		"alternatives":                 {"[{Nowhere: []}, {Neither: []}]", nil, false},
		"a reference that dangles":     {"[{Dangling: []}]", nil, false},
		"another header":               {"[{Nowhere: []}]", []client.Option{client.WithHeader("X-Trace", "1")}, false},
		"header of the caller":         {"[{Nowhere: []}]", []client.Option{client.WithHeader("Authorization", "Bearer mine-alone")}, true},
		"key in a header":              {"[{Nowhere: []}]", []client.Option{client.WithHeader("X-Api-Key", "mine-alone")}, true},
		"key in the query":             {"[{Nowhere: []}]", []client.Option{client.WithQuery("api_key", "mine-alone")}, true},
		"a transport of the caller":    {"[{Nowhere: []}]", []client.Option{client.WithHTTPClient(&http.Client{})}, true},
		"no key on purpose":            {"[{Nowhere: []}]", []client.Option{client.WithAPIKey("")}, true},
		"none is needed":               {"[{Nowhere: []}, {}]", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, responding(200, "application/json", `{"ok": true}`))
			doc := withSecurity(t, tc.security)
			c, err := client.New(append([]client.Option{client.WithDocument(doc), client.WithBaseURL(w.URL), client.WithoutEnvironment()}, tc.options...)...)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Call(t.Context(), "call", nil)
			if tc.sent {
				if err != nil {
					t.Error(err)
				}
				w.only(t)
				return
			}
			var missing *client.MissingCredentialError
			if !errors.As(err, &missing) || missing.Scheme == "" || !strings.Contains(err.Error(), "does not define it") || !strings.Contains(err.Error(), "WithOverlay") {
				t.Errorf("got %v, want a *MissingCredentialError with the remedy", err)
			}
			if n := len(w.all()); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
			listed := false
			for _, r := range doc.Repairs() {
				listed = listed || r.Keyword == "security" && strings.Contains(r.Reason, missing.Scheme)
			}
			if !listed {
				t.Errorf("Repairs does not list the scheme: %v", doc.Repairs())
			}
		})
	}
}

// The certificate of another authority is not a certificate, and the error says what failed.
func TestMutualTLSIsTheHTTPClientsBusiness(t *testing.T) {
	ca := newAuthority()
	server := newMutualTLSServer(ca)
	defer server.Close()
	doc := withSecurity(t, "[{M: [], H: []}]")
	for name, certificates := range map[string][]tls.Certificate{
		"its own": {ca.issue("me", x509.ExtKeyUsageClientAuth)}, "none": nil, "a stranger's": {newAuthority().issue("me", x509.ExtKeyUsageClientAuth)},
	} {
		t.Run(name, func(t *testing.T) {
			transport := &http.Transport{TLSClientConfig: &tls.Config{Certificates: certificates, RootCAs: ca.pool()}}
			defer transport.CloseIdleConnections()
			c, err := client.New(client.WithDocument(doc), client.WithBaseURL(server.URL), client.WithoutEnvironment(), client.WithMaxRetries(0),
				client.WithHTTPClient(&http.Client{Transport: transport}), client.WithCredential("H", "my-header-key"))
			if err != nil {
				t.Fatal(err)
			}
			r, err := c.Call(t.Context(), "call", nil, client.WithResponseValidation(schema.Off))
			if name != "its own" {
				if err == nil || !strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "my-header-key") {
					t.Errorf("got %v, want an error of the handshake", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(r.Get("name"), " ", r.Get("key")); got != "me my-header-key" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// A key that one call gives as a parameter, declared or not, does not count for the next.
func TestKeyOfOneCallIsNotThatOfTheNext(t *testing.T) {
	const declared = ", parameters: [{name: api_key, in: query, schema: {type: string}}]"
	for name, parameters := range map[string]string{"declared": declared, "undeclared": ""} {
		t.Run(name, func(t *testing.T) { testKeyOfOneCall(t, parameters) })
	}
}

func testKeyOfOneCall(t *testing.T, parameters string) {
	doc := otherDocument{
		op:   "security: [{Bearer: []}, {H: [], Q: []}]" + parameters,
		root: `components: {securitySchemes: {H: {type: apiKey, in: header, name: X-Api-Key}, Q: {type: apiKey, in: query, name: api_key}, Bearer: {type: http, scheme: bearer}}}`,
	}.load(t)
	w := newWitness(t, responding(200, "application/json", `{"ok": true}`))
	c, err := client.New(client.WithDocument(doc), client.WithBaseURL(w.URL), client.WithoutEnvironment(), client.WithUnknownFields(), client.WithCredential("H", "header-key"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Call(t.Context(), "call", client.Input{Query: client.Params{"api_key": "own"}}); err != nil {
			t.Errorf("with the key: %v", err)
		}
		var missing *client.MissingCredentialError
		if _, err := c.Call(t.Context(), "call", nil); !errors.As(err, &missing) || missing.Scheme != "Q" {
			t.Errorf("without the key: got error %v, want one about Q", err)
		}
	}
}

// Of schemes that are required together, a part of the credentials would be sent as none.
func TestPartOfARequirementIsAnError(t *testing.T) {
	h := client.WithCredential("H", " header-key\t")
	for name, tc := range map[string]struct {
		security string
		options  []client.Option
		want     string // the error, or what is sent
	}{
		"a part":                         {"[{H: [], Q: []}]", []client.Option{h}, "call: no credential for Q; the operation requires it beside H: set it by WithCredential"},
		"a part of the second":           {"[{Bearer: []}, {H: [], Q: []}]", []client.Option{h}, "call: no credential for Q; the operation requires it beside H: set it by WithCredential"},
		"a part, and no key for the API": {"[{H: [], Q: []}]", []client.Option{h, client.WithAPIKey("")}, ""},
		"nothing":                        {"[{H: [], Q: []}]", nil, ""},
		"nothing is needed":              {"[{H: [], Q: []}, {}]", []client.Option{h}, ""},
		"the rest by WithQuery":          {"[{H: [], Q: []}]", []client.Option{h, client.WithQuery("api_key", "own")}, "header-key own"},
		"a password for another scheme":  {"[{Bearer: []}]", []client.Option{client.WithBasicAuth("Bearer", "user", "secret")}, `WithBasicAuth: security scheme "Bearer" is bearer, which takes no user and password; give its credential by WithCredential`},
	} {
		t.Run(name, func(t *testing.T) {
			sent := ""
			w := newWitness(t, func(w http.ResponseWriter, r *http.Request) {
				sent = strings.TrimSpace(r.Header.Get("X-Api-Key") + " " + r.URL.Query().Get("api_key"))
				responding(200, "application/json", `{"ok": true}`)(w, r)
			})
			c, err := client.New(append([]client.Option{client.WithDocument(withSecurity(t, tc.security)), client.WithBaseURL(w.URL), client.WithoutEnvironment()}, tc.options...)...)
			if err == nil {
				_, err = c.Call(t.Context(), "call", nil)
			}
			got := sent
			if err != nil {
				got = err.Error()
			}
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
