package client_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
)

// TestStreamWithoutEventIsNoSuccess: a stream that is complete and has no event is not
// the response that the document declares where its events add up to an object.
func TestStreamWithoutEventIsNoSuccess(t *testing.T) {
	const wanted = "the stream ended without an event"
	done := dataLines("[DONE]")
	response := client.Params{"model": "m", "input": "i"}
	run := client.Params{"thread_id": "t", "assistant_id": "a"}
	for name, test := range map[string]struct {
		operation string
		params    client.Params
		body      string
		want      string
	}{
		"chat":                       {"createChatCompletion", chat(), done, wanted},
		"chat, signs of life":        {"createChatCompletion", chat(), ": ping\n\nevent: ping\ndata:\n\n" + dataLines("null") + done, wanted},
		"completion":                 {"createCompletion", client.Params{"model": "m", "prompt": "p"}, done, wanted},
		"response":                   {"createResponse", response, done, wanted},
		"response, named end":        {"createResponse", response, "event: response.completed\ndata:\n\n", wanted},
		"run":                        {"createRun", run, "event: done\n" + done, wanted},
		"image":                      {"createImage", client.Params{"prompt": "p"}, done, wanted},
		"speech":                     {"createSpeech", client.Params{"model": "m", "input": "i", "voice": "alloy"}, done, wanted},
		"stored response":            {"getResponse", client.Params{"response_id": "r"}, done, wanted},
		"the rest of one, nothing":   {"getResponse", client.Params{"response_id": "r", "starting_after": 7}, done, ""},
		"an event that is not known": {"createChatCompletion", chat(), dataLines(`{"type":"x"}`) + done, ""},
	} {
		t.Run(name, func(t *testing.T) {
			open := func() *client.Stream {
				s, err := openStream(t, sseAnswer(test.body), test.operation, test.params)
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			read := map[string]func() error{
				"Events": func() error { _, err := drain(open()); return err },
				"Text": func() (err error) {
					for _, e := range open().Text() {
						err = e
					}
					return err
				},
				"TextReader": func() error { _, err := io.ReadAll(open().TextReader()); return err },
			}
			if test.want != "" {
				read["Final"] = func() error { _, err := open().Final(); return err }
			}
			for way, read := range read {
				err := read()
				var unfit *client.ResponseError
				switch {
				case test.want == "" && err != nil:
					t.Errorf("%s: got %v", way, err)
				case test.want != "" && (!errors.As(err, &unfit) || unfit.StatusCode != 200 || !strings.Contains(err.Error(), test.want)):
					t.Errorf("%s: got %v, want a *ResponseError: %s", way, err, test.want)
				}
			}
		})
	}
}

// TestStreamThatMayBeEmptySucceedsWithoutEvent: the document does not say what the
// events of this one add up to.
func TestStreamThatMayBeEmptySucceedsWithoutEvent(t *testing.T) {
	spec := document(`{"/ticks":{"get":{"operationId":"ticks","responses":{"200":{"description":"","content":{"text/event-stream":{}}}}}}}`)
	for name, body := range map[string]string{"done": dataLines("[DONE]"), "nothing": ": ping\n\n"} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, spec, client.WithBaseURL(newWitness(t, sseAnswer(body)).URL))
			s, err := c.Stream(t.Context(), "ticks", nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := drain(s); len(got.Data) > 0 || err != nil {
				t.Errorf("got %d events, %v", len(got.Data), err)
			}
		})
	}
}
