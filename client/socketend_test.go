package client_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

func TestSocketClosedByTheServer(t *testing.T) {
	tests := map[string]struct {
		code      int
		reason    string
		want      string
		temporary bool
	}{
		"normal":          {1000, "", "realtime: the server closed the socket: 1000 normal closure", false},
		"going away":      {1001, "", "1001 going away", true},
		"policy":          {1008, "Your session hit the maximum duration.", "1008 policy violation: Your session hit the maximum duration.", false},
		"internal":        {1011, "keepalive ping timeout", "1011 internal error: keepalive ping timeout", true},
		"again":           {1013, "", "1013 try again later", true},
		"private":         {4000, "invalid_request_error", "4000: invalid_request_error", false},
		"with a secret":   {4001, "bad key " + socketKey, "4001: bad key ***", false},
		"on several line": {4002, "a\nb", "4002: a b", false},
		"no code":         {1005, "", "1005 no code given", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := realtime(t, peer(t, func(ctx context.Context, conn *websocket.Conn) {
				conn.Write(ctx, websocket.MessageText, []byte(`{"type":"last"}`))
				conn.Close(websocket.StatusCode(tt.code), tt.reason)
			}))
			types, err := drainSocket(s)
			var closed *client.CloseError
			if !errors.As(err, &closed) || len(types) != 1 {
				t.Fatalf("got %q, %v, want the event and a *CloseError", types, err)
			}
			if closed.Code != tt.code || closed.Temporary() != tt.temporary || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, temporary %v, want %q", err, closed.Temporary(), tt.want)
			}
			if strings.Contains(err.Error()+closed.Reason, socketKey) {
				t.Error("got a secret")
			}
			if _, again := drainSocket(s); again != err {
				t.Errorf("ranging again got %v, want the same end", again)
			}
			if sent := s.Send(t.Context(), client.Params{"type": "response.create"}); sent != err {
				t.Errorf("Send got %v, want the end", sent)
			}
		})
	}
}

// However a connection breaks off, the end of it is an error that says so, and
// never the end of a message.
func TestSocketBrokenOff(t *testing.T) {
	event := `{"type":"session.created"}`
	tests := map[string]struct {
		sent   string
		events int
		want   string
	}{
		"at once":                    {"", 0, "the connection broke off"},
		"between messages":           {frame(1, len(event), event), 1, "the connection broke off"},
		"in a header":                {frame(1, len(event), event) + "\x81", 1, "the connection broke off"},
		"in a message":               {frame(1, 1000, event), 0, "the connection broke off"},
		"where a buffer ends":        {frame(1, 1000, event+strings.Repeat(" ", 512-len(event))), 0, "the connection broke off"},
		"in a control frame":         {frame(9, 10, "ping"), 0, "the connection broke off"},
		"close with a code too few":  {frame(8, 1, "\x03"), 0, "close payload"},
		"close with a code of nobod": {frame(8, 2, "\x03\xed"), 0, "invalid status code"},
		"unknown opcode":             {frame(5, 0, ""), 0, "unknown opcode"},
		"reserved bits":              {"\xf1\x00", 0, "rsv bits"},
		"continuation of nothing":    {frame(0, 1, "a"), 0, "continuation"},
		"masked":                     {"\x81\x85abcdhello", 0, ""},
		"text, not frames":           {"HTTP/1.1 400 Bad Request\r\n\r\n", 0, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := realtime(t, wirePeer(t, func(conn io.ReadWriteCloser) { io.WriteString(conn, tt.sent) }))
			types, err := drainSocket(s)
			var broken *client.ConnectionError
			var eventErr *client.EventError
			if !errors.As(err, &broken) && !(tt.want == "" && errors.As(err, &eventErr)) || len(types) != tt.events {
				t.Fatalf("got %q, %v, want %d events and a *ConnectionError", types, err, tt.events)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "failed to") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if tt.want == "the connection broke off" && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %v, want one that matches io.ErrUnexpectedEOF", err)
			}
		})
	}
}

