package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// theEvents collects the events of a stream that must end well.
func theEvents(tb testing.TB, s *client.Stream) []client.Event {
	tb.Helper()
	var all []client.Event
	for ev, err := range s.Events() {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, ev)
	}
	return all
}

// TestEventIsTyped by the document, in each of its ways of describing events.
func TestEventIsTyped(t *testing.T) {
	message := `{"id":"msg_1","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":"a"}},{"index":1,"type":"text","text":{"value":"b"}}]}}`
	for name, test := range map[string]struct {
		operation string
		params    client.Params
		body      string
		kind      string // Event.Type
		schema    string
		path      string // of a part whose schema is
		inner     string
		text      string
		findings  []string // kinds and pointers
	}{
		"chat chunk": {
			"createChatCompletion", chat(), dataLines(deltaChunk(0, "a"), "[DONE]"),
			"chat.completion.chunk", "CreateChatCompletionStreamResponse", "choices.0.delta", "ChatCompletionStreamResponseDelta", "a", nil,
		},
		"completion": {
			"createCompletion",
			client.Params{"model": "m", "prompt": "p"},
			dataLines(`{"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":"stop"}]}`, "[DONE]"),
			"text_completion", "CreateCompletionResponse", "", "CreateCompletionResponse", "a", nil,
		},
		"response event": {
			"createResponse",
			client.Params{"model": "m", "input": "i"},
			"event: response.output_text.delta\n" + dataLines(`{"type":"response.output_text.delta","item_id":"i","output_index":0,"content_index":0,"delta":"a","sequence_number":1,"logprobs":[]}`, "[DONE]"),
			"response.output_text.delta", "ResponseTextDeltaEvent", "", "ResponseTextDeltaEvent", "a", nil,
		},
		"unknown response event": {
			"createResponse",
			client.Params{"model": "m", "input": "i"},
			dataLines(`{"type":"response.novelty","sequence_number":1}`, "[DONE]"),
			"response.novelty", "ResponseStreamEvent", "", "ResponseStreamEvent", "",
			[]string{"unknown_member /type"},
		},
		"event of a run": {
			"createRun",
			client.Params{"thread_id": "t", "assistant_id": "a"},
			"event: thread.message.delta\n" + dataLines(message, "[DONE]"),
			"thread.message.delta", "MessageDeltaObject", "delta.content.0", "MessageDeltaContentTextObject", "ab", nil,
		},
		"event of a run that disagrees": {
			"createRun",
			client.Params{"thread_id": "t", "assistant_id": "a"},
			"event: thread.message.delta\n" + dataLines(strings.Replace(message, `"msg_1"`, `1`, 1), "[DONE]"),
			"thread.message.delta", "MessageDeltaObject", "", "MessageDeltaObject", "ab",
			[]string{"wrong_type /data/id"},
		},
		"transcript": {
			"createTranscription",
			client.Params{"model": "gpt-4o-transcribe", "file": client.File{Name: "a.mp3", Body: strings.NewReader("x")}},
			dataLines(`{"type":"transcript.text.delta","delta":"a"}`, "[DONE]"),
			"transcript.text.delta", "TranscriptTextDeltaEvent", "", "TranscriptTextDeltaEvent", "a", nil,
		},
		"image": {
			"createImage",
			client.Params{"prompt": "p"},
			dataLines(`{"type":"image_generation.partial_image","b64_json":"AA==","created_at":1,"size":"1024x1024","quality":"low","background":"auto","output_format":"png","partial_image_index":0}`, "[DONE]"),
			"image_generation.partial_image", "ImageGenPartialImageEvent", "", "ImageGenPartialImageEvent", "", nil,
		},
		"speech": {
			"createSpeech",
			client.Params{"model": "m", "input": "i", "voice": "alloy"},
			dataLines(`{"type":"speech.audio.delta","audio":"AA=="}`, "[DONE]"),
			"speech.audio.delta", "SpeechAudioDeltaEvent", "", "SpeechAudioDeltaEvent", "", nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := openStream(t, sseAnswer(test.body), test.operation, test.params)
			if err != nil {
				t.Fatal(err)
			}
			all := theEvents(t, s)
			if len(all) != 1 {
				t.Fatalf("got %d events, want 1", len(all))
			}
			ev := all[0]
			if ev.Type != test.kind || ev.Text() != test.text {
				t.Errorf("got type %q and text %q, want %q and %q", ev.Type, ev.Text(), test.kind, test.text)
			}
			if got := ev.Value().Schema(); got != test.schema {
				t.Errorf("got schema %q, want %q", got, test.schema)
			}
			if got := ev.Value().Get(test.path).Schema(); got != test.inner {
				t.Errorf("%q has schema %q, want %q", test.path, got, test.inner)
			}
			if raw := string(ev.Value().Raw()); raw != string(ev.Data) {
				t.Errorf("the value is %s, the data %s", raw, ev.Data)
			}
			var findings []string
			for _, f := range ev.Findings() {
				findings = append(findings, fmt.Sprintf("%s %s", f.Kind, f.Pointer))
			}
			if diff := cmp.Diff(test.findings, findings); diff != "" {
				t.Errorf("findings (-want +got)\n%s", diff)
			}
		})
	}
}

