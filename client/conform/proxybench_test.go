package conform_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/opcall/opcall/client/conform"
)

// benchServers are a plain reverse proxy and ours, in front of a server.
func benchServers(b *testing.B, serve http.HandlerFunc) map[string]string {
	b.Helper()
	upstream := httptest.NewServer(serve)
	b.Cleanup(upstream.Close)
	target, err := url.Parse(upstream.URL)
	if err != nil {
		b.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	b.Cleanup(transport.CloseIdleConnections)
	bare := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		body, _ := io.ReadAll(r.Out.Body) // else a response may break off that begins before the end of the body was read
		r.Out.Body = io.NopCloser(bytes.NewReader(body))
	}, FlushInterval: -1, Transport: transport})
	b.Cleanup(bare.Close)
	_, ours := proxied(b, upstream.URL, conform.WithReport(func(conform.Report) {}))
	return map[string]string{"bare": bare.URL, "proxy": ours.URL}
}

// BenchmarkProxy is a small chat, by way of a bare httputil.ReverseProxy and of a Proxy
// that validates both messages.
func BenchmarkProxy(b *testing.B) {
	for name, base := range benchServers(b, func(w http.ResponseWriter, hr *http.Request) {
		io.Copy(io.Discard, hr.Body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, chatAnswer)
	}) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				roundTrip(b, base+chatPath, chatBody)
			}
		})
	}
	http.DefaultClient.CloseIdleConnections()
}

// BenchmarkProxyEvents is a stream of 1,000 events, likewise.
func BenchmarkProxyEvents(b *testing.B) {
	const events = 1000
	for name, base := range benchServers(b, func(w http.ResponseWriter, hr *http.Request) {
		io.Copy(io.Discard, hr.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for range events {
			io.WriteString(w, "data: "+goodChunk+"\n\n")
			w.(http.Flusher).Flush()
		}
	}) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				roundTrip(b, base+chatPath, `{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}`)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
	http.DefaultClient.CloseIdleConnections()
}

func roundTrip(b *testing.B, url, body string) {
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 {
		b.Fatalf("got %d, %v", resp.StatusCode, err)
	}
	resp.Body.Close()
}
