package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/schema"
)

func TestSocketEventsAreTyped(t *testing.T) {
	server := clienttest.NewServer(t)
	names := extension.SocketNames(server.Document())
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

func TestSocketEventsAreValidated(t *testing.T) {
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
	if want := []schema.FindingKind{schema.FindingUnknownField, schema.FindingUnknownMember}; !slices.Equal(found, want) {
		t.Errorf("got findings %v, want %v", found, want)
	}

	strict := realtime(t, peer(t, serve), client.WithResponseValidation(schema.Standard))
	var eventErr *client.EventError
	var invalid *schema.ValidationError
	if _, err := nextEvent(strict); !errors.As(err, &eventErr) || !errors.As(err, &invalid) || eventErr.Type != "session.created" {
		t.Errorf("got %v, want an *EventError for a *ValidationError", err)
	}
	if _, err := nextEvent(strict); !errors.As(err, &eventErr) {
		t.Errorf("after the end: got %v", err)
	}
}

// An event that reports an error is both, and the socket goes on.
func TestSocketGoesOnAfterErrorEvents(t *testing.T) {
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
				conn.Write(ctx, websocket.MessageText, []byte(`{"type":"input_audio_buffer.cleared","event_id":"e"}`))
				conn.Read(ctx)
			}), client.WithResponseValidation(schema.Standard)) // to which errors are not held
			event, err := nextEvent(s)
			var refused *client.APIError
			if !errors.As(err, &refused) || event.Type != "error" || string(event.Data) != tt.event || string(refused.Body) != tt.event {
				t.Fatalf("got %s, %v, want the event and an *APIError", event.Data, err)
			}
			if refused.StatusCode != tt.status || err.Error() != tt.want {
				t.Errorf("got status %d, %v, want %d, %s", refused.StatusCode, err, tt.status, tt.want)
			}
			if event, err := nextEvent(s); err != nil || event.Type != "input_audio_buffer.cleared" {
				t.Errorf("then got %q, %v", event.Type, err)
			}
		})
	}
}

// Messages that are not events of the API.
func TestSocketEndsAtMessageThatIsNoEvent(t *testing.T) {
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
			for _, goOn := range []bool{false, true} {
				var opts []client.CallOption
				if goOn {
					opts = append(opts, client.WithInvalidEvents())
				}
				s := realtime(t, c, opts...)
				event, err := nextEvent(s)
				var eventErr *client.EventError
				switch {
				case tt.want == "":
					if err != nil || !strings.Contains(`"a" ["a"]`, event.Type) {
						t.Errorf("got %q, %v", event.Type, err)
					}
				case !errors.As(err, &eventErr) || !strings.Contains(err.Error(), tt.want) || string(eventErr.Data) != tt.data || eventErr.Index != 0:
					t.Errorf("got %v, want an *EventError with %q", err, tt.want)
				}
				event, err = nextEvent(s)
				if goesOn := tt.want == "" || goOn; goesOn != (err == nil && event.Type == "next") {
					t.Errorf("invalid events %v: then got %q, %v", goOn, event.Type, err)
				}
				s.Close()
			}
		})
	}
}

func TestSocketMessagePastItsLimitIsAnError(t *testing.T) {
	s := realtime(t, peer(t, func(ctx context.Context, conn *websocket.Conn) {
		conn.Write(ctx, websocket.MessageText, []byte(`{"type":"`+strings.Repeat("a", 989)+`"}`)) // 1,000 bytes
		conn.Write(ctx, websocket.MessageText, []byte(`{"type":"`+strings.Repeat("a", 990)+`"}`))
		conn.Read(ctx)
	}), client.WithSocketReadLimit(1000), client.WithInvalidEvents())
	if event, err := nextEvent(s); err != nil || len(event.Data) != 1000 {
		t.Fatalf("got %d bytes, %v", len(event.Data), err)
	}
	for range 2 { // it is the end, whatever the settings say
		_, err := nextEvent(s)
		var eventErr *client.EventError
		var limit *client.EventLimitError
		if !errors.As(err, &eventErr) || !errors.As(err, &limit) || limit.Limit != 1000 || eventErr.Index != 1 || !strings.Contains(err.Error(), "WithSocketReadLimit") {
			t.Errorf("got %v, want an *EventLimitError", err)
		}
	}
	var eventErr *client.EventError
	if err := s.Send(t.Context(), client.Params{"type": "response.create"}); !errors.As(err, &eventErr) {
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
	if testing.Short() {
		audio = audio[:2<<20]
	}
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

// Nothing is read ahead of the caller, so that a slow one makes the server wait.
func TestSocketBackpressure(t *testing.T) {
	const events, size = 200, 64 << 10 // more than any buffer between the two
	server := clienttest.NewServer(t)
	var script []any
	for i := range events {
		script = append(script, fmt.Sprintf(`{"type":"e","n":%d,"pad":%q}`, i, strings.Repeat("a", size)))
	}
	server.RespondSocket("responses", clienttest.SocketAnswer{Events: script})
	var read atomic.Int64
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return countedConn{conn, &read}, err
	}}
	defer transport.CloseIdleConnections()
	s, err := server.Client(client.WithHTTPClient(&http.Client{Transport: transport})).Socket(t.Context(), "responses", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Send(t.Context(), client.Params{"type": "response.create", "model": "gpt-5-mini", "input": "a"}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for event, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if got := int(event.Get("n").Int()); got != n {
			t.Fatalf("got event %d, want %d", got, n)
		}
		n++
		if most := int64(n*(size+64) + 16<<10); read.Load() > most {
			t.Fatalf("after %d events %d bytes have been read, want at most %d", n, read.Load(), most)
		}
		if n == events {
			break
		}
	}
}

// countedConn counts the bytes that are read.
type countedConn struct {
	net.Conn
	read *atomic.Int64
}

func (c countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}
