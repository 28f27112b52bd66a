package client_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// A small chat completion as it goes back and forth.
const (
	chatBody   = `{"messages":[{"content":"Hello","role":"user"}],"model":"gpt-5-mini"}`
	chatAnswer = `{"id":"chatcmpl-1","object":"chat.completion","created":1700000000,"model":"gpt-5-mini","choices":[{"index":0,` +
		`"message":{"role":"assistant","content":"Hello! How can I help you today?","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],` +
		`"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},` +
		`"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default"}`
)

// newChatServer answers every request with the same completion.
func newChatServer(b *testing.B) string {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "req_1")
		io.WriteString(w, chatAnswer)
	}))
	b.Cleanup(server.Close)
	return server.URL
}

// BenchmarkCall is a chat completion from params to the text of the answer,
// validated, beside the same bytes through net/http alone.
func BenchmarkCall(b *testing.B) {
	address := newChatServer(b)
	b.Run("net-http", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address+"/chat/completions", strings.NewReader(chatBody))
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer sk-test")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			text, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || len(text) != len(chatAnswer) {
				b.Fatal(err)
			}
		}
	})
	c := newClient(b, client.WithBaseURL(address), client.WithAPIKey("sk-test"))
	for name, params := range map[string]any{"Params": chat(), "JSON": chatBody} {
		b.Run("opcall/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r, err := c.Call(b.Context(), "createChatCompletion", params)
				if err != nil {
					b.Fatal(err)
				}
				if r.Get("choices.0.message.content").Str == "" {
					b.Fatal("no text")
				}
			}
		})
	}
}

// BenchmarkRequest is a dry run: everything before the network.
func BenchmarkRequest(b *testing.B) {
	c := newClient(b, client.WithAPIKey("sk-test"))
	for name, run := range map[string]struct {
		operation string
		params    any
	}{
		"chat/Params": {"createChatCompletion", chat()},
		"chat/JSON":   {"createChatCompletion", chatBody},
		"path":        {"retrieveFile", client.Params{"file_id": "file-1"}},
		"query":       {"listFiles", client.Params{"limit": 10, "order": "asc"}},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Request(b.Context(), run.operation, run.params); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestRequestAllocations holds what a call allocates before the network: what the
// document says of the operation has been read by then.
func TestRequestAllocations(t *testing.T) {
	c := newClient(t, client.WithAPIKey("sk-test"))
	params := client.Params{"model": "gpt-5-mini", "messages": []client.Params{{"role": "user", "content": "Hello"}}}
	var b *client.Bound
	for name, step := range map[string]struct {
		most float64
		run  func() error
	}{
		"bind":    {12, func() (err error) { b, err = c.Bind("createChatCompletion", params); return err }},
		"request": {16, func() error { _, err := b.Request(t.Context()); return err }},
	} {
		b, _ = c.Bind("createChatCompletion", params)
		if got := testing.AllocsPerRun(100, func() {
			if err := step.run(); err != nil {
				t.Fatal(err)
			}
		}); got > step.most {
			t.Errorf("%s: got %v allocations, want at most %v", name, got, step.most)
		}
	}
}

// BenchmarkBindValidate is the part of a call that needs no address.
func BenchmarkBindValidate(b *testing.B) {
	c := newClient(b)
	for name, tier := range map[string]schema.Tier{"Standard": schema.Standard, "Off": schema.Off} {
		for form, params := range map[string]any{"Params": chat(), "JSON": chatBody} {
			b.Run(name+"/"+form, func(b *testing.B) {
				opt := client.WithRequestValidation(tier)
				b.ReportAllocs()
				for b.Loop() {
					if err := c.Validate("createChatCompletion", params, opt); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkUpload is a multipart request with a file of 1 MB, read to its end.
func BenchmarkUpload(b *testing.B) {
	c := newClient(b, client.WithAPIKey("sk-test"))
	content := strings.Repeat("x", 1<<20)
	b.SetBytes(1 << 20)
	b.ReportAllocs()
	for b.Loop() {
		req, err := c.Request(b.Context(), "createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl", Body: strings.NewReader(content)}})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			b.Fatal(err)
		}
	}
}
