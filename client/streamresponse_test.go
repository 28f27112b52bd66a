package client_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
	"github.com/opcall/opcall/stream"
)

// TestStreamCallGetsAnErrorForOtherResponses: what is not an event stream, whatever it calls
// itself.
func TestStreamCallGetsAnErrorForOtherResponses(t *testing.T) {
	completion := `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"whole","refusal":null},"finish_reason":"stop","logprobs":null}]}`
	failed := `{"id":"resp_1","object":"response","status":"failed","error":{"code":"server_error","message":"Boom"},"output":[]}`
	page := "<html><head><title>502 Bad Gateway</title></head><body>" + strings.Repeat("x", 1<<20) + "</body></html>"
	response := client.Params{"model": "m", "input": "i"}
	for name, test := range map[string]struct {
		handler   http.HandlerFunc
		operation string
		params    any
		event     string // type of the one event
		err       string
		target    any
	}{
		"JSON":                      {responding(200, "application/json", completion), "createChatCompletion", chat(), "chat.completion", "", nil},
		"JSON, another type of it":  {responding(200, "application/problem+json", completion), "createChatCompletion", chat(), "chat.completion", "", nil},
		"JSON as event stream":      {sseAnswer("\n" + completion), "createChatCompletion", chat(), "chat.completion", "", nil},
		"JSON in pieces as stream":  {inPieces("\r\n"+completion, 1), "createChatCompletion", chat(), "chat.completion", "", nil},
		"JSON of a failed response": {responding(200, "application/json", failed), "createResponse", response, "response", "", nil},
		"JSON error":                {responding(200, "application/json", `{"error":{"message":"Boom","code":"c1"}}`), "createChatCompletion", chat(), "", "c1: Boom", new(*client.APIError)},
		"JSON error, response":      {responding(200, "application/json", `{"error":{"message":"Boom","code":"c1"}}`), "createResponse", response, "", "c1: Boom", new(*client.APIError)},
		"JSON error as stream":      {sseAnswer(`{"error":{"message":"Boom","code":"c1"}}`), "createResponse", response, "", "c1: Boom", new(*client.APIError)},
		"JSON error with status":    {responding(429, "application/json", `{"error":{"message":"Boom","code":"c1"}}`), "createChatCompletion", chat(), "", "429 c1: Boom", new(*client.APIError)},
		"JSON that breaks off":      {responding(200, "application/json", completion[:50]), "createChatCompletion", chat(), "", "the response is not JSON", new(*client.ResponseError)},
		"JSON stream breaks off":    {sseAnswer(completion[:50]), "createChatCompletion", chat(), "", "the response is not JSON", new(*client.ResponseError)},
		"no JSON":                   {responding(200, "application/json", ""), "createChatCompletion", chat(), "", "got 200 OK without a body, want application/json", new(*client.ResponseError)},
		"blank JSON":                {responding(200, "application/json", " \n"), "createChatCompletion", chat(), "", "got an empty body, want application/json", new(*client.ResponseError)},
		"text of another kind":      {responding(200, "text/plain", "data of ours:\n"), "createChatCompletion", chat(), "", `got "text/plain", want an event stream: data of ours`, new(*client.ResponseError)},
		"events as text":            {responding(200, "text/plain", dataLines(deltaChunk(0, "whole"), "[DONE]")), "createChatCompletion", chat(), "chat.completion.chunk", "", nil},
		"events as bytes, slowly":   {inPiecesOf("application/octet-stream", ": hi\n\n"+dataLines(deltaChunk(0, "whole"), "[DONE]"), 1), "createChatCompletion", chat(), "chat.completion.chunk", "", nil},
		"events as JSON":            {responding(200, "application/json", dataLines(deltaChunk(0, "whole"), "[DONE]")), "createChatCompletion", chat(), "chat.completion.chunk", "", nil},
		"JSON as text":              {responding(200, "text/plain", completion), "createChatCompletion", chat(), "chat.completion", "", nil},
		"text/json":                 {responding(200, "text/json", completion), "createChatCompletion", chat(), "chat.completion", "", nil},
		"error in a choice":         {sseAnswer(`data: {"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"overloaded"}}]}` + "\n\n"), "createChatCompletion", chat(), "", "502: overloaded", new(*client.APIError)},
		"no content":                {responding(204, "", ""), "createChatCompletion", chat(), "", "the stream was cut off after 0 events", new(*client.TruncatedError)},
		"no media type":             {responding(200, "", dataLines(deltaChunk(0, "whole"), "[DONE]")), "createChatCompletion", chat(), "chat.completion.chunk", "", nil},
		"media type in capitals":    {responding(200, "Text/Event-Stream;Charset=UTF-8", dataLines(deltaChunk(0, "whole"), "[DONE]")), "createChatCompletion", chat(), "chat.completion.chunk", "", nil},
		"HTML":                      {responding(200, "text/html", page), "createChatCompletion", chat(), "", `got "text/html", want an event stream: 502 Bad Gateway; is the base URL right? It ends in "/v1" (request req_1)`, new(*client.ResponseError)},
		"HTML as event stream":      {sseAnswer(page), "createChatCompletion", chat(), "", `got HTML under the name of an event stream: 502 Bad Gateway; is the base URL right? It ends in "/v1" (request req_1)`, new(*client.ResponseError)},
		"text":                      {responding(200, "text/plain", "please\nwait"), "createChatCompletion", chat(), "", `got "text/plain", want an event stream: please wait; is the base URL right? It ends in "/v1" (request req_1)`, new(*client.ResponseError)},
		"audio":                     {responding(200, "audio/mpeg", "ID3\x00\x01"), "createSpeech", client.Params{"model": "m", "input": "i", "voice": "alloy"}, "", `got "audio/mpeg", want an event stream (request req_1)`, new(*client.ResponseError)},
		"compressed, not asked": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			responding(200, "text/event-stream", "\x01\x02")(w, nil)
		}, "createChatCompletion", chat(), "", `got a response in Content-Encoding "br"`, new(*client.ResponseError)},
	} {
		t.Run(name, func(t *testing.T) {
			var got drained
			s, err := openStream(t, test.handler, test.operation, test.params)
			if err == nil {
				got, err = drain(s)
			}
			if test.err != "" {
				if err == nil || !errors.As(err, test.target) || !strings.HasPrefix(err.Error(), test.operation+": "+test.err) {
					t.Errorf("got %v, want %T %q", err, test.target, test.err)
				}
				var foreign *client.ResponseError
				if strings.Contains(test.err, "an event stream: ") && errors.As(err, &foreign) && (len(foreign.Body) == 0 || len(foreign.Body) > 16<<10) {
					t.Errorf("got %d bytes of the answer", len(foreign.Body))
				}
				return
			}
			if err != nil || len(got.Types) != 1 || got.Types[0] != test.event {
				t.Errorf("got %q, error %v, want one event of type %s", got.Types, err, test.event)
			}
			if strings.HasPrefix(test.event, "chat") && got.Text != "whole" {
				t.Errorf("got text %q", got.Text)
			}
		})
	}
}