func TestEventKeepsWhatTheStreamSays(t *testing.T) {
	s, err := openStream(t, sseAnswer("id: 7\n"+dataLines(`{"type":"a","n":12345678901234567890}`)+"id: 8\n"+dataLines(`{"object":"b"}`)+"event: c\n"+dataLines(`{"type":5}`, "[DONE]")), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, ev := range theEvents(t, s) {
		got = append(got, ev.Type+" "+ev.ID)
		if ev.Type == "a" && ev.Get("n").Raw != "12345678901234567890" {
			t.Errorf("got number %s", ev.Get("n").Raw)
		}
	}
	if diff := cmp.Diff([]string{"a 7", "b 8", "c 8"}, got); diff != "" {
		t.Errorf("types and IDs (-want +got)\n%s", diff)
	}
}

// TestZeroEventIsEmpty: an Event that no stream made says nothing.
func TestZeroEventIsEmpty(t *testing.T) {
	var ev client.Event
	if ev.Value().Exists() || ev.Findings() != nil || ev.Text() != "" || ev.Get("a").Exists() {
		t.Error("got something of nothing")
	}
}

// What the settings of the client say of answers holds for each
// event.
func TestTiersHoldForEachEvent(t *testing.T) {
	body := dataLines(deltaChunk(0, "a"), strings.Replace(deltaChunk(0, "b"), `"created":1`, `"created":"x"`, 1), deltaChunk(0, "c"), "[DONE]")
	t.Run("findings", func(t *testing.T) {
		var found []string
		got, err := streamChat(t, sseAnswer(body), client.WithFindings(func(operationID string, findings []schema.Finding) {
			found = append(found, fmt.Sprintf("%s %s %s", operationID, findings[0].Kind, findings[0].Pointer))
		}))
		if diff := cmp.Diff([]string{"createChatCompletion wrong_type /created"}, found); diff != "" || err != nil || got.Text != "abc" {
			t.Errorf("got %q, %v (-want +got)\n%s", got.Text, err, diff)
		}
	})
	for _, tier := range []schema.Tier{schema.Standard, schema.Strict} {
		t.Run(tier.String(), func(t *testing.T) {
			got, err := streamChat(t, sseAnswer(body), client.WithResponseValidation(tier))
			var eventErr *client.EventError
			var invalid *schema.ValidationError
			if got.Text != "a" || !errors.As(err, &eventErr) || eventErr.Index != 1 || eventErr.Type != "chat.completion.chunk" || !json.Valid(eventErr.Data) || !errors.As(err, &invalid) {
				t.Errorf("got %q, %v", got.Text, err)
			}
		})
	}
	t.Run("off", func(t *testing.T) {
		s, err := openStream(t, sseAnswer(body), "createChatCompletion", chat(), client.WithResponseValidation(schema.Off))
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range theEvents(t, s) {
			if ev.Findings() != nil || ev.Value().Schema() == "" {
				t.Errorf("got findings %v and schema %q", ev.Findings(), ev.Value().Schema())
			}
		}
	})
	t.Run("unknown fields", func(t *testing.T) {
		more := dataLines(strings.Replace(deltaChunk(0, "a"), `"id"`, `"extra":1,"id"`, 1), "[DONE]")
		if _, err := streamChat(t, sseAnswer(more), client.WithResponseValidation(schema.Standard)); err == nil {
			t.Error("got no error for an unknown field")
		}
		if _, err := streamChat(t, sseAnswer(more), client.WithResponseValidation(schema.Standard), client.WithUnknownFields()); err != nil {
			t.Error(err)
		}
	})
}

// TestStreamOfOtherDocuments, which have no x-opcall-stream.
func TestStreamOfOtherDocuments(t *testing.T) {
	const answers = `"responses":{"200":{"description":"","content":{"application/json":{"schema":{"type":"object"}}%s}}}`
	stream := fmt.Sprintf(answers, `,"text/event-stream":{"schema":{"$ref":"#/components/schemas/Tick"}}`)
	none := fmt.Sprintf(answers, "")
	body := `"requestBody":{"content":{"application/json":{"schema":{"allOf":[{"$ref":"#/components/schemas/Base"}]}}}},`
	spec := document(`{
		"/ticks":{"get":{"operationId":"ticks",`+stream+`}},
		"/ask":{"post":{"operationId":"ask",`+body+none+`}},
		"/query":{"get":{"operationId":"query","parameters":[{"name":"stream","in":"query","schema":{"type":"boolean"}}],`+none+`}},
		"/named":{"get":{"operationId":"named","x-opcall-stream":{"terminal":["bye"],"request":{},"event":"#/components/schemas/Named","text":5,"unheard":[]},`+none+`}},
		"/plain":{"get":{"operationId":"plain",`+none+`}}}`,
		`"schemas":{"Tick":{"type":"object","properties":{"n":{"type":"integer"}}},
		"Base":{"type":"object","properties":{"stream":{"type":"boolean"},"q":{"type":"string"}}},
		"Named":{"oneOf":[{"type":"object","required":["event","data"],"properties":{"event":{"const":"hello"},"data":{"$ref":"#/components/schemas/Tick"}}}]}}`)
	for name, test := range map[string]struct {
		operation string
		body      string
		events    int
		schema    string
		sent      string
		truncated bool
	}{
		"declared":              {"ticks", dataLines(`{"n":1}`, `{"n":2}`), 2, "Tick", "", false},
		"declared, cut":         {"ticks", dataLines(`{"n":1}`) + "data: {", 1, "Tick", "", true},
		"declared, done":        {"ticks", dataLines(`{"n":1}`, "[DONE]", `{"n":2}`), 1, "Tick", "", false},
		"field stream":          {"ask", dataLines(`{"n":1}`), 1, "", `{"stream":true}`, false},
		"parameter stream":      {"query", dataLines(`{"n":1}`), 1, "", "stream=true", false},
		"told by the extension": {"named", "event: hello\n" + dataLines(`{"n":1}`) + "event: bye\n" + dataLines(`{}`), 2, "Tick", "", false},
		"without its terminal":  {"named", "event: hello\n" + dataLines(`{"n":1}`), 1, "Tick", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			server := newWitness(t, sseAnswer(test.body))
			c := newClient(t, spec, client.WithBaseURL(server.URL))
			s, err := c.Stream(t.Context(), test.operation, nil)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for ev, err := range s.Events() {
				var truncated *client.TruncatedError
				if err != nil {
					if !test.truncated || !errors.As(err, &truncated) {
						t.Errorf("got %v", err)
					}
					test.truncated = false
					continue
				}
				if got := ev.Value().Schema(); n == 0 && got != test.schema {
					t.Errorf("got schema %q, want %q", got, test.schema)
				}
				n++
			}
			if n != test.events || test.truncated {
				t.Errorf("got %d events, want %d; truncated %t", n, test.events, !test.truncated)
			}
			if sent := server.only(t); sent.Body+sent.Query != test.sent {
				t.Errorf("sent %q, want %q", sent.Body+sent.Query, test.sent)
			}
		})
	}
	var unfit *client.BindError
	if _, err := newClient(t, spec, client.WithBaseURL("http://127.0.0.1:1")).Stream(t.Context(), "plain", nil); !errors.As(err, &unfit) {
		t.Errorf("got %v, want a *BindError", err)
	}
}

// TestStreamWorksWithAnOlderDescription: it has the schemas of all events, and does not
// say whose they are.
func TestStreamWorksWithAnOlderDescription(t *testing.T) {
	file := client.WithSpecFile(shared.Path(t, "openai-api", "openapi-2025-04-29.yaml"))
	server := newWitness(t,
		sseAnswer("event: thread.run.created\n"+dataLines("{}", "[DONE]")),
		sseAnswer(dataLines(`{"choices":[{"text":"a","index":0}]}`, "[DONE]")))
	c := newClient(t, file, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	for _, test := range []struct {
		operation string
		params    client.Params
		schema    string
	}{
		{"createRun", client.Params{"thread_id": "t", "assistant_id": "a"}, "RunObject"},
		{"createCompletion", client.Params{"model": "m", "prompt": "p"}, "CreateCompletionResponse"},
	} {
		s, err := c.Stream(t.Context(), test.operation, test.params)
		if err != nil {
			t.Fatal(err)
		}
		all := theEvents(t, s)
		if len(all) != 1 || all[0].Value().Schema() != test.schema {
			t.Errorf("%s: got %d events, the first a %q, want a %q", test.operation, len(all), all[0].Value().Schema(), test.schema)
		}
	}
}
