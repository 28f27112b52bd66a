package conform_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/conform"
)

// compressor compresses the messages of one side, each with what it knows of those before
// or without.
type compressor struct {
	takeover bool
	text     bytes.Buffer
	writer   *flate.Writer
}

func (c *compressor) frame(t *testing.T, opcode byte, message string) []byte {
	t.Helper()
	if c.writer == nil || !c.takeover {
		writer, err := flate.NewWriter(&c.text, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		c.writer = writer
	}
	c.text.Reset()
	io.WriteString(c.writer, message)
	if err := c.writer.Flush(); err != nil {
		t.Fatal(err)
	}
	b := frame(opcode, true, strings.TrimSuffix(c.text.String(), "\x00\x00\xff\xff"))
	b[0] |= 0x40
	return b
}

func TestCompressedMessagesAreValidated(t *testing.T) {
	const invalid = `{"type":"response.cancel","event_id":7}`
	valid := `{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"` + strings.Repeat("so ", 500) + `"}]}}`
	for name, tt := range map[string]struct {
		extension string
		takeover  bool
		limit     int
		messages  func(c *compressor) [][]byte
		want      []string // in reports
		reports   int
	}{
		"with what came before": {"permessage-deflate; client_max_window_bits=15", true, 1 << 20, func(c *compressor) [][]byte {
			return [][]byte{c.frame(t, 1, valid), c.frame(t, 2, valid), c.frame(t, 1, invalid), frame(9, true, "ping"), c.frame(t, 1, valid), c.frame(t, 1, invalid)}
		}, []string{"event 2: ", "event 4: "}, 2},
		"each for itself": {"permessage-deflate; client_no_context_takeover", false, 1 << 20, func(c *compressor) [][]byte {
			return [][]byte{c.frame(t, 1, valid), c.frame(t, 1, invalid), c.frame(t, 1, invalid)}
		}, []string{"event 2: ", "event 3: "}, 2},
		"not all are compressed": {"permessage-deflate", true, 1 << 20, func(c *compressor) [][]byte {
			return [][]byte{c.frame(t, 1, valid), frame(1, true, invalid), c.frame(t, 1, invalid)}
		}, []string{"event 2: ", "event 3: "}, 2},
		"too long": {"permessage-deflate", true, 1000, func(c *compressor) [][]byte {
			return [][]byte{c.frame(t, 1, valid), c.frame(t, 1, invalid)}
		}, []string{"more than 1000 bytes; what follows is not validated"}, 2},
		"too long, each for itself": {"permessage-deflate; client_no_context_takeover", false, 1000, func(c *compressor) [][]byte {
			return [][]byte{c.frame(t, 1, valid), c.frame(t, 1, invalid)}
		}, []string{"event 1", "more than 1000 bytes", "event 2: "}, 2},
		"not agreed on": {"", true, 1 << 20, func(c *compressor) [][]byte {
			return [][]byte{c.frame(t, 1, invalid)}
		}, []string{"bits of an extension that was not agreed on"}, 1},
		"no deflate": {"permessage-deflate", true, 1 << 20, func(*compressor) [][]byte {
			b := frame(1, true, "\xff\xff\xff\xff")
			b[0] |= 0x40
			return [][]byte{b}
		}, []string{"not the deflate that was agreed on"}, 2},
		"another extension": {"x-secret", true, 1 << 20, func(*compressor) [][]byte {
			return [][]byte{frame(1, true, invalid)}
		}, []string{"an extension other than permessage-deflate"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			sent := bytes.Join(tt.messages(&compressor{takeover: tt.takeover}), nil)
			upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				conn, buf, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				extension := ""
				if tt.extension != "" {
					extension = "Sec-WebSocket-Extensions: " + tt.extension + "\r\n"
				}
				io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+extension+"Sec-WebSocket-Accept: x\r\n\r\n")
				got := make([]byte, len(sent))
				if _, err := io.ReadFull(buf, got); err != nil || !bytes.Equal(got, sent) {
					t.Errorf("got %q, %v; want %q", got, err, sent)
				}
			}))
			defer upstream.Close()
			var got reports
			p, server := proxied(t, upstream.URL, conform.WithReport(got.add), conform.WithMaxBody(tt.limit))
			conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "GET /v1/realtime?model=m HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer key\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", base64.StdEncoding.EncodeToString(make([]byte, 16)))
			reader := bufio.NewReader(conn)
			if resp, err := http.ReadResponse(reader, nil); err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("got %v, %v; want 101", resp, err)
			}
			if _, err := conn.Write(sent); err != nil {
				t.Fatal(err)
			}
			if _, err := reader.ReadByte(); err == nil {
				t.Error("the connection goes on, want its end")
			}
			conn.Close()
			if err := p.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			contains(t, "reports", got.text(), tt.want...)
			if n := len(got.all); n != tt.reports {
				t.Errorf("got %d reports, want %d: %s", n, tt.reports, got.text())
			}
		})
	}
}
