package credential_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/credential"
	"github.com/opcall/opcall/schema"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testID     = "program/1"
	testSecret = "s3cr3t & value/of=program"
)

// endpoint is a token endpoint. It takes the secret in the header, makes token-1, token-2 and
// so on, and keeps the forms that it got.
type endpoint struct {
	*httptest.Server
	mu      sync.Mutex
	forms   []string
	respond func(w http.ResponseWriter, n int)
}

func newEndpoint(t *testing.T, respond func(w http.ResponseWriter, n int)) *endpoint {
	t.Helper()
	e := &endpoint{respond: respond}
	e.Server = httptest.NewServer(http.HandlerFunc(e.serve))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) serve(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost || req.ParseForm() != nil {
		http.Error(w, "want a form", http.StatusMethodNotAllowed)
		return
	}
	id, secret, _ := req.BasicAuth()
	e.mu.Lock()
	e.forms = append(e.forms, req.PostForm.Encode()+" "+id+" "+secret)
	n := len(e.forms)
	e.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if e.respond != nil {
		e.respond(w, n)
		return
	}
	fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer","expires_in":3600}`, n)
}

func (e *endpoint) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string{}, e.forms...)
}

// newAPI starts an API that takes one bearer token and keeps those that it got.
func newAPI(t *testing.T, accepted string) (server *httptest.Server, got func() []string) {
	t.Helper()
	var mu sync.Mutex
	var tokens []string
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		mu.Lock()
		tokens = append(tokens, req.Header.Get("Authorization"))
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		if req.Header.Get("Authorization") != "Bearer "+accepted {
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error":{"message":"expired"}}`)
			return
		}
		io.WriteString(w, `{"ok":true}`)
	}))
	t.Cleanup(server.Close)
	return server, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string{}, tokens...)
	}
}

// document has a scheme of each kind, those with addresses below base.
func document(t *testing.T, base string) *schema.Document {
	t.Helper()
	doc, err := schema.Load([]byte(fmt.Sprintf(`
openapi: 3.1.0
info: {title: tokens, version: "1"}
paths:
  /a: {get: {operationId: call, security: [{O: [read]}], responses: {"200": {description: OK, content: {application/json: {schema: {type: object}}}}}}}
  /b: {get: {operationId: connect, security: [{I: []}], responses: {"200": {description: OK, content: {application/json: {schema: {type: object}}}}}}}
components:
  securitySchemes:
    O: {type: oauth2, flows: {clientCredentials: {tokenUrl: "%[1]s/token", scopes: {read: r}}}}
    I: {type: openIdConnect, openIdConnectUrl: "%[1]s/.well-known/openid-configuration"}
    Clear: {type: oauth2, flows: {clientCredentials: {tokenUrl: "http://login.example.com/token", scopes: {}}}}
    Code: {type: oauth2, flows: {authorizationCode: {tokenUrl: "%[1]s/token", authorizationUrl: "%[1]s/a", scopes: {}}}}
    Relative: {type: oauth2, flows: {clientCredentials: {tokenUrl: "/token", scopes: {}}}}
    User: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://user:pass@login.example.com/token", scopes: {}}}}
    Key: {type: apiKey, in: header, name: X-Key}
`, base)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func newClient(t *testing.T, doc *schema.Document, api string, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(append([]client.Option{client.WithDocument(doc), client.WithBaseURL(api), client.WithoutEnvironment()}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOneTokenIsFetchedForManyCallers(t *testing.T) {
	e := newEndpoint(t, nil)
	api, got := newAPI(t, "token-1")
	c := newClient(t, document(t, e.URL), api.URL, client.WithHTTPClient(api.Client()),
		credential.WithClientCredentials("O", testID, testSecret, credential.TokenURL(e.URL+"/token"),
			credential.Scopes("read", "write"), credential.Parameter("audience", "api"), credential.HTTPClient(e.Client())))
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if _, err := c.Call(t.Context(), "call", nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	want := "audience=api&grant_type=client_credentials&scope=read+write program%2F1 s3cr3t+%26+value%2Fof%3Dprogram"
	if all := e.all(); len(all) != 1 || all[0] != want {
		t.Errorf("got requests for tokens %q, want %q", all, want)
	}
	if n := len(got()); n != 32 {
		t.Errorf("got %d calls, want 32", n)
	}
}

// The second token is asked for after a 401, once.
func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		accepted string
		calls    int
		ok       bool
	}{"the second is good": {"token-2", 2, true}, "none is": {"token-9", 2, false}} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, nil)
			api, got := newAPI(t, tc.accepted)
			c := newClient(t, document(t, e.URL), api.URL, client.WithHTTPClient(api.Client()),
				credential.WithClientCredentials("O", testID, testSecret, credential.TokenURL(e.URL), credential.HTTPClient(e.Client())))
			_, err := c.Call(t.Context(), "call", nil)
			var refused *client.APIError
			if (err == nil) != tc.ok || err != nil && !errors.As(err, &refused) {
				t.Errorf("got %v", err)
			}
			if n := len(got()); n != tc.calls || len(e.all()) != 2 {
				t.Errorf("got %d calls with %d tokens, want %d with 2", n, len(e.all()), tc.calls)
			}
		})
	}
}

// roundTripper is a transport without a network, for use in a bubble of synctest.
type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

func TestTokenIsKeptUntilItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		transport := roundTripper(func(*http.Request) (*http.Response, error) {
			n++
			body := fmt.Sprintf(`{"access_token":"token-%d","token_type":"Bearer","expires_in":"3600"}`, n)
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
		})
		c := newClient(t, document(t, "https://login.example.com"), "https://api.example.com",
			credential.WithClientCredentials("O", testID, testSecret, credential.TokenURL("https://login.example.com/token"),
				credential.HTTPClient(&http.Client{Transport: transport})))
		for _, step := range []struct {
			after time.Duration
			want  string
		}{{0, "token-1"}, {54 * time.Minute, "token-1"}, {2 * time.Minute, "token-2"}, {2 * time.Hour, "token-3"}} {
			time.Sleep(step.after)
			req, err := c.Request(t.Context(), "call", nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := req.Header.Get("Authorization"); got != "Bearer "+step.want {
				t.Errorf("after another %v: got %q, want %s", step.after, got, step.want)
			}
		}
	})
}

