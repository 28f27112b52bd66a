package main_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/cmd/opcall/internal/mcpserver"
)

const token = "token-of-the-test"

// bearer sends the token with each request.
type bearer struct{ next http.RoundTripper }

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	return b.next.RoundTrip(r)
}

func serveMCP(t *testing.T) *httptest.Server {
	t.Helper()
	api := clienttest.NewServer(t)
	server, err := mcpserver.New(api.Client(), mcpserver.Options{})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(mcpserver.Handler(server, token))
	t.Cleanup(func() {
		for session := range server.Sessions() {
			session.Close()
		}
		web.Close()
	})
	return web
}

// postMCP sends a message as a client of the protocol does.
func postMCP(t *testing.T, web *httptest.Server, message string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, web.URL, strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json, text/event-stream")
	return web.Client().Do(req)
}

func TestToolsAnswerAClientOverHTTP(t *testing.T) {
	web := serveMCP(t)
	defer web.Client().CloseIdleConnections()
	s, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).
		Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: web.URL, HTTPClient: &http.Client{Transport: bearer{web.Client().Transport}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := useTool(t, s, "call", `{"operation":"listModels","select":"object"}`); got != `"list"` {
		t.Errorf("got %s", got)
	}
}

func TestRequestsWithoutTokenOrFromWebPagesAreRefused(t *testing.T) {
	web := serveMCP(t)
	address := strings.TrimPrefix(web.URL, "http://")
	tests := map[string]struct {
		host   string
		header http.Header
		want   int
	}{
		"program":               {"", nil, http.StatusOK},
		"by name":               {"localhost:1234", nil, http.StatusOK},
		"own origin":            {"", http.Header{"Origin": {web.URL}}, http.StatusOK},
		"name that leads here":  {"evil.example", nil, http.StatusForbidden},
		"like a local name":     {"localhost.evil.example", nil, http.StatusForbidden},
		"another page":          {"", http.Header{"Origin": {"https://evil.example"}}, http.StatusForbidden},
		"page without origin":   {"", http.Header{"Origin": {"null"}}, http.StatusForbidden},
		"page of another port":  {"", http.Header{"Origin": {"http://127.0.0.1:1"}}, http.StatusForbidden},
		"second origin":         {"", http.Header{"Origin": {web.URL, "https://evil.example"}}, http.StatusForbidden},
		"rebound, with origin":  {"evil.example", http.Header{"Origin": {"http://evil.example"}}, http.StatusForbidden},
		"page that hides it":    {"", http.Header{"Sec-Fetch-Site": {"cross-site"}}, http.StatusForbidden},
		"address and no origin": {address, nil, http.StatusOK},
		"no token":              {"", http.Header{"Authorization": nil}, http.StatusUnauthorized},
		"another token":         {"", http.Header{"Authorization": {"Bearer token-of-the-tesT"}}, http.StatusUnauthorized},
		"beginning of a token":  {"", http.Header{"Authorization": {"Bearer token"}}, http.StatusUnauthorized},
		"another scheme":        {"", http.Header{"Authorization": {"Basic " + token}}, http.StatusUnauthorized},
		"two tokens":            {"", http.Header{"Authorization": {"Bearer " + token, "Bearer x"}}, http.StatusUnauthorized},
		"lower case":            {"", http.Header{"Authorization": {"bearer " + token}}, http.StatusOK},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			body := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, web.URL, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+token)
			for name, values := range tt.header {
				req.Header[name] = values
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Accept", "application/json, text/event-stream")
			req.Host = tt.host
			resp, err := web.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != tt.want {
				t.Errorf("got %s, want %d", resp.Status, tt.want)
			}
		})
	}
}

func TestOversizedMessageIsRefused(t *testing.T) {
	t.Parallel() // net/http waits half a second where a body is not read
	web := serveMCP(t)
	resp, err := postMCP(t, web, `{"jsonrpc":"2.0","id":1,"method":"`+strings.Repeat("x", 5<<20)+`"}`)
	if err != nil {
		return // the server has closed the connection
	}
	resp.Body.Close()
	if resp.StatusCode < 400 {
		t.Errorf("got %s", resp.Status)
	}
}

// The SDK would respond to these under another id than theirs.
func TestIDsThatCannotBeKeptAreRefused(t *testing.T) {
	web := serveMCP(t)
	for _, message := range []string{
		`{"jsonrpc":"2.0","id":1.5,"method":"ping"}`,
		`[{"jsonrpc":"2.0","id":12345678901234567890,"method":"ping"}]`,
		"{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"ping\"}",
	} {
		resp, err := postMCP(t, web, message)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.HasPrefix(string(text), "the message ") {
			t.Errorf("%q: got %s, %v: %s", message, resp.Status, err, text)
		}
	}
}
