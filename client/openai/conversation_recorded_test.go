package openai_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/internal/shared"
)

// recording is a response of the real server.
type recording struct {
	name, path, media, body string
}

// recordings are those of both APIs that succeeded, streams among them.
func recordings(t *testing.T) []recording {
	t.Helper()
	var out []recording
	for _, x := range shared.Interactions(t) {
		if x.Method == "POST" && x.Status == 200 && strings.HasPrefix(x.ResponseBody, "{") {
			out = append(out, recording{x.Source, x.Path, "application/json", x.ResponseBody})
		}
	}
	for _, s := range shared.Streams(t) {
		if !s.Error {
			out = append(out, recording{s.Name, s.Path, "text/event-stream", s.Text})
		}
	}
	return out
}

// TestRecordedConversationsGoOn: what the real server said goes back with the next
// turn in the same order, reasoning included, and is valid without the help that
// received items get.
func TestRecordedConversationsGoOn(t *testing.T) {
	counts := map[string]int{}
	for _, r := range recordings(t) {
		api := "chat"
		switch {
		case strings.HasSuffix(r.path, "/responses"):
			api = "respond"
		case !strings.HasSuffix(r.path, "/chat/completions"):
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			if kind := goesOn(t, r, api); kind != "" {
				counts[api+" "+r.media]++
				for _, kind := range strings.Fields(kind) {
					counts[kind]++
				}
			}
		})
	}
	t.Logf("%v", counts)
	for _, kind := range []string{"chat application/json", "chat text/event-stream", "respond application/json", "respond text/event-stream", "reasoning"} {
		if counts[kind] < 2 {
			t.Errorf("got %d of %s, want at least 2", counts[kind], kind)
		}
	}
}

// goesOn replays a recording as the first turn of a conversation and takes another. It
// returns the types of what the recording has, "" where it is not a turn.
func goesOn(t *testing.T, r recording, api string) string {
	final := `{"id":"r2","object":"response","status":"completed","created_at":1,"model":"m","output":[]}`
	if api == "chat" {
		final = `{"id":"2","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","content":"ok","refusal":null}}]}`
	}
	h := newHost(t, responding(r.media, r.body), responding("application/json", final))
	c := newClient(t, client.WithBaseURL(h.URL), client.WithMaxRetries(0))
	request, options := apis[api].request, []openai.RunOption{}
	if r.media != "application/json" {
		options = append(options, openai.Streaming())
	}
	first := c.RunTools(t.Context(), request, options...)
	var output []string
	for event, err := range first.Events() {
		if err != nil || event.Kind == openai.RunResponse {
			break
		}
	}
	switch {
	case first.ChatResult() != nil:
		output = []string{"assistant"}
	case first.RespondResult() != nil:
		for _, item := range first.RespondResult().Output() {
			output = append(output, item.Type)
		}
	}
	if len(output) == 0 {
		return ""
	}
	sent, operation := goesBack(t, first, api)
	if err := c.Validate(operation, json.RawMessage(sent)); err != nil {
		t.Errorf("%v\n%.2000s", err, sent)
	}
	var got []string
	path := "input.#.type"
	if api == "chat" {
		path = "messages.#.role"
	}
	for _, kind := range gjson.GetBytes(sent, path).Array() {
		got = append(got, kind.String())
	}
	if api == "chat" {
		got = got[1:] // behind the user's
	}
	if diff := cmp.Diff(output, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	reasoningGoesBack(t, first, sent)
	return strings.Join(output, " ")
}

// goesBack is the next request as JSON, which no type of this package stands behind.
func goesBack(t *testing.T, run *openai.Run, api string) (sent []byte, operation string) {
	t.Helper()
	var next any = run.Respond
	if api == "chat" {
		next = run.Chat
	}
	sent, err := json.Marshal(next)
	if err != nil {
		t.Fatal(err)
	}
	return sent, apis[api].operation
}

// reasoningGoesBack checks that reasoning has its ID, its summary and its encrypted
// content, and that what was behind it still is.
func reasoningGoesBack(t *testing.T, run *openai.Run, sent []byte) {
	t.Helper()
	if run.RespondResult() == nil {
		return
	}
	input := gjson.GetBytes(sent, "input").Array()
	items := run.RespondResult().Output()
	input = input[len(input)-len(items):]
	for i, item := range items {
		if item.Type != "reasoning" {
			continue
		}
		raw := gjson.ParseBytes(item.Raw)
		for _, path := range []string{"id", "summary", "encrypted_content"} {
			if want := raw.Get(path); want.Type != gjson.Null && input[i].Get(path).Raw != want.Raw {
				t.Errorf("reasoning %d: %s: got %.100s, want %.100s", i, path, input[i].Get(path).Raw, want.Raw)
			}
		}
		if i+1 < len(items) && input[i+1].Get("id").String() != items[i+1].ID {
			t.Errorf("reasoning %d is followed by %s, want %s", i, input[i+1].Get("id"), items[i+1].ID)
		}
	}
}
