package clienttest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// pixelPNG is the image that the server answers with.
const pixelPNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\b\x06\x00\x00\x00\x1f\x15\xc4\x89" +
	"\x00\x00\x00\rIDATx\xdacd`\xf8_\x0f\x00\x02\x87\x01\x80\xebG\xba\x92\x00\x00\x00\x00IEND\xaeB`\x82"

func TestDefaultResponsesComeFromTheSchemas(t *testing.T) {
	tests := map[string]struct {
		request   request
		status    int
		mediaType string
		body      string
	}{
		"required fields":  {request{method: "GET", path: "/animals/1"}, 200, "application/json", `{"name":"text","kind":"cat","friends":[{"name":"text","kind":"cat"}]}`},
		"list":             {request{method: "GET", path: "/animals"}, 200, "application/json", `[{"name":"text","kind":"cat"}]`},
		"created":          {request{method: "POST", path: "/animals", header: jsonBody + "\nZoo-Beta: other=v1, animals=v2", body: `{"name":"Tom","kind":"dog"}`}, 201, "application/json", `{"name":"text","kind":"cat","friends":[{"name":"text","kind":"cat"}]}`},
		"no content":       {request{method: "DELETE", path: "/animals/1"}, 204, "", ""},
		"described empty":  {request{method: "GET", path: "/animals?beta=true"}, 200, "", ""},
		"first media type": {request{method: "GET", path: "/media/x", header: "X-Key: k"}, 200, "audio/mpeg", "\xff\xfb\x90\x00" + strings.Repeat("\x00", 413)},
		"accepted":         {request{method: "GET", path: "/media/x", header: "X-Key: k\nAccept: text/html, application/json"}, 200, "application/json", `{"kind":"json"}`},
		"accepted range":   {request{method: "GET", path: "/media/x", header: "X-Key: k\nAccept: audio/mpeg;q=0, image/*"}, 200, "image/png", pixelPNG},
		"accepted text":    {request{method: "GET", path: "/media/x", header: "X-Key: k\nAccept: text/plain"}, 200, "text/plain", "text\n"},
		"accepted odd":     {request{method: "GET", path: "/media/x", header: "X-Key: k\nAccept: application/x-odd"}, 200, "application/x-odd", "\x00\x01\x02\x03\x04\x05\x06\x07"},
		"no event stream":  {request{method: "GET", path: "/media/x", header: "X-Key: k\nAccept: text/event-stream"}, 200, "audio/mpeg", "\xff\xfb\x90\x00" + strings.Repeat("\x00", 413)},
	}
	server := zooServer(t, clienttest.WithState(clienttest.NoState))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, header, body := send(t, server, tt.request)
			if status != tt.status || header.Get("Content-Type") != tt.mediaType || body != tt.body {
				t.Errorf("got %d %q %q, want %d %q %q", status, header.Get("Content-Type"), body, tt.status, tt.mediaType, tt.body)
			}
		})
	}
}

func TestResponseThatTheSchemaForbidsIsAnError(t *testing.T) {
	status, _, body := send(t, zooServer(t), request{method: "GET", path: "/impossible"})
	if status != 500 || !strings.Contains(body, "test server: no instance of") {
		t.Errorf("got %d %s, want 500 with the reason", status, body)
	}
}

