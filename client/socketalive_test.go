package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
)

// TestSocketSilenceEndsIt: a server that never says anything is silent.
func TestSocketSilenceEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 30 * time.Second
		began := time.Now()
		silent := realtime(t, pipePeer(t, func(conn io.ReadWriteCloser) { io.Copy(io.Discard, conn) }), client.WithSocketKeepAlive(limit))
		_, err := drainSocket(silent)
		var broken *client.ConnectionError
		if !errors.As(err, &broken) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no response to a ping within 30s; WithSocketKeepAlive") {
			t.Errorf("got %v, want the silence", err)
		}
		if passed := time.Since(began); passed < 2*limit || passed > 3*limit {
			t.Errorf("got the silence after %v, want it one limit after the first ping, which goes out after another", passed)
		}
		if sent := silent.Send(t.Context(), client.Params{"type": "response.create"}); !errors.Is(sent, context.DeadlineExceeded) {
			t.Errorf("Send: got %v", sent)
		}
	})
}

// TestSocketKeepAliveLetsLivingServersBe: neither one that answers pings is
// silent nor one that does not, but goes on sending a message.
func TestSocketKeepAliveLetsLivingServersBe(t *testing.T) {
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
			synctest.Test(t, func(t *testing.T) {
				s := realtime(t, pipePeer(t, func(conn io.ReadWriteCloser) {
					for n := 1; n <= pings; n++ {
						payload, err := readPing(conn)
						if err != nil {
							t.Errorf("ping %d: %v", n, err)
							return
						}
						io.WriteString(conn, answer(n, payload))
					}
					io.WriteString(conn, frame(8, 2, "\x03\xe8"))
				}), client.WithSocketKeepAlive(time.Minute))
				types, err := drainSocket(s)
				var closed *client.CloseError
				if !errors.As(err, &closed) || !cmp.Equal(types, []string{"end"}) {
					t.Errorf("got %q, %v, want the server's end after the pings", types, err)
				}
			})
		})
	}
}

// pipePeer is wirePeer over pipes in memory, in a bubble of synctest: time passes
// only while all of its goroutines wait.
func pipePeer(t *testing.T, serve func(conn io.ReadWriteCloser)) *client.Client {
	t.Helper()
	c, _ := pipeClient(t, func(w http.ResponseWriter, r *http.Request) {
		conn, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		writeUpgrade(buffered, r)
		serve(conn)
	})
	return c
}

// pipeClient returns a client of a server over pipes, and the listener of the server.
func pipeClient(t *testing.T, handler http.HandlerFunc) (*client.Client, *pipeListener) {
	t.Helper()
	pipes := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	go server.Serve(pipes)
	t.Cleanup(func() { server.Close() })
	transport := &http.Transport{DialContext: pipes.dial}
	t.Cleanup(transport.CloseIdleConnections)
	return newClient(t, client.WithBaseURL("http://127.0.0.1/v1"), client.WithAPIKey(socketKey),
		client.WithHTTPClient(&http.Client{Transport: transport})), pipes
}

// pipeListener accepts what its dial connects.
type pipeListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
	dialed atomic.Int64
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	l.dialed.Add(1)
	near, far := net.Pipe()
	select {
	case l.conns <- far:
		return near, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

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