func TestSocketCloseEndsBothSides(t *testing.T) {
	var got websocket.StatusCode
	var heard sync.WaitGroup
	heard.Add(1)
	s := realtime(t, peer(t, func(ctx context.Context, conn *websocket.Conn) {
		defer heard.Done()
		_, _, err := conn.Read(ctx)
		got = websocket.CloseStatus(err)
	}))
	var closers sync.WaitGroup
	for range 4 {
		closers.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	if types, err := drainSocket(s); err != nil || len(types) > 0 {
		t.Errorf("got %q, %v, want an end without an error", types, err)
	}
	closers.Wait()
	heard.Wait()
	if got != websocket.StatusNormalClosure {
		t.Errorf("the server got code %d, want 1000", got)
	}
	var broken *client.ConnectionError
	err := s.Send(t.Context(), client.Params{"type": "response.create"})
	if !errors.Is(err, client.ErrSocketClosed) || !errors.As(err, &broken) || !strings.Contains(err.Error(), "(not sent)") {
		t.Errorf("Send: got %v, want ErrSocketClosed, not sent", err)
	}
	if types, err := drainSocket(s); err != nil || len(types) > 0 {
		t.Errorf("ranging again: got %q, %v", types, err)
	}
}

// Close inside the loop, and leaving the loop without.
func TestSocketLeavingTheLoop(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("realtime", clienttest.SocketAnswer{Output: clienttest.Say("Titan is a moon of Saturn.")})
	s := realtime(t, server.Client())
	if err := s.Send(t.Context(), client.Params{"type": "response.create"}); err != nil {
		t.Fatal(err)
	}
	text := ""
	for {
		event, err := nextEvent(s) // each a loop of its own
		if err != nil {
			t.Fatal(err)
		}
		text += event.Text()
		if event.Type == "response.done" {
			break
		}
	}
	if want := "Titan is a moon of Saturn."; text != want {
		t.Errorf("got %q, want %q: nothing is lost between loops", text, want)
	}
	if err := s.Send(t.Context(), client.Params{"type": "response.create"}); err != nil {
		t.Fatal(err)
	}
	events := 0
	for _, err := range s.Events() {
		if err != nil {
			t.Error(err)
		}
		events++
		s.Close()
	}
	if events != 1 {
		t.Errorf("got %d events after Close, want none", events-1)
	}
}

func TestSocketOneReader(t *testing.T) {
	s := realtime(t, clienttest.NewServer(t).Client())
	for range s.Events() {
		_, err := nextEvent(s)
		if err == nil || !strings.Contains(err.Error(), "second range") {
			t.Errorf("got %v", err)
		}
		break
	}
	if err := s.Send(t.Context(), client.Params{"type": "input_audio_buffer.clear"}); err != nil {
		t.Fatal(err)
	}
	if event, err := nextEvent(s); err != nil || event.Type != "input_audio_buffer.cleared" {
		t.Errorf("then got %q, %v", event.Type, err)
	}
}

// The context of the socket ends it, while reading and before.
func TestSocketEndsWithItsContext(t *testing.T) {
	server := clienttest.NewServer(t)
	reason := errors.New("the caller hung up")
	ctx, hangUp := context.WithCancelCause(t.Context())
	defer hangUp(nil)
	s, err := server.Client().Socket(ctx, "realtime", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for event, err := range s.Events() {
		if err == nil {
			hangUp(reason)
			if event.Type != "session.created" {
				t.Errorf("got %q", event.Type)
			}
			continue
		}
		var broken *client.ConnectionError
		if !errors.As(err, &broken) || !errors.Is(err, context.Canceled) || !errors.Is(err, reason) {
			t.Errorf("got %v, want a *ConnectionError for the context and its cause", err)
		}
	}
	if err := s.Send(t.Context(), client.Params{"type": "response.create"}); !errors.Is(err, reason) {
		t.Errorf("Send: got %v", err)
	}
	before := len(server.Requests())
	if _, err := server.Client().Socket(ctx, "realtime", nil); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "(not sent)") {
		t.Errorf("dialing: got %v", err)
	}
	if len(server.Requests()) != before {
		t.Error("a handshake was sent")
	}
}

// A context that ends while the reader waits, with a server that says nothing.
func TestSocketContextWhileWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := peer(t, func(ctx context.Context, conn *websocket.Conn) {
		conn.Read(ctx) // what says that the client reads
		cancel()
		<-ctx.Done()
	}).Socket(ctx, "realtime", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go s.Send(t.Context(), client.Params{"type": "response.create"})
	if _, err := drainSocket(s); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// A send whose context ends when the event is on its way ends the socket.
func TestSocketSendIsCut(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := realtime(t, wirePeer(t, func(conn io.ReadWriteCloser) {
		io.ReadFull(conn, make([]byte, 14)) // the head of its frame
		cancel()
		<-t.Context().Done()
	}))
	err := s.Send(ctx, `{"type":"input_audio_buffer.append","audio":"`+strings.Repeat("A", 16<<20)+`"}`)
	var broken *client.ConnectionError
	if !errors.As(err, &broken) || !errors.Is(err, context.Canceled) || broken.Attempts != 1 || !strings.Contains(err.Error(), "while an event was being written") {
		t.Fatalf("got %v, want a *ConnectionError for the context", err)
	}
	if _, end := drainSocket(s); end != err {
		t.Errorf("got %v as the end, want %v", end, err)
	}
}
