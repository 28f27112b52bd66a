package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	other "github.com/sashabaranov/go-openai"

	"github.com/opcall/opcall/client"
	ours "github.com/opcall/opcall/client/openai"
)

const completion = `{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"Titan","refusal":null}}],"usage":{"prompt_tokens":17,"completion_tokens":2,"total_tokens":19}}`

// chatServer answers every request with the same completion.
func chatServer(b *testing.B) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, completion)
	}))
	b.Cleanup(server.Close)
	return server.URL + "/v1"
}

// benchmarkChat measures a small chat with opcall, validated.
func benchmarkChat(url string, opts ...client.Option) func(*testing.B) {
	return func(b *testing.B) {
		c, err := ours.New(append(opts, client.WithBaseURL(url), client.WithAPIKey("test"))...)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			r, err := c.Chat(context.Background(), ours.ChatRequest{
				Model:    "gpt-4o-mini",
				Messages: []ours.Message{ours.System("You are terse."), ours.User("Name a moon of Saturn.")},
			})
			if err != nil || r.Text() != "Titan" {
				b.Fatal(err)
			}
		}
	}
}

// benchmarkGoOpenAI measures the same with go-openai, which does not validate.
func benchmarkGoOpenAI(url string, hc *http.Client) func(*testing.B) {
	return func(b *testing.B) {
		config := other.DefaultConfig("test")
		config.BaseURL = url
		config.HTTPClient = hc
		c := other.NewClientWithConfig(config)
		b.ReportAllocs()
		for b.Loop() {
			r, err := c.CreateChatCompletion(context.Background(), other.ChatCompletionRequest{
				Model:    "gpt-4o-mini",
				Messages: []other.ChatCompletionMessage{{Role: "system", Content: "You are terse."}, {Role: "user", Content: "Name a moon of Saturn."}},
			})
			if err != nil || r.Choices[0].Message.Content != "Titan" {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkCall is one small chat completion on loopback, from Go values to the
// answer's text. Only opcall validates.
func BenchmarkCall(b *testing.B) {
	url := chatServer(b)
	ctx := context.Background()
	b.Run("net_http", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/chat/completions", bytes.NewReader([]byte(smallChat)))
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			var answer struct {
				Choices []struct{ Message struct{ Content string } }
			}
			err = json.NewDecoder(resp.Body).Decode(&answer)
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if err != nil || answer.Choices[0].Message.Content != "Titan" {
				b.Fatal(err, answer)
			}
		}
	})
	b.Run("opcall", benchmarkChat(url))
	b.Run("go-openai", benchmarkGoOpenAI(url, &http.Client{}))
	b.Run("openai-go", func(b *testing.B) {
		c := openai.NewClient(option.WithBaseURL(url), option.WithAPIKey("test"))
		b.ReportAllocs()
		for b.Loop() {
			r, err := c.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{
				Model:    "gpt-4o-mini",
				Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("You are terse."), openai.UserMessage("Name a moon of Saturn.")},
			})
			if err != nil || r.Choices[0].Message.Content != "Titan" {
				b.Fatal(err)
			}
		}
	})
}
