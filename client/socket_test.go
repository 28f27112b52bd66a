package client_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

const socketKey = "sk-socket-secret-0123456789"

// peer is a server of sockets whose side of the conversation is the test's.
func peer(t *testing.T, serve func(ctx context.Context, conn *websocket.Conn), opts ...client.Option) *client.Client {
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
	return clientOf(t, server.URL, opts...)
}

// wirePeer is a server that accepts a handshake and then writes raw bytes.
func wirePeer(t *testing.T, serve func(conn io.ReadWriteCloser)) *client.Client {
	t.Helper()
	return hijacker(t, func(conn io.ReadWriteCloser, buffered *bufio.ReadWriter, r *http.Request) {
		writeUpgrade(buffered, r)
		serve(conn)
	})
}

// hijacker is a server whose answers are raw bytes.
func hijacker(t *testing.T, serve func(conn io.ReadWriteCloser, buffered *bufio.ReadWriter, r *http.Request)) *client.Client {
	t.Helper()
	return clientOf(t, newBareServer(t, func(w http.ResponseWriter, r *http.Request) {
		conn, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		serve(conn, buffered, r)
	}))
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
	s, err := c.Socket(t.Context(), "realtime", client.Params{"model": "gpt-realtime"}, opts...)
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

func TestSocketSendValidatesEvents(t *testing.T) {
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
		"list":          {[]any{1}, "realtime: /: got an event that is an array, want an object"},
		"no JSON":       {`{"type":`, "realtime: /: the event cannot be read as JSON"},
		"a file":        {client.File{}, "want JSON or what marshals to it"},
		"nothing":       {nil, "realtime: /: got an event that is null"},
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
