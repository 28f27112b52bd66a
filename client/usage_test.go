package client_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"github.com/opcall/opcall/client"
)

// ledger keeps usages in their order.
type ledger struct {
	mu   sync.Mutex
	list []string
}

func (l *ledger) note(u client.Usage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, u.Operation+" "+u.Model+" "+string(u.Raw))
}

// TestUsageIsReportedOncePerResponse, whatever way a response comes.
func TestUsageIsReportedOncePerResponse(t *testing.T) {
	const (
		used = `{"total_tokens":3}`
		head = `"id":"c","object":"chat.completion.chunk","created":1,"model":"m-2","choices":[]`
	)
	call := func(t *testing.T, c *client.Client) {
		c.Call(t.Context(), "createChatCompletion", chat())
	}
	stream := func(read func(*client.Stream)) func(*testing.T, *client.Client) {
		return func(t *testing.T, c *client.Client) {
			s, err := c.Stream(t.Context(), "createChatCompletion", chat())
			if err != nil {
				t.Fatal(err)
			}
			read(s)
			s.Close()
		}
	}
	events := stream(func(s *client.Stream) {
		for range s.Events() {
		}
	})
	tests := map[string]struct {
		media, body string
		do          func(*testing.T, *client.Client)
		want        []string
	}{
		"JSON":                    {"application/json", `{"id":"c","object":"chat.completion","created":1,"model":"m-2","choices":[],"usage":` + used + `}`, call, []string{"createChatCompletion m-2 " + used}},
		"without a model":         {"application/json", `{"id":"c","object":"chat.completion","choices":[],"usage":` + used + `}`, call, []string{"createChatCompletion gpt-5-mini " + used}},
		"null":                    {"application/json", `{"id":"c","object":"chat.completion","choices":[],"usage":null}`, call, nil},
		"none":                    {"application/json", `{"id":"usage","object":"chat.completion","choices":[]}`, call, nil},
		"error":                   {"text/html", `<p>usage</p>`, call, nil},
		"stream":                  {"text/event-stream", dataLines(`{`+head+`,"usage":null}`, `{`+head+`,"usage":`+used+`}`, "[DONE]"), events, []string{"createChatCompletion m-2 " + used}},
		"in every event":          {"text/event-stream", dataLines(`{`+head+`,"usage":{"total_tokens":1}}`, `{`+head+`,"usage":`+used+`}`, "[DONE]"), events, []string{"createChatCompletion m-2 " + used}},
		"cut off":                 {"text/event-stream", dataLines(`{` + head + `,"usage":` + used + `}`), events, []string{"createChatCompletion m-2 " + used}},
		"JSON for a stream":       {"application/json", `{"id":"c","object":"chat.completion","created":1,"model":"m-2","choices":[],"usage":` + used + `}`, events, []string{"createChatCompletion m-2 " + used}},
		"the stream put together": {"text/event-stream", dataLines(`{`+head+`,"usage":`+used+`}`, "[DONE]"), stream(func(s *client.Stream) { s.Final() }), []string{"createChatCompletion m-2 " + used}},
		"the text alone": {"text/event-stream", dataLines(`{`+head+`,"usage":`+used+`}`, "[DONE]"), stream(func(s *client.Stream) {
			for range s.Text() {
			}
		}), []string{"createChatCompletion m-2 " + used}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var l ledger
			others := 0
			w := newWitness(t, responding(200, tt.media, tt.body))
			tt.do(t, newClient(t, client.WithBaseURL(w.URL), client.WithUsage(l.note), client.WithUsage(func(client.Usage) { others++ })))
			if !slices.Equal(l.list, tt.want) || others != len(tt.want) {
				t.Errorf("got %q and %d, want %q", l.list, others, tt.want)
			}
		})
	}
}

func TestUsageOfSocketsIsThatOfEachResponse(t *testing.T) {
	var l ledger
	c := peer(t, func(ctx context.Context, conn *websocket.Conn) {
		for range 2 {
			conn.Write(ctx, websocket.MessageText, []byte(`{"type":"response.done","response":{"usage":{"total_tokens":3}}}`))
		}
		conn.Read(ctx)
	}, client.WithUsage(l.note))
	s := realtime(t, c)
	for range 2 {
		if _, err := nextEvent(s); err != nil {
			t.Fatal(err)
		}
	}
	if want := slices.Repeat([]string{`realtime gpt-realtime {"total_tokens":3}`}, 2); !slices.Equal(l.list, want) {
		t.Errorf("got %q, want %q", l.list, want)
	}
}
