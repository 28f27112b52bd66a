package client_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/internal/socket"
	"github.com/opcall/opcall/schema"
)

const socketKey = "sk-socket-secret-0123456789"

// peer is a server of sockets whose side of the conversation is the test's.
func peer(t *testing.T, serve func(ctx context.Context, conn *websocket.Conn)) *client.Client {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "req_1")
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		running.Add(1)
		defer running.Done()
		defer conn.CloseNow()
		serve(ctx, conn)
	}))
	t.Cleanup(func() {
		stop()
		server.Close()
		running.Wait()
	})
	return clientOf(t, server.URL)
}

// wirePeer is a server that accepts a handshake and then writes raw bytes.
func wirePeer(t *testing.T, serve func(conn io.ReadWriteCloser)) *client.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		writeUpgrade(buffered, r)
		serve(conn)
	}))
	t.Cleanup(server.Close)
	return clientOf(t, server.URL)
}

func clientOf(t *testing.T, url string, opts ...client.Option) *client.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := client.New(append([]client.Option{
		client.WithBaseURL(url + "/v1"), client.WithAPIKey(socketKey),
		client.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func realtime(t *testing.T, c *client.Client, opts ...client.CallOption) *client.Socket {
	t.Helper()
	s, err := c.Realtime(t.Context(), client.Params{"model": "gpt-realtime"}, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// nextEvent reads one event.
func nextEvent(s *client.Socket) (event client.Event, err error) {
	for event, err = range s.Events() {
		return event, err
	}
	return event, io.EOF
}

func TestSocketHandshake(t *testing.T) {
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
func TestSocketBindErrors(t *testing.T) {
	server := clienttest.NewServer(t)
	c := server.Client()
	tests := map[string]struct {
		name   string
		params client.Params
		opts   []client.CallOption
		want   string
	}{
		"unknown socket":      {name: "realtme", want: "did you mean realtime"},
		"unknown parameter":   {name: "realtime", params: client.Params{"modle": "a"}, want: "did you mean model?"},
		"list as a parameter": {name: "realtime", params: client.Params{"model": []string{"a"}}, want: "got an array, want a string, number or boolean"},
		"broken text":         {name: "realtime", params: client.Params{"model": "a\xff"}, want: "not UTF-8"},
		"wrong option":        {name: "realtime", opts: []client.CallOption{client.WithReadLimit(0)}, want: "read limit: got 0 bytes"},
		"wrong keep-alive":    {name: "realtime", opts: []client.CallOption{client.WithKeepAlive(-1)}, want: "keep-alive: got -1ns"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := c.Socket(t.Context(), tt.name, tt.params, tt.opts...)
			var bind *client.BindError
			if !errors.As(err, &bind) && tt.opts == nil {
				t.Errorf("got a %T, want a *BindError", err)
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
	if _, err := c.Realtime(t.Context(), nil); !errors.As(err, &missing) {
		t.Errorf("got %v, want a *MissingCredentialError", err)
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

func TestSocketRefused(t *testing.T) {
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
		"no WebSocket": {200, nil, html, "got status 200 in answer to a WebSocket handshake, want 101", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			server.RespondHandshake("realtime", clienttest.Answer{Status: tt.status, Header: tt.header, Body: tt.body})
			_, err := server.Client().Realtime(t.Context(), nil, client.WithAPIKey(socketKey), client.WithMaxRetries(1))
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
func TestSocketOfAnotherKind(t *testing.T) {
	tests := map[string]struct{ header, want string }{
		"other upgrade":          {"Connection: Upgrade\r\nUpgrade: h2c\r\n", "Upgrade"},
		"wrong accept":           {"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: AAAA\r\n", "Sec-WebSocket-Accept"},
		"subprotocol of its own": {"", "Sec-WebSocket-Protocol"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, buffered, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				if tt.header == "" {
					w := r.Clone(r.Context())
					w.Header.Set("X-Protocol", "mqtt")
					writeUpgrade(buffered, w)
					return
				}
				io.WriteString(buffered, "HTTP/1.1 101 Switching Protocols\r\n"+tt.header+"\r\n")
				buffered.Flush()
			}))
			defer server.Close()
			_, err := clientOf(t, server.URL).Realtime(t.Context(), nil)
			var unusable *client.ResponseError
			if !errors.As(err, &unusable) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want a *ResponseError about %s", err, tt.want)
			}
		})
	}
}

func TestSocketRedirects(t *testing.T) {
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
	s, err := c.Realtime(t.Context(), nil)
	if err != nil {
		t.Fatalf("within the host: %v", err)
	}
	s.Close()
	_, err = c.ResponsesSocket(t.Context())
	var refusal *client.APIError
	if !errors.As(err, &refusal) || refusal.StatusCode != 307 || !strings.Contains(err.Error(), "was not followed") {
		t.Errorf("to another host: got %v, want status 307", err)
	}
}

func TestSocketSend(t *testing.T) {
	server := clienttest.NewServer(t)
	s := realtime(t, server.Client())
	type appendAudio struct {
		Type  string `json:"type"`
		Audio []byte `json:"audio"`
	}
	type named struct{ Type string }
	good := map[string]any{
		"params": client.Params{"type": "input_audio_buffer.append", "audio": []byte("sound")},
		"struct": appendAudio{"input_audio_buffer.append", []byte("sound")},
		"JSON":   json.RawMessage(` {"type":"input_audio_buffer.append","audio":"c291bmQ="} `),
	}
	for name, event := range good {
		if err := s.Send(t.Context(), event); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	wrong := map[string]struct {
		event any
		want  string
	}{
		"no type":       {client.Params{"audio": "AAAA"}, "realtime: "},
		"unknown type":  {client.Params{"type": "response.crate"}, "realtime: response.crate: /type: got \"response.crate\""},
		"wrong field":   {client.Params{"type": "response.create", "respnse": nil}, `realtime: response.create: /respnse: unknown field "respnse"; did you mean "response"?`},
		"missing field": {client.Params{"type": "conversation.item.create"}, `realtime: conversation.item.create: /: missing property "item"`},
		"list":          {[]any{1}, "realtime: got an event that is an array, want an object"},
		"no JSON":       {`{"type":`, "realtime: the event cannot be read as JSON"},
		"a file":        {client.File{}, "want JSON or what marshals to it"},
		"nothing":       {nil, "realtime: got an event that is null"},
		"unfit field":   {named{"response.create"}, "realtime: "},
		"unmarshalable": {client.Params{"type": make(chan int)}, "cannot be written as JSON"},
	}
	for name, tt := range wrong {
		err := s.Send(t.Context(), tt.event)
		if err == nil || !strings.HasPrefix(err.Error(), "realtime: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
		if again := s.Validate(tt.event); again == nil || again.Error() != err.Error() {
			t.Errorf("%s: Validate got %v, Send %v", name, again, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var broken *client.ConnectionError
	if err := s.Send(ended, client.Params{"type": "response.create"}); !errors.As(err, &broken) || !errors.Is(err, context.Canceled) || broken.Attempts != 0 {
		t.Errorf("context that has ended: got %v", err)
	}
	if err := s.Send(t.Context(), client.Params{"type": "input_audio_buffer.clear"}); err != nil {
		t.Fatal(err)
	}
	for event, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if event.Type == "input_audio_buffer.cleared" {
			break
		}
	}
	sent := server.SocketEvents("realtime")
	if len(sent) != len(good)+1 {
		t.Fatalf("the server got %d events, want %d: what is wrong is not sent", len(sent), len(good)+1)
	}
	for _, e := range sent[:len(good)] {
		if e.Get("audio").String() != "c291bmQ=" || e.Refusal != nil {
			t.Errorf("got %s %v", e.Data, e.Refusal)
		}
	}
}

// In other tiers a wrong event is sent, and the server says what is wrong with it.
func TestSocketSendInOtherTiers(t *testing.T) {
	for _, tier := range []schema.Tier{schema.Lenient, schema.Off} {
		server := clienttest.NewServer(t)
		var found []schema.Finding
		s := realtime(t, server.Client(), client.WithRequestValidation(tier), client.WithFindings(func(name string, f []schema.Finding) {
			found = append(found, f...)
		}))
		if err := s.Send(t.Context(), `{"type":"response.create","event_id":"e1","respnse":null}`); err != nil {
			t.Fatal(err)
		}
		var refused *client.APIError
		for event, err := range s.Events() {
			if !errors.As(err, &refused) {
				continue
			}
			if event.Type != "error" || event.Get("error.event_id").String() != "e1" {
				t.Errorf("got %s", event.Data)
			}
			break
		}
		if refused.Code != "unknown_parameter" || refused.Param != "respnse" || refused.StatusCode != 200 {
			t.Errorf("got %#v", refused)
		}
		if want := tier == schema.Lenient; (len(found) > 0) != want {
			t.Errorf("tier %v: got findings %v", tier, found)
		}
	}
}

func TestSocketConcurrentSend(t *testing.T) {
	server := clienttest.NewServer(t)
	s := realtime(t, server.Client())
	const senders, each = 8, 20
	var running sync.WaitGroup
	for range senders {
		running.Go(func() {
			for range each {
				if err := s.Send(t.Context(), client.Params{"type": "input_audio_buffer.clear"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	cleared := 0
	for event, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if event.Type == "input_audio_buffer.cleared" {
			if cleared++; cleared == senders*each {
				break
			}
		}
	}
	running.Wait()
}

func TestSocketEventsAreTyped(t *testing.T) {
	server := clienttest.NewServer(t)
	names := socket.Names(server.Document())
	create := `{"type":"response.create","model":"gpt-5-mini","input":"Hello"}`
	tests := map[string]struct{ send, last string }{
		"realtime":             {`{"type":"response.create"}`, "rate_limits.updated"},
		"realtime-beta":        {`{"type":"response.create"}`, "rate_limits.updated"},
		"realtime-translation": {`{"type":"session.input_audio_buffer.append","audio":"AAAA"}`, "session.closed"},
		"responses":            {create, "response.completed"},
		"responses-beta":       {create, "response.completed"},
	}
	if len(tests) != len(names) {
		t.Errorf("got %d cases for the sockets %q", len(tests), names)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			const said = "Titan is a moon."
			server.RespondSocket(name, clienttest.SocketAnswer{Output: clienttest.Say(said)})
			s, err := server.Client().Socket(t.Context(), name, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Send(t.Context(), tt.send); err != nil {
				t.Fatal(err)
			}
			if name == "realtime-translation" {
				if err := s.Send(t.Context(), `{"type":"session.close"}`); err != nil {
					t.Fatal(err)
				}
			}
			text := ""
			for event, err := range s.Events() {
				if err != nil {
					t.Fatal(err)
				}
				if event.Type == "" || event.Type != event.Get("type").String() || event.Value().Get("type").String() != event.Type {
					t.Errorf("got type %q of %s", event.Type, event.Data)
				}
				if findings := event.Findings(); len(findings) > 0 {
					t.Errorf("%s: %v", event.Data, findings)
				}
				text += event.Text()
				if event.Type == tt.last {
					break
				}
			}
			if text != said {
				t.Errorf("got text %q, want %q", text, said)
			}
		})
	}
}

func TestSocketFindings(t *testing.T) {
	serve := func(ctx context.Context, conn *websocket.Conn) {
		conn.Write(ctx, websocket.MessageText, []byte(`{"type":"session.created","event_id":"e","sesion":{}}`))
		conn.Write(ctx, websocket.MessageText, []byte(`{"type":"session.crated","event_id":"e"}`))
		conn.Read(ctx)
	}
	var found []schema.FindingKind
	s := realtime(t, peer(t, serve), client.WithFindings(func(name string, f []schema.Finding) {
		found = append(found, f[0].Kind)
	}))
	for range 2 {
		if event, err := nextEvent(s); err != nil || len(event.Findings()) == 0 {
			t.Errorf("got %v, %v", event, err)
		}
	}
	if want := []schema.FindingKind{schema.UnknownField, schema.UnknownMember}; !slices.Equal(found, want) {
		t.Errorf("got findings %v, want %v", found, want)
	}

	strict := realtime(t, peer(t, serve), client.WithResponseValidation(schema.Standard))
	var fault *client.EventError
	var invalid *schema.ValidationError
	if _, err := nextEvent(strict); !errors.As(err, &fault) || !errors.As(err, &invalid) || fault.Type != "session.created" {
		t.Errorf("got %v, want an *EventError for a *ValidationError", err)
	}
	if _, err := nextEvent(strict); !errors.As(err, &fault) {
		t.Errorf("after the end: got %v", err)
	}
}

// An event that reports an error is both, and the socket goes on.
func TestSocketErrorEvents(t *testing.T) {
	tests := map[string]struct {
		event  string
		status int
		want   string
	}{
		"realtime":      {`{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"bad","message":"not ` + socketKey + `"}}`, 200, "realtime: bad: not *** (request req_1)"},
		"with a status": {`{"type":"error","status":429,"error":{"type":"rate","code":"slow_down","message":"later"}}`, 429, "realtime: 429 slow_down: later (request req_1)"},
		"says nothing":  {`{"type":"error"}`, 200, `realtime: {"type":"error"} (request req_1)`},
		"another shape": {`{"type":"error","error":"no"}`, 200, "realtime: no (request req_1)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := realtime(t, peer(t, func(ctx context.Context, conn *websocket.Conn) {
				conn.Write(ctx, websocket.MessageText, []byte(tt.event))
				conn.Write(ctx, websocket.MessageText, []byte(`{"type":"next"}`))
				conn.Read(ctx)
			}))
			event, err := nextEvent(s)
			var refused *client.APIError
			if !errors.As(err, &refused) || event.Type != "error" || string(event.Data) != tt.event || string(refused.Body) != tt.event {
				t.Fatalf("got %s, %v, want the event and an *APIError", event.Data, err)
			}
			if refused.StatusCode != tt.status || err.Error() != tt.want {
				t.Errorf("got status %d, %v, want %d, %s", refused.StatusCode, err, tt.status, tt.want)
			}
			if event, err := nextEvent(s); err != nil || event.Type != "next" {
				t.Errorf("then got %q, %v", event.Type, err)
			}
		})
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
	_, err := server.Client(client.WithMiddleware(wrap)).Realtime(t.Context(), nil)
	var unusable *client.ResponseError
	if !errors.As(err, &unusable) || !strings.Contains(err.Error(), "WithMiddleware") {
		t.Errorf("got %v, want a *ResponseError about the middleware", err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Messages that are no events of the API.
func TestSocketFaultyMessages(t *testing.T) {
	tests := map[string]struct {
		kind websocket.MessageType
		data string
		want string // of the error; "" for an event
	}{
		"text":            {websocket.MessageText, `{"type":"a"}`, ""},
		"binary":          {websocket.MessageBinary, `{"type":"a"}`, ""},
		"broken UTF-8":    {websocket.MessageText, "{\"type\":\"a\",\"b\":\"\xff\"}", ""},
		"binary bytes":    {websocket.MessageBinary, "\x00\x01\x02", "not JSON"},
		"broken JSON":     {websocket.MessageText, `{"type":"a"`, "not JSON"},
		"empty":           {websocket.MessageText, "", "not JSON"},
		"list":            {websocket.MessageText, ` [{"type":"a"}]`, "got an array, want an object"},
		"type of another": {websocket.MessageText, `{"type":["a"]}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			serve := func(ctx context.Context, conn *websocket.Conn) {
				conn.Write(ctx, tt.kind, []byte(tt.data))
				conn.Write(ctx, websocket.MessageText, []byte(`{"type":"next"}`))
				conn.Read(ctx)
			}
			c := peer(t, serve)
			for _, faulty := range []bool{false, true} {
				var opts []client.CallOption
				if faulty {
					opts = append(opts, client.WithFaultyEvents())
				}
				s := realtime(t, c, opts...)
				event, err := nextEvent(s)
				var fault *client.EventError
				switch {
				case tt.want == "":
					if err != nil || !strings.Contains(`"a" ["a"]`, event.Type) {
						t.Errorf("got %q, %v", event.Type, err)
					}
				case !errors.As(err, &fault) || !strings.Contains(err.Error(), tt.want) || string(fault.Data) != tt.data || fault.Index != 0:
					t.Errorf("got %v, want an *EventError with %q", err, tt.want)
				}
				event, err = nextEvent(s)
				if goesOn := tt.want == "" || faulty; goesOn != (err == nil && event.Type == "next") {
					t.Errorf("faulty events %v: then got %q, %v", faulty, event.Type, err)
				}
				s.Close()
			}
		})
	}
}

func TestSocketReadLimit(t *testing.T) {
	s := realtime(t, peer(t, func(ctx context.Context, conn *websocket.Conn) {
		conn.Write(ctx, websocket.MessageText, []byte(`{"type":"`+strings.Repeat("a", 989)+`"}`)) // 1,000 bytes
		conn.Write(ctx, websocket.MessageText, []byte(`{"type":"`+strings.Repeat("a", 990)+`"}`))
		conn.Read(ctx)
	}), client.WithReadLimit(1000), client.WithFaultyEvents())
	if event, err := nextEvent(s); err != nil || len(event.Data) != 1000 {
		t.Fatalf("got %d bytes, %v", len(event.Data), err)
	}
	for range 2 { // it is the end, whatever the settings say
		_, err := nextEvent(s)
		var fault *client.EventError
		var limit *client.EventLimitError
		if !errors.As(err, &fault) || !errors.As(err, &limit) || limit.Limit != 1000 || fault.Index != 1 || !strings.Contains(err.Error(), "WithReadLimit") {
			t.Errorf("got %v, want an *EventLimitError", err)
		}
	}
	var fault *client.EventError
	if err := s.Send(t.Context(), client.Params{"type": "response.create"}); !errors.As(err, &fault) {
		t.Errorf("Send: got %v", err)
	}
}

// Large messages in both directions pass whole.
func TestSocketLargeMessages(t *testing.T) {
	s := realtime(t, peer(t, func(ctx context.Context, conn *websocket.Conn) {
		conn.SetReadLimit(-1)
		for {
			kind, data, err := conn.Read(ctx)
			if err != nil || conn.Write(ctx, kind, data) != nil {
				return
			}
		}
	}))
	audio := strings.Repeat("AAAA", 2<<20) // 8 MiB
	go func() {
		if err := s.Send(t.Context(), client.Params{"type": "input_audio_buffer.append", "audio": audio}); err != nil {
			t.Error(err)
		}
	}()
	event, err := nextEvent(s)
	if err != nil || event.Get("audio").String() != audio {
		t.Errorf("got %d bytes, %v", len(event.Data), err)
	}
}

// writeUpgrade accepts a handshake by hand.
func writeUpgrade(w *bufio.ReadWriter, r *http.Request) {
	protocol := r.Header.Get("X-Protocol")
	if protocol != "" {
		protocol = "Sec-WebSocket-Protocol: " + protocol + "\r\n"
	}
	io.WriteString(w, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+protocol+
		"Sec-WebSocket-Accept: "+acceptKey(r.Header.Get("Sec-WebSocket-Key"))+"\r\n\r\n")
	w.Flush()
}
