package openai_test

import (
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client/openai"
)

// TestMeterSumsByModel over the words that the APIs have for usage.
func TestMeterSumsByModel(t *testing.T) {
	bodies := []string{
		`{"object":"chat.completion","model":"gpt-5-mini-2025-08-07","choices":[{"index":0,"message":{"role":"assistant","content":"x"}}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":20},"completion_tokens_details":{"reasoning_tokens":30}}}`,
	}
	h := newHost(t, responding("application/json", bodies[0]))
	var meter openai.Meter
	c := newClient(t, openai.Compatible(h.URL), meter.Setting())
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := c.Chat(t.Context(), small); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	h = newHost(t,
		responding("application/json", `{"object":"response","model":"gpt-5","status":"completed","output":[],"usage":{"input_tokens":7,"output_tokens":3,"input_tokens_details":{"cached_tokens":5},"output_tokens_details":{"reasoning_tokens":2}}}`),
		responding("application/json", `{"object":"list","model":"embed-1","data":[],"usage":{"prompt_tokens":9,"total_tokens":9}}`),
		responding("application/json", `{"text":"hi","usage":{"type":"duration","seconds":90}}`),
		responding("text/event-stream", "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"model\":\"gpt-5\",\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}}\n\n"),
	)
	c = newClient(t, openai.Compatible(h.URL), meter.Setting())
	c.Respond(t.Context(), openai.RespondRequest{Model: "x", Input: "x"})
	c.Call(t.Context(), "createEmbedding", map[string]any{"model": "embed-1", "input": "x"})
	c.Call(t.Context(), "createTranscription", map[string]any{"model": "ear", "file": []byte("RIFF")})
	s, err := c.RespondStream(t.Context(), openai.RespondRequest{Model: "x", Input: "x"})
	if err != nil {
		t.Fatal(err)
	}
	for range s.Events() {
	}
	want := map[string]openai.Used{
		"gpt-5-mini-2025-08-07": {Requests: 10, InputTokens: 1000, CachedTokens: 200, OutputTokens: 500, Reasoning: 300},
		"gpt-5":                 {Requests: 2, InputTokens: 8, CachedTokens: 5, OutputTokens: 4, Reasoning: 2},
		"embed-1":               {Requests: 1, InputTokens: 9},
		"ear":                   {Requests: 1, Seconds: 90},
	}
	if diff := cmp.Diff(want, meter.Used()); diff != "" {
		t.Errorf("used (-want +got):\n%s", diff)
	}
	sum, unpriced := meter.Cost(map[string]openai.Price{
		"gpt-5-mini": {Input: 1, CachedInput: 0.5, Output: 2}, "ear": {Minute: 4}, "embed-1": {Input: 100},
	})
	if math.Abs(sum-(0.0008+0.0001+0.001+6+0.0009)) > 1e-9 || !slices.Equal(unpriced, []string{"gpt-5"}) {
		t.Errorf("got %v, unpriced %q", sum, unpriced)
	}
}

// TestMeterWithoutRequests is empty and costs nothing.
func TestMeterWithoutRequests(t *testing.T) {
	t.Parallel()
	var meter openai.Meter
	if sum, unpriced := meter.Cost(nil); sum != 0 || unpriced != nil || len(meter.Used()) != 0 {
		t.Errorf("got %v, %v, %v", sum, unpriced, meter.Used())
	}
}
