package client_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
)

func TestStreamTextIsThatOfTheFirstChoice(t *testing.T) {
	response := client.Params{"model": "m", "input": "i"}
	run := client.Params{"thread_id": "t", "assistant_id": "a"}
	delta := func(text string) string {
		return `{"type":"response.output_text.delta","delta":"` + text + `"}`
	}
	message := func(text string) string {
		return "event: thread.message.delta\n" + dataLines(`{"delta":{"content":[{"index":0,"type":"text","text":{"value":"`+text+`"}}]}}`)
	}
	completed := dataLines(`{"type":"response.completed","response":{}}`)
	for name, test := range map[string]struct {
		operation string
		params    client.Params
		handler   http.HandlerFunc
		want      []string
		err       string
	}{
		"chat":                  {"createChatCompletion", chat(), sseAnswer(dataLines(deltaChunk(0, ""), deltaChunk(0, "a"), deltaChunk(0, "ü\n"), "[DONE]")), []string{"a", "ü\n"}, ""},
		"first choice of three": {"createChatCompletion", chat(), sseAnswer(dataLines(deltaChunk(1, "x"), deltaChunk(0, "a"), deltaChunk(2, "y"), deltaChunk(0, "b"), "[DONE]")), []string{"a", "b"}, ""},
		"choice without index":  {"createChatCompletion", chat(), sseAnswer(dataLines(`{"choices":[{"delta":{"content":"a"}}]}`, `{"choices":[]}`, `{"choices":[{"index":0,"delta":{"content":null}}]}`, "[DONE]")), []string{"a"}, ""},
		"refusal":               {"createChatCompletion", chat(), sseAnswer(dataLines(`{"choices":[{"index":0,"delta":{"refusal":"no"}}]}`, "[DONE]")), nil, ""},
		"completion":            {"createCompletion", client.Params{"model": "m", "prompt": "p"}, sseAnswer(dataLines(`{"choices":[{"index":0,"text":"a"}]}`, "[DONE]")), []string{"a"}, ""},
		"response":              {"createResponse", response, sseAnswer(dataLines(delta("a"), `{"type":"response.function_call_arguments.delta","delta":"x"}`, delta("b")) + completed), []string{"a", "b"}, ""},
		"incomplete response":   {"createResponse", response, sseAnswer(dataLines(delta("a"), `{"type":"response.incomplete","response":{}}`)), []string{"a"}, ""},
		"run":                   {"createRun", run, sseAnswer(message("a") + message("b") + dataLines("[DONE]")), []string{"a", "b"}, ""},
		"transcript": {
			"createTranscription",
			client.Params{"model": "m", "file": client.File{Body: strings.NewReader("x")}},
			sseAnswer(dataLines(`{"type":"transcript.text.delta","delta":"a"}`, `{"type":"transcript.text.done","text":"a"}`)),
			[]string{"a"},
			"",
		},
		"no text": {"createImage", client.Params{"prompt": "p"}, sseAnswer(dataLines(`{"type":"image_generation.completed"}`)), nil, ""},

		"JSON chat":       {"createChatCompletion", chat(), responding(200, "application/json", `{"choices":[{"index":1,"message":{"content":"b"}},{"index":0,"message":{"content":"a"}}]}`), []string{"a"}, ""},
		"JSON response":   {"createResponse", response, responding(200, "application/json", `{"output":[{"type":"reasoning"},{"type":"message","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"x"},{"type":"output_text","text":"b"}]},{"type":"message","content":[{"type":"output_text","text":"c"}]}]}`), []string{"abc"}, ""},
		"JSON transcript": {"createTranscription", client.Params{"model": "whisper-1", "file": client.File{Body: strings.NewReader("x")}}, responding(200, "application/json", `{"text":"a"}`), []string{"a"}, ""},

		"cut":               {"createChatCompletion", chat(), sseAnswer(dataLines(deltaChunk(0, "a"))), []string{"a"}, "the stream was cut off after 1 event"},
		"error event":       {"createChatCompletion", chat(), sseAnswer(dataLines(deltaChunk(0, "a"), `{"error":"Boom"}`)), []string{"a"}, "Boom"},
		"response.failed":   {"createResponse", response, sseAnswer(dataLines(delta("a"), `{"type":"response.failed","response":{"error":{"code":"server_error","message":"Boom"}}}`)), []string{"a"}, "server_error: Boom"},
		"thread.run.failed": {"createRun", run, sseAnswer(message("a") + "event: thread.run.failed\n" + dataLines(`{"last_error":{"code":"rate_limit_exceeded","message":"Boom"}}`, "[DONE]")), []string{"a"}, "rate_limit_exceeded: Boom"},
		"failed without an error": {
			"createRun", run, sseAnswer("event: thread.run.failed\n" + dataLines(`{"last_error":null}`, "[DONE]")), nil, "error without a message",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := openStream(t, test.handler, test.operation, test.params)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for text, err := range s.Text() {
				if err != nil {
					if test.err == "" || !strings.HasPrefix(err.Error(), test.operation+": "+test.err) {
						t.Errorf("got error %v, want %q", err, test.err)
					}
					test.err = ""
					continue
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" || test.err != "" {
				t.Errorf("missing error %q; text (-want +got)\n%s", test.err, diff)
			}
		})
	}
}

func TestStreamTextReaderIsAReader(t *testing.T) {
	s, err := openStream(t, sseAnswer(dataLines(deltaChunk(0, "Wörter "), deltaChunk(0, ""), deltaChunk(0, "und mehr"), "[DONE]")), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(s.TextReader(), []byte("Wörter und mehr")); err != nil {
		t.Error(err)
	}

	s, err = openStream(t, sseAnswer(dataLines(deltaChunk(0, "a"), "{", deltaChunk(0, "b"))), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	reader := s.TextReader()
	text, err := io.ReadAll(reader)
	var eventErr *client.EventError
	if string(text) != "a" || !errors.As(err, &eventErr) {
		t.Errorf("got %q, %v", text, err)
	}
	if _, again := reader.Read(make([]byte, 1)); again != err {
		t.Errorf("reading on got %v", again)
	}

	gone := make(chan struct{})
	s, err = openStream(t, held(dataLines(deltaChunk(0, "a")), gone), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	reader = s.TextReader()
	if n, err := reader.Read(nil); n != 0 || err != nil {
		t.Errorf("reading nothing got %d, %v", n, err)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	<-gone
	if _, err := reader.Read(make([]byte, 1)); !errors.Is(err, client.ErrStreamClosed) {
		t.Errorf("got %v of a closed stream", err)
	}
}

// TestTextAndEventsReadTheSameStream: the loop over Text and the one over Events read the same
// stream.
func TestTextAndEventsReadTheSameStream(t *testing.T) {
	gone := make(chan struct{})
	s, err := openStream(t, held(dataLines(deltaChunk(0, "a"), deltaChunk(0, "b")), gone), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	for range s.Text() {
		break
	}
	<-gone
	if _, err := drain(s); !errors.Is(err, client.ErrStreamClosed) {
		t.Errorf("got %v, want the stream to be closed", err)
	}
}
