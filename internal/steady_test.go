package internal_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opcall/opcall/internal/steady"
)

// pipes is a listener whose connections are in memory, so that its time is that of the
// test.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func newPipes() *pipes { return &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.accepted <- server
	return client
}

// served runs a server of handler while test talks to it.
func served(t *testing.T, handler http.HandlerFunc, test func(conn net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		listener := newPipes()
		server := http.Server{Handler: steady.Bodies(handler, steady.Timeout)}
		done := make(chan error)
		go func() { done <- server.Serve(listener) }()
		conn := listener.dial()
		test(conn)
		conn.Close()
		server.Close()
		if err := <-done; err != http.ErrServerClosed {
			t.Error(err)
		}
	})
}

const head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"

func TestBodyThatStandsStillIsGivenUp(t *testing.T) {
	var body []byte
	var failed error
	handler := func(_ http.ResponseWriter, r *http.Request) { body, failed = io.ReadAll(r.Body) }
	served(t, handler, func(conn net.Conn) {
		io.WriteString(conn, head+"ab")
		if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
			t.Error(err)
		}
	})
	if string(body) != "ab" || failed == nil || failed.Error() != "nothing of the body came for 1m0s" {
		t.Errorf("got %q, error %v, want that nothing came for a minute", body, failed)
	}
}

// A body that comes slowly but comes, and a response that takes longer than the limit.
func TestSlowBodyAndLongResponseAreLeftAlone(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		select {
		case <-time.After(10 * steady.Timeout):
		case <-r.Context().Done():
			t.Error("the context ended before the response")
		}
		w.Write(body)
	}
	served(t, handler, func(conn net.Conn) {
		io.WriteString(conn, head)
		for _, piece := range []string{"a", "b", "c", "d"} {
			time.Sleep(steady.Timeout - time.Second)
			io.WriteString(conn, piece)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Error(err)
			return
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "abcd" || err != nil {
			t.Errorf("got %q, error %v, want abcd", body, err)
		}
	})
}
