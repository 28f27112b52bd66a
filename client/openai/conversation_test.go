package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

// TestConversationTranscript speaks in each way of keeping what was said, and
// compares all that is sent with what was read line by line.
func TestConversationTranscript(t *testing.T) {
	chat := openai.ChatRequest{Model: "gpt-5-mini", Messages: []openai.Message{openai.Developer("Be brief.")}}
	respond := openai.RespondRequest{Model: "gpt-5-mini", Instructions: "Be brief."}
	inServer := respond
	inServer.Conversation = "conv_1"
	for name, test := range map[string]struct {
		request openai.Request
		options []openai.ConversationOption
		turn    []openai.RunOption
	}{
		"chat":              {request: chat},
		"chat streamed":     {request: chat, turn: []openai.RunOption{openai.Streaming()}},
		"items":             {request: respond},
		"items streamed":    {request: respond, turn: []openai.RunOption{openai.Streaming()}},
		"previous response": {request: respond, options: []openai.ConversationOption{openai.ByPreviousResponse()}},
		"API conversation":  {request: inServer},
	} {
		t.Run(name, func(t *testing.T) {
			server, c, tr := scripted(t)
			for _, operation := range []string{"createChatCompletion", "createResponse"} {
				server.Respond(operation,
					clienttest.Answer{Output: clienttest.Say("Titan.")},
					clienttest.Answer{Output: clienttest.CallTool("weather", paris)},
					clienttest.Answer{Output: clienttest.Say("Sunny.")},
					clienttest.Answer{Status: 500},
					clienttest.Answer{Output: clienttest.Say("Bye.")})
			}
			talk, err := c.NewConversation(test.request, test.options...)
			if err != nil {
				t.Fatal(err)
			}
			for _, input := range []string{"Which is the largest moon?", "And the weather?", "This one fails.", "Bye."} {
				turn, err := talk.Send(t.Context(), input, append([]openai.RunOption{weatherTool()}, test.turn...)...)
				if failed := input == "This one fails."; failed != (err != nil) {
					t.Errorf("%s: got %v", input, err)
				}
				tr.note("=== %s → %q; %d tokens, context %d, %d messages, %d items",
					input, turn.Text(), talk.Usage().TotalTokens, talk.ContextTokens(), len(talk.Messages()), len(talk.Items()))
			}
			tr.check(t)
		})
	}
}

// talks begins a conversation in each API.
func talks(t *testing.T, opts ...client.Option) (map[string]*openai.Conversation, *clienttest.Server) {
	t.Helper()
	server := clienttest.NewServer(t)
	c := openai.From(server.Client(append([]client.Option{client.WithMaxRetries(0)}, opts...)...))
	out := map[string]*openai.Conversation{}
	for api, request := range map[string]openai.Request{
		"chat":    openai.ChatRequest{Model: "m", Messages: []openai.Message{openai.System("s")}, Tools: []any{weatherTool()}},
		"respond": &openai.RespondRequest{Model: "m", Input: []openai.Message{openai.System("s")}, Tools: []any{weatherTool()}},
	} {
		talk, err := c.NewConversation(request)
		if err != nil {
			t.Fatal(err)
		}
		out[api] = talk
	}
	return out, server
}

func size(talk *openai.Conversation) int { return len(talk.Messages()) + len(talk.Items()) }

// A conversation that was saved and restored goes on as the one that was saved.
func TestConversationRestored(t *testing.T) {
	talks, server := talks(t)
	for api, talk := range talks {
		server.Respond(apis[api].operation, clienttest.Answer{Output: clienttest.CallTool("weather", paris)}, clienttest.Answer{Output: clienttest.Say("sunny")}, clienttest.Answer{Output: clienttest.Say("ok")})
		if _, err := talk.Send(t.Context(), openai.User("a", openai.ImageURL("https://example.com/a.png"))); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(talk)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "test-key") || strings.Contains(string(text), `"tools"`) {
			t.Errorf("%s: saved more than the history: %s", api, text)
		}
		again := talk.Fork()
		if _, err := again.Send(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
		want := server.LastRequest(apis[api].operation).Body
		restored := talk.Fork()
		if _, err := restored.Send(t.Context(), "something else"); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, restored); err != nil {
			t.Fatal(err)
		}
		if _, err := restored.Send(t.Context(), "b"); err != nil {
			t.Fatalf("%s: %v", api, err)
		}
		sameJSON(t, api+": request", string(want), string(server.LastRequest(apis[api].operation).Body))
		if restored.Usage() != again.Usage() || restored.ContextTokens() != again.ContextTokens() || restored.Usage().TotalTokens == 0 {
			t.Errorf("%s: got usage %+v and %d, want %+v and %d", api, restored.Usage(), restored.ContextTokens(), again.Usage(), again.ContextTokens())
		}
	}
}

