package bench

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	other "github.com/sashabaranov/go-openai"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// streamed is how many events the streams have.
const streamed = 2000

const (
	chatEvent = `data: {"id":"chatcmpl-ABfw031mOJeYCSHe4yI2ZjOA6kMJL","object":"chat.completion.chunk","created":1727346168,"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_5050236cbd","choices":[{"index":0,"delta":{"content":" moon"},"logprobs":null,"finish_reason":null}]}` + "\n\n"
	respEvent = "event: response.output_text.delta\ndata: " + `{"type":"response.output_text.delta","sequence_number":17,"item_id":"msg_68a7c1b2c3d4e5f60718293a4b5c6d7e","output_index":0,"content_index":0,"delta":" moon","logprobs":[],"obfuscation":"x7Kq2"}` + "\n\n"
)

// streamServer answers every request with the same event stream.
func streamServer(b *testing.B, body string) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, body)
	}))
	b.Cleanup(server.Close)
	return server.URL + "/v1"
}

// streamOurs measures opcall to the text of each event, as it is and with each
// event compared with the document.
func streamOurs(b *testing.B, url, operation string, params client.Params) {
	run := func(name string, opts ...client.Option) {
		b.Run(name, func(b *testing.B) {
			c, err := client.New(append(opts, client.WithBaseURL(url), client.WithAPIKey("test"))...)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				s, err := c.Stream(context.Background(), operation, params)
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for ev, err := range s.Events() {
					if err != nil {
						b.Fatal(err)
					}
					n += len(ev.Text())
				}
				if n != 5*streamed {
					b.Fatal(n)
				}
			}
		})
	}
	run("opcall")
	run("opcall_checked", client.WithFindings(func(string, []schema.Finding) {}))
}

// BenchmarkStreamChat is 2,000 chat chunks on loopback, to the text of each.
// opcall_checked compares each with the document, too.
func BenchmarkStreamChat(b *testing.B) {
	url := streamServer(b, strings.Repeat(chatEvent, streamed)+"data: [DONE]\n\n")
	ctx := context.Background()
	streamOurs(b, url, "createChatCompletion", client.Params{"model": "m", "messages": []any{client.Params{"role": "user", "content": "x"}}})
	b.Run("go-openai", func(b *testing.B) {
		config := other.DefaultConfig("test")
		config.BaseURL = url
		c := other.NewClientWithConfig(config)
		b.ReportAllocs()
		for b.Loop() {
			s, err := c.CreateChatCompletionStream(ctx, other.ChatCompletionRequest{Model: "m", Messages: []other.ChatCompletionMessage{{Role: "user", Content: "x"}}})
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for {
				r, err := s.Recv()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
				n += len(r.Choices[0].Delta.Content)
			}
			s.Close()
			if n != 5*streamed {
				b.Fatal(n)
			}
		}
	})
	b.Run("openai-go", func(b *testing.B) {
		c := openai.NewClient(option.WithBaseURL(url), option.WithAPIKey("test"))
		b.ReportAllocs()
		for b.Loop() {
			s := c.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{Model: "m", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("x")}})
			n := 0
			for s.Next() {
				n += len(s.Current().Choices[0].Delta.Content)
			}
			if s.Err() != nil || n != 5*streamed {
				b.Fatal(n, s.Err())
			}
			s.Close()
		}
	})
}

// BenchmarkStreamResponse is 2,000 pieces of a response's text, likewise.
// go-openai has no Responses API.
func BenchmarkStreamResponse(b *testing.B) {
	url := streamServer(b, strings.Repeat(respEvent, streamed)+"event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{}}\n\n")
	ctx := context.Background()
	streamOurs(b, url, "createResponse", client.Params{"model": "m", "input": "x"})
	b.Run("openai-go", func(b *testing.B) {
		c := openai.NewClient(option.WithBaseURL(url), option.WithAPIKey("test"))
		b.ReportAllocs()
		for b.Loop() {
			s := c.Responses.NewStreaming(ctx, responses.ResponseNewParams{Model: "m", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("x")}})
			n := 0
			for s.Next() {
				if ev := s.Current(); ev.Type == "response.output_text.delta" {
					n += len(ev.AsResponseOutputTextDelta().Delta)
				}
			}
			if s.Err() != nil || n != 5*streamed {
				b.Fatal(n, s.Err())
			}
			s.Close()
		}
	})
}

// BenchmarkStreamFirst is a stream of one event from Go values to its end.
// ns-first is the time until the event is there; what bare net/http has by then is
// its bytes. Only opcall validates the request.
func BenchmarkStreamFirst(b *testing.B) {
	url := streamServer(b, chatEvent+"data: [DONE]\n\n")
	ctx := context.Background()
	measure := func(name string, stream func(first func()) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var total time.Duration
			for b.Loop() {
				start, seen := time.Now(), 0
				err := stream(func() {
					seen++
					total += time.Since(start)
				})
				if err != nil || seen != 1 {
					b.Fatal(seen, err)
				}
			}
			b.ReportMetric(float64(total.Nanoseconds())/float64(b.N), "ns-first")
		})
	}
	buf := make([]byte, 4096)
	measure("net_http", func(first func()) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/chat/completions", strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}`))
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if n, err := resp.Body.Read(buf); n == 0 {
			return err
		}
		first()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	})
	ours, err := client.New(client.WithBaseURL(url), client.WithAPIKey("test"))
	if err != nil {
		b.Fatal(err)
	}
	measure("opcall", func(first func()) error {
		s, err := ours.Stream(ctx, "createChatCompletion", client.Params{"model": "m", "messages": []any{client.Params{"role": "user", "content": "x"}}})
		if err != nil {
			return err
		}
		for _, err := range s.Events() {
			if err != nil {
				return err
			}
			first()
		}
		return nil
	})
	config := other.DefaultConfig("test")
	config.BaseURL = url
	goOpenAI := other.NewClientWithConfig(config)
	measure("go-openai", func(first func()) error {
		s, err := goOpenAI.CreateChatCompletionStream(ctx, other.ChatCompletionRequest{Model: "m", Messages: []other.ChatCompletionMessage{{Role: "user", Content: "x"}}})
		if err != nil {
			return err
		}
		defer s.Close()
		for {
			switch _, err := s.Recv(); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			first()
		}
	})
	official := openai.NewClient(option.WithBaseURL(url), option.WithAPIKey("test"))
	measure("openai-go", func(first func()) error {
		s := official.Chat.Completions.NewStreaming(ctx, openai.ChatCompletionNewParams{Model: "m", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("x")}})
		defer s.Close()
		for s.Next() {
			first()
		}
		return s.Err()
	})
}
