package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// FuzzStream: whatever a server sends as an event stream, the way in which it is
// cut into pieces changes nothing, every event is JSON that its type goes with,
// and the end is a success only where there is one in the bytes.
func FuzzStream(f *testing.F) {
	for _, seed := range []string{
		dataLines(deltaChunk(0, "a"), "[DONE]"), numbered(0, 5), "event: error\n" + dataLines("x"), "\ufeff" + dataLines("{}"),
		`{"error":{"message":"Boom"}}`, "\ufeff {\"id\":1}", "<html>", "data: [DONE]\n", dataLines("{", "\xff", `"\ud800"`),
		"event: thread.run.failed\n" + dataLines(`{"last_error":{}}`, "[DONE]"), "id: 1\nretry: 5\n: c\r\n\r\ndata\n\n",
	} {
		for operation := range 3 {
			f.Add([]byte(seed), operation)
		}
	}
	operations := []struct {
		id     string
		params client.Params
	}{
		{"createChatCompletion", chat()},
		{"createResponse", client.Params{"model": "m", "input": "i"}},
		{"createRun", client.Params{"thread_id": "t", "assistant_id": "a"}},
	}
	var body io.Reader
	wire := transportFunc(func(req *http.Request) (*http.Response, error) {
		req.Body.Close()
		return &http.Response{
			StatusCode: 200, Request: req, ContentLength: -1,
			Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(body),
		}, nil
	})
	c := newClient(f, client.WithHTTPClient(&http.Client{Transport: wire}), client.WithAPIKey("test"), client.WithRequestValidation(schema.Off))
	f.Fuzz(func(t *testing.T, text []byte, index int) {
		operation := operations[uint(index)%3]
		read := func(r io.Reader) (drained, string) {
			body = r
			s, err := c.Stream(context.Background(), operation.id, operation.params, client.WithFaultyEvents())
			if err != nil {
				t.Fatal(err)
			}
			var d drained
			var end string
			for ev, err := range s.Events() {
				var fault *client.EventError
				if err != nil {
					if end += err.Error() + "\n"; errors.As(err, &fault) && json.Valid(bytes.ToValidUTF8(fault.Data, []byte("\ufffd"))) {
						t.Errorf("%v, but it is JSON: %q", err, fault.Data)
					}
					continue
				}
				if !json.Valid(ev.Data) {
					t.Errorf("got an event that is not JSON: %q", ev.Data)
				}
				ev.Findings()
				ev.Value()
				d.Types, d.Data, d.Text = append(d.Types, ev.Type), append(d.Data, string(ev.Data)), d.Text+ev.Text()
			}
			if end == "" && !bytes.Contains(text, []byte("[DONE]")) && !bytes.Contains(text, []byte("response.")) && !bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff"))), []byte("{")) {
				t.Error("the stream has no end, and yet it succeeded")
			}
			return d, end
		}
		whole, end := read(bytes.NewReader(text))
		pieces, endOfPieces := read(iotest.OneByteReader(bytes.NewReader(text)))
		if diff := cmp.Diff(whole, pieces); diff != "" || end != endOfPieces {
			t.Errorf("in pieces %s, whole %s (-whole +pieces)\n%s", endOfPieces, end, diff)
		}
	})
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
