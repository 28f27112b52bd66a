package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// cutOff is a transport whose answers are an event stream that ends in err, io.EOF
// or another, after text. The text comes by as much as a Read takes.
type cutOff struct {
	text string
	err  error
}

func (c *cutOff) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	return &http.Response{
		StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, Request: req, ContentLength: -1,
		Header: http.Header{"Content-Type": {"text/event-stream"}, "X-Request-Id": {"req_1"}},
		Body:   io.NopCloser(&cutBody{rest: c.text, err: c.err}),
	}, nil
}

type cutBody struct {
	rest string
	err  error
}

func (b *cutBody) Read(p []byte) (int, error) {
	if b.rest == "" {
		return 0, b.err
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// TestStreamCutAnywhere cuts the recordings at every byte, the long ones at every
// seventh and about the ends of events. What was complete before the cut is delivered, and nothing else; a
// success is where the end has come.
//
// Of the three longest recordings most cuts serve only the last events before them,
// which a stream reads like any others.
func TestStreamCutAnywhere(t *testing.T) {
	const (
		long   = 4 << 10 // bytes from which on it is every seventh
		longer = 40 << 10
		window = 2   // events
		whole  = 101 // one cut in so many serves all events of these too
	)
	if testing.Short() {
		t.Log("-short: every eighth recording")
	}
	for i, recording := range eventRecordings(t) {
		if testing.Short() && i%8 != 0 {
			continue
		}
		wire := &cutOff{}
		c := newClient(t, client.WithHTTPClient(&http.Client{Transport: wire}), client.WithAPIKey("test"),
			client.WithMaxRetries(0), client.WithRequestValidation(schema.Off))
		t.Run(recording.name(), func(t *testing.T) {
			t.Parallel()
			operation, params := recording.operation(t)
			blocks := recording.blocks()
			step := 1
			if len(recording.Text) > long {
				step = 7
			}
			if hurried() {
				step *= 13
			}
			starts := []int{0} // of the events
			for i, block := range blocks {
				starts = append(starts, starts[i]+len(block))
			}
			complete := 0 // events that end before the cut
			for cut := range len(recording.Text) + 1 {
				behind := cut - starts[complete] // the last event that was complete
				ends := complete < len(blocks) && behind >= len(blocks[complete])-1
				if cut%step != 0 && behind > 1 && !ends {
					continue
				}
				for complete < len(blocks) && starts[complete+1] <= cut {
					complete++
				}
				from := 0
				if len(recording.Text) > longer && cut/step%whole != 0 {
					from = max(0, complete-window)
				}
				wire.text, wire.err = recording.Text[starts[from]:cut], io.EOF
				if cut%2 == 1 {
					wire.err = io.ErrUnexpectedEOF
				}
				s, err := c.Stream(context.Background(), operation, params)
				if err != nil {
					t.Fatal(err)
				}
				got, err := drain(s)
				if !checkCut(t, blocks[from:complete], cut > starts[complete], choicesOf(t, params), got, err, wire.err) {
					t.Fatalf("cut at byte %d of %d", cut, len(recording.Text))
				}
			}
		})
	}
}

// checkCut compares what came of a stream with the complete events that were in
// it; partial says whether more followed, choices how many choices the request asks
// for. A body that ends properly after all of them have finished is complete.
func checkCut(t *testing.T, blocks []string, partial bool, choices int, got drained, err, cause error) bool {
	t.Helper()
	var want []string
	sequence := int64(-1)
	ended := false // by an event behind which [DONE] need not come
	finished := 0  // choices
	for _, block := range blocks {
		name, data := payload(block)
		switch name {
		case "done":
			name, data = "", "[DONE]"
		case "error":
			var reported *client.APIError
			if !errors.As(err, &reported) || string(reported.Body) != data || len(got.Data) != len(want) {
				t.Errorf("got %d events and the error %v, want %d and an *APIError", len(got.Data), err, len(want))
				return false
			}
			return true
		}
		if data == "[DONE]" {
			return checkSame(t, got.Data, want) && checkNone(t, err)
		}
		want = append(want, data)
		if number, err := strconv.ParseInt(gjson.Get(data, "sequence_number").Raw, 10, 64); err == nil {
			sequence = number
		}
		if strings.HasPrefix(name, "response.") && strings.Contains("response.completed response.incomplete response.failed", name) {
			return checkSame(t, got.Data, want) && checkNone(t, err)
		}
		ended = ended || name == "thread.run.completed"
		if gjson.Get(data, "object").Str == "chat.completion.chunk" && gjson.Get(data, "choices.0.finish_reason").Str != "" {
			finished++
		}
	}
	if !partial && (ended || finished >= choices && cause == io.EOF) {
		return checkSame(t, got.Data, want) && checkNone(t, err)
	}
	var truncated *client.TruncatedError
	switch {
	case !checkSame(t, got.Data, want):
		return false
	case !errors.As(err, &truncated):
		t.Errorf("got error %v, want a *TruncatedError", err)
		return false
	case cause != io.EOF && !errors.Is(err, cause) || cause == io.EOF && truncated.Err != nil:
		t.Errorf("got %v, want it to be caused by %v", err, cause)
		return false
	case truncated.Events != len(want) || truncated.Sequence != sequence || truncated.Partial != partial || truncated.RequestID != "req_1":
		t.Errorf("got %+v, want %d events, number %d, partial %t", truncated, len(want), sequence, partial)
		return false
	}
	return true
}

// choicesOf returns how many choices a request asks for.
func choicesOf(t *testing.T, params any) int {
	t.Helper()
	text, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	return max(1, int(gjson.GetBytes(text, "n").Int()))
}

func checkSame(t *testing.T, got, want []string) bool {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %d events, want %d", len(got), len(want))
		return false
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("event %d\ngot  %s\nwant %s", i, got[i], want[i])
			return false
		}
	}
	return true
}

func checkNone(t *testing.T, err error) bool {
	t.Helper()
	if err != nil {
		t.Errorf("got error %v, want none", err)
	}
	return err == nil
}