// Members of a host are kept by saving and restoring, and sent back unvalidated.
func TestConversationRestoredWithForeignMembers(t *testing.T) {
	chat := newHost(t, responding("application/json", `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","logprobs":null,
		"message":{"role":"assistant","content":"ok","refusal":null,"reasoning_content":"hm"}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`))
	respond := newHost(t, responding("application/json", `{"id":"r","object":"response","status":"completed","created_at":1,"model":"m","output":[
		{"type":"reasoning","id":"rs","summary":[],"content":[{"type":"reasoning_text","text":"hm"}],"signature":"s"},{"type":"dream","id":"d","of":"sheep"},
		{"type":"message","id":"m","role":"assistant","status":"completed","content":[{"type":"output_text","text":"ok","annotations":[],"logprobs":[]}]}]}`))
	for api, test := range map[string]struct {
		host  *host
		paths map[string]string
	}{
		"chat":    {chat, map[string]string{"messages.1.reasoning_content": "hm"}},
		"respond": {respond, map[string]string{"input.1.signature": "s", "input.2.of": "sheep", "input.3.type": "message"}},
	} {
		c := newClient(t, client.WithBaseURL(test.host.URL))
		request := apis[api].request
		talk, err := c.NewConversation(request)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := talk.Send(t.Context(), "a"); err != nil {
				t.Fatalf("%s: %v", api, err)
			}
			text, err := json.Marshal(talk)
			if err != nil {
				t.Fatal(err)
			}
			if talk, err = c.NewConversation(request); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, talk); err != nil {
				t.Fatal(err)
			}
		}
		sent := test.host.last(t).Body
		for path, want := range test.paths {
			path = strings.Replace(path, "messages.1", "messages.2", 1) // behind the two of the user
			path = strings.NewReplacer("input.1", "input.2", "input.2", "input.3", "input.3", "input.4").Replace(path)
			if got := gjson.Get(sent, path).String(); got != want {
				t.Errorf("%s: %s: got %q, want %q in %s", api, path, got, want, sent)
			}
		}
	}
}

func TestConversationUnmarshalRefuses(t *testing.T) {
	talks, _ := talks(t)
	chat, _ := json.Marshal(talks["chat"])
	respond, _ := json.Marshal(talks["respond"])
	var bare openai.Conversation
	for name, test := range map[string]struct {
		talk *openai.Conversation
		text string
	}{
		"the other API":       {talks["respond"], string(chat)},
		"the other API, too":  {talks["chat"], string(respond)},
		"no request":          {&bare, string(chat)},
		"an unknown field":    {talks["chat"], `{"api":"chat","history":[],"future":1}`},
		"a message of text":   {talks["chat"], `{"api":"chat","history":[{"value":"a"}]}`},
		"a message of number": {talks["chat"], `{"api":"chat","history":[{"value":{"role":5}}]}`},
		"an item of text":     {talks["respond"], `{"api":"responses","history":[{"value":"a"}]}`},
		"cut":                 {talks["chat"], string(chat[:len(chat)-1])},
	} {
		before := size(test.talk)
		if err := json.Unmarshal([]byte(test.text), test.talk); err == nil || size(test.talk) != before {
			t.Errorf("%s: got %v, and %d instead of %d", name, err, size(test.talk), before)
		}
	}
}

