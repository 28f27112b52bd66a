package bench

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// memory is a transport that answers every request from memory with the same completion.
type memory struct{}

func (memory) RoundTrip(req *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, req.Body)
	req.Body.Close()
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(strings.NewReader(completion)),
		ContentLength: int64(len(completion)), Request: req,
	}, nil
}

// BenchmarkCaller is BenchmarkCall without a network: what a call costs the caller alone. A
// transport that is not one of net/http gets a copy of each request of opcall.
func BenchmarkCaller(b *testing.B) {
	ctx := context.Background()
	hc := &http.Client{Transport: memory{}}
	const url = "http://127.0.0.1:1/v1"
	b.Run("net_http", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/chat/completions", bytes.NewReader([]byte(smallChat)))
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := hc.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	})
	b.Run("opcall", benchmarkChat(url, client.WithHTTPClient(hc)))
	b.Run("opcall_params", func(b *testing.B) {
		c, err := client.New(client.WithBaseURL(url), client.WithAPIKey("test"), client.WithHTTPClient(hc))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			r, err := c.Call(ctx, "createChatCompletion", client.Params{
				"model":    "gpt-4o-mini",
				"messages": []any{client.Params{"role": "system", "content": "You are terse."}, client.Params{"role": "user", "content": "Name a moon of Saturn."}},
			})
			if err != nil || r.Get("choices.0.message.content").String() != "Titan" {
				b.Fatal(err)
			}
		}
	})
	b.Run("go-openai", benchmarkGoOpenAI(url, hc))
}
