package conform_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/opcall/opcall/client/conform"
)

// frame is a frame of a client, masked.
func frame(opcode byte, final bool, text string) []byte {
	b := []byte{opcode}
	if final {
		b[0] |= 0x80
	}
	if len(text) < 126 {
		b = append(b, byte(len(text))|0x80)
	} else {
		b = append(b, 126|0x80, byte(len(text)>>8), byte(len(text)))
	}
	key := [4]byte{1, 2, 3, 4}
	b = append(b, key[:]...)
	for i := range len(text) {
		b = append(b, text[i]^key[i%4])
	}
	return b
}

func TestFramesPassByteForByteAndAreValidated(t *testing.T) {
	sent := bytes.Join([][]byte{
		frame(1, true, `{"type":"response.create"}`),
		frame(1, false, `{"type":"conversation.`), frame(9, true, "ping"), frame(0, true, `item.creat","item":{}}`),
		frame(2, true, "\x00\x01"), frame(1, true, `{"type":"response.cancel","event_id":"`+strings.Repeat("x", 200)+`"}`),
	}, nil)
	said := []byte("\x81\x13{\"type\":\"no_event\"}\x8a\x00\x88\x02\x03\xe8")
	arrived := make(chan []byte, 1)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(buf, got); err != nil {
			t.Error(err)
		}
		arrived <- got
		conn.Write(said)
	}))
	defer upstream.Close()
	var got reports
	var recording lockedBuffer
	p, server := proxied(t, upstream.URL, conform.WithReport(got.add), conform.WithRecording(&recording))
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /v1/realtime?model=m HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer sk-nobody-keeps-this\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", base64.StdEncoding.EncodeToString(make([]byte, 16)))
	reader := bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, nil)
	if err != nil || resp.StatusCode != 101 {
		t.Fatalf("got %v, %v; want 101", resp, err)
	}
	for _, b := range [][]byte{sent[:3], sent[3:40], sent[40:]} {
		if _, err := conn.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if b := <-arrived; !bytes.Equal(b, sent) {
		t.Errorf("got %q, want %q", b, sent)
	}
	back := make([]byte, len(said))
	if _, err := io.ReadFull(reader, back); err != nil || !bytes.Equal(back, said) {
		t.Errorf("got %q, %v; want %q", back, err, said)
	}
	if _, err := reader.ReadByte(); err == nil {
		t.Error("the connection goes on, want its end")
	}
	conn.Close()
	if err := p.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	contains(t, "reports", got.text(), "request GET /v1/realtime, status 101, event 2: ", "response GET /v1/realtime, status 101, event 1")
	if n := len(got.all); n != 2 {
		t.Errorf("got %d reports, want 2: %s", n, got.text())
	}
	for e, err := range conform.Exchanges(strings.NewReader(recording.String())) {
		if err != nil {
			t.Fatal(err)
		}
		want := []conform.Message{
			{From: conform.Client, Body: conform.Body(`{"type":"response.create"}`)},
			{From: conform.Client, Body: conform.Body(`{"type":"conversation.item.creat","item":{}}`)},
			{From: conform.Client, Body: conform.Body("\x00\x01"), Binary: true},
			{From: conform.Client, Body: conform.Body(`{"type":"response.cancel","event_id":"` + strings.Repeat("x", 200) + `"}`)},
			{From: conform.Server, Body: conform.Body(`{"type":"no_event"}`)},
			{From: conform.Server, Close: 1000},
		}
		if diff := cmp.Diff(want, e.Messages, cmpopts.EquateEmpty()); diff != "" || e.MessagesOmitted {
			t.Errorf("omitted %v, recorded (-want +got):\n%s", e.MessagesOmitted, diff)
		}
	}
	if text := recording.String(); strings.Count(text, "\n") != 1 || strings.Contains(text, "nobody-keeps") {
		t.Errorf("got %s, want a line without a key", text)
	}
}

func TestShutdownClosesWebSockets(t *testing.T) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		io.Copy(io.Discard, conn)
	}))
	defer upstream.Close()
	p, server := proxied(t, upstream.URL)
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET /v1/realtime?model=m HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	reader := bufio.NewReader(conn)
	if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != 101 {
		t.Fatalf("got %v, %v", resp, err)
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := reader.ReadByte(); err == nil {
		t.Error("the socket is open, want it closed")
	}
}
