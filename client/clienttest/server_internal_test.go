package clienttest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestBodyThatStandsStillIsRefused(t *testing.T) {
	server := NewServer(t, func(s *Server) error { s.bodyTimeout = time.Millisecond; return nil })
	address, _, _ := strings.Cut(strings.TrimPrefix(server.URL(), "http://"), "/")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); resp.StatusCode != 400 || !strings.Contains(string(body), "nothing of the body came for 1ms") {
		t.Errorf("got %d %s, error %v, want 400 that says why", resp.StatusCode, body, err)
	}
}
