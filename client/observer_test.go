package client_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// watcher writes down what an Observer is told, without times.
type watcher struct {
	name string
	mu   sync.Mutex
	text strings.Builder
}

type watcherKey string

func (w *watcher) write(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(&w.text, format+"\n", args...)
}

func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

func (w *watcher) StartCall(ctx context.Context, c client.CallInfo) (context.Context, client.CallObserver) {
	w.write("start %s %s %s %s model=%s %s/%s", c.Kind, c.Operation, c.Method, c.Path, c.Model, c.Provider, c.Activity)
	if !strings.HasPrefix(c.Host, "127.0.0.1:") || c.Scheme != "http" {
		w.write("host %s://%s", c.Scheme, c.Host)
	}
	return context.WithValue(ctx, watcherKey(w.name), "call"), w
}

func (w *watcher) StartAttempt(ctx context.Context, n int) context.Context {
	return context.WithValue(ctx, watcherKey(w.name), fmt.Sprint(ctx.Value(watcherKey(w.name)), " attempt ", n))
}

func (w *watcher) EndAttempt(a client.AttemptInfo) {
	w.write("attempt %d status=%d request=%s class=%s reason=%q again=%t delay=%v", a.Number, a.Status, a.RequestID, a.Class, a.Reason, a.Again, a.Delay)
}

func (w *watcher) FirstByte(d time.Duration) { w.write("first byte %t", d > 0) }

func (w *watcher) EndCall(e client.EndInfo) {
	w.write("end attempts=%d status=%d request=%s model=%s tokens=%v events=%d class=%s reason=%q", e.Attempts, e.Status, e.RequestID, e.Model, e.Tokens, e.Events, e.Class, e.Reason)
}

// The key and what callers and servers say, which no observer may see.
const (
	watchedKey  = "sk-watched-0123456789"
	privateText = "a private text"
)