func TestScriptedResponsesAreSent(t *testing.T) {
	sse := "data: {}\n\ndata: [DONE]\n\n"
	tests := map[string]struct {
		answer    clienttest.Answer
		status    int
		mediaType string
		body      string
	}{
		"text":           {clienttest.Answer{Body: `{"a":1}`}, 200, "application/json", `{"a":1}`},
		"raw JSON":       {clienttest.Answer{Body: json.RawMessage(`{"a":1}`)}, 200, "application/json", `{"a":1}`},
		"value":          {clienttest.Answer{Body: map[string]any{"a": "<>"}}, 200, "application/json", `{"a":"<>"}`},
		"event stream":   {clienttest.Answer{Body: sse}, 200, "text/event-stream", sse},
		"reader":         {clienttest.Answer{Body: strings.NewReader(sse)}, 200, "text/event-stream", sse},
		"own type":       {clienttest.Answer{Body: "<p>", Header: http.Header{"content-type": {"text/html"}}}, 200, "text/html", "<p>"},
		"status":         {clienttest.Answer{Status: 202, Body: "{}"}, 202, "application/json", "{}"},
		"empty":          {clienttest.Answer{Body: ""}, 200, "", ""},
		"empty bytes":    {clienttest.Answer{Body: []byte(nil)}, 200, "", ""},
		"no content":     {clienttest.Answer{Status: 204, Body: "never sent"}, 204, "text/plain; charset=utf-8", ""},
		"error":          {clienttest.Answer{Status: 503}, 503, "application/json", `{"error":{"message":"503 Service Unavailable","type":"server_error","param":null,"code":null}}`},
		"error answer":   {clienttest.ErrorAnswer(429, "insufficient_quota", "Pay."), 429, "application/json", `{"error":{"message":"Pay.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`},
		"no JSON":        {clienttest.Answer{Status: 502, Body: "<html>"}, 502, "text/html; charset=utf-8", "<html>"},
		"unwritable":     {clienttest.Answer{Body: func() {}}, 500, "application/json", `{"error":{"message":"test server: the body of the answer cannot be written as JSON: json: unsupported type: func()","type":"server_error","param":null,"code":"test_server"}}`},
		"invalid status": {clienttest.Answer{Status: 99, Body: "{}"}, 500, "application/json", `{"error":{"message":"test server: got status 99 in an answer, want 200 to 599","type":"server_error","param":null,"code":"test_server"}}`},
	}
	server := clienttest.NewServer(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server.Respond("createChatCompletion", tt.answer)
			status, header, body := send(t, server, request{method: "POST", path: chat, header: jsonBody, body: `{"model":"m","messages":[{"role":"user","content":"Hi"}]}`})
			if status != tt.status || tt.status != 204 && header.Get("Content-Type") != tt.mediaType || body != tt.body {
				t.Errorf("got %d %q %q, want %d %q %q", status, header.Get("Content-Type"), body, tt.status, tt.mediaType, tt.body)
			}
		})
	}
}

