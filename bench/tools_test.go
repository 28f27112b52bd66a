package bench

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	ours "github.com/opcall/opcall/client/openai"
)

const toolCall = `{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini","choices":[{"index":0,"finish_reason":"tool_calls","logprobs":null,"message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}}]}}],"usage":{"prompt_tokens":17,"completion_tokens":2,"total_tokens":19}}`

// rounds is how many responses call a tool before the last one does not.
const rounds = 4

// toolServer calls a tool as long as fewer results than rounds were sent.
func toolServer(b *testing.B) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		if strings.Count(string(body), `"tool_call_id"`) < rounds {
			_, _ = io.WriteString(w, toolCall)
		} else {
			_, _ = io.WriteString(w, completion)
		}
	}))
	b.Cleanup(server.Close)
	return server.URL + "/v1"
}

type weatherIn struct {
	City string `json:"city"`
}

// BenchmarkTools is a conversation of five responses, of which four call a tool: with
// RunTools, and with a loop by hand over the same calls, which validates no arguments.
// The difference divided by five is what RunTools adds to a round.
func BenchmarkTools(b *testing.B) {
	url := toolServer(b)
	ctx := context.Background()
	c, err := ours.New(client.WithBaseURL(url), client.WithAPIKey("test"))
	if err != nil {
		b.Fatal(err)
	}
	weather, err := ours.Tool("weather", "the weather", func(_ context.Context, in weatherIn) (string, error) { return "sun in " + in.City, nil })
	if err != nil {
		b.Fatal(err)
	}
	b.Run("RunTools", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			run, err := c.RunTools(ctx, ours.ChatRequest{Model: "gpt-4o-mini", Messages: []ours.Message{ours.User("What is the weather?")}}, weather).Final()
			if err != nil || run.Text() != "Titan" {
				b.Fatal(err)
			}
		}
	})
	b.Run("by_hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			request := ours.ChatRequest{Model: "gpt-4o-mini", Messages: []ours.Message{ours.User("What is the weather?")}, Tools: []any{weather}}
			for {
				r, err := c.Chat(ctx, request)
				if err != nil {
					b.Fatal(err)
				}
				message := r.Message()
				request.Messages = append(request.Messages, message)
				if len(message.ToolCalls) == 0 {
					break
				}
				for _, call := range message.ToolCalls {
					var in weatherIn
					if err := json.Unmarshal([]byte(call.Input()), &in); err != nil {
						b.Fatal(err)
					}
					request.Messages = append(request.Messages, call.Result("sun in "+in.City))
				}
			}
		}
	})
}
