package clienttest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

var hello = client.Params{"model": "m", "messages": []client.Params{{"role": "user", "content": "Hello"}}}

func ExampleSay() {
	server, err := clienttest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say("Titan is a moon.")})

	s, err := server.Client().Stream(context.Background(), "createResponse", client.Params{"model": "m", "input": "Titan?"})
	if err != nil {
		log.Fatal(err)
	}
	for piece, err := range s.Text() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%q ", piece)
	}
	// Output: "Titan" " is" " a" " moon."
}

func TestStreamsOnTheWire(t *testing.T) {
	const chat = `{"model":"m","stream":true,"messages":[{"role":"user","content":"Hello"}]}`
	tests := map[string]struct {
		operation, path, body string
		output                clienttest.Output
		begins, ends          string
	}{
		"chat": {
			"createChatCompletion", "/chat/completions", chat, clienttest.Say("Hi"),
			`data: {"id":"chatcmpl-test-`, "\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
		},
		"tool call": {
			"createChatCompletion", "/chat/completions", chat, clienttest.CallTool("f", "{}"),
			`data: {"id":"chatcmpl-test-`, "\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n",
		},
		"failure": {
			"createChatCompletion", "/chat/completions", chat, clienttest.Say("Hi").Fail("overloaded", "Later."),
			`data: {"id":"chatcmpl-test-`, "data: {\"error\":{\"message\":\"Later.\",\"type\":\"server_error\",\"param\":null,\"code\":\"overloaded\"}}\n\n",
		},
		"response": {
			"createResponse", "/responses", `{"model":"m","input":"Hello","stream":true}`, clienttest.Refuse("No."),
			"event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,", "}\n\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			server.Respond(tt.operation, clienttest.Answer{Output: tt.output})
			status, header, body := post(t, server, tt.path, tt.body)
			if status != 200 || header.Get("Content-Type") != "text/event-stream" {
				t.Errorf("got %d %q, want an event stream", status, header.Get("Content-Type"))
			}
			if !strings.HasPrefix(body, tt.begins) || !strings.HasSuffix(body, tt.ends) {
				t.Errorf("got\n%s\nwant it to begin with %q and end with %q", body, tt.begins, tt.ends)
			}
		})
	}
}

func TestOutputIsNotChangedByWhatIsAddedToIt(t *testing.T) {
	server := clienttest.NewServer(t)
	one := clienttest.Say("one").Say(" two")
	one.Say(" three")
	one.Refuse("four")
	server.Respond("createChatCompletion", clienttest.Answer{Output: one})
	r, err := server.Client().Call(t.Context(), "createChatCompletion", hello)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Get("choices.0.message.content").String(); got != "one two" {
		t.Errorf("got %q, want %q", got, "one two")
	}
}

func TestFailingOutputEndsTheStreamWithAnAPIError(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createResponse", clienttest.Answer{Output: clienttest.Say("Ti").Fail("server_error", "Later.")})
	s, err := server.Client().Stream(t.Context(), "createResponse", client.Params{"model": "m", "input": "Hello"})
	if err != nil {
		t.Fatal(err)
	}
	var failed *client.APIError
	if _, err := io.ReadAll(s.TextReader()); !errors.As(err, &failed) || failed.Code != "server_error" {
		t.Errorf("got %v, want the failure of the response", err)
	}
}

func TestStreamIsContinuedBehindStartingAfter(t *testing.T) {
	server := clienttest.NewServer(t)
	answer := clienttest.Answer{Output: clienttest.Say("Titan is the largest moon of Saturn.")}
	server.Respond("getResponse", answer)
	answer.Fail = clienttest.CutBody(4000)
	server.Respond("createResponse", answer)
	s, err := server.Client().Stream(t.Context(), "createResponse",
		client.Params{"model": "m", "input": "Titan?", "background": true}, client.WithStreamResume())
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(s.TextReader())
	if err != nil || string(text) != "Titan is the largest moon of Saturn." {
		t.Errorf("got %q, %v, want the whole text", text, err)
	}
	if server.LastRequest("getResponse") == nil {
		t.Error("the stream was not cut")
	}
}

func TestRecordingArrivesByteForByte(t *testing.T) {
	const recording = "data: {\"a\": \"ü\"}\r\n\r\ndata: {}\n\ndata: [DONE]\r\rincompl"
	for name, r := range map[string]clienttest.Recording{
		"event by event": {},
		"byte by byte":   {Chunks: []int{1}},
		"uneven":         {Chunks: []int{1, 7, 3}, Interval: time.Nanosecond},
		"whole":          {Chunks: []int{1 << 30}},
	} {
		t.Run(name, func(t *testing.T) {
			server := clienttest.NewServer(t)
			r.Data = []byte(recording)
			server.Respond("createChatCompletion", clienttest.Answer{Body: r})
			for range 2 {
				if _, header, got := post(t, server, "/chat/completions", `{"model":"m","messages":[{"role":"user","content":"x"}]}`); got != recording ||
					header.Get("Content-Type") != "text/event-stream" {
					t.Errorf("got %q %q, want %q", header.Get("Content-Type"), got, recording)
				}
			}
		})
	}
}

func TestStreamCutAtEveryByteIsNeverASuccess(t *testing.T) {
	server := clienttest.NewServer(t)
	const recording = "data: {\"choices\":[]}\n\ndata: {\"choices\":[]}\n\ndata: [DONE]\n\n"
	end := strings.LastIndex(recording, "\n")
	c := server.Client(client.WithMaxRetries(0))
	for at := range end {
		server.Respond("createChatCompletion", clienttest.Answer{Body: clienttest.Recording{Data: []byte(recording)}, Fail: clienttest.CutBody(int64(at))})
		s, err := c.Stream(t.Context(), "createChatCompletion", hello)
		if err != nil {
			t.Fatal(err)
		}
		events, last := 0, error(nil)
		for _, err := range s.Events() {
			if last = err; err == nil {
				events++
			}
		}
		var cut *client.TruncatedError
		if want := strings.Count(recording[:at], "}\n\n"); !errors.As(last, &cut) || events != want {
			t.Errorf("cut at %d: got %d events, %v, want %d and a *TruncatedError", at, events, last, want)
		}
	}
}

func TestCloseEndsASlowRecording(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createChatCompletion", clienttest.Answer{Body: clienttest.Recording{
		Data: []byte("data: {}\n\ndata: {}\n\n"), Interval: time.Hour,
	}})
	s, err := server.Client(client.WithMaxRetries(0)).Stream(t.Context(), "createChatCompletion", hello)
	if err != nil {
		t.Fatal(err)
	}
	events, last := 0, error(nil)
	for _, err := range s.Events() {
		if last = err; err == nil {
			events++
			go server.Close()
		}
	}
	if events != 1 || last == nil {
		t.Errorf("got %d events, %v, want one and an error", events, last)
	}
}

func TestRecordingRefusesEmptyChunks(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("createChatCompletion", clienttest.Answer{Body: clienttest.Recording{Chunks: []int{4, 0}}})
	status, _, body := post(t, server, "/chat/completions", `{"model":"m","messages":[{"role":"user","content":"x"}]}`)
	if status != 500 || !strings.Contains(body, "got chunk size 0 at 1") {
		t.Errorf("got %d %s, want 500 with the reason", status, body)
	}
}

// post sends JSON to a path of the server.
func post(t testing.TB, server *clienttest.Server, path, body string) (int, http.Header, string) {
	t.Helper()
	return send(t, server, request{method: "POST", path: path, header: "Content-Type: application/json\nAuthorization: Bearer k", body: body})
}