func TestScriptsAreSequences(t *testing.T) {
	server := clienttest.NewServer(t)
	c := server.Client(client.WithMaxRetries(0))
	call := func() string {
		r, err := c.Call(t.Context(), "retrieveModel", client.Params{"model": "m"})
		if err != nil {
			var failed *client.APIError
			errors.As(err, &failed)
			return failed.Code
		}
		return r.Get("id").String()
	}
	answer := func(id string) clienttest.Answer {
		return clienttest.Answer{Body: client.Params{"id": id, "object": "model", "created": 1, "owned_by": "me"}}
	}
	server.Respond("retrieveModel", clienttest.ErrorAnswer(500, "first", ""), answer("second"), answer("third"))
	var got []string
	for range 4 {
		got = append(got, call())
	}
	server.RespondFunc("retrieve-model", func(r *clienttest.Request) clienttest.Answer { return answer("asked for " + r.Param("model").String()) })
	got = append(got, call())
	server.Respond("retrieveModel")
	got = append(got, call())
	if diff := cmp.Diff([]string{"first", "second", "third", "third", "asked for m", "m"}, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestRefusedRequestsTakeNoScriptedResponse(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("retrieveModel", clienttest.ErrorAnswer(404, "first", ""), clienttest.ErrorAnswer(404, "second", ""))
	send(t, server, request{method: "GET", path: "/models/m?unknown=1"})
	if _, _, body := send(t, server, request{method: "GET", path: "/models/m"}); !strings.Contains(body, `"first"`) {
		t.Errorf("got %s, want the first answer", body)
	}
}

func TestFailuresOfResponsesHappenOnTheWire(t *testing.T) {
	tests := map[string]struct {
		answer clienttest.Answer
		status int    // 0 for no answer
		body   string // what is received of it
		broken bool
	}{
		"dropped":           {clienttest.Answer{Fail: clienttest.Drop()}, 0, "", false},
		"after the headers": {clienttest.Answer{Body: "0123456789", Fail: clienttest.CutBody(0)}, 200, "", true},
		"in the body":       {clienttest.Answer{Body: "0123456789", Fail: clienttest.CutBody(4)}, 200, "0123", true},
		"in a stream":       {clienttest.Answer{Body: strings.NewReader("0123456789"), Fail: clienttest.CutBody(4)}, 200, "0123", true},
		"in an error":       {clienttest.Answer{Status: 500, Body: "0123456789", Fail: clienttest.CutBody(4)}, 500, "0123", true},
		"after the body":    {clienttest.Answer{Body: "0123456789", Fail: clienttest.CutBody(10)}, 200, "0123456789", false},
		"by the reader":     {clienttest.Answer{Body: io.MultiReader(strings.NewReader("0123"), failing{})}, 200, "0123", true},
	}
	server := clienttest.NewServer(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server.Respond("listModels", tt.answer)
			req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL()+"/models", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer k")
			transport := &http.Transport{DisableKeepAlives: true}
			resp, err := transport.RoundTrip(req)
			if tt.status == 0 {
				if err == nil {
					resp.Body.Close()
					t.Fatalf("got %s, want no answer", resp.Status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if resp.StatusCode != tt.status || string(body) != tt.body || (err != nil) != tt.broken {
				t.Errorf("got %d %q %v, want %d %q, broken: %v", resp.StatusCode, body, err, tt.status, tt.body, tt.broken)
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestReadsOfAStreamAreSentAtOnce(t *testing.T) {
	server := clienttest.NewServer(t)
	r, w := io.Pipe()
	server.Respond("downloadFile", clienttest.Answer{Body: r})
	resp, err := server.Client().Call(t.Context(), "downloadFile", client.Params{"file_id": "f"})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Close()
	body := resp.Body()
	for _, chunk := range []string{"one", "two"} {
		if _, err := io.WriteString(w, chunk); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(chunk))
		if _, err := io.ReadFull(body, got); err != nil || string(got) != chunk {
			t.Fatalf("got %q, %v, want %q before the next is written", got, err, chunk)
		}
	}
	w.Close()
	if rest, err := io.ReadAll(body); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v, want the end", rest, err)
	}
}

func TestDelayEndsWithTheCaller(t *testing.T) {
	server := clienttest.NewServer(t)
	server.Respond("listModels", clienttest.Answer{Delay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	server.RespondFunc("listModels", func(*clienttest.Request) clienttest.Answer {
		cancel()
		return clienttest.Answer{Delay: time.Hour}
	})
	if _, err := server.Client().Call(ctx, "listModels", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestServerIsForConcurrentUse(t *testing.T) {
	server := clienttest.NewServer(t)
	c := server.Client()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				server.Respond("retrieveModel", clienttest.Answer{}, clienttest.Answer{Delay: time.Nanosecond})
				if _, err := c.Call(t.Context(), "retrieveModel", client.Params{"model": "m"}); err != nil {
					t.Error(err)
				}
				server.Requests()
				server.LastRequest("retrieveModel")
			}
		})
	}
	wg.Wait()
	requests := server.Requests()
	seen := make(map[string]bool)
	for _, r := range requests {
		seen[r.ID] = true
	}
	if len(requests) != 80 || len(seen) != 80 {
		t.Errorf("got %d requests with %d IDs, want 80", len(requests), len(seen))
	}
}

func TestLargeResponsesAreNotHeldInMemory(t *testing.T) {
	const size = 64 << 20
	server := clienttest.NewServer(t)
	server.Respond("downloadFile", clienttest.Answer{Body: endless(size)})
	r, err := server.Client().Call(t.Context(), "downloadFile", client.Params{"file_id": "f"})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.WriteTo(io.Discard); n != size || err != nil {
		t.Errorf("got %d bytes, %v, want %d", n, err, size)
	}
}