// Errors say what to do, and repeat nothing of the secret even where the endpoint does.
func TestErrorsNameTheRemedyAndNotTheSecret(t *testing.T) {
	header := base64.StdEncoding.EncodeToString([]byte("program%2F1:s3cr3t+%26+value%2Fof%3Dprogram"))
	echo := fmt.Sprintf(`you sent %s and s3cr3t+%%26+value%%2Fof%%3Dprogram as Basic %s`, testSecret, header)
	for name, tc := range map[string]struct {
		status int
		body   string
		want   []string
	}{
		"invalid client":   {401, `{"error":"invalid_client","error_description":"` + echo + `"}`, []string{"401 invalid_client", "you sent *** and *** as Basic ***", "check the client ID and the secret"}},
		"invalid scope":    {400, `{"error":"invalid_scope"}`, []string{"400 invalid_scope", "check Scopes"}},
		"error under 200":  {200, `{"error":"unauthorized_client"}`, []string{"unauthorized_client", "let the provider allow"}},
		"a page":           {404, `<html>not here</html>`, []string{"404", "check TokenURL"}},
		"a page under 200": {200, `<html>` + testSecret + `</html>`, []string{"cannot be used", "check TokenURL"}},
		"no token":         {200, `{}`, []string{"access_token"}},
		"another type":     {200, `{"access_token":"a-token-of-its-own","token_type":"mac"}`, []string{`"MAC", want Bearer`, "WithTokenSource"}},
		"broken lifetime":  {200, `{"access_token":"a-token-of-its-own","expires_in":"soon"}`, []string{"cannot be used"}},
		"line ends":        {400, `{"error":"invalid_request","error_description":"a\n\u001b[31mb"}`, []string{"a [31mb"}},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEndpoint(t, func(w http.ResponseWriter, _ int) {
				w.WriteHeader(tc.status)
				io.WriteString(w, tc.body)
			})
			api, got := newAPI(t, "none")
			c := newClient(t, document(t, e.URL), api.URL, credential.WithClientCredentials("O", testID, testSecret,
				credential.TokenURL(e.URL+"/token?key=query-secret"), credential.HTTPClient(e.Client())))
			_, err := c.Call(t.Context(), "call", nil)
			var none *client.TokenError
			var cause *credential.Error
			if !errors.As(err, &none) || !errors.As(err, &cause) {
				t.Fatalf("got %v, want a *client.TokenError of a *credential.Error", err)
			}
			text := err.Error()
			for _, want := range append(tc.want, "call: no token for O: ", e.URL+"/token") {
				if !strings.Contains(text, want) {
					t.Errorf("got %q, want %q in it", text, want)
				}
			}
			for _, text := range []string{text, fmt.Sprintf("%+v", cause), fmt.Sprintf("%#v", cause), fmt.Sprintf("%+v", c)} {
				for _, secret := range []string{testSecret, "s3cr3t", header, "query-secret", "a-token-of-its-own"} {
					if strings.Contains(text, secret) {
						t.Errorf("got %q in %s", secret, text)
					}
				}
			}
			if strings.ContainsAny(text, "\n\x1b") || len(text) > 1000 || len(got()) > 0 {
				t.Errorf("got %d bytes with %d calls of the API: %q", len(text), len(got()), text)
			}
		})
	}
}

// A redirect would carry the form to another host.
func TestRedirectOfEndpointCarriesNoSecret(t *testing.T) {
	other := newEndpoint(t, nil)
	e := newEndpoint(t, func(w http.ResponseWriter, _ int) {
		w.Header().Set("Location", other.URL+"/token")
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	api, _ := newAPI(t, "token-1")
	c := newClient(t, document(t, e.URL), api.URL,
		credential.WithClientCredentials("O", testID, testSecret, credential.TokenURL(e.URL), credential.HTTPClient(e.Client())))
	_, err := c.Call(t.Context(), "call", nil)
	if err == nil || !strings.Contains(err.Error(), "redirects are not followed") || len(other.all()) > 0 {
		t.Errorf("got %v and %d requests at the other host", err, len(other.all()))
	}
}

// A caller that gives up gets its own error, and the endpoint is let go.
func TestTokenWaitEndsWithTheCall(t *testing.T) {
	asked, gone := make(chan struct{}), make(chan struct{})
	e := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		close(asked)
		<-req.Context().Done()
		close(gone)
	}))
	defer e.Close()
	c := newClient(t, document(t, e.URL), "https://api.example.com",
		credential.WithClientCredentials("O", testID, testSecret, credential.TokenURL(e.URL), credential.HTTPClient(e.Client())))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if _, err := c.Request(ctx, "call", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	<-gone
}
