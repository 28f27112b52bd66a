package credential_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/credential"
)

// A description decides where the secret goes only with the caller's consent.
func TestDocumentTokenURLNeedsConsent(t *testing.T) {
	e := newEndpoint(t, nil)
	doc := document(t, e.URL)
	_, err := client.New(client.WithDocument(doc), credential.WithClientCredentials("O", testID, testSecret))
	if err == nil || !strings.Contains(err.Error(), "TokenURL") || !strings.Contains(err.Error(), "DocumentTokenURL") {
		t.Errorf("got %v, want an error that names both ways", err)
	}
	api, got := newAPI(t, "token-1")
	c := newClient(t, doc, api.URL, client.WithHTTPClient(api.Client()),
		credential.WithClientCredentials("O", testID, testSecret, credential.DocumentTokenURL(doc), credential.HTTPClient(e.Client())))
	if _, err := c.Call(t.Context(), "call", nil); err != nil {
		t.Error(err)
	}
	if len(e.all()) != 1 || len(got()) != 1 {
		t.Errorf("got %d tokens and %d calls, want one of each", len(e.all()), len(got()))
	}
	// Another document that the client takes over later has no say in it.
	c.Swap(document(t, "https://evil.example"))
	if _, err := c.Call(t.Context(), "call", nil); err != nil {
		t.Error(err)
	}
}

func TestTokenEndpointIsDiscovered(t *testing.T) {
	e := newEndpoint(t, nil)
	for name, tc := range map[string]struct{ body, want string }{
		"found":        {fmt.Sprintf(`{"issuer":"x","token_endpoint":"%s/token"}`, e.URL), ""},
		"none":         {`{"issuer":"x"}`, "without a token_endpoint"},
		"no JSON":      {`<html>`, "without a token_endpoint"},
		"clear text":   {`{"token_endpoint":"http://login.example.com/token"}`, "clear text"},
		"very long":    {`{"token_endpoint":"` + strings.Repeat("x", 2<<20) + `"}`, "without a token_endpoint"},
		"no address":   {`{"token_endpoint":"file:///etc/passwd"}`, "not an address"},
		"other status": {"", "status 404"},
	} {
		t.Run(name, func(t *testing.T) {
			provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				if req.Header.Get("Authorization") != "" || req.URL.Path != "/.well-known/openid-configuration" || tc.body == "" {
					w.WriteHeader(http.StatusNotFound)
				}
				io.WriteString(w, tc.body)
			}))
			defer provider.Close()
			defer provider.Client().CloseIdleConnections()
			api, _ := newAPI(t, fmt.Sprintf("token-%d", len(e.all())+1))
			doc := document(t, provider.URL)
			c := newClient(t, doc, api.URL, client.WithHTTPClient(api.Client()),
				credential.WithClientCredentials("I", testID, testSecret, credential.DocumentTokenURL(doc), credential.HTTPClient(provider.Client())))
			_, err := c.Call(t.Context(), "connect", nil)
			if got := fmt.Sprint(err); tc.want == "" && err != nil || !strings.Contains(got, tc.want) || tc.want != "" && !strings.Contains(got, "TokenURL") {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	doc := document(t, "https://login.example.com")
	with := func(scheme string, opts ...credential.Option) client.Option {
		return credential.WithClientCredentials(scheme, testID, testSecret, opts...)
	}
	good := credential.TokenURL("https://login.example.com/token")
	for name, tc := range map[string]struct {
		option client.Option
		want   string
	}{
		"no scheme":              {with("", good), "name of a security scheme"},
		"unknown scheme":         {with("P", good), `unknown security scheme "P"`},
		"no ID":                  {credential.WithClientCredentials("O", "", testSecret, good), "empty client ID or secret"},
		"no secret":              {credential.WithClientCredentials("O", testID, "", good), "empty client ID or secret"},
		"no address":             {with("O", credential.TokenURL("login.example.com")), "not an address"},
		"user in the address":    {with("O", credential.TokenURL("https://a:hunter22@login.example.com/token")), "with a user in it"},
		"two scopes in one":      {with("O", good, credential.Scopes("read write")), "one per argument"},
		"reserved parameter":     {with("O", good, credential.Parameter("client_secret", "x")), "not for this option"},
		"no HTTP client":         {with("O", good, credential.HTTPClient(nil)), "want a client"},
		"no document":            {with("O", credential.DocumentTokenURL(nil)), "want a document"},
		"document without":       {with("X", credential.DocumentTokenURL(doc)), `no security scheme "X"`},
		"document in clear text": {with("Clear", credential.DocumentTokenURL(doc)), "clear text"},
		"document, other flow":   {with("Code", credential.DocumentTokenURL(doc)), "no clientCredentials flow"},
		"document, relative":     {with("Relative", credential.DocumentTokenURL(doc)), "not an address"},
		"document, user":         {with("User", credential.DocumentTokenURL(doc)), "with a user in it"},
		"document, API key":      {with("Key", credential.DocumentTokenURL(doc)), `type "apiKey"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.New(client.WithDocument(doc), client.WithBaseURL("https://api.example.com"), tc.option)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			for _, secret := range []string{testSecret, "hunter22", "pass"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("got %q in %v", secret, err)
				}
			}
		})
	}
}