func TestConversationForks(t *testing.T) {
	talks, server := talks(t)
	for api, talk := range talks {
		server.Respond(apis[api].operation, clienttest.Answer{Output: clienttest.Say("ok")})
		if _, err := talk.Send(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		fork := talk.Fork()
		if _, err := fork.Send(t.Context(), "in the fork"); err != nil {
			t.Fatal(err)
		}
		if _, err := talk.Send(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
		if size(talk) != 5 || size(fork) != 5 {
			t.Errorf("%s: got %d and %d, want 5", api, size(talk), size(fork))
		}
		if body := server.LastRequest(apis[api].operation).Body; strings.Contains(string(body), "in the fork") {
			t.Errorf("%s: what the fork was told is sent: %s", api, body)
		}
	}
}

// A turn that is left, or fails, or asks for what nobody has, changes nothing, but a
// pending one is kept, to be answered.
func TestConversationTurnThatFails(t *testing.T) {
	for api := range apis {
		talks, server := talks(t)
		talk := talks[api]
		server.Respond(apis[api].operation, clienttest.Answer{Output: clienttest.Say("a b c")})
		for range talk.Run(t.Context(), "a", openai.Streaming()).Pieces() {
			break
		}
		if size(talk) != 1 || talk.Usage() != (openai.Usage{}) {
			t.Errorf("%s: a turn that was left is kept", api)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := talk.Send(ctx, "a"); err == nil || size(talk) != 1 {
			t.Errorf("%s: got %v and %d, want an error and 1", api, err, size(talk))
		}
		server.Respond(apis[api].operation, clienttest.Answer{Output: clienttest.CallTool("weather", paris)})
		var limit *openai.LimitError
		if _, err := talk.Send(t.Context(), "a", openai.MaxRounds(2)); !errors.As(err, &limit) || size(talk) != 1 {
			t.Errorf("%s: got %v and %d, want a LimitError and 1", api, err, size(talk))
		}
		func() { // a loop that panics
			defer func() { recover() }()
			for range talk.Run(t.Context(), "a").Events() {
				panic("the reader's own")
			}
		}()
		server.Respond(apis[api].operation, clienttest.Answer{Output: clienttest.Say("ok")})
		if _, err := talk.Send(t.Context(), "a"); err != nil || size(talk) != 3 {
			t.Errorf("%s: got %v and %d, want 3", api, err, size(talk))
		}
	}
}

// Calls that the caller answers: the results are the next input.
func TestConversationTakesResultsOfTheCaller(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	tools := []any{openai.FunctionTool{Name: "ask", Parameters: client.Params{"type": "object"}}}
	for api, request := range map[string]openai.Request{
		"chat":    openai.ChatRequest{Model: "m", Tools: tools},
		"respond": openai.RespondRequest{Model: "m", Tools: tools},
	} {
		server.Respond(apis[api].operation, clienttest.Answer{Output: clienttest.CallTool("ask", `{}`)}, clienttest.Answer{Output: clienttest.Say("ok")})
		talk, err := c.NewConversation(request)
		if err != nil {
			t.Fatal(err)
		}
		var pending *openai.PendingError
		if _, err := talk.Send(t.Context(), "a"); !errors.As(err, &pending) || len(pending.Calls) != 1 {
			t.Fatalf("%s: got %v, want a PendingError", api, err)
		}
		if _, err := talk.Send(t.Context(), pending.Calls[0].Result("42")); err != nil || size(talk) != 4 {
			t.Errorf("%s: got %v and %d, want 4", api, err, size(talk))
		}
	}
}

// One turn at a time: of several that begin at once, one takes place.
func TestConversationOneTurnAtATime(t *testing.T) {
	talks, server := talks(t)
	talk := talks["chat"]
	server.Respond("createChatCompletion", clienttest.Answer{Output: clienttest.Say("ok")})
	runs := make([]*openai.Run, 8)
	for i := range runs {
		runs[i] = talk.Run(t.Context(), "a")
	}
	var wait sync.WaitGroup
	errs := make([]error, len(runs))
	for i, run := range runs {
		wait.Go(func() { _, errs[i] = run.Final() })
	}
	wait.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
		} else if !errors.Is(err, openai.ErrConversationBusy) {
			t.Errorf("got %v", err)
		}
	}
	if good != 1 || size(talk) != 3 {
		t.Errorf("got %d turns and %d messages, want one and 3", good, size(talk))
	}
}

func TestConversationTrimmed(t *testing.T) {
	server := clienttest.NewServer(t)
	c := openai.From(server.Client())
	var seen []int64
	keep := func(n int) int { return max(0, n-2) }
	for api, test := range map[string]struct {
		request openai.Request
		option  openai.ConversationOption
	}{
		"chat": {openai.ChatRequest{Model: "m"}, openai.TrimMessages(func(m []openai.Message, tokens int64) []openai.Message {
			seen = append(seen, tokens)
			return m[keep(len(m)):]
		})},
		"respond": {openai.RespondRequest{Model: "m"}, openai.TrimItems(func(i []openai.Item, _ int64) []openai.Item { return i[keep(len(i)):] })},
	} {
		server.Respond(apis[api].operation, clienttest.Answer{Output: clienttest.Say("ok")})
		talk, err := c.NewConversation(test.request, test.option)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			if _, err := talk.Send(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
		}
		if size(talk) != 4 {
			t.Errorf("%s: got %d, want the 2 that were left and 2", api, size(talk))
		}
	}
	if len(seen) != 4 || seen[0] != 0 || seen[1] == 0 {
		t.Errorf("got context tokens %v", seen)
	}
}

func TestConversationThatCannotBegin(t *testing.T) {
	c := newClient(t, client.WithAPIKey("k"))
	for name, test := range map[string]struct {
		request openai.Request
		option  openai.ConversationOption
	}{
		"no request":               {request: nil},
		"nil request":              {request: (*openai.RespondRequest)(nil)},
		"input that is not a list": {request: openai.RespondRequest{Input: 5}},
		"items that are texts":     {request: openai.RespondRequest{Input: []any{"a"}}},
		"chat by responses":        {openai.ChatRequest{}, openai.ByPreviousResponse()},
	} {
		var opts []openai.ConversationOption
		if test.option != nil {
			opts = append(opts, test.option)
		}
		if talk, err := c.NewConversation(test.request, opts...); err == nil {
			t.Errorf("%s: got %v", name, talk)
		}
	}
	talk, err := c.NewConversation(openai.ChatRequest{Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	for _, input := range []any{5, []string{"a"}, openai.Item{}} {
		if _, err := talk.Send(t.Context(), input); err == nil {
			t.Errorf("%v: got no error", input)
		}
	}
}
