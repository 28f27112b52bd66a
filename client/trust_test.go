package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// servers makes a document with an operation under the given servers, in JSON.
func servers(list, operation string) client.Option {
	return client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"Test","version":"1"},"servers":` + list +
		`,"paths":{"/a":{"get":{"operationId":"a","servers":` + operation + `,"responses":{"200":{"description":"ok"}}}}}}`))
}

// A document does not decide where requests go.
func TestDocumentDoesNotDecideWhereRequestsGo(t *testing.T) {
	const refusal = `a: the document names the server %q, and a document does not decide where keys go; ` +
		"give its address with WithBaseURL, or allow it with WithDocumentServer"
	const noAddress = "a: the document names the server %q, which is not an address like https://api.openai.com/v1; give one with WithBaseURL"
	const openAI, evil = `[{"url":"https://api.openai.com/v1"}]`, `[{"url":"https://evil.example/v1"}]`
	tests := map[string]struct {
		document client.Option
		opts     []client.Option
		want     string // the address, or the error
	}{
		"OpenAI":                     {servers(openAI, openAI), nil, "https://api.openai.com/v1/a"},
		"OpenAI, with a slash":       {servers(openAI, `[{"url":"https://api.openai.com/v1/"}]`), nil, "https://api.openai.com/v1/a"},
		"another":                    {servers(evil, evil), nil, fmt.Sprintf(refusal, "https://evil.example/v1")},
		"another for the operation":  {servers(openAI, evil), nil, fmt.Sprintf(refusal, "https://evil.example/v1")},
		"OpenAI is not the first":    {servers(openAI, `[{"url":"https://evil.example"},{"url":"https://api.openai.com/v1"}]`), nil, fmt.Sprintf(refusal, "https://evil.example")},
		"looks like it":              {servers(openAI, `[{"url":"https://api.openai.com.evil.example/v1"}]`), nil, fmt.Sprintf(refusal, "https://api.openai.com.evil.example/v1")},
		"user info":                  {servers(openAI, `[{"url":"https://api.openai.com@evil.example/v1"}]`), nil, fmt.Sprintf(refusal, "https://evil.example/v1")},
		"without TLS":                {servers(openAI, `[{"url":"http://api.openai.com/v1"}]`), nil, fmt.Sprintf(refusal, "http://api.openai.com/v1")},
		"other path":                 {servers(openAI, `[{"url":"https://api.openai.com/v2"}]`), nil, fmt.Sprintf(refusal, "https://api.openai.com/v2")},
		"relative":                   {servers(openAI, `[{"url":"/v1"}]`), nil, fmt.Sprintf(refusal, "/v1")},
		"variable":                   {servers(openAI, `[{"url":"https://{host}/v1","variables":{"host":{"default":"evil.example"}}}]`), nil, fmt.Sprintf(refusal, "https://evil.example/v1")},
		"long":                       {servers(openAI, `[{"url":"https://`+strings.Repeat("x", 5000)+`"}]`), nil, fmt.Sprintf(refusal, "https://"+strings.Repeat("x", 112))},
		"none":                       {document(`{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"ok"}}}}}`), nil, "a: the document names no server; give one with WithBaseURL"},
		"base URL":                   {servers(evil, evil), []client.Option{client.WithBaseURL("http://mine/v1")}, "http://mine/v1/a"},
		"document server":            {servers(evil, evil), []client.Option{client.WithDocumentServer()}, "https://evil.example/v1/a"},
		"document server, base URL":  {servers(evil, evil), []client.Option{client.WithDocumentServer(), client.WithBaseURL("http://mine/v1")}, "http://mine/v1/a"},
		"document server, relative":  {servers(openAI, `[{"url":"/v1"}]`), []client.Option{client.WithDocumentServer()}, fmt.Sprintf(noAddress, "/v1")},
		"document server, no HTTP":   {servers(openAI, `[{"url":"file:///etc/passwd"}]`), []client.Option{client.WithDocumentServer()}, fmt.Sprintf(noAddress, "file:///etc/passwd")},
		"document server, unparsed":  {servers(openAI, `[{"url":"https://a b"}]`), []client.Option{client.WithDocumentServer()}, fmt.Sprintf(noAddress, "https://a b")},
		"document server, no server": {servers(openAI, `[]`), []client.Option{client.WithDocumentServer()}, "a: the document names no server; give one with WithBaseURL"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sends := 0
			c := newClient(t, append(test.opts, test.document, client.WithAPIKey("sk-secret"), client.WithHTTPClient(&http.Client{
				Transport: tripper(func(req *http.Request) (*http.Response, error) {
					sends++
					return answer(req, 200, "{}"), nil
				}),
			}))...)
			req, err := c.Request(t.Context(), "a", nil)
			got := ""
			var untrusted *client.UntrustedServerError
			switch {
			case err == nil:
				got = req.URL.String()
			case errors.As(err, &untrusted) && untrusted.Operation == "a":
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got %v, %v\nwant %s", req, err, test.want)
			}
			if _, err := c.Call(t.Context(), "a", nil); (err == nil) != (sends == 1) || (sends == 1) != strings.HasPrefix(test.want, "http") {
				t.Errorf("%d requests were sent, with error %v", sends, err)
			}
		})
	}
}

// secured is a document with an operation for each kind of security.
var secured = document(`{
	"/bearer":{"get":{"operationId":"bearer","security":[{"bearer":[]}],"responses":{"200":{"description":"ok"}}}},
	"/basic":{"get":{"operationId":"basic","security":[{"basic":[]}],"responses":{"200":{"description":"ok"}}}},
	"/scheme":{"get":{"operationId":"scheme","security":[{"scheme":[]}],"responses":{"200":{"description":"ok"}}}},
	"/header":{"get":{"operationId":"header","security":[{"header":[]}],"responses":{"200":{"description":"ok"}}}},
	"/query":{"get":{"operationId":"query","security":[{"query":[]}],"parameters":[{"name":"q","in":"query","schema":{}}],"responses":{"200":{"description":"ok"}}}},
	"/cookie":{"get":{"operationId":"cookie","security":[{"cookie":[]}],"parameters":[{"name":"c","in":"cookie","schema":{}}],"responses":{"200":{"description":"ok"}}}},
	"/oauth":{"get":{"operationId":"oauth","security":[{"oauth":["read"]}],"responses":{"200":{"description":"ok"}}}},
	"/tls":{"get":{"operationId":"tls","security":[{"tls":[]}],"responses":{"200":{"description":"ok"}}}},
	"/admin":{"get":{"operationId":"admin","security":[{"admin":[]}],"responses":{"200":{"description":"ok"}}}},
	"/both":{"get":{"operationId":"both","security":[{"header":[],"query":[]}],"responses":{"200":{"description":"ok"}}}},
	"/either":{"get":{"operationId":"either","security":[{"admin":[]},{"bearer":[]}],"responses":{"200":{"description":"ok"}}}},
	"/optional":{"get":{"operationId":"optional","security":[{},{"bearer":[]}],"responses":{"200":{"description":"ok"}}}},
	"/open":{"get":{"operationId":"open","security":[],"responses":{"200":{"description":"ok"}}}},
	"/unknown":{"get":{"operationId":"unknown","security":[{"nowhere":[]}],"responses":{"200":{"description":"ok"}}}},
	"/odd":{"get":{"operationId":"odd","security":[{"odd":[]}],"responses":{"200":{"description":"ok"}}}}}`,
	`"securitySchemes":{
	"bearer":{"type":"http","scheme":"Bearer"},"basic":{"type":"http","scheme":"basic"},"scheme":{"type":"http","scheme":"Token"},
	"header":{"type":"apiKey","in":"header","name":"X-Key"},"query":{"type":"apiKey","in":"query","name":"api key"},
	"cookie":{"type":"apiKey","in":"cookie","name":"sid"},"oauth":{"type":"oauth2","flows":{}},"tls":{"type":"mutualTLS"},
	"admin":{"type":"http","scheme":"bearer","x-opcall-credential":"admin"},"odd":{"type":"apiKey","in":"header","name":"X\r\nKey"}}`)

// Credentials go where the document's security scheme says, and nowhere else.
func TestCredentialsGoWhereTheSchemeSays(t *testing.T) {
	type places struct{ Authorization, Key, Cookie, Query string }
	tests := map[string]struct {
		operation string
		params    client.Params
		opts      []client.CallOption
		want      places
	}{
		"bearer":               {"bearer", nil, nil, places{Authorization: "Bearer k&1"}},
		"bearer, of its own":   {"bearer", nil, []client.CallOption{client.WithCredential("bearer", "own")}, places{Authorization: "Bearer own"}},
		"bearer, none":         {"bearer", nil, []client.CallOption{client.WithCredential("bearer", "")}, places{}},
		"basic":                {"basic", nil, []client.CallOption{client.WithCredential("basic", "user:pass")}, places{Authorization: basic("user:pass")}},
		"basic, a key alone":   {"basic", nil, nil, places{Authorization: basic("k&1:")}},
		"other HTTP scheme":    {"scheme", nil, nil, places{Authorization: "Token k&1"}},
		"header":               {"header", nil, nil, places{Key: "k&1"}},
		"query":                {"query", client.Params{"q": "a"}, nil, places{Query: "q=a&api+key=k%261"}},
		"cookie":               {"cookie", client.Params{"c": "a"}, nil, places{Cookie: "c=a; sid=k&1"}},
		"OAuth":                {"oauth", nil, nil, places{Authorization: "Bearer k&1"}},
		"mutual TLS":           {"tls", nil, nil, places{}},
		"admin":                {"admin", nil, nil, places{Authorization: "Bearer adm"}},
		"admin, none":          {"admin", nil, []client.CallOption{client.WithAdminKey("")}, places{}},
		"both":                 {"both", nil, []client.CallOption{client.WithCredential("query", "q")}, places{Key: "k&1", Query: "api+key=q"}},
		"both, one is missing": {"both", nil, []client.CallOption{client.WithCredential("query", "")}, places{}},
		"either":               {"either", nil, nil, places{Authorization: "Bearer adm"}},
		"either, the second":   {"either", nil, []client.CallOption{client.WithAdminKey("")}, places{Authorization: "Bearer k&1"}},
		"optional":             {"optional", nil, nil, places{Authorization: "Bearer k&1"}},
		"optional, none":       {"optional", nil, []client.CallOption{client.WithAPIKey("")}, places{}},
		"open":                 {"open", nil, nil, places{}},
		"unknown scheme":       {"unknown", nil, nil, places{}},
	}
	c := newClient(t, secured, client.WithBaseURL("http://host"), client.WithAPIKey("k&1"), client.WithAdminKey("adm"))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			req := sent(t, c, test.operation, test.params, test.opts...)
			got := places{req.Header.Get("Authorization"), req.Header.Get("X-Key"), req.Header.Get("Cookie"), req.URL.RawQuery}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for name, test := range map[string]struct {
		operation, credential, want string
	}{
		"a cookie cannot hold it":        {"cookie", "sk;secret", `cookie: "cookie": the credential cannot be sent: got a character that no cookie can hold (RFC 6265 §4.1.1)`},
		"the document's name is invalid": {"odd", "sk-secret", `odd: "odd": the credential cannot be sent: header name "X\r\nKey" is not a token (RFC 9110 §5.1)`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Request(t.Context(), test.operation, nil, client.WithCredential(test.operation, test.credential))
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

// Operations that administer an organization take the admin key, and no other.
func TestAdminOperationsTakeTheAdminKeyAlone(t *testing.T) {
	c := newClient(t, client.WithAPIKey("key"), client.WithAdminKey("admin"))
	n := 0
	for op := range c.Document().Operations() {
		if len(op.Security) == 0 || len(op.Security[0]) == 0 || op.Security[0][0] != "AdminApiKeyAuth" {
			continue
		}
		n++
		params := client.Input{Path: map[string]any{}}
		for _, p := range op.Parameters {
			if p.In == "path" {
				params.Path[p.Name] = "x"
			}
		}
		req := sent(t, c, op.ID, params, client.WithRequestValidation(schema.Off))
		if got := req.Header.Get("Authorization"); got != "Bearer admin" {
			t.Errorf("%s: got %q, want the admin key", op.ID, got)
		}
	}
	if n != 119 {
		t.Errorf("got %d admin operations, want 119", n)
	}
}

// A request to the API that lacks its key is not sent. Elsewhere it may be all
// right.
func TestCallWithoutItsCredentialIsNotSent(t *testing.T) {
	tests := map[string]struct {
		operation string
		params    any
		opts      []client.CallOption
		want      string // "" where the request is sent
	}{
		"API key":             {"listModels", nil, nil, "listModels: no credential for ApiKeyAuth; set OPENAI_API_KEY or WithAPIKey"},
		"API key, with admin": {"listModels", nil, []client.CallOption{client.WithAdminKey("a")}, "listModels: no credential for ApiKeyAuth; set OPENAI_API_KEY or WithAPIKey"},
		"admin key":           {"list-users", nil, nil, "list-users: no credential for AdminApiKeyAuth; set OPENAI_ADMIN_KEY or WithAdminKey"},
		"admin key, with API": {"list-users", nil, []client.CallOption{client.WithAPIKey("k")}, "list-users: no credential for AdminApiKeyAuth; set OPENAI_ADMIN_KEY or WithAdminKey"},
		"body is let go":      {"createChatCompletion", chat(), nil, "createChatCompletion: no credential for ApiKeyAuth; set OPENAI_API_KEY or WithAPIKey"},
		"given":               {"listModels", nil, []client.CallOption{client.WithAPIKey("k")}, ""},
		"header":              {"listModels", nil, []client.CallOption{client.WithHeader("Authorization", "Own")}, ""},
		"other host":          {"listModels", nil, []client.CallOption{client.WithBaseURL("http://localhost/v1")}, ""},
		"the API by name":     {"listModels", nil, []client.CallOption{client.WithBaseURL("https://API.openai.com:443/v1")}, "listModels: no credential for ApiKeyAuth; set OPENAI_API_KEY or WithAPIKey"},
	}
	sends := 0
	c := newClient(t, client.WithHTTPClient(&http.Client{Transport: tripper(func(req *http.Request) (*http.Response, error) {
		sends++
		return answer(req, 200, "{}"), nil
	})}))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sends = 0
			_, err := c.Call(t.Context(), test.operation, test.params, test.opts...)
			if test.want == "" {
				if err != nil || sends != 1 {
					t.Errorf("got %v after %d requests", err, sends)
				}
				return
			}
			var missing *client.MissingCredentialError
			if !errors.As(err, &missing) || err.Error() != test.want || sends != 0 {
				t.Errorf("got %v after %d requests\nwant %s", err, sends, test.want)
			}
		})
	}
}

// Nothing that can be printed shows a key.
func TestKeysAreNotPrinted(t *testing.T) {
	const apiKey, adminKey, own = "sk-secret-api-key", "secret-admin-key", "secret-own-credential"
	var quoting error // what the transport says, which is not opcall's to change
	opts := []client.Option{
		client.WithAPIKey(apiKey), client.WithAdminKey(adminKey), client.WithCredential("AdminApiKeyAuth", own),
		client.WithBaseURL("http://user:secret-password@localhost/v1"), client.WithMaxRetries(0),
		client.WithHTTPClient(&http.Client{Transport: tripper(func(req *http.Request) (*http.Response, error) {
			switch req.URL.Path {
			case "/v1/models":
				quoting = fmt.Errorf("bad things about %s and %s", req.URL, req.Header.Get("Authorization"))
				return nil, quoting
			case "/v1/files":
				return answer(req, 401, `{"error":{"message":"Incorrect API key provided: `+apiKey+`"}}`), nil
			}
			return answer(req, 200, `{"broken`), nil
		})}),
	}
	c := newClient(t, opts...)
	things := map[string]any{"client": c, "options": opts}
	for i, opt := range opts {
		things[fmt.Sprint("option ", i)] = opt
	}
	bound, err := c.Bind("createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	things["bound"], things["bound's value"] = bound, *bound
	for name, call := range map[string]struct {
		operation string
		params    any
		opts      []client.CallOption
	}{
		"bind error":       {"listModels", client.Params{"a": 1}, nil},
		"validation error": {"createChatCompletion", nil, nil},
		"operation error":  {"x", nil, nil},
		"connection error": {"listModels", nil, nil},
		"API error":        {"listFiles", nil, nil},
		"response error":   {"createChatCompletion", chat(), nil},
		"base URL error":   {"listModels", nil, []client.CallOption{client.WithBaseURL("http://user:secret-password@ho st")}},
		"key error":        {"listModels", nil, []client.CallOption{client.WithAPIKey(apiKey + "\n")}},
	} {
		_, err := c.Call(t.Context(), call.operation, call.params, call.opts...)
		if err == nil {
			t.Fatalf("%s: got none", name)
		}
		for ; err != nil && err != quoting; err = errors.Unwrap(err) {
			things[name] = err
			name += "'s cause"
		}
	}
	if quoting == nil || things["API error"] == nil {
		t.Fatal("the server was not reached")
	}
	things["API error"].(*client.APIError).Body = nil // as it was received

	for name, thing := range things {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			text := fmt.Sprintf(verb, thing)
			if strings.Contains(text, "secret") || strings.Contains(text, fmt.Sprintf("%x", "secret")) {
				t.Errorf("%s with %s shows a secret: %s", name, verb, text)
			}
		}
		if text, err := json.Marshal(thing); err == nil && strings.Contains(string(text), "secret") {
			t.Errorf("%s as JSON shows a secret: %s", name, text)
		}
	}
}

