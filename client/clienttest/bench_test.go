package clienttest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/opcall/opcall/client/clienttest"
)

const smallChat = `{"model":"gpt-5-mini","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What is Titan?"}]}`

// rawChat is the text of a request, so that a benchmark measures the server and hardly the
// client.
func rawChat(body string) []byte {
	return fmt.Appendf(nil, "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

// BenchmarkChat is a small chat: validated and responded to by the server, and by a bare
// net/http handler that reads the body and responds with as many bytes.
func BenchmarkChat(b *testing.B) {
	server := clienttest.NewServer(b)
	_, _, body := post(b, server, "/chat/completions", smallChat)
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		io.Copy(io.Discard, hr.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "req_test_0001")
		io.WriteString(w, body)
	}))
	defer bare.Close()
	for name, url := range map[string]string{"bare": bare.URL, "server": server.URL()} {
		address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/v1")
		b.Run(name, func(b *testing.B) {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			reader, request := bufio.NewReader(conn), rawChat(smallChat)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := conn.Write(request); err != nil {
					b.Fatal(err)
				}
				resp, err := http.ReadResponse(reader, nil)
				if err != nil || resp.StatusCode != 200 {
					b.Fatalf("got %v, %v", resp, err)
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
			}
		})
	}
}

// BenchmarkStreams holds 1,000 streams open at the same time, and reports the memory of the
// process at that moment.
func BenchmarkStreams(b *testing.B) {
	const streams = 1000
	for b.Loop() {
		server, err := clienttest.Start(clienttest.WithTiming(clienttest.Timing{TokensPerSecond: 5}))
		if err != nil {
			b.Fatal(err)
		}
		request := rawChat(strings.Replace(smallChat, "{", `{"stream":true,`, 1))
		conns := make([]net.Conn, streams)
		var begun sync.WaitGroup
		for i := range conns {
			conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(server.URL(), "http://"), "/v1"))
			if err != nil {
				b.Fatal(err)
			}
			conns[i] = conn
			begun.Go(func() {
				conn.Write(request)
				buf := make([]byte, 4096)
				for n := 0; n < 300; { // the headers and the first event
					k, err := conn.Read(buf)
					if n += k; err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		begun.Wait()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapInuse+m.StackInuse)/(1<<20), "MiB")
		b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-of-system")
		for _, conn := range conns {
			conn.Close()
		}
		server.Close()
	}
}