func TestObserverLearnsHowCallsGo(t *testing.T) {
	chat := func(content string) string {
		return `{"id":"c","object":"chat.completion","created":1,"model":"gpt-5-mini-2026","choices":[{"index":0,"finish_reason":"stop","logprobs":null,"message":{"role":"assistant","refusal":null,"content":"` + content + `"}}],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}`
	}
	chunk := func(rest string) string {
		return `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-5-mini-2026",` + rest + "}\n\n"
	}
	stream := chunk(`"choices":[{"index":0,"delta":{"content":"`+privateText+`"},"finish_reason":null}]`) +
		chunk(`"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]`) + chunk(`"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}`)
	busy := exchanged{status: 429, header: "Retry-After-Ms: 1", body: `{"error":{"message":"` + privateText + ` ` + watchedKey + `","type":"rate","code":"busy"}}`}
	params := client.Params{"model": "gpt-5-mini", "messages": []any{client.Params{"role": "user", "content": privateText}}}
	const start = "start call createChatCompletion POST /chat/completions model=gpt-5-mini openai/chat\n"
	const startStream = "start stream createChatCompletion POST /chat/completions model=gpt-5-mini openai/chat\n"
	const good = "attempt 1 status=200 request=req_1 class= reason=\"\" again=false delay=0s\n"
	call := func(c *client.Client) { _, _ = c.Call(context.Background(), "createChatCompletion", params) }
	read := func(events int) func(*client.Client) {
		return func(c *client.Client) {
			s, err := c.Stream(context.Background(), "createChatCompletion", params)
			if err != nil {
				return
			}
			for range s.Events() {
				if events--; events == 0 {
					break
				}
			}
		}
	}
	tests := map[string]struct {
		responses []exchanged
		do        func(*client.Client)
		want      string
	}{
		"call": {
			[]exchanged{{status: 200, media: "application/json", body: chat(privateText)}},
			call,
			start + good + "first byte true\nend attempts=1 status=200 request=req_1 model=gpt-5-mini-2026 tokens={9 12 true} events=0 class= reason=\"\"\n",
		},
		"retry": {
			[]exchanged{busy, {status: 200, media: "application/json", body: chat(privateText)}},
			call,
			start + "attempt 1 status=429 request=req_1 class=api reason=\"busy\" again=true delay=1ms\n" +
				strings.Replace(good, "attempt 1", "attempt 2", 1) + "first byte true\nend attempts=2 status=200 request=req_1 model=gpt-5-mini-2026 tokens={9 12 true} events=0 class= reason=\"\"\n",
		},
		"refused": {
			[]exchanged{{status: 400, media: "application/json", body: `{"error":{"message":"` + privateText + `","code":"no_such ` + watchedKey + `"}}`}},
			call,
			start + "attempt 1 status=400 request=req_1 class=api reason=\"no_such ***\" again=false delay=0s\nend attempts=1 status=400 request=req_1 model= tokens={0 0 false} events=0 class=api reason=\"no_such ***\"\n",
		},
		"breaks off": {
			[]exchanged{{status: 200, media: "application/json", header: "Content-Length: 5000", body: chat(privateText)}},
			call,
			start + good + "first byte true\nend attempts=1 status=200 request=req_1 model=gpt-5-mini-2026 tokens={9 12 true} events=0 class=connection reason=\"response broke off: unexpected EOF\"\n",
		},
		"HTML": {
			[]exchanged{{status: 200, media: "text/html", body: "<p>" + privateText}},
			call,
			start + good + "first byte true\nend attempts=1 status=200 request=req_1 model= tokens={0 0 false} events=0 class=response reason=\"\"\n",
		},
		"refused before it is sent": {nil, func(c *client.Client) {
			_, _ = c.Call(context.Background(), "createChatCompletion", client.Params{"model": 7})
		}, ""},
		"stream": {
			[]exchanged{{status: 200, media: "text/event-stream", body: stream + "data: [DONE]\n\n"}},
			read(-1),
			startStream + good + "first byte true\nend attempts=1 status=200 request=req_1 model=gpt-5-mini-2026 tokens={9 12 true} events=3 class= reason=\"\"\n",
		},
		"stream is cut": {
			[]exchanged{{status: 200, media: "text/event-stream", body: stream[:400]}},
			read(-1),
			startStream + good + "first byte true\nend attempts=1 status=200 request=req_1 model=gpt-5-mini-2026 tokens={0 0 false} events=2 class=truncated reason=\"\"\n",
		},
		"stream is left": {
			[]exchanged{{status: 200, media: "text/event-stream", body: stream + "data: [DONE]\n\n"}},
			read(1),
			startStream + good + "first byte true\nend attempts=1 status=200 request=req_1 model=gpt-5-mini-2026 tokens={0 0 false} events=1 class=abandoned reason=\"\"\n",
		},
		"stream with an error": {
			[]exchanged{{status: 200, media: "text/event-stream", body: "data: {\"error\":{\"message\":\"" + privateText + "\",\"code\":\"overloaded\"}}\n\n"}},
			read(-1),
			startStream + good + "end attempts=1 status=200 request=req_1 model= tokens={0 0 false} events=0 class=api reason=\"overloaded\"\n",
		},
		"stream is refused": {
			[]exchanged{{status: 200, media: "text/html", body: "<p>" + privateText}},
			read(-1),
			startStream + good + "end attempts=1 status=200 request=req_1 model= tokens={0 0 false} events=0 class=response reason=\"\"\n",
		},
		"download": {
			[]exchanged{{status: 200, media: "application/octet-stream", body: privateText}},
			func(c *client.Client) {
				if r, err := c.Call(context.Background(), "downloadFile", client.Params{"file_id": "file-1"}); err == nil {
					_, _ = r.WriteTo(io.Discard)
				}
			},
			"start call downloadFile GET /files/{file_id}/content model= openai/\n" + good + "first byte true\nend attempts=1 status=200 request=req_1 model= tokens={0 0 false} events=0 class= reason=\"\"\n",
		},
		"download is left": {
			[]exchanged{{status: 200, media: "application/octet-stream", body: privateText}},
			func(c *client.Client) {
				if r, err := c.Call(context.Background(), "downloadFile", client.Params{"file_id": "file-1"}); err == nil {
					r.Close()
				}
			},
			"start call downloadFile GET /files/{file_id}/content model= openai/\n" + good + "end attempts=1 status=200 request=req_1 model= tokens={0 0 false} events=0 class=abandoned reason=\"\"\n",
		},
		"key as a model": {
			[]exchanged{{status: 200, media: "application/json", body: `{"model":"` + watchedKey + `"}`}},
			func(c *client.Client) {
				_, _ = c.Call(context.Background(), "createChatCompletion", client.Params{"model": watchedKey, "messages": params["messages"]})
			},
			strings.Replace(start, "model=gpt-5-mini", "model=***", 1) + good + "first byte true\nend attempts=1 status=200 request=req_1 model=*** tokens={0 0 false} events=0 class= reason=\"\"\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := serveInTurn(t, tt.responses)
			w := &watcher{name: "w"}
			tt.do(newClient(t, client.WithBaseURL(server), client.WithAPIKey(watchedKey), client.WithObserver(w)))
			if diff := cmp.Diff(tt.want, w.String()); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if got := w.String(); strings.Contains(got, "0123456789") || strings.Contains(got, "private") {
				t.Errorf("the observer sees a key or a text:\n%s", got)
			}
		})
	}
}

