package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
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
	addStreams(f)
	var body atomic.Pointer[io.Reader] // of the next answer
	wire := transportFunc(func(req *http.Request) (*http.Response, error) {
		req.Body.Close()
		return &http.Response{
			StatusCode: 200, Request: req, ContentLength: -1,
			Header: http.Header{"Content-Type": {"text/event-stream"}}, Body: io.NopCloser(*body.Load()),
		}, nil
	})
	c := newClient(f, client.WithHTTPClient(&http.Client{Transport: wire}), client.WithAPIKey("test"), client.WithRequestValidation(schema.Off))
	f.Fuzz(func(t *testing.T, text []byte, index int, seed uint64) {
		read := func(r io.Reader) (drained, string) {
			body.Store(&r)
			return readAny(t, c, index, text)
		}
		whole, end := read(bytes.NewReader(text))
		for way, r := range map[string]io.Reader{
			"byte by byte": iotest.OneByteReader(bytes.NewReader(text)),
			"in pieces":    &portions{text: text, sizes: rand.New(rand.NewPCG(seed, 5))},
		} {
			got, gotEnd := read(r)
			checkAlike(t, way, whole, got, end, gotEnd)
		}
	})
}

// FuzzStreamConnection: nor does the way in which it arrives over a connection.
// What the server and the transport do beside makes coverage a poor guide here.
func FuzzStreamConnection(f *testing.F) {
	addStreams(f)
	var next atomic.Pointer[portions]
	address := newBareServer(f, func(w http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		answer, buf := next.Load(), make([]byte, 200)
		for {
			n, err := answer.Read(buf)
			w.Write(buf[:n])
			w.(http.Flusher).Flush()
			if err != nil {
				return
			}
		}
	})
	c := newClient(f, client.WithBaseURL(address), client.WithAPIKey("test"), client.WithRequestValidation(schema.Off))
	f.Fuzz(func(t *testing.T, text []byte, index int, seed uint64) {
		read := func(p *portions) (drained, string) {
			next.Store(p)
			return readAny(t, c, index, text)
		}
		whole, end := read(&portions{text: text})
		got, gotEnd := read(&portions{text: text, sizes: rand.New(rand.NewPCG(seed, 5))})
		checkAlike(t, "in pieces", whole, got, end, gotEnd)
	})
}

func addStreams(f *testing.F) {
	for _, seed := range []string{
		dataLines(deltaChunk(0, "a"), "[DONE]"), numbered(0, 5), "event: error\n" + dataLines("x"), "\ufeff" + dataLines("{}"),
		`{"error":{"message":"Boom"}}`, "\ufeff {\"id\":1}", "<html>", "data: [DONE]\n", dataLines("{", "\xff", `"\ud800"`),
		"event: thread.run.failed\n" + dataLines(`{"last_error":{}}`, "[DONE]"), "id: 1\nretry: 5\n: c\r\n\r\ndata\n\n",
	} {
		for operation := range 3 {
			f.Add([]byte(seed), operation, uint64(len(seed)))
		}
	}
}

// portions delivers a text in portions of up to 200 bytes, or without sizes as much
// as a Read takes.
type portions struct {
	text  []byte
	sizes *rand.Rand
}

func (p *portions) Read(buf []byte) (int, error) {
	if len(p.text) == 0 {
		return 0, io.EOF
	}
	if p.sizes != nil {
		buf = buf[:min(len(buf), 1+p.sizes.IntN(200))]
	}
	n := copy(buf, p.text)
	p.text = p.text[n:]
	return n, nil
}

// readAny streams one of three operations and returns what came, with the text of
// every error. The server sends text.
func readAny(t *testing.T, c *client.Client, index int, text []byte) (d drained, end string) {
	t.Helper()
	operation, params := "createChatCompletion", chat()
	switch uint(index) % 3 {
	case 1:
		operation, params = "createResponse", client.Params{"model": "m", "input": "i"}
	case 2:
		operation, params = "createRun", client.Params{"thread_id": "t", "assistant_id": "a"}
	}
	s, err := c.Stream(context.Background(), operation, params, client.WithInvalidEvents())
	if err != nil {
		t.Fatal(err)
	}
	for ev, err := range s.Events() {
		var eventErr *client.EventError
		if err != nil {
			if end += err.Error() + "\n"; errors.As(err, &eventErr) && bytes.HasPrefix(bytes.TrimSpace(eventErr.Data), []byte("{")) && json.Valid(bytes.ToValidUTF8(eventErr.Data, []byte("\ufffd"))) {
				t.Errorf("%v, but it is a JSON object: %q", err, eventErr.Data)
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
	hasEnd := false
	for _, word := range []string{"[DONE]", "response.", "thread.run."} {
		hasEnd = hasEnd || bytes.Contains(text, []byte(word))
	}
	if end == "" && !hasEnd && !bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff"))), []byte("{")) {
		t.Error("the stream has no end, and yet it succeeded")
	}
	return d, end
}

func checkAlike(t *testing.T, way string, whole, got drained, end, gotEnd string) {
	t.Helper()
	if diff := cmp.Diff(whole, got); diff != "" || end != gotEnd {
		t.Errorf("%s it ends in %q, whole in %q (-whole +pieces)\n%s", way, gotEnd, end, diff)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
