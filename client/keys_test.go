package client_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// api is a document with a server, two schemes and an operation for each use.
func api(server, extensions string) client.Option {
	return client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"a","version":"1"},"servers":[{"url":"` + server + `"}],` + extensions + `
		"security":[{"first":[]},{"second":[]}],
		"paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"ok"}}}},
			"/q":{"get":{"operationId":"q","security":[{"query":[]}],"parameters":[{"name":"key","in":"query","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}}},
		"components":{"schemas":{"E":{"type":"object"}},"securitySchemes":{"first":{"type":"http","scheme":"bearer"},"second":{"type":"apiKey","in":"header","name":"X-Second"},
			"query":{"type":"apiKey","in":"query","name":"key"}}}}`))
}

// withEnvironment makes a client in an environment that is set for the OpenAI API.
func withEnvironment(t *testing.T, opts ...client.Option) *client.Client {
	t.Helper()
	for name, value := range map[string]string{
		"OPENAI_API_KEY": " sk-environment-key\n", "OPENAI_ADMIN_KEY": "sk-environment-admin", "OPENAI_ORG_ID": "org-environment",
		"OPENAI_PROJECT_ID": "project-environment", "OPENAI_BASE_URL": "https://environment.example/v1", "OPCALL_SPEC": "",
	} {
		t.Setenv(name, value)
	}
	c, err := client.New(opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The environment of the OpenAI API is for that API: neither its keys nor its address
// are used for another.
func TestEnvironmentStaysWithItsAPI(t *testing.T) {
	const other = "https://other.example/v1"
	for name, test := range map[string]struct {
		opts   []client.Option
		url    string
		header map[string]string
	}{
		"the OpenAI API": {nil, "https://environment.example/v1/models", map[string]string{
			"Authorization": "Bearer sk-environment-key", "OpenAI-Organization": "org-environment", "OpenAI-Project": "project-environment",
		}},
		"a description of it": {[]client.Option{api(client.DefaultBaseURL, "")}, "https://environment.example/v1/a", map[string]string{"Authorization": "Bearer sk-environment-key"}},
		"with a slash":        {[]client.Option{api(client.DefaultBaseURL+"/", "")}, "https://environment.example/v1/a", map[string]string{"Authorization": "Bearer sk-environment-key"}},
		"another API":         {[]client.Option{api(other, ""), client.WithDocumentServer()}, other + "/a", nil},
		"another, base URL":   {[]client.Option{api(other, ""), client.WithBaseURL("https://mine.example")}, "https://mine.example/a", nil},
		"another, credential": {[]client.Option{api(other, ""), client.WithDocumentServer(), client.WithCredential("second", "mine-credential")}, other + "/a", map[string]string{"X-Second": "mine-credential"}},
		"another, its key":    {[]client.Option{api(other, ""), client.WithDocumentServer(), client.WithAPIKey("mine-key")}, other + "/a", map[string]string{"Authorization": "Bearer mine-key"}},
		"credential before the environment": {
			[]client.Option{api(client.DefaultBaseURL, ""), client.WithCredential("second", "mine-credential")},
			"https://environment.example/v1/a",
			map[string]string{"X-Second": "mine-credential"},
		},
		"explicit server":        {[]client.Option{client.WithDocumentServer()}, client.DefaultBaseURL + "/models", map[string]string{"Authorization": "Bearer sk-environment-key"}},
		"without an environment": {[]client.Option{client.WithoutEnvironment(), client.WithAPIKey("mine-key")}, client.DefaultBaseURL + "/models", map[string]string{"Authorization": "Bearer mine-key", "OpenAI-Organization": ""}},
		"taken back": {
			[]client.Option{client.WithAPIKey(""), client.WithOrganization(""), client.WithProject("")},
			"https://environment.example/v1/models",
			map[string]string{"Authorization": "", "OpenAI-Organization": "", "OpenAI-Project": ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := withEnvironment(t, test.opts...)
			operation := "a"
			if strings.HasSuffix(test.url, "/models") {
				operation = "listModels"
			}
			req, err := c.Request(t.Context(), operation, nil)
			if err != nil {
				t.Fatal(err)
			}
			if req.URL.String() != test.url {
				t.Errorf("got %s, want %s", req.URL, test.url)
			}
			for header, want := range test.header {
				if got := req.Header.Get(header); got != want {
					t.Errorf("%s: got %q, want %q", header, got, want)
				}
			}
			for header, values := range req.Header {
				if strings.Contains(strings.Join(values, " "), "environment") && test.header[header] == "" && test.header["OpenAI-Organization"] == "" {
					if header != "Authorization" && !strings.HasPrefix(header, "Openai-") || !strings.HasPrefix(test.url, "https://environment") && !strings.Contains(test.url, "api.openai.com") {
						t.Errorf("%s: got %q", header, values)
					}
				}
			}
		})
	}
	if _, err := withEnvironment(t, api(other, "")).Request(t.Context(), "a", nil); !errors.As(err, new(*client.UntrustedServerError)) {
		t.Errorf("another API without an address: got %v", err)
	}
}

// A credential of the settings supplies the parameter that it is sent in, and a
// parameter of the call is not overwritten by one.
func TestCredentialThatIsAParameter(t *testing.T) {
	c := newClient(t, api("https://a.example", ""), client.WithDocumentServer(), client.WithCredential("query", "mine"))
	for name, test := range map[string]struct {
		params any
		want   string
	}{
		"from the settings": {nil, "key=mine"},
		"from the call":     {client.Params{"key": "other"}, "key=other"},
	} {
		if req, err := c.Request(t.Context(), "q", test.params); err != nil || req.URL.RawQuery != test.want {
			t.Errorf("%s: got %v, %v, want %s", name, req, err, test.want)
		}
	}
	if _, err := c.Request(t.Context(), "q", nil, client.WithCredential("qery", "x")); err == nil || !strings.Contains(err.Error(), `did you mean "query"?`) {
		t.Errorf("misspelt scheme of a call: got %v", err)
	}
}

// A document does not set what authorises, addresses or frames a request, whether for
// a call or for a socket.
func TestDocumentSetsNoCredentials(t *testing.T) {
	for _, name := range []string{
		"Authorization", "proxy-authorization", "Cookie", "Origin", "Host", "Sec-WebSocket-Protocol", "X-Api-Key", "OpenAI-Organization",
		"OpenAI-Project", "Transfer-Encoding", "Content-Length", "Connection", "Referer",
	} {
		header := `"x-opcall-headers":{"` + name + `":"attacker"},`
		call := client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{"/a":{"get":{` + header + `"operationId":"a","responses":{"200":{"description":"ok"}}}}}}`))
		w := newWitness(t)
		if _, err := newClient(t, call, client.WithBaseURL(w.URL)).Call(t.Context(), "a", nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		socket := `"x-opcall-socket":{"s":{"path":"/s","like":"a","headers":{"` + name + `":"attacker"},"client":"E","server":"E"}},`
		if _, err := newClient(t, api("https://a.example", socket), client.WithBaseURL(w.URL)).Socket(t.Context(), "s", nil); err == nil {
			t.Errorf("socket, %s: got no error of a server without sockets", name)
		}
		arrived := w.all()
		if len(arrived) != 2 {
			t.Fatalf("%s: got %d requests, want 2", name, len(arrived))
		}
		for _, a := range arrived {
			if a.Host == "attacker" {
				t.Errorf("%s: got the host of the document", name)
			}
			for header, values := range a.Header {
				if strings.Contains(strings.Join(values, " "), "attacker") {
					t.Errorf("%s: got %s: %q", name, header, values)
				}
			}
		}
	}
	socket := `"x-opcall-socket":{"s":{"path":"/s","like":"a","subprotocols":["realtime","openai-insecure-api-key.sk-attacker"],"client":"E","server":"E"}},`
	_, err := newClient(t, api("https://a.example", socket), client.WithBaseURL("https://mine.example")).Socket(t.Context(), "s", nil)
	if err == nil || !strings.Contains(err.Error(), "a subprotocol that is a credential") || strings.Contains(err.Error(), "attacker") {
		t.Errorf("subprotocol: got %v", err)
	}
}

