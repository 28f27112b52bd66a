package clienttest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

// strictly lets no event of the server pass that is not valid.
var strictly = client.WithResponseValidation(schema.Standard)

// socketTo opens a socket whose events have to be valid.
func socketTo(t *testing.T, server *clienttest.Server, name string, params client.Params, opts ...client.CallOption) *client.Socket {
	t.Helper()
	s, err := server.Client().Socket(t.Context(), name, params, append(opts, strictly)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// until reads events up to one of the types.
func until(t *testing.T, s *client.Socket, types ...string) (events []client.Event) {
	t.Helper()
	for e, err := range s.Events() {
		var refused *client.APIError
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("after %q: %v", typesOf(events), err)
		}
		events = append(events, e)
		if slices.Contains(types, e.Type) {
			return events
		}
	}
	t.Fatalf("the socket ended after %q, want one of %q", typesOf(events), types)
	return nil
}

// typesOf lists the types of events, each repetition once.
func typesOf(events []client.Event) (types []string) {
	for _, e := range events {
		types = append(types, e.Type)
	}
	return slices.Compact(types)
}

// step is what a client sends, and what it gets: the types of the events up to the
// last of them.
type step struct {
	send string
	want []string
}

func run(t *testing.T, s *client.Socket, steps []step) (events []client.Event) {
	t.Helper()
	for _, step := range steps {
		if step.send != "" {
			if err := s.Send(t.Context(), step.send); err != nil {
				t.Fatal(err)
			}
		}
		if len(step.want) == 0 {
			continue
		}
		got := until(t, s, step.want[len(step.want)-1])
		if diff := cmp.Diff(step.want, typesOf(got)); diff != "" {
			t.Fatalf("%s: %s", step.send, diff)
		}
		events = append(events, got...)
	}
	return events
}

func TestSocketConversations(t *testing.T) {
	written := []string{
		"response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
		"response.output_text.delta", "response.output_text.done", "response.content_part.done",
		"conversation.item.done", "response.output_item.done", "response.done",
	}
	message := `{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"Hello"}]}}`
	tests := map[string]struct {
		socket string
		params client.Params
		answer clienttest.SocketAnswer
		steps  []step
	}{
		"realtime in writing": {
			socket: "realtime", params: client.Params{"model": "gpt-realtime"},
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"session.update","session":{"type":"realtime","output_modalities":["text"],"instructions":"Be kind."}}`, []string{"session.updated"}},
				{message, []string{"conversation.item.added", "conversation.item.done"}},
				{`{"type":"response.create"}`, written},
				{`{"type":"response.create","response":{"metadata":{"turn":"2"}}}`, append([]string{"rate_limits.updated"}, written...)},
			},
		},
		"realtime with a voice": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Say("Hello")},
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"response.create"}`, []string{
					"response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
					"response.output_audio_transcript.delta", "response.output_audio.delta", "response.output_audio.done",
					"response.output_audio_transcript.done", "response.content_part.done", "conversation.item.done",
					"response.output_item.done", "response.done", "rate_limits.updated",
				}},
			},
		},
		"realtime with a call, apart from the conversation": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.CallTool("weather", `{"city": "Paris"}`)},
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"response.create","response":{"conversation":"none"}}`, []string{
					"response.created", "response.output_item.added", "response.function_call_arguments.delta",
					"response.function_call_arguments.done", "response.output_item.done", "response.done",
				}},
			},
		},
		"realtime cut short": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Say("This is a long text").Stop("length")},
			steps: []step{
				{`{"type":"response.create","response":{"output_modalities":["text"]}}`, append([]string{"session.created"}, written...)},
			},
		},
		"realtime that is refused": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Refuse("I cannot say.")},
			steps: []step{
				{`{"type":"response.create","response":{"output_modalities":["text"]}}`, append([]string{"session.created"}, written...)},
			},
		},
		"realtime of scripted events, cancelled": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{
				Output: clienttest.Output{}.Fail("a", "b"), Pause: 3,
				Events: []any{rateLimits, rateLimits, rateLimits, rateLimits, rateLimits},
			},
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"response.create"}`, []string{"rate_limits.updated"}},
				{`{"type":"response.cancel"}`, []string{"rate_limits.updated", "response.done"}},
			},
		},
		"realtime that fails": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Output{}.Fail("overloaded", "Too much.")},
			steps:  []step{{`{"type":"response.create"}`, []string{"session.created", "response.created", "response.done"}}},
		},
		"realtime cancelled": {
			socket: "realtime",
			answer: clienttest.SocketAnswer{Output: clienttest.Say("This is a long text").CallTool("f", "{}"), Pause: 6},
			steps: []step{
				{`{"type":"response.create","response":{"output_modalities":["text"]}}`, []string{
					"session.created", "response.created", "response.output_item.added", "conversation.item.added", "response.content_part.added",
					"response.output_text.delta",
				}},
				{`{"type":"response.create"}`, []string{"response.output_text.delta", "error"}},
				{`{"type":"response.cancel"}`, []string{"response.output_item.done", "response.done"}},
				{`{"type":"response.cancel"}`, []string{"error"}},
			},
		},
		"realtime audio": {
			socket: "realtime",
			steps: []step{
				{"", []string{"session.created"}},
				{`{"type":"input_audio_buffer.commit"}`, []string{"error"}},
				{`{"type":"input_audio_buffer.append","audio":"AAAA"}`, nil},
				{`{"type":"input_audio_buffer.clear"}`, []string{"input_audio_buffer.cleared"}},
				{`{"type":"session.update","session":{"type":"realtime","audio":{"input":{"transcription":{"model":"whisper-1"}}}}}`, []string{"session.updated"}},
				{`{"type":"input_audio_buffer.append","audio":"AAAA"}`, nil},
				{`{"type":"input_audio_buffer.commit"}`, []string{
					"input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
					"conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.completed",
				}},
				{`{"type":"output_audio_buffer.clear"}`, []string{"error"}},
			},
		},
		"realtime items": {
			socket: "realtime",
			steps: []step{
				{`{"type":"conversation.item.create","item":{"id":"one","type":"message","role":"user","content":[{"type":"input_text","text":"Hello"}]}}`, []string{"session.created", "conversation.item.added", "conversation.item.done"}},
				{`{"type":"conversation.item.create","previous_item_id":"root","item":{"id":"zero","type":"message","role":"system","content":[{"type":"input_text","text":"Hello"}]}}`, []string{"conversation.item.added", "conversation.item.done"}},
				{`{"type":"conversation.item.create","previous_item_id":"none","item":{"type":"message","role":"user","content":[]}}`, []string{"error"}},
				{`{"type":"conversation.item.create","item":{"id":"one","type":"message","role":"user","content":[]}}`, []string{"error"}},
				{`{"type":"conversation.item.retrieve","item_id":"zero"}`, []string{"conversation.item.retrieved"}},
				{`{"type":"conversation.item.truncate","item_id":"one","content_index":0,"audio_end_ms":1}`, []string{"conversation.item.truncated"}},
				{`{"type":"conversation.item.delete","item_id":"one"}`, []string{"conversation.item.deleted"}},
				{`{"type":"conversation.item.delete","item_id":"one"}`, []string{"error"}},
				{`{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1","output":"{}"}}`, []string{"conversation.item.added", "conversation.item.done"}},
			},
		},
		"realtime transcription": {
			socket: "realtime", params: client.Params{"intent": "transcription"},
			steps: []step{
				{`{"type":"session.update","session":{"type":"transcription","audio":{"input":{"transcription":{"model":"whisper-1"}}}}}`, []string{"session.created", "session.updated"}},
			},
		},
		"realtime beta": {
			socket: "realtime-beta", params: client.Params{"model": "gpt-4o-realtime-preview"},
			steps: []step{
				{`{"type":"session.update","session":{"modalities":["text"],"temperature":0.7}}`, []string{"session.created", "session.updated"}},
				{message, []string{"conversation.item.created"}},
				{`{"type":"response.create"}`, []string{
					"response.created", "response.output_item.added", "conversation.item.created", "response.content_part.added",
					"response.output_text.delta", "response.output_text.done", "response.content_part.done",
					"response.output_item.done", "response.done",
				}},
				{`{"type":"transcription_session.update","session":{"input_audio_format":"pcm16"}}`, []string{"rate_limits.updated", "transcription_session.updated"}},
			},
		},
		"translation": {
			socket: "realtime-translation", params: client.Params{"model": "gpt-realtime-translate"},
			answer: clienttest.SocketAnswer{Output: clienttest.Say("Hello")},
			steps: []step{
				{`{"type":"session.update","session":{"audio":{"output":{"language":"de"}}}}`, []string{"session.created", "session.updated"}},
				{`{"type":"session.input_audio_buffer.append","audio":"AAAA"}`, []string{"session.input_transcript.delta", "session.output_transcript.delta", "session.output_audio.delta"}},
				{`{"type":"session.close"}`, []string{"session.closed"}},
			},
		},
		"responses": {
			socket: "responses",
			steps: []step{
				{`{"type":"response.create","model":"gpt-5-mini","input":"Hello","stream_id":"a"}`, responseTypes},
				{`{"type":"response.create","model":"gpt-5-mini","input":"Again","previous_response_id":"resp_test_0001_1"}`, responseTypes},
				{`{"type":"response.create","model":"gpt-5-mini","input":"Again","previous_response_id":"resp_lost","stream_id":"b"}`, []string{"error"}},
				{`{"type":"response.create","model":"gpt-5-mini","input":"Again","background":true}`, []string{"error"}},
			},
		},
		"responses with a call": {
			socket: "responses",
			answer: clienttest.SocketAnswer{Output: clienttest.CallTool("weather", `{"city": "Paris"}`)},
			steps: []step{{`{"type":"response.create","model":"gpt-5-mini","input":"Hello"}`, []string{
				"response.created", "response.in_progress", "response.output_item.added", "response.function_call_arguments.delta",
				"response.function_call_arguments.done", "response.output_item.done", "response.completed",
			}}},
		},
		"responses beta": {
			socket: "responses-beta",
			answer: clienttest.SocketAnswer{Pause: 3},
			steps: []step{
				{`{"type":"response.inject","response_id":"resp_test_0001_1","input":[{"role":"user","content":"and?"}]}`, []string{"response.inject.failed"}},
				{`{"type":"response.create","model":"gpt-5-mini","input":"Hello"}`, responseTypes[:3]},
				{`{"type":"response.inject","response_id":"resp_test_0001_1","input":[{"role":"user","content":"and?"}]}`, append([]string{"response.inject.created"}, responseTypes[3:]...)},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := clienttest.NewServer(t)
			server.RespondSocket(tt.socket, tt.answer)
			s := socketTo(t, server, tt.socket, tt.params)
			run(t, s, tt.steps)
			sent := 0
			for _, step := range tt.steps {
				if step.send != "" {
					sent++
				}
			}
			if got := server.SocketEvents(tt.socket); len(got) != sent {
				t.Errorf("the server recorded %d events, want %d", len(got), sent)
			}
		})
	}
}

const rateLimits = `{"type":"rate_limits.updated","event_id":"a","rate_limits":[]}`

var responseTypes = []string{
	"response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
	"response.output_text.delta", "response.output_text.done", "response.content_part.done",
	"response.output_item.done", "response.completed",
}
