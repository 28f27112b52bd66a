package client_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

func TestSocketHandshakeSendsWhatTheAPIAsks(t *testing.T) {
	tests := map[string]struct {
		name   string
		params client.Params
		opts   []client.CallOption
		target string
		header map[string]string
	}{
		"realtime": {
			"realtime",
			client.Params{"model": "gpt-realtime"},
			nil, "/v1/realtime?model=gpt-realtime",
			map[string]string{"Authorization": "Bearer " + clienttest.Key, "Sec-Websocket-Protocol": "realtime", "Openai-Beta": "", "Accept": ""},
		},
		"of a call, with an ephemeral key": {
			"realtime",
			client.Params{"call_id": `rtc_1&"é`},
			[]client.CallOption{client.WithAPIKey("ek_ephemeral")},
			"/v1/realtime?call_id=rtc_1%26%22%C3%A9",
			map[string]string{"Authorization": "Bearer ek_ephemeral"},
		},
		"beta": {
			"realtime-beta", nil, nil, "/v1/realtime",
			map[string]string{"Openai-Beta": "realtime=v1", "Sec-Websocket-Protocol": "realtime"},
		},
		"translation": {"realtime-translation", client.Params{"model": "m"}, nil, "/v1/realtime/translations?model=m", nil},
		"responses, with settings": {
			"responses", nil,
			[]client.CallOption{client.WithHeader("X-Trace", "1"), client.WithOrganization("org-1"), client.WithProject("proj-1")},
			"/v1/responses",
			map[string]string{
				"X-Trace": "1", "Openai-Organization": "org-1", "Openai-Project": "proj-1", "Sec-Websocket-Protocol": "",
				"Sec-Websocket-Version": "13",
			},
		},
		"responses beta": {"responses-beta", nil, nil, "/v1/responses", map[string]string{"Openai-Beta": "responses_multi_agent=v1"}},
		"another beta header": {
			"responses-beta", nil,
			[]client.CallOption{client.WithHeader("OpenAI-Beta", "responses_multi_agent=v1, x=v2")},
			"/v1/responses",
			map[string]string{"Openai-Beta": "responses_multi_agent=v1, x=v2"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := clienttest.NewServer(t)
			s, err := server.Client().Socket(t.Context(), tt.name, tt.params, tt.opts...)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got := server.Requests()[0]
			target := got.Path
			if got.Query != "" {
				target += "?" + got.Query
			}
			if got.Operation != tt.name || target != tt.target {
				t.Errorf("got %s %s, want %s %s", got.Operation, target, tt.name, tt.target)
			}
			for name, want := range tt.header {
				if value := got.Header.Get(name); value != want {
					t.Errorf("header %s: got %q, want %q", name, value, want)
				}
			}
			if s.Name() != tt.name || s.RequestID() != got.ID || s.Header().Get("Upgrade") == "" {
				t.Errorf("got name %q, request ID %q, header %v", s.Name(), s.RequestID(), s.Header())
			}
		})
	}
}

