package client_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// heldConn tells when a connection is closed.
type heldConn struct {
	net.Conn
	closed func()
}

func (c heldConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

// TestSocketLeavesNoConnection: the connection is closed by whatever ends the
// socket, without a Close. That no goroutine stays is what TestMain looks at.
func TestSocketLeavesNoConnection(t *testing.T) {
	say := func(text string) func(context.Context, *websocket.Conn) {
		return func(ctx context.Context, conn *websocket.Conn) {
			conn.Write(ctx, websocket.MessageText, []byte(text))
			conn.Read(ctx)
		}
	}
	begun := make(chan struct{}) // an event that does not get through
	for name, test := range map[string]struct {
		serve func(ctx context.Context, conn *websocket.Conn)
		opts  []client.CallOption
		end   func(cancel context.CancelFunc, s *client.Socket) // nil reads to the end
	}{
		"closed by the server":   {serve: func(_ context.Context, conn *websocket.Conn) { conn.Close(1011, "") }},
		"dropped by the server":  {serve: func(_ context.Context, conn *websocket.Conn) { conn.CloseNow() }},
		"event that is not JSON": {serve: say(`{`)},
		"event that breaks the tier": {
			serve: say(`{"type":"session.created"}`),
			opts:  []client.CallOption{client.WithResponseValidation(schema.Standard)},
		},
		"event that is too large": {
			serve: say(`{"type":"a"}`),
			opts:  []client.CallOption{client.WithSocketReadLimit(8), client.WithInvalidEvents()},
		},
		"silence": {
			serve: func(ctx context.Context, _ *websocket.Conn) { <-ctx.Done() },
			opts:  []client.CallOption{client.WithSocketKeepAlive(10 * time.Millisecond)},
		},
		"context, without a reader": {
			serve: say(`{"type":"a"}`),
			opts:  []client.CallOption{client.WithSocketKeepAlive(time.Hour)},
			end:   func(cancel context.CancelFunc, _ *client.Socket) { cancel() },
		},
		"context of a Send": {
			serve: func(ctx context.Context, conn *websocket.Conn) {
				conn.Reader(ctx)
				close(begun)
				<-ctx.Done()
			},
			end: func(_ context.CancelFunc, s *client.Socket) {
				ctx, cancel := context.WithCancel(context.Background())
				go func() {
					<-begun
					cancel()
				}()
				s.Send(ctx, `{"type":"input_audio_buffer.append","audio":"`+strings.Repeat("A", 16<<20)+`"}`)
			},
		},
		"Close": {
			serve: say(`{"type":"a"}`),
			end:   func(_ context.CancelFunc, s *client.Socket) { s.Close() },
		},
		"handshake that was refused": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			closed := make(chan struct{})
			transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				return heldConn{conn, sync.OnceFunc(func() { close(closed) })}, err
			}}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			setting := client.WithHTTPClient(&http.Client{Transport: transport})
			if test.serve == nil {
				c := clientOf(t, newBareServer(t, responding(401, "", "")), setting)
				if s, err := c.Socket(ctx, "realtime", nil); err == nil {
					s.Close()
					t.Fatal("the handshake was not refused")
				}
				transport.CloseIdleConnections() // another call may have used it
			} else {
				s, err := peer(t, test.serve, setting).Socket(ctx, "realtime", nil, test.opts...)
				if err != nil {
					t.Fatal(err)
				}
				if test.end == nil {
					if _, err := drainSocket(s); err == nil {
						t.Error("the socket ended without an error")
					}
				} else {
					test.end(cancel, s)
				}
			}
			select {
			case <-closed:
			case <-time.After(10 * time.Second):
				t.Error("the connection is still open")
			}
		})
	}
}
