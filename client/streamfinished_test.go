package client_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestStreamWithoutDone: a host that ends its stream with the reasons why the
// choices finished has said all, unless the connection breaks off.
func TestStreamWithoutDone(t *testing.T) {
	const open = `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Ti"},"finish_reason":null}]}`
	finish := func(choice string) string {
		return `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":` + choice + `,"delta":{"content":"tan"},"finish_reason": "stop"}]}`
	}
	const usage = `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`
	breaking := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, text)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		params  client.Params
		cut     bool
	}{
		"finished":                   {sseAnswer(dataLines(open, finish("0"))), chat(), false},
		"finished, then usage":       {sseAnswer(dataLines(open, finish("0"), usage)), chat(), false},
		"not finished":               {sseAnswer(dataLines(open)), chat(), true},
		"the word alone":             {sseAnswer(dataLines(`{"choices":[{"index":0,"delta":{"content":"finish_reason: stop"},"finish_reason":null}]}`)), chat(), true},
		"one of two choices":         {sseAnswer(dataLines(open, finish("0"))), chat("n", 2), true},
		"both choices":               {sseAnswer(dataLines(open, finish("0"), finish("1"))), chat("n", 2), false},
		"connection breaks off":      {breaking(dataLines(open, finish("0"))), chat(), true},
		"breaks off within an event": {sseAnswer(dataLines(open, finish("0")) + "data: {"), chat(), true},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := openStream(t, test.handler, "createChatCompletion", test.params)
			if err != nil {
				t.Fatal(err)
			}
			_, err = drain(s)
			var cut *client.TruncatedError
			if errors.As(err, &cut) != test.cut || !test.cut && err != nil {
				t.Errorf("got %v, want it cut off: %t", err, test.cut)
			}
		})
	}
}
