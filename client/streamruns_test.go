package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opcall/opcall/client"
)

// runEnds is what the document says of the end of a run's stream, with the states
// in which a run stays or waits for the caller.
const runEnds = `{"overlay":"1.0.0","info":{"title":"runs","version":"1"},"actions":[{
	"target":"$.paths['/threads/{thread_id}/runs'].post","update":{"x-opcall-stream":{"done":"[DONE]","terminal":[
		"thread.run.completed","thread.run.failed","thread.run.cancelled","thread.run.expired","thread.run.incomplete","thread.run.requires_action"]}}}]}`

// TestStreamWithTwoEnds: where the document names data and events that end a
// stream, the data is waited for behind the event, and need not come.
func TestStreamWithTwoEnds(t *testing.T) {
	begun := "event: thread.run.created\n" + dataLines(`{"id":"run_1","object":"thread.run"}`)
	state := func(name string) string {
		return "event: thread.run." + name + "\n" + dataLines(`{"id":"run_1","object":"thread.run","status":"`+name+`"}`)
	}
	later := "event: thread.message.completed\n" + dataLines(`{"id":"msg_1","object":"thread.message"}`)
	done := "event: done\n" + dataLines("[DONE]")
	broken := errors.New("connection reset")
	wire := &cutOff{}
	c := newClient(t, client.WithOverlay([]byte(runEnds)), client.WithHTTPClient(&http.Client{Transport: wire}), client.WithAPIKey("test"))
	for name, test := range map[string]struct {
		text    string
		cause   error // what ends the connection
		events  int
		partial bool
		cut     bool
	}{
		"both":                      {begun + state("completed") + done, io.EOF, 2, false, false},
		"the data alone":            {begun + done, io.EOF, 1, false, false},
		"the event alone":           {begun + state("completed"), io.EOF, 2, false, false},
		"the event, then a reset":   {begun + state("completed"), broken, 2, false, false},
		"an event behind it":        {begun + state("completed") + later + done, io.EOF, 3, false, false},
		"behind it, without data":   {begun + state("completed") + later, io.EOF, 3, false, false},
		"cut within the data":       {begun + state("completed") + done[:len(done)-1], io.EOF, 2, true, true},
		"cut within the next event": {begun + state("completed") + later[:40], io.EOF, 2, true, true},
		"cut within the event":      {begun + strings.TrimSuffix(state("completed"), "\n"), io.EOF, 1, true, true},
		"no event of the kind":      {begun + state("in_progress") + state("cancelling"), io.EOF, 3, false, true},
		"failed":                    {begun + state("failed"), io.EOF, 2, false, false},
		"cancelled":                 {begun + state("cancelled"), io.EOF, 2, false, false},
		"expired":                   {begun + state("expired"), io.EOF, 2, false, false},
		"incomplete":                {begun + state("incomplete"), io.EOF, 2, false, false},
		"requires action":           {begun + state("requires_action"), io.EOF, 2, false, false},
		"error behind it":           {begun + state("completed") + "event: error\n" + dataLines(`{"message":"Boom"}`), io.EOF, 2, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			wire.text, wire.err = test.text, test.cause
			s, err := c.Stream(t.Context(), "createRun", client.Params{"thread_id": "t", "assistant_id": "a"})
			if err != nil {
				t.Fatal(err)
			}
			got, err := drain(s)
			var truncated *client.TruncatedError
			errors.As(err, &truncated)
			if len(got.Data) != test.events || (err != nil) != test.cut || truncated != nil && truncated.Partial != test.partial {
				t.Errorf("got %q, %v; want %d events, cut %t, within one %t", got.Types, err, test.events, test.cut, test.partial)
			}
		})
	}
}

// TestStreamLeftBeforeItsSecondEnd: what the caller ends is cut off, also where
// only the data is missing; a server that falls silent there has said it all.
func TestStreamLeftBeforeItsSecondEnd(t *testing.T) {
	text := "event: thread.run.completed\n" + dataLines(`{"id":"run_1","object":"thread.run"}`)
	c := newClient(t, client.WithOverlay([]byte(runEnds)), client.WithHTTPClient(&http.Client{Transport: dripping{text, time.Millisecond}}), client.WithAPIKey("test"))
	for name, test := range map[string]struct {
		opts  []client.CallOption
		leave func(*client.Stream, context.CancelFunc)
		want  error // nil: none
	}{
		"silence": {[]client.CallOption{client.WithStreamIdleTimeout(time.Minute)}, nil, nil},
		"closed":  {nil, func(s *client.Stream, _ context.CancelFunc) { s.Close() }, client.ErrStreamClosed},
		"context": {nil, func(_ *client.Stream, cancel context.CancelFunc) { cancel() }, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s, err := c.Stream(ctx, "createRun", client.Params{"thread_id": "t", "assistant_id": "a"}, test.opts...)
				if err != nil {
					t.Fatal(err)
				}
				if test.leave != nil {
					time.AfterFunc(time.Hour, func() { test.leave(s, cancel) })
				}
				got, err := drain(s)
				if len(got.Data) != 1 || !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
					t.Errorf("got %d events, %v; want 1, %v", len(got.Data), err, test.want)
				}
			})
		})
	}
}