// Nothing of it leaves the program.
func TestSocketWithWrongParametersIsNotDialed(t *testing.T) {
	server := clienttest.NewServer(t)
	c := server.Client()
	tests := map[string]struct {
		name   string
		params client.Params
		opts   []client.CallOption
		want   string
	}{
		"unknown socket":      {name: "realtme", want: "did you mean realtime"},
		"unknown parameter":   {name: "realtime", params: client.Params{"modle": "a"}, want: `realtime: query /modle: unknown query parameter "modle"; did you mean "model"?`},
		"nothing near":        {name: "realtime", params: client.Params{"xyz": "a"}, want: `unknown query parameter "xyz"; it takes "model", "call_id"`},
		"two mistakes":        {name: "realtime", params: client.Params{"modle": "a", "call_id": []int{1}}, want: "realtime: 2 problems"},
		"list as a parameter": {name: "realtime", params: client.Params{"model": []string{"a"}}, want: "got an array, want a string, number or boolean"},
		"broken text":         {name: "realtime", params: client.Params{"model": "a\xff"}, want: "not UTF-8"},
		"wrong option":        {name: "realtime", opts: []client.CallOption{client.WithSocketReadLimit(0)}, want: "read limit: got 0 bytes"},
		"wrong keep-alive":    {name: "realtime", opts: []client.CallOption{client.WithSocketKeepAlive(-1)}, want: "keep-alive: got -1ns"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := c.Socket(t.Context(), tt.name, tt.params, tt.opts...)
			var bind *client.BindError
			var invalid *schema.ValidationError
			switch {
			case tt.opts != nil:
			case tt.params == nil && !errors.As(err, &bind):
				t.Errorf("got a %T, want a *BindError", err)
			case tt.params != nil && !errors.As(err, &invalid):
				t.Errorf("got a %T, want a *schema.ValidationError", err)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if got := server.Requests(); len(got) != 0 {
		t.Errorf("got %d requests, want none", len(got))
	}
}

func TestSocketNeedsAKeyAndAServer(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "")
	t.Setenv("OPENAI_BASE_URL", "")
	c, err := client.New()
	if err != nil {
		t.Fatal(err)
	}
	var missing *client.MissingCredentialError
	if _, err := c.Socket(t.Context(), "realtime", nil); !errors.As(err, &missing) {
		t.Errorf("got %v, want a *MissingCredentialError", err)
	}
	if _, err := c.Socket(t.Context(), "realtime", nil, client.WithCredential("ApiKeyAuht", "key")); err == nil || !strings.Contains(err.Error(), `did you mean "ApiKeyAuth"?`) {
		t.Errorf("got %v, want an error that names the scheme", err)
	}
	elsewhere, err := client.New(client.WithSpec([]byte(`{
		"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "servers": [{"url": "https://elsewhere.example/v1"}],
		"paths": {"/talk": {"post": {"operationId": "talk", "responses": {"200": {"description": "ok"}}}}},
		"components": {"schemas": {"E": {"type": "object"}}},
		"x-opcall-socket": {"talk": {"path": "/talk", "like": "talk", "client": "E", "server": "E"}}}`)), client.WithAPIKey(socketKey))
	if err != nil {
		t.Fatal(err)
	}
	var untrusted *client.UntrustedServerError
	if _, err := elsewhere.Socket(t.Context(), "talk", nil); !errors.As(err, &untrusted) {
		t.Errorf("got %v, want an *UntrustedServerError", err)
	}
}

func TestSocketRefusedIsTheErrorOfTheServer(t *testing.T) {
	html := "<html><title>Not here</title>" + strings.Repeat("<p>no</p>", 1000)
	tests := map[string]struct {
		status   int
		header   http.Header
		body     string
		want     string
		attempts int
	}{
		"401":          {401, nil, `{"error":{"message":"Incorrect API key provided: ` + socketKey + `","type":"invalid_request_error","code":"invalid_api_key","param":null}}`, "realtime: 401 invalid_api_key: Incorrect API key provided: ***", 1},
		"404":          {404, nil, `{"error":{"message":"no such model","code":"model_not_found"}}`, "404 model_not_found: no such model", 1},
		"HTML":         {403, nil, html, "403 Forbidden: Not here", 1},
		"busy":         {429, http.Header{"Retry-After-Ms": {"1"}}, `{"error":{"message":"slow down"}}`, "429 Too Many Requests: slow down", 2},
		"no WebSocket": {200, nil, html, "got status 200 in response to a WebSocket handshake, want 101", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			server.RespondHandshake("realtime", clienttest.Answer{Status: tt.status, Header: tt.header, Body: tt.body})
			_, err := server.Client().Socket(t.Context(), "realtime", nil, client.WithAPIKey(socketKey), client.WithMaxRetries(1))
			if got := len(server.Requests()); got != tt.attempts {
				t.Errorf("got %d handshakes, want %d", got, tt.attempts)
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), socketKey) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			var refusal *client.APIError
			var unusable *client.ResponseError
			switch {
			case errors.As(err, &refusal):
				if refusal.StatusCode != tt.status || string(refusal.Body) != tt.body || refusal.Attempts != tt.attempts || refusal.RequestID == "" {
					t.Errorf("got %#v, want status %d, %d attempts and %d bytes of body", refusal, tt.status, tt.attempts, len(tt.body))
				}
			case errors.As(err, &unusable):
				if string(unusable.Body) != tt.body || unusable.RequestID == "" {
					t.Errorf("got %d bytes of body, want %d", len(unusable.Body), len(tt.body))
				}
			default:
				t.Errorf("got a %T", err)
			}
		})
	}
}