// TestJSONInPlaceOfAStreamIsTyped: the one event goes by the schema of the answer.
func TestJSONInPlaceOfAStreamIsTyped(t *testing.T) {
	s, err := openStream(t, responding(200, "application/json", `{"id":1}`), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if name := ev.Value().Schema(); name != "CreateChatCompletionResponse" {
			t.Errorf("got schema %q", name)
		}
		if findings := ev.Findings(); len(findings) != 5 || findings[4].Kind != schema.FindingWrongType {
			t.Errorf("got findings %v", findings)
		}
	}
}

func TestStreamEndsAtUnusableEvent(t *testing.T) {
	for name, test := range map[string]struct {
		unusable func() string
		check    func(*testing.T, *client.EventError)
	}{
		"not JSON": {func() string { return dataLines("{]") }, func(t *testing.T, err *client.EventError) {
			if string(err.Data) != "{]" {
				t.Errorf("got data %q", err.Data)
			}
		}},
		"65 MiB": {func() string { return "data: " + strings.Repeat("x", 65<<20) + "\n\n" }, func(t *testing.T, err *client.EventError) {
			var limit *stream.EventTooLargeError
			want := "createChatCompletion: event 1: it has more than 67108864 bytes, which WithMaxResponse sets as the limit (request req_1)"
			if !errors.As(err, &limit) || limit.Limit != client.DefaultMaxResponse || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "65 MiB" {
				t.Skip("sends 65 MiB twice")
			}
			body := dataLines(deltaChunk(0, "a")) + test.unusable() + dataLines(deltaChunk(0, "b"), "[DONE]")
			got, err := streamChat(t, sseAnswer(body))
			var eventErr *client.EventError
			if got.Text != "a" || !errors.As(err, &eventErr) || eventErr.Index != 1 {
				t.Fatalf("got %q and %v, want the first event and an *EventError for the second", got.Text, err)
			}
			test.check(t, eventErr)

			s, err := openStream(t, sseAnswer(body), "createChatCompletion", chat(), client.WithInvalidEvents())
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for ev, err := range s.Events() {
				if err != nil {
					all = append(all, fmt.Sprintf("%T", err))
				} else {
					all = append(all, ev.Text())
				}
			}
			if diff := cmp.Diff([]string{"a", "*client.EventError", "b"}, all); diff != "" {
				t.Errorf("going on (-want +got)\n%s", diff)
			}
		})
	}
	t.Run("1 MB without a line end", func(t *testing.T) {
		got, err := streamChat(t, sseAnswer("data: "+strings.Repeat("x", 1<<20)))
		var truncated *client.TruncatedError
		if !errors.As(err, &truncated) || !truncated.Partial || len(got.Data) > 0 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("1 MB event", func(t *testing.T) {
		text := strings.Repeat("x", 1<<20)
		got, err := streamChat(t, sseAnswer(dataLines(deltaChunk(0, text), "[DONE]")))
		if err != nil || got.Text != text {
			t.Errorf("got %d bytes, %v", len(got.Text), err)
		}
	})
	t.Run("larger than WithMaxResponse", func(t *testing.T) {
		_, err := streamChat(t, sseAnswer(dataLines(deltaChunk(0, "x"))), client.WithMaxResponse(20))
		var eventErr *client.EventError
		if !errors.As(err, &eventErr) || eventErr.Data != nil {
			t.Errorf("got %v", err)
		}
	})
}

// TestStreamReplacesInvalidUTF8, as the standard's decoding does.
func TestStreamReplacesInvalidUTF8(t *testing.T) {
	got, err := streamChat(t, sseAnswer(dataLines(strings.Replace(deltaChunk(0, "a?b"), "?", "\xff", 1), "[DONE]")))
	if err != nil || got.Text != "a\ufffdb" {
		t.Errorf("got %q, %v", got.Text, err)
	}
}

func TestCompressedStreamsAreRead(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("got Accept-Encoding %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		for _, text := range []string{dataLines(deltaChunk(0, "a")), dataLines(deltaChunk(0, "b")), dataLines("[DONE]")} {
			io.WriteString(zip, text)
			zip.Flush()
			w.(http.Flusher).Flush()
		}
		zip.Close()
	}
	got, err := streamChat(t, handler)
	if err != nil || got.Text != "ab" {
		t.Errorf("got %q, %v", got.Text, err)
	}
	t.Run("cut off", func(t *testing.T) {
		got, err := streamChat(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.Header().Set("Content-Encoding", "gzip")
			var whole bytes.Buffer
			zip := gzip.NewWriter(&whole)
			io.WriteString(zip, dataLines(deltaChunk(0, "a")))
			zip.Flush()
			w.Write(whole.Bytes())
		})
		var truncated *client.TruncatedError
		if got.Text != "a" || !errors.As(err, &truncated) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %q, %v", got.Text, err)
		}
	})
}