// The document of a stranger has a say in the shape of a request, and none in
// its address.
func TestDocumentStaysOnItsHost(t *testing.T) {
	for _, path := range []string{"//evil.example/a", "/../../a", "/a@evil.example", "/\\\\evil.example", "@evil.example", ":80@evil.example/", ".evil.example", "https://evil.example/"} {
		t.Run(path, func(t *testing.T) {
			quoted, _ := json.Marshal(path)
			doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{` + string(quoted) +
				`:{"get":{"operationId":"a","responses":{"200":{"description":"ok"}}}}}}`))
			if err != nil {
				t.Fatal(err)
			}
			w := newWitness(t)
			for _, base := range []string{w.URL, w.URL + "/", w.URL + "/v1"} {
				c := newClient(t, client.WithDocument(doc), client.WithBaseURL(base), client.WithAPIKey("k"))
				req, err := c.Request(t.Context(), "a", nil)
				if err != nil {
					continue
				}
				if req.URL.Host != strings.TrimPrefix(w.URL, "http://") || req.URL.Hostname() != "127.0.0.1" || req.Host != req.URL.Host || req.URL.User != nil {
					t.Errorf("base %s: got address %s", base, req.URL)
				}
				if _, err := c.Call(t.Context(), "a", nil); err != nil {
					t.Errorf("base %s: %v", base, err)
				}
			}
		})
	}
}

// A request that is built but not sent holds the credentials, and its body can
// be read by anyone: this is what a dry run is for.
func TestDryRunHoldsCredentialsAndBody(t *testing.T) {
	c := newClient(t, client.WithAPIKey("sk-x"))
	req := sent(t, c, "createChatCompletion", chat())
	if req.Header.Get("Authorization") != "Bearer sk-x" {
		t.Errorf("got headers %v", req.Header)
	}
	body, err := req.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(body); !json.Valid(text) || int64(len(text)) != req.ContentLength {
		t.Errorf("got %q, announced %d bytes", text, req.ContentLength)
	}
}

// A server that quotes a key back finds no way to show it, whatever header the
// key travelled in.
func TestEchoedKeysAreMasked(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"error":{"message":"the subscription `+r.Header.Get("X-Subscription")+` has ended"}}`)
	}))
	defer server.Close()
	const document = `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"security":[{"sub":[]}],
		"paths":{"/a":{"get":{"operationId":"getA"}}},
		"components":{"securitySchemes":{"sub":{"type":"apiKey","in":"header","name":"X-Subscription"}}}}`
	c, err := client.New(client.WithSpec([]byte(document)), client.WithBaseURL(server.URL), client.WithCredential("sub", "subscription-4711"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Call(t.Context(), "getA", nil)
	var refused *client.APIError
	if !errors.As(err, &refused) || refused.Message != "the subscription *** has ended" {
		t.Errorf("got %v, want an *APIError with the key masked", err)
	}
}
