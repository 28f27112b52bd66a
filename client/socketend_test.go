package client_test

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// acceptKey answers the key of a handshake (RFC 6455 §4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// frame is one of a server (RFC 6455 §5.2) of less than 64 KiB, announced to have
// size bytes.
func frame(opcode byte, size int, payload string) string {
	head := []byte{0x80 | opcode, byte(size)}
	if size > 125 {
		head = binary.BigEndian.AppendUint16([]byte{0x80 | opcode, 126}, uint16(size))
	}
	return string(head) + payload
}

// drainSocket reads to the end.
func drainSocket(s *client.Socket) (types []string, err error) {
	for event, err := range s.Events() {
		if err != nil {
			return types, err
		}
		types = append(types, event.Type)
	}
	return types, nil
}

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
			var fault *client.EventError
			if !errors.As(err, &broken) && !(tt.want == "" && errors.As(err, &fault)) || len(types) != tt.events {
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

func TestSocketClose(t *testing.T) {
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
func TestSocketContext(t *testing.T) {
	server := clienttest.NewServer(t)
	reason := errors.New("the caller hung up")
	ctx, hangUp := context.WithCancelCause(t.Context())
	defer hangUp(nil)
	s, err := server.Client().Realtime(ctx, nil)
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
	if _, err := server.Client().Realtime(ctx, nil); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "(not sent)") {
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
	}).Realtime(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go s.Send(t.Context(), client.Params{"type": "response.create"})
	if _, err := drainSocket(s); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// While a handshake gets no answer.
func TestSocketDialTimesOut(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondHandshake("realtime", clienttest.Answer{Status: 500, Delay: time.Hour})
	_, err := server.Client().Realtime(t.Context(), nil, client.WithTimeout(20*time.Millisecond), client.WithMaxRetries(0))
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "WithTimeout") {
		t.Errorf("got %v, want the timeout", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := server.Client().Realtime(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
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

// A server that never says anything is silent.
func TestSocketSilence(t *testing.T) {
	t.Parallel()
	silent := realtime(t, wirePeer(t, func(conn io.ReadWriteCloser) { io.Copy(io.Discard, conn) }), client.WithKeepAlive(10*time.Millisecond))
	_, err := drainSocket(silent)
	var broken *client.ConnectionError
	if !errors.As(err, &broken) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer to a ping within 10ms; WithKeepAlive") {
		t.Errorf("got %v, want the silence", err)
	}
	if sent := silent.Send(t.Context(), client.Params{"type": "response.create"}); !errors.Is(sent, context.DeadlineExceeded) {
		t.Errorf("Send: got %v", sent)
	}
}

// One that answers pings is not, nor is one that does not but goes on sending a
// message.
func TestSocketKeepAlive(t *testing.T) {
	const pings = 3
	event := `{"type":"end"}`
	whole := frame(1, len(event), event)
	tests := map[string]func(n int, payload string) string{
		"pongs": func(n int, payload string) string {
			if n == pings {
				return whole
			}
			return frame(10, len(payload), payload)
		},
		"pieces": func(n int, _ string) string {
			if n == pings {
				return whole[pings-1:]
			}
			return whole[n-1 : n]
		},
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := realtime(t, wirePeer(t, func(conn io.ReadWriteCloser) {
				for n := 1; n <= pings; n++ {
					payload, err := readPing(conn)
					if err != nil {
						t.Errorf("ping %d: %v", n, err)
						return
					}
					io.WriteString(conn, answer(n, payload))
				}
				io.WriteString(conn, frame(8, 2, "\x03\xe8"))
			}), client.WithKeepAlive(200*time.Millisecond))
			types, err := drainSocket(s)
			var closed *client.CloseError
			if !errors.As(err, &closed) || !cmp.Equal(types, []string{"end"}) {
				t.Errorf("got %q, %v, want the server's end after the pings", types, err)
			}
		})
	}
}

// readPing reads a ping of a client: two bytes, a mask of four, a payload.
func readPing(conn io.Reader) (payload string, err error) {
	head := make([]byte, 6)
	if _, err := io.ReadFull(conn, head); err != nil {
		return "", err
	}
	text := make([]byte, head[1]&0x7f)
	if _, err := io.ReadFull(conn, text); err != nil {
		return "", err
	}
	if head[0]&0x0f != 9 {
		return "", fmt.Errorf("got opcode %d", head[0]&0x0f)
	}
	for i := range text {
		text[i] ^= head[2+i%4]
	}
	return string(text), nil
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
	s, err := server.Client(client.WithHTTPClient(&http.Client{Transport: transport})).ResponsesSocket(t.Context())
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

// A conversation that the connection breaks off in the middle of goes on on
// another socket: the caller decides, and knows what it has.
func TestSocketRedial(t *testing.T) {
	server := clienttest.NewServer(t)
	say := clienttest.Say("Titan is a moon of Saturn.")
	server.RespondSocket("responses",
		clienttest.SocketAnswer{Output: say},
		clienttest.SocketAnswer{Output: say, Fail: clienttest.DropSocket(6)},
		clienttest.SocketAnswer{Output: say, Fail: clienttest.CloseSocket(6, 1012, "restart")},
		clienttest.SocketAnswer{Output: say})
	server.RespondHandshake("responses", clienttest.Answer{}, clienttest.ErrorAnswer(429, "rate_limit_exceeded", ""), clienttest.Answer{})
	s, err := server.Client().ResponsesSocket(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close() }()
	var ends []string
	previous := ""
	for turn := 0; turn < 2; {
		text, id, err := respond(t.Context(), s, previous)
		var broken *client.ConnectionError
		var closed *client.CloseError
		switch {
		case err == nil:
			if text != "Titan is a moon of Saturn." {
				t.Errorf("got %q", text)
			}
			previous = id
			turn++
			continue
		case errors.As(err, &closed) && closed.Temporary(), errors.As(err, &broken):
		default:
			t.Fatal(err)
		}
		if text == "" || !strings.HasPrefix("Titan is a moon of Saturn.", text) {
			t.Errorf("before the end got %q", text)
		}
		ends = append(ends, fmt.Sprintf("%T", err))
		s.Close()
		if s, err = s.Redial(t.Context(), client.WithAPIKey(fmt.Sprintf("ek_fresh_%d", len(ends)))); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"*client.ConnectionError", "*client.CloseError"}; !cmp.Equal(ends, want) {
		t.Errorf("got ends %q, want %q", ends, want)
	}
	var keys []string
	for _, req := range server.Requests() {
		keys = append(keys, req.Header.Get("Authorization"))
	}
	want := []string{"Bearer " + clienttest.Key, "Bearer ek_fresh_1", "Bearer ek_fresh_1", "Bearer ek_fresh_2"}
	if !cmp.Equal(keys, want) {
		t.Errorf("got keys %q, want %q: one handshake was refused, and made again", keys, want)
	}
	asked := server.SocketEvents("responses")
	if len(asked) != 4 || asked[3].Get("previous_response_id").String() != asked[1].Get("previous_response_id").String() {
		t.Errorf("got %d events", len(asked))
	}
}

// respond creates a response and reads it to its end, or to the error that was
// there instead.
func respond(ctx context.Context, s *client.Socket, previous string) (text, id string, err error) {
	event := client.Params{"type": "response.create", "model": "gpt-5-mini", "input": "What is Titan?"}
	if previous != "" {
		event["previous_response_id"] = previous
	}
	if err := s.Send(ctx, event); err != nil {
		return "", "", err
	}
	for event, err := range s.Events() {
		if err != nil {
			return text, "", err
		}
		text += event.Text()
		if event.Type == "response.completed" {
			return text, event.Get("response.id").String(), nil
		}
	}
	return text, "", client.ErrSocketClosed
}

// Realtime: the session is set up anew, the item is sent again, the call goes on.
func TestRealtimeRedial(t *testing.T) {
	server := clienttest.NewServer(t)
	server.RespondSocket("realtime",
		clienttest.SocketAnswer{Output: clienttest.CallTool("weather", `{"city": "Paris"}`)},
		clienttest.SocketAnswer{Output: clienttest.Say("It is sunny."), Fail: clienttest.DropSocket(0)},
		clienttest.SocketAnswer{Output: clienttest.Say("It is sunny.")})
	s, err := server.Client().Realtime(t.Context(), client.Params{"model": "gpt-realtime"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { s.Close() }()
	var said []any // what the conversation consists of
	setUp := func() {
		for _, event := range append([]any{`{"type":"session.update","session":{"type":"realtime","output_modalities":["text"]}}`}, said...) {
			if err := s.Send(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}
	}
	add := func(item client.Params) {
		event := client.Params{"type": "conversation.item.create", "item": item}
		said = append(said, event)
		if err := s.Send(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	setUp()
	add(client.Params{"type": "message", "role": "user", "content": []any{client.Params{"type": "input_text", "text": "Paris?"}}})
	text := ""
	for drops := 0; text == ""; {
		if err := s.Send(t.Context(), client.Params{"type": "response.create"}); err != nil {
			t.Fatal(err)
		}
		for event, err := range s.Events() {
			if err != nil {
				if drops++; drops > 1 {
					t.Fatal(err)
				}
				s.Close()
				if s, err = s.Redial(t.Context()); err != nil {
					t.Fatal(err)
				}
				setUp()
				break
			}
			if event.Type == "response.done" {
				for _, item := range event.Get("response.output").Array() {
					if item.Get("type").String() == "function_call" {
						add(client.Params{"type": "function_call", "name": item.Get("name").String(), "call_id": item.Get("call_id").String(), "arguments": item.Get("arguments").String()})
						add(client.Params{"type": "function_call_output", "call_id": item.Get("call_id").String(), "output": "sunny"})
					}
					text += item.Get("content.0.text").String()
				}
				break
			}
		}
	}
	if text != "It is sunny." {
		t.Errorf("got %q", text)
	}
	for _, e := range server.SocketEvents("realtime") {
		if e.Refusal != nil {
			t.Errorf("%s: %v", e.Data, e.Refusal)
		}
	}
}