func TestStreamFollowsRedirects(t *testing.T) {
	server := newWitness(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}, sseAnswer(dataLines(deltaChunk(0, "a"), "[DONE]")))
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	s, err := c.Stream(t.Context(), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	got, err := drain(s)
	all := server.all()
	if err != nil || got.Text != "a" || len(all) != 2 || all[1].Body != all[0].Body || all[1].Path != "/elsewhere" {
		t.Errorf("got %q, %v after %v", got.Text, err, all)
	}
}

// TestStreamRetriesOnlyBeforeTheResponse: a refused request is sent again, a stream
// that broke off is not.
func TestStreamRetriesOnlyBeforeTheResponse(t *testing.T) {
	busy := responding(503, "application/json", `{"error":{"message":"Busy"}}`)
	server := newWitness(t, busy, busy, sseAnswer(dataLines(deltaChunk(0, "a"))))
	c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
	s, err := c.Stream(t.Context(), "createChatCompletion", chat())
	if err != nil {
		t.Fatal(err)
	}
	got, err := drain(s)
	var truncated *client.TruncatedError
	if got.Text != "a" || !errors.As(err, &truncated) || len(server.all()) != 3 {
		t.Errorf("got %q, %v after %d requests, want 3", got.Text, err, len(server.all()))
	}
}
