package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
)

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
