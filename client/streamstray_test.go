package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestErrorsInTheMiddleOfAStreamAreNotItsEnd: hosts report that they have stopped in
// forms of their own, and end the stream like a complete one. Neither Text nor Final
// succeeds then, and the message is that of the host.
func TestErrorsInTheMiddleOfAStreamAreNotItsEnd(t *testing.T) {
	for name, tt := range map[string]struct{ events, err string }{
		"a line of its own":           {`{"error":{"code":503,"message":"Boom"}}` + "\n\n" + dataLines("[DONE]"), "503: Boom"},
		"the last line, cut":          {`{"error":{"code":503,"message":"Boom"}}`, "503: Boom"},
		"a line that opens a list":    {"[{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"Boom\"\n  }\n}]\n", "503: Boom"},
		"the name of a field":         {`error: {"code":500,"message":"Boom"}` + "\n\n" + dataLines("[DONE]"), "500: Boom"},
		"the name of a field, text":   {"error: Boom\n\n" + dataLines("[DONE]"), "Boom"},
		"behind the last piece":       {dataLines(`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`) + `{"error":"Boom"}` + "\n\n", "Boom"},
		"a list of vLLM's objects":    {`[{"object":"error","message":"Boom"}]` + "\n\n" + dataLines("[DONE]"), "Boom"},
		"a list as an event":          {dataLines(`[{"error":{"code":503,"message":"Boom","status":"UNAVAILABLE"}}]`, "[DONE]"), "503: Boom"},
		"a list of nothing":           {dataLines(`[]`, "[DONE]"), "event 1: got an array, want an object"},
		"a text":                      {dataLines(`"Boom"`, "[DONE]"), "event 1: got a string, want an object"},
		"status_code and message":     {dataLines(`{"status_code":500,"message":"Boom"}`, "[DONE]"), "Boom"},
		"error_code and error_msg":    {dataLines(`{"error_code":17,"error_msg":"Boom"}`, "[DONE]"), "17: Boom"},
		"base_resp":                   {dataLines(`{"id":"x","choices":null,"created":1,"model":"m","base_resp":{"status_code":1002,"status_msg":"Boom"}}`, "[DONE]"), "1002: Boom"},
		"a reason of Zhipu's":         {dataLines(`{"choices":[{"index":0,"delta":{"content":""},"finish_reason":"network_error"}]}`, "[DONE]"), "network_error"},
		"a line with the key in it":   {`error: sk-abcdefghijklmnop is not a key` + "\n\n", "is not a key"},
		"a line longer than is kept":  {`{"error":{"message":"Boom","trace":"` + strings.Repeat("x", 10000) + "\"}}\n\n" + dataLines("[DONE]"), "Boom"},
		"a field between two pieces":  {"error: Boom\n" + dataLines(deltaChunk(0, "b")), "Boom"},
		"an error in an array of one": {dataLines(`[{"detail":"Boom"}]`, "[DONE]"), "Boom"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := sseAnswer(dataLines(deltaChunk(0, "a")) + tt.events)
			for what, read := range map[string]func(*client.Stream) error{"Text": textError, "Final": finalError} {
				s, err := openStream(t, answer, "createChatCompletion", chat(), client.WithAPIKey("sk-abcdefghijklmnop"))
				if err != nil {
					t.Fatal(err)
				}
				if err = read(s); err == nil || !strings.Contains(err.Error(), tt.err) || strings.Contains(err.Error(), "sk-abc") {
					t.Errorf("%s: got %v, want %q", what, err, tt.err)
				}
			}
		})
	}
}

func textError(s *client.Stream) error {
	for _, err := range s.Text() {
		if err != nil {
			return err
		}
	}
	return nil
}

func finalError(s *client.Stream) error {
	_, err := s.Final()
	return err
}

