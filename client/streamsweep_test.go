package client_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/schema"
)

// The sweep streams every operation that can stream from the test server, holds
// each event against the document, and what they add up to against the answer of
// a call that does not stream.

// outputs are what the models of the sweep say.
var outputs = map[string]clienttest.Output{
	"nothing scripted": {},
	"a text":           clienttest.Say("Titan is a moon of Saturn."),
	"several texts":    clienttest.Say("Titan.").Say(" It is\r\n\"large\" <b>&</b> \u2028 ümläut 🪐."),
	"an empty text":    clienttest.Say(""),
	"a refusal":        clienttest.Refuse("I cannot help with that."),
	"a tool call":      clienttest.CallTool("weather", `{"city": "Paris"}`),
	"all together": clienttest.Say("Let me look.").Refuse("No.").CallTool("weather", `{"city": "Paris"}`).
		CallTool("time", `{}`).Say("Just a moment."),
	"cut at a limit": clienttest.Say("Titan is a").Stop("length"),
	"filtered":       clienttest.Say("Titan is a").Stop("content_filter"),
}

// streamedInShort are the operations that stream under -short too, one of each kind of
// events.
var streamedInShort = []string{"createChatCompletion", "createResponse", "createRun", "createSpeech"}

func TestEveryStreamingOperationStreamsAndAccumulates(t *testing.T) {
	operations := 0
	for op := range clienttest.NewServer(t).Document().Operations() {
		if _, streams := op.Extension("x-opcall-stream"); !streams {
			continue
		}
		operations++
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && !slices.Contains(streamedInShort, op.ID) {
				t.Skip("streams in every way: run without -short")
			}
			for name, output := range outputs {
				for _, size := range []size{minimal, full} {
					for _, media := range mediaTypesOf(op) {
						t.Run(fmt.Sprint(name, "/", size.name, " ", mediaName(media)), func(t *testing.T) {
							streamOnce(t, op, output, size, media)
						})
					}
				}
			}
		})
	}
	if operations != 13 {
		t.Errorf("got %d streaming operations, want 13", operations)
	}
}

func streamOnce(t *testing.T, op *schema.Operation, output clienttest.Output, size size, media *schema.MediaType) {
	server := clienttest.NewServer(t)
	server.Respond(op.ID, clienttest.Answer{Output: output})
	s, err := server.Client(client.WithMaxRetries(0)).Stream(t.Context(), op.ID, sweepInput(t, op, size, media), client.WithStreamAccumulation())
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ev.Findings() {
			t.Errorf("finding in an event: %v\n%s %s", f, ev.Type, ev.Data)
		}
	}
	streamed, err := s.Final()
	if err != nil {
		t.Fatal(err)
	}
	defer streamed.Close()
	for _, f := range streamed.Findings() {
		t.Errorf("finding in what the events add up to: %v", f)
	}
	answer := jsonResponse(op)
	if answer == nil { // speech: its plain answer is audio
		if len(streamed.Get("audio").String()) == 0 {
			t.Errorf("got no audio in %.200s", streamed.Raw())
		}
		return
	}
	if err := answer.Validate(streamed.Raw()); err != nil {
		t.Errorf("what the events add up to is invalid: %v\n%s", err, streamed.Raw())
	}
	if size.name == "full" || cmp.Equal(output, clienttest.Output{}, cmp.AllowUnexported(clienttest.Output{})) {
		return
	}
	server = clienttest.NewServer(t) // its first request too, so that IDs are the same
	server.Respond(op.ID, clienttest.Answer{Output: output})
	called, err := server.Client().Call(t.Context(), op.ID, sweepInput(t, op, size, media))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(told(t, called.Raw(), streamed.Raw()), told(t, streamed.Raw(), called.Raw())); diff != "" {
		t.Errorf("-called +streamed:\n%s", diff)
	}
}

// told reads an answer without its usage if the other has none: chats tell
// it only to who asks.
func told(t *testing.T, text, other []byte) any {
	v := parseAny(t, text)
	if object, ok := v.(map[string]any); ok && !gjson.GetBytes(other, "usage").Exists() {
		delete(object, "usage")
	}
	return v
}

func sweepInput(t *testing.T, op *schema.Operation, size size, media *schema.MediaType) client.Input {
	t.Helper()
	in, err := inputFor(op, size, media)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// jsonResponse is the schema of what an operation answers when it does not stream.
func jsonResponse(op *schema.Operation) *schema.Schema {
	if response, ok := op.Response(200); ok {
		for _, m := range response.Content {
			if schema.IsJSON(m.Name) {
				return m.Schema
			}
		}
	}
	return nil
}