// Neither a template nor a value in the middle of a segment leads out of the address
// that the caller trusts.
func TestPathStaysBelowTheBase(t *testing.T) {
	for path, params := range map[string]any{
		"/../../admin": nil, "/%2e%2E/admin": nil, "/a/./b": nil,
		"/a/.{x}": client.Params{"x": "."}, "/a/{x}.": client.Params{"x": "."}, "/a/%2e{x}": client.Params{"x": "."},
	} {
		parameters := ""
		if params != nil {
			parameters = `"parameters":[{"name":"x","in":"path","required":true,"schema":{"type":"string"}}],`
		}
		doc := client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{"` + path + `":{"get":{` + parameters + `"operationId":"a","responses":{"200":{"description":"ok"}}}}}}`))
		req, err := newClient(t, doc, client.WithBaseURL("https://mine.example/proxy/v1")).Request(t.Context(), "a", params)
		if err == nil {
			t.Errorf("%s: got %s, want an error", path, req.URL)
		}
	}
	socket := `"x-opcall-socket":{"s":{"path":"/../../s","like":"a","client":"E","server":"E"}},`
	if _, err := newClient(t, api("https://a.example", socket), client.WithBaseURL("https://mine.example/v1")).Socket(t.Context(), "s", nil); err == nil || !strings.Contains(err.Error(), "leads out of the address") {
		t.Errorf("socket: got %v", err)
	}
}

// A key in a header that redirects take along stays at home all the same.
func TestRedirectDropsKeyInTravellingHeader(t *testing.T) {
	const key = "mine-key-in-an-odd-header"
	for _, name := range []string{"User-Agent", "Accept", "Range", "Accept-Encoding"} {
		var seen http.Header
		foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			seen = req.Header.Clone()
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, "{}")
		}))
		t.Cleanup(foreign.Close)
		home := newWitness(t, func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, foreign.URL+"/b", http.StatusTemporaryRedirect)
		})
		doc := client.WithSpec([]byte(`{"openapi":"3.1.0","info":{"title":"a","version":"1"},"security":[{"odd":[]}],
			"paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"ok"}}}}},
			"components":{"securitySchemes":{"odd":{"type":"apiKey","in":"header","name":"` + name + `"}}}}`))
		if _, err := newClient(t, doc, client.WithBaseURL(home.URL), client.WithCredential("odd", key)).Call(t.Context(), "a", nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := home.all()[0].Header.Get(name); got != key {
			t.Errorf("%s: at home got %q, want the key", name, got)
		}
		for header, values := range seen {
			if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, key) }) {
				t.Errorf("%s: the other origin got %s: %q", name, header, values)
			}
		}
	}
}

// What a document has before the host of its server is neither shown nor sent.
func TestServerPasswordIsNotShown(t *testing.T) {
	for _, server := range []string{"https://user:hunter2@a.example/v1", "//user:hunter2@a.example", "ftp://hunter2@a.example", "user:hunter2@a"} {
		_, err := newClient(t, api(server, "")).Request(t.Context(), "a", nil)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", server, err)
		}
	}
	req, err := newClient(t, api("https://user:hunter2@a.example/v1", ""), client.WithDocumentServer()).Request(t.Context(), "a", nil)
	if err != nil || req.URL.String() != "https://a.example/v1/a" || req.Header.Get("Authorization") != "" {
		t.Errorf("got %v, %v", req, err)
	}
}

// A response with status 101 to a plain call is an error at once: its body is the
// connection, which may be silent for ever.
func TestSwitchingProtocolsUnasked(t *testing.T) {
	released := make(chan struct{})
	c := hijacker(t, func(conn io.ReadWriteCloser, buffered *bufio.ReadWriter, _ *http.Request) {
		io.WriteString(buffered, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		buffered.Flush()
		io.Copy(io.Discard, conn) // until the client lets go
		released <- struct{}{}
	})
	for name, call := range map[string]func(context.Context) error{
		"Call":   func(ctx context.Context) error { _, err := c.Call(ctx, "listModels", nil); return err },
		"Stream": func(ctx context.Context) error { _, err := c.Stream(ctx, "createChatCompletion", chat()); return err },
	} {
		var refused *client.APIError
		if err := call(t.Context()); !errors.As(err, &refused) || refused.StatusCode != http.StatusSwitchingProtocols || refused.Attempts != 1 {
			t.Errorf("%s: got %v", name, err)
		}
		<-released
	}
}

// deafBody is the body of a transport that pays no attention to contexts.
type deafBody struct{ closed chan struct{} }

func (s *deafBody) Read([]byte) (int, error) {
	<-s.closed
	return 0, errors.New("closed")
}

func (s *deafBody) Close() error {
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	return nil
}

// The body of an error is read under the clock of its attempt, whoever made it.
func TestErrorBodyIsReadUnderTheTimeout(t *testing.T) {
	c := newClient(
		t, client.WithBaseURL("http://a.example"), client.WithAPIKey("sk-test"), client.WithMaxRetries(0), client.WithTimeout(time.Millisecond),
		client.WithHTTPClient(&http.Client{Transport: tripper(func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 500, Header: http.Header{}, Body: &deafBody{make(chan struct{})}, Request: req}, nil
		})}),
	)
	var refused *client.APIError
	if _, err := c.Call(t.Context(), "listModels", nil); !errors.As(err, &refused) || !refused.Truncated {
		t.Errorf("got %v", err)
	}
}

// Requests that are sent again say so, and the first does not.
func TestRetriesCarryTheirNumber(t *testing.T) {
	busy := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After-Ms", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	w := newWitness(t, busy, busy, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, "{}")
	})
	c := newClient(t, client.WithBaseURL(w.URL), client.WithAPIKey("sk-test"))
	r, err := c.Call(t.Context(), "createChatCompletion", chat(), client.WithResponseValidation(schema.Off))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range w.all() {
		got = append(got, a.Header.Get("X-Opcall-Attempt"))
	}
	if !slices.Equal(got, []string{"", "2", "3"}) || r.Attempts() != 3 {
		t.Errorf("got %q and %d attempts", got, r.Attempts())
	}
}

// A key that a server repeats as the media type of a response is not printed.
func TestResponseDoesNotPrintKeyInMediaType(t *testing.T) {
	const key = "mine-key-that-is-repeated"
	w := newWitness(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "audio/"+key)
		io.WriteString(w, "x")
	})
	c := newClient(t, client.WithBaseURL(w.URL), client.WithAPIKey(key))
	r, err := c.Call(t.Context(), "createSpeech", client.Params{"model": "tts-1", "voice": "alloy", "input": "x"})
	text := fmt.Sprintf("%v %+v %#v %v", r, r, r, err)
	if r != nil {
		r.Close()
	}
	if strings.Contains(text, key) {
		t.Errorf("got %s", text)
	}
}