// TestWhatIsNoErrorInTheMiddleOfAStream: lines and events that say nothing of the answer
// are gone over, as the standard has it.
func TestWhatIsNoErrorInTheMiddleOfAStream(t *testing.T) {
	for name, between := range map[string]string{
		"null":                       dataLines("null"),
		"null, spaced":               dataLines(" null "),
		"a field of a host's own":    "meta: {\"error\":1}\n\n",
		"a line without a colon":     "keepalive\n\n",
		"an error that is null":      `{"error":null}` + "\n\n",
		"a comment with an error":    `: {"error":{"message":"Boom"}}` + "\n\n",
		"base_resp of a success":     dataLines(`{"id":"x","choices":[],"base_resp":{"status_code":0,"status_msg":""}}`),
		"an object that is empty":    dataLines(`{}`),
		"a long line of a host's":    strings.Repeat("x", 100000) + "\n\n",
		"a line that is JSON and no": "{\"error\n\n",
	} {
		for end, done := range map[string]string{"plain": "[DONE]", "quoted": `"[DONE]"`} {
			t.Run(name+", "+end, func(t *testing.T) {
				answer := sseAnswer(dataLines(deltaChunk(0, "a")) + between + dataLines(deltaChunk(0, "b"), done))
				s, err := openStream(t, answer, "createChatCompletion", chat())
				if err != nil {
					t.Fatal(err)
				}
				r, err := s.Final()
				if err != nil || r.Get("choices.0.message.content").String() != "ab" {
					t.Errorf("got %v, %v, want the whole text", r, err)
				}
			})
		}
	}
}

// TestTextOfPartsInAStream: content may come in parts, before or after strings; no text is
// lost, and none of another kind counts.
func TestTextOfPartsInAStream(t *testing.T) {
	piece := func(content string) string { return `{"choices":[{"index":0,"delta":{"content":` + content + `}}]}` }
	text := func(s string) string { return `[{"type":"text","text":"` + s + `"}]` }
	thinking := `[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]`
	for name, tt := range map[string]struct {
		contents    []string
		text, whole string
	}{
		"parts":                        {[]string{text("a"), text("b")}, "ab", `[{"type":"text","text":"a"},{"type":"text","text":"b"}]`},
		"thoughts, then strings":       {[]string{thinking, `"a"`, `"b"`}, "ab", `[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"ab"}]`},
		"a string, then parts":         {[]string{`"a"`, `"b"`, text("c")}, "abc", `[{"type":"text","text":"ab"},{"type":"text","text":"c"}]`},
		"parts, then a string":         {[]string{text("a"), `"\u00fc"`, "null", `""`}, "aü", `[{"type":"text","text":"a\u00fc"}]`},
		"nothing, then parts":          {[]string{`""`, text("a")}, "a", `[{"type":"text","text":"a"}]`},
		"nothing in between":           {[]string{`"a"`, "[]", `"b"`}, "ab", `"ab"`},
		"a part that is not an object": {[]string{`["a"]`, `[{"type":"image","text":"x"}]`}, "a", `["a",{"type":"image","text":"x"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			var events []string
			for _, content := range tt.contents {
				events = append(events, piece(content))
			}
			answer := sseAnswer(dataLines(append(events, "[DONE]")...))
			s, err := openStream(t, answer, "createChatCompletion", chat())
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for piece, err := range s.Text() {
				if err != nil {
					t.Fatal(err)
				}
				got.WriteString(piece)
			}
			if got.String() != tt.text {
				t.Errorf("Text: got %q, want %q", got.String(), tt.text)
			}
			if s, err = openStream(t, answer, "createChatCompletion", chat()); err != nil {
				t.Fatal(err)
			}
			r, err := s.Final()
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Get("choices.0.message.content").Raw; got != tt.whole {
				t.Errorf("Final: got %s, want %s", got, tt.whole)
			}
		})
	}
}

// TestEventCalledMessageHasTheTypeOfItsData: message is the standard's word for an event
// without a name (WHATWG HTML §9.2.6), which some servers write out.
func TestEventCalledMessageHasTheTypeOfItsData(t *testing.T) {
	w := newWitness(t, sseAnswer("event: message\ndata: "+deltaChunk(0, "a")+"\n\n"+dataLines("[DONE]")))
	s, err := newClient(t, client.WithBaseURL(w.URL), client.WithAPIKey(socketKey)).Stream(t.Context(), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	for event, err := range s.Events() {
		if err != nil || event.Type != "chat.completion.chunk" {
			t.Errorf("got an event of type %q, %v, want chat.completion.chunk", event.Type, err)
		}
	}
}

// TestTruncatedErrorHasTheLastEventID: by it a server that keeps events is asked for the
// rest (WHATWG HTML §9.2.4).
func TestTruncatedErrorHasTheLastEventID(t *testing.T) {
	w := newWitness(t, sseAnswer("id: e7\n"+dataLines(deltaChunk(0, "a"))))
	s, err := newClient(t, client.WithBaseURL(w.URL), client.WithAPIKey(socketKey)).Stream(t.Context(), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	var cut *client.TruncatedError
	for _, err := range s.Events() {
		errors.As(err, &cut)
	}
	if cut == nil || cut.EventID != "e7" || cut.Events != 1 {
		t.Errorf("got %+v, want one event with the ID e7", cut)
	}
}
