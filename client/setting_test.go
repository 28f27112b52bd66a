package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// tripper is a transport made of a function: no server, no network.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// answer is what a tripper returns for a JSON answer.
func answer(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"req_1"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}

// sent returns the request that a client puts on the wire, whatever its address.
func sent(tb testing.TB, c *client.Client, operationID string, params any, opts ...client.CallOption) *http.Request {
	tb.Helper()
	req, err := c.Request(tb.Context(), operationID, params, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	return req
}

// For every setting: what the call says overrides what the client says, and
// that before the environment.
func TestCallOverridesClientOverridesEnvironment(t *testing.T) {
	header := func(name string) func(*http.Request) string {
		return func(req *http.Request) string { return req.Header.Get(name) }
	}
	authorization := header("Authorization")
	tests := map[string]struct {
		operation string // default: listModels
		variable  string // "" where there is none
		set       func(string) client.Setting
		read      func(*http.Request) string
		values    [3]string // environment, client, call
		want      [4]string // nothing set, then each in turn
	}{
		"API key": {
			"", "OPENAI_API_KEY", client.WithAPIKey, authorization,
			[3]string{"env", "option", "call"},
			[4]string{"", "Bearer env", "Bearer option", "Bearer call"},
		},
		"API key, taken away": {
			"", "OPENAI_API_KEY", client.WithAPIKey, authorization,
			[3]string{"env", "", "call"},
			[4]string{"", "Bearer env", "", "Bearer call"},
		},
		"admin key": {
			"list-users", "OPENAI_ADMIN_KEY", client.WithAdminKey, authorization,
			[3]string{"env", "option", "call"},
			[4]string{"", "Bearer env", "Bearer option", "Bearer call"},
		},
		"organization": {
			"", "OPENAI_ORG_ID", client.WithOrganization, header("OpenAI-Organization"),
			[3]string{"env", "option", "call"},
			[4]string{"", "env", "option", "call"},
		},
		"project": {
			"", "OPENAI_PROJECT_ID", client.WithProject, header("OpenAI-Project"),
			[3]string{"env", "option", ""},
			[4]string{"", "env", "option", ""},
		},
		"base URL": {
			"", "OPENAI_BASE_URL", client.WithBaseURL, func(req *http.Request) string { return req.URL.String() },
			[3]string{"http://env", "http://option/v2", "http://call"},
			[4]string{"https://api.openai.com/v1/models", "http://env/models", "http://option/v2/models", "http://call/models"},
		},
		"user agent": {
			"", "", client.WithUserAgent, header("User-Agent"),
			[3]string{"", "option", "call"},
			[4]string{"opcall-go/" + client.Version, "opcall-go/" + client.Version, "option", "call"},
		},
		"header": {
			"", "", func(v string) client.Setting { return client.WithHeader("x-a", v) }, header("X-A"),
			[3]string{"", "option", "call"},
			[4]string{"", "", "option", "call"},
		},
		"header of opcall's own": {
			"", "", func(v string) client.Setting { return client.WithHeader("accept", v) }, header("Accept"),
			[3]string{"", "option", ""},
			[4]string{"application/json", "application/json", "option", ""},
		},
		"header Host": {
			"", "", func(v string) client.Setting { return client.WithHeader("host", v) }, func(req *http.Request) string { return req.Host },
			[3]string{"", "option", "call"},
			[4]string{"api.openai.com", "api.openai.com", "option", "call"},
		},
		"header Authorization": {
			"", "OPENAI_API_KEY", func(v string) client.Setting { return client.WithHeader("Authorization", v) }, authorization,
			[3]string{"env", "Own option", "Own call"},
			[4]string{"", "Bearer env", "Own option", "Own call"},
		},
		"query": {
			"", "", func(v string) client.Setting { return client.WithQuery("api-version", v) }, func(req *http.Request) string { return req.URL.RawQuery },
			[3]string{"", "1 &", "2"},
			[4]string{"", "", "api-version=1+%26", "api-version=2"},
		},
		"credential": {
			"", "OPENAI_API_KEY", func(v string) client.Setting { return client.WithCredential("ApiKeyAuth", v) }, authorization,
			[3]string{"env", "option", ""},
			[4]string{"", "Bearer env", "Bearer option", ""},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			operation := test.operation
			if operation == "" {
				operation = "listModels"
			}
			unset := newClient(t)
			if test.variable != "" {
				t.Setenv(test.variable, test.values[0])
			}
			fromEnv, err := client.New()
			if err != nil {
				t.Fatal(err)
			}
			withOption, err := client.New(test.set(test.values[1]))
			if err != nil {
				t.Fatal(err)
			}
			got := [4]string{
				test.read(sent(t, unset, operation, nil)),
				test.read(sent(t, fromEnv, operation, nil)),
				test.read(sent(t, withOption, operation, nil)),
				test.read(sent(t, withOption, operation, nil, test.set(test.values[2]))),
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("nothing, environment, client, call (-want +got):\n%s", diff)
			}
			if again := test.read(sent(t, withOption, operation, nil)); again != got[2] {
				t.Errorf("got %q after a call with a setting of its own, want %q as before", again, got[2])
			}
		})
	}
}