// exchanged is a response of serveInTurn.
type exchanged struct {
	status              int
	media, header, body string
}

// serveInTurn serves responses one after the other.
func serveInTurn(t *testing.T, responses []exchanged) string {
	t.Helper()
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		next := responses[0]
		responses = responses[1:]
		w.Header().Set("Content-Type", next.media)
		w.Header().Set("X-Request-Id", "req_1")
		if name, value, ok := strings.Cut(next.header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(next.status)
		_, _ = io.WriteString(w, next.body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestObserversGetTheContextOfThoseBefore(t *testing.T) {
	server := serveInTurn(t, []exchanged{{status: 200, media: "application/json", body: `{"object":"list","data":[]}`}})
	var seen []string
	middleware := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			seen = append(seen, fmt.Sprint(r.Context().Value(watcherKey("a")), ", ", r.Context().Value(watcherKey("b"))))
			return next.RoundTrip(r)
		})
	}
	c := newClient(t, client.WithBaseURL(server), client.WithAPIKey(watchedKey), client.WithMiddleware(middleware), client.WithObserver(&watcher{name: "a"}))
	if _, err := c.Call(t.Context(), "listModels", nil, client.WithObserver(&watcher{name: "b"})); err != nil {
		t.Fatal(err)
	}
	if want := []string{"call attempt 1, call attempt 1"}; !cmp.Equal(seen, want) {
		t.Errorf("got contexts %q, want %q", seen, want)
	}
}

func TestObserverOfASocket(t *testing.T) {
	server := clienttest.NewServer(t)
	w := &watcher{name: "w"}
	c := server.Client(client.WithObserver(w))
	s, err := c.Socket(t.Context(), "realtime", client.Params{"model": "gpt-realtime"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), client.Params{"type": "response.create"}); err != nil {
		t.Fatal(err)
	}
	for e, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == "response.done" {
			break
		}
	}
	s.Close()
	got := w.String()
	for _, want := range []string{
		"start socket realtime GET /realtime model=gpt-realtime openai/\n", "attempt 1 status=101 ", "first byte true\n", " class= reason=\"\"\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%swant it to contain %q", got, want)
		}
	}
	if strings.Count(got, "end ") != 1 || strings.Contains(got, "events=0") || strings.Contains(got, "tokens={0 0 false}") {
		t.Errorf("got\n%swant one end, with events and tokens", got)
	}
}

func TestLoggerThatLogsNothingObservesNothing(t *testing.T) {
	server := serveInTurn(t, []exchanged{{status: 200, media: "application/json", body: `{"object":"list","data":[]}`}})
	var text bytes.Buffer
	c := newClient(t, client.WithBaseURL(server), client.WithAPIKey(watchedKey),
		client.WithLogger(slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	if _, err := c.Call(t.Context(), "listModels", nil); err != nil || text.Len() > 0 {
		t.Errorf("got %v, logged %s", err, &text)
	}
}

func TestNilObserverIsRefused(t *testing.T) {
	if _, err := client.New(client.WithObserver(nil)); err == nil {
		t.Error("got no error")
	}
}