// What calls itself a WebSocket and is none.
func TestHandshakeThatOpensNoWebSocketIsRefused(t *testing.T) {
	tests := map[string]struct{ header, want string }{
		"other upgrade":          {"Connection: Upgrade\r\nUpgrade: h2c\r\n", "Upgrade"},
		"wrong accept":           {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: AAAA\r\n", "Sec-WebSocket-Accept"},
		"subprotocol of its own": {"", "Sec-WebSocket-Protocol"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := hijacker(t, func(_ io.ReadWriteCloser, buffered *bufio.ReadWriter, r *http.Request) {
				if tt.header == "" {
					r.Header.Set("X-Protocol", "mqtt")
					writeUpgrade(buffered, r)
					return
				}
				io.WriteString(buffered, "HTTP/1.1 101 Switching Protocols\r\n"+tt.header+"\r\n")
				buffered.Flush()
			}).Socket(t.Context(), "realtime", nil)
			var unusable *client.ResponseError
			if !errors.As(err, &unusable) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a *ResponseError about %s", err, tt.want)
			}
		})
	}
}

func TestSocketRedirectDropsKeyAcrossHosts(t *testing.T) {
	stranger := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host got %s with %v", r.URL, r.Header)
	}))
	defer stranger.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/realtime":
			http.Redirect(w, r, "/v2/realtime", http.StatusTemporaryRedirect)
		case "/v1/responses":
			http.Redirect(w, r, stranger.URL+"/v1/responses", http.StatusTemporaryRedirect)
		default:
			if r.Header.Get("Authorization") != "Bearer "+socketKey {
				t.Errorf("the same host got %v", r.Header)
			}
			conn, err := websocket.Accept(w, r, nil)
			if err == nil {
				conn.CloseNow()
			}
		}
	}))
	defer server.Close()
	c := clientOf(t, server.URL)
	s, err := c.Socket(t.Context(), "realtime", nil)
	if err != nil {
		t.Fatalf("within the host: %v", err)
	}
	s.Close()
	_, err = c.Socket(t.Context(), "responses", nil)
	var refusal *client.APIError
	if !errors.As(err, &refusal) || refusal.StatusCode != 307 || !strings.Contains(err.Error(), "was not followed") {
		t.Errorf("to another host: got %v, want status 307", err)
	}
}

// What a program has set up for its calls holds for sockets, too.
func TestSocketOfACallersClient(t *testing.T) {
	server := clienttest.NewServer(t)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	var records strings.Builder
	seen := 0
	count := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			seen++
			return next.RoundTrip(req)
		})
	}
	s := realtime(t, server.Client(
		client.WithHTTPClient(&http.Client{Transport: transport, Timeout: time.Minute}), // which wraps every body
		client.WithMiddleware(count),
		client.WithLogger(slog.New(slog.NewTextHandler(&records, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	))
	if event, err := nextEvent(s); err != nil || event.Type != "session.created" || seen != 1 {
		t.Errorf("got %q, %v, through %d middlewares", event.Type, err, seen)
	}
	if got := records.String(); !strings.Contains(got, "operation=realtime") || !strings.Contains(got, "status=101") || strings.Contains(got, clienttest.Key) {
		t.Errorf("got records %s", got)
	}

	wrap := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err == nil {
				resp.Body = struct{ io.ReadCloser }{resp.Body}
			}
			return resp, err
		})
	}
	_, err := server.Client(client.WithMiddleware(wrap)).Socket(t.Context(), "realtime", nil)
	var unusable *client.ResponseError
	if !errors.As(err, &unusable) || !strings.Contains(err.Error(), "WithMiddleware") {
		t.Errorf("got %v, want a *ResponseError about the middleware", err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// While a handshake gets no answer.
func TestSocketDialTimesOut(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondHandshake("realtime", clienttest.Answer{Status: 500, Delay: time.Hour})
	_, err := server.Client().Socket(t.Context(), "realtime", nil, client.WithTimeout(20*time.Millisecond), client.WithMaxRetries(0))
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "WithTimeout") {
		t.Errorf("got %v, want the timeout", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := server.Client().Socket(ctx, "realtime", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
}