// The settings that show in what a call does, rather than in its request.
func TestOptionsOfACallComeBeforeThoseOfTheClient(t *testing.T) {
	attempts := 0
	c := newClient(t, client.WithHTTPClient(&http.Client{Transport: tripper(func(req *http.Request) (*http.Response, error) {
		attempts++
		return answer(req, 500, "{}"), nil
	})}), client.WithAPIKey("k"), client.WithMaxRetries(1))
	count := func(opts ...client.CallOption) int {
		attempts = 0
		synctest.Test(t, func(t *testing.T) { c.Call(t.Context(), "listModels", nil, opts...) })
		return attempts
	}
	if got := [3]int{count(), count(client.WithMaxRetries(0)), count(client.WithMaxRetries(3))}; got != [3]int{2, 1, 4} {
		t.Errorf("got %v attempts, want 2, 1, 4", got)
	}

	hang := tripper(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	c = newClient(t, client.WithHTTPClient(&http.Client{Transport: hang}), client.WithAPIKey("k"), client.WithMaxRetries(0), client.WithTimeout(time.Minute))
	took := func(opts ...client.CallOption) (d time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			started := time.Now()
			_, err := c.Call(t.Context(), "listModels", nil, opts...)
			if d = time.Since(started); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want a timeout", err)
			}
		})
		return d
	}
	if got := [2]time.Duration{took(), took(client.WithTimeout(time.Second))}; got != [2]time.Duration{time.Minute, time.Second} {
		t.Errorf("got timeouts %v, want 1m, 1s", got)
	}
	forever := newClient(t, client.WithHTTPClient(&http.Client{Transport: hang}), client.WithAPIKey("k"), client.WithTimeout(0))
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Hour)
		defer cancel()
		started := time.Now()
		forever.Call(ctx, "listModels", nil)
		if d := time.Since(started); d != 100*time.Hour {
			t.Errorf("without a timeout the call ended after %v", d)
		}
	})
}

func TestOptionsThatCannotHoldAreRefused(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte("{\n\"openapi\": 3\n}"), 0o600); err != nil {
		t.Fatal(err)
	}
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		opts []client.Option
		want string
	}{
		"header of the connection":      {[]client.Option{client.WithHeader("content-length", "3")}, "header Content-Length: it is that of the connection, which net/http writes itself"},
		"API key with a line end":       {[]client.Option{client.WithAPIKey("sk-\nsecret")}, "API key: got a control character (a line end?) in it"},
		"API key, line end behind it":   {[]client.Option{client.WithAPIKey("sk-secret\n")}, "API key: got a control character (a line end?) in it"},
		"admin key with a line end":     {[]client.Option{client.WithAdminKey("sk-\rsecret")}, "admin key: got a control character (a line end?) in it"},
		"credential with NUL":           {[]client.Option{client.WithCredential("x", "sk-secret\x00")}, `credential for "x": got a control character (a line end?) in it`},
		"organization with a line end":  {[]client.Option{client.WithOrganization("o\nr")}, "organization: got a control character (a line end?) in it"},
		"project with a line end":       {[]client.Option{client.WithProject("o\nr")}, "project: got a control character (a line end?) in it"},
		"base URL without scheme":       {[]client.Option{client.WithBaseURL("host/v1")}, `base URL: got scheme "" and host "", want an address like https://api.openai.com/v1`},
		"base URL of another scheme":    {[]client.Option{client.WithBaseURL("ftp://host/v1")}, `base URL: got scheme "ftp" and host "host", want an address like https://api.openai.com/v1`},
		"base URL, empty":               {[]client.Option{client.WithBaseURL("")}, `base URL: got scheme "" and host "", want an address like https://api.openai.com/v1`},
		"base URL with a query":         {[]client.Option{client.WithBaseURL("http://host/v1?a=b")}, "base URL: got a query or fragment; WithQuery adds to the query of every request"},
		"base URL with a question mark": {[]client.Option{client.WithBaseURL("http://host/v1?")}, "base URL: got a query or fragment; WithQuery adds to the query of every request"},
		"base URL with a fragment":      {[]client.Option{client.WithBaseURL("http://host/v1#a")}, "base URL: got a query or fragment; WithQuery adds to the query of every request"},
		"API key with a space":          {[]client.Option{client.WithAPIKey("sk-secret sk-other")}, "API key: got white space within it"},
		"API key in quotes":             {[]client.Option{client.WithAPIKey(`"sk-secret"`)}, "API key: got a quote in it; leave quotes out"},
		"API key, not ASCII":            {[]client.Option{client.WithAPIKey("sk–secret")}, "API key: got a character that is not ASCII in it"},
		"organization in quotes":        {[]client.Option{client.WithOrganization("'org'")}, "organization: got a quote in it; leave quotes out"},
		"base URL with a gap":           {[]client.Option{client.WithBaseURL("http://host/v 1")}, "base URL: got a character that no address has (white space, a quote, a brace that was to be filled in?), want one like https://api.openai.com/v1"},
		"base URL with a variable":      {[]client.Option{client.WithBaseURL("https://{name}.example/v1")}, "base URL: got a character that no address has (white space, a quote, a brace that was to be filled in?), want one like https://api.openai.com/v1"},
		"credential, misspelt":          {[]client.Option{client.WithCredential("ApiKeyAuht", "sk-secret")}, `WithCredential: unknown security scheme "ApiKeyAuht"; did you mean "ApiKeyAuth"?`},
		"credential, nothing near":      {[]client.Option{client.WithCredential("petstore", "sk-secret")}, `WithCredential: unknown security scheme "petstore"; it takes "ApiKeyAuth", "AdminApiKeyAuth"`},
		"base URL, unreadable":          {[]client.Option{client.WithBaseURL("http://user:sk-secret@host:port")}, "base URL: got an address that cannot be parsed, want one like https://api.openai.com/v1"},
		"header name":                   {[]client.Option{client.WithHeader("X A", "b")}, `header name "X A" is not a token (RFC 9110 §5.1)`},
		"header name, empty":            {[]client.Option{client.WithHeader("", "b")}, `header name "" is not a token (RFC 9110 §5.1)`},
		"header value":                  {[]client.Option{client.WithHeader("X-A", "b\r\nX-B: c")}, "header X-A: got a control character in its value; a header is one line"},
		"user agent":                    {[]client.Option{client.WithUserAgent("a\nb")}, "header User-Agent: got a control character in its value; a header is one line"},
		"timeout":                       {[]client.Option{client.WithTimeout(-time.Second)}, "timeout: got -1s, want 0 or more"},
		"max retries":                   {[]client.Option{client.WithMaxRetries(-1)}, "max retries: got -1, want 0 or more"},
		"max response":                  {[]client.Option{client.WithMaxResponse(0)}, "max response: got 0 bytes, want 1 or more"},
		"extra body, a channel":         {[]client.Option{client.WithExtraBody("a", make(chan int))}, `extra body field "a": json: unsupported type: chan int`},
		"extra body, no JSON":           {[]client.Option{client.WithExtraBody("b", json.RawMessage("{"))}, `extra body field "b" is not JSON: line 1, column 2: the text ends, want a member name in quotes`},
		"extra body, no path":           {[]client.Option{client.WithExtraBody("", 1)}, "extra body field: got no path"},
		"extra body, dots":              {[]client.Option{client.WithExtraBody("a.b", 1)}, `extra body field: got path "a.b", want the name of a field or a JSON Pointer: "/a/b" for a field within a field, "/a.b" for one of that name`},
		"extra body, a slash":           {[]client.Option{client.WithExtraBody("a/b", 1)}, `extra body field: got path "a/b", want the name of a field or a JSON Pointer: "/a/b" for a field within a field, "/a~1b" for one of that name`},
		"extra body, an escape":         {[]client.Option{client.WithExtraBody("/a~", 1)}, `extra body field: got path "/a~", want ~0 for ~ in a JSON Pointer (RFC 6901)`},
		"extra body, deep":              {[]client.Option{client.WithExtraBody(strings.Repeat("/a", 65), 1)}, `extra body field: got a path of 65 names, want 64 at most`},
		"HTTP client":                   {[]client.Option{client.WithHTTPClient(nil)}, "WithHTTPClient: got nil, want a client"},
		"middleware":                    {[]client.Option{client.WithMiddleware(nil)}, "WithMiddleware: got nil, want a function"},
		"document":                      {[]client.Option{client.WithDocument(nil)}, "WithDocument: got nil, want a document"},
		"spec, nil":                     {[]client.Option{client.WithSpec(nil)}, "WithSpec: got nil, want a document"},
		"spec, empty":                   {[]client.Option{client.WithSpec([]byte{})}, "openapi document: the document is empty; want OpenAPI 3.0, 3.1 or 3.2 in JSON or YAML"},
		"spec file, no path":            {[]client.Option{client.WithSpecFile("")}, "WithSpecFile: got no path"},
		"spec file, broken":             {[]client.Option{client.WithSpecFile(broken)}, "openapi document " + broken + `:2: /openapi: got OpenAPI version 3, want 3.0.x, 3.1.x or 3.2.x`},
		"overlay of a loaded document":  {[]client.Option{client.WithDocument(doc), client.WithOverlay([]byte("overlay: 1.0.0"))}, "WithOverlay: the document of WithDocument is loaded already; give schema.WithOverlay to schema.Load"},
		"overlay that is none":          {[]client.Option{client.WithOverlay([]byte("a: b"))}, "openapi document: the overlay has no version or no actions; want an OpenAPI Overlay 1.0 document"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, variable := range variables {
				t.Setenv(variable, "")
			}
			c, err := client.New(test.opts...)
			if c != nil || err == nil || err.Error() != test.want {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestErrorsOfTheEnvironmentNameTheVariable(t *testing.T) {
	for name, test := range map[string]struct{ variable, value, want string }{
		"key":      {"OPENAI_API_KEY", "sk-\nsecret", "environment variable OPENAI_API_KEY: API key: got a control character (a line end?) in it"},
		"base URL": {"OPENAI_BASE_URL", "api.example", `environment variable OPENAI_BASE_URL: base URL: got scheme "" and host "", want an address like https://api.openai.com/v1`},
		"project":  {"OPENAI_PROJECT_ID", "a\x01", "environment variable OPENAI_PROJECT_ID: project: got a control character (a line end?) in it"},
	} {
		t.Run(name, func(t *testing.T) {
			newClient(t) // clears the environment
			t.Setenv(test.variable, test.value)
			if c, err := client.New(); c != nil || err == nil || err.Error() != test.want {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

// An error of a call option is one of the call, and nothing is sent.
func TestWrongCallOptionFailsTheCallAndSendsNothing(t *testing.T) {
	w := newWitness(t)
	c := newClient(t, client.WithBaseURL(w.URL))
	for name, call := range map[string]func() error{
		"Call": func() error { _, err := c.Call(t.Context(), "listModels", nil, client.WithMaxRetries(-1)); return err },
		"Request": func() error {
			_, err := c.Request(t.Context(), "listModels", nil, client.WithMaxRetries(-1))
			return err
		},
		"Bind":     func() error { _, err := c.Bind("listModels", nil, client.WithMaxRetries(-1)); return err },
		"Validate": func() error { return c.Validate("listModels", nil, client.WithMaxRetries(-1)) },
	} {
		if err := call(); err == nil || err.Error() != "max retries: got -1, want 0 or more" || len(w.all()) > 0 {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// A setting of the query gives way to a parameter of the call.
func TestQuerySettingGivesWay(t *testing.T) {
	c := newClient(t, client.WithQuery("limit", "7"), client.WithQuery("a", "b"))
	if got := sent(t, c, "listFiles", client.Params{"limit": 3}).URL.RawQuery; got != "limit=3&a=b" {
		t.Errorf("got query %s", got)
	}
	if got := sent(t, c, "listFiles", nil).URL.RawQuery; got != "a=b&limit=7" {
		t.Errorf("got query %s", got)
	}
	if err := c.Validate("usage-costs", nil, client.WithQuery("start_time", "1")); err != nil {
		t.Errorf("a required parameter that a setting gives: %v", err)
	}
}

func TestMiddlewareRunsInOrder(t *testing.T) {
	var order []string
	layer := func(name string) func(http.RoundTripper) http.RoundTripper {
		return func(next http.RoundTripper) http.RoundTripper {
			return tripper(func(req *http.Request) (*http.Response, error) {
				order = append(order, name)
				return next.RoundTrip(req)
			})
		}
	}
	w := newWitness(t, responding(500, "", ""), responding(200, "application/json", "{}"))
	c := newClient(t, client.WithBaseURL(w.URL), client.WithMiddleware(layer("a"), layer("b")), client.WithMiddleware(layer("c")))
	if _, err := c.Call(t.Context(), "listModels", nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "a", "b", "c"}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// The user's http.Client is copied: what opcall adds does not show in it.
func TestHTTPClientIsCopied(t *testing.T) {
	own := &http.Client{Timeout: time.Hour}
	newClient(t, client.WithHTTPClient(own), client.WithMiddleware(func(next http.RoundTripper) http.RoundTripper { return next }))
	if own.CheckRedirect != nil || own.Transport != nil {
		t.Error("the client that was given has been changed")
	}
}

// The log has what an operator needs and nothing that is nobody's business.
func TestLogHasNoSecrets(t *testing.T) {
	var text bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w := newWitness(t, responding(429, "application/json", `{"error":{"message":"you said secret-content","code":"rate_limit"}}`), responding(200, "application/json", "{}"))
	c := newClient(t, client.WithBaseURL(w.URL), client.WithAPIKey("sk-secret-key"), client.WithLogger(logger), client.WithQuery("q", "secret-query"))
	if _, err := c.Call(t.Context(), "createChatCompletion", chat("user", "secret-content")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"operation":"createChatCompletion"`, `"status":429`, `"error":"rate_limit"`, `"status":200`, `"request_id":"req_1"`, `"attempt":2`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "secret") {
		t.Errorf("the log shows what it must not:\n%s", text.String())
	}
}

// A client and its parts can be printed anywhere.
func TestPrintedClientsShowNoSecrets(t *testing.T) {
	c := newClient(t)
	if got := fmt.Sprint(c); got != "opcall client of OpenAI API 2.3.0" {
		t.Errorf("got %q", got)
	}
}
