package client_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
	"github.com/opcall/opcall/stream"
)

// flood is a transport whose answers are an event stream of one event n times,
// which takes no memory, and the end.
type flood struct {
	event, end string
	n          int
}

func (f flood) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		req.Body.Close()
	}
	return &http.Response{
		StatusCode: 200, Request: req, ContentLength: -1, Header: http.Header{"Content-Type": {"text/event-stream"}},
		Body: io.NopCloser(&floodBody{flood: f}),
	}, nil
}

type floodBody struct {
	flood
	rest string
}

func (b *floodBody) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if b.rest == "" {
			switch b.n--; {
			case b.n >= 0:
				b.rest = b.event
			case b.n == -1:
				b.rest = b.end
			default:
				return n, io.EOF
			}
		}
		copied := copy(p[n:], b.rest)
		b.rest, n = b.rest[copied:], n+copied
	}
	return n, nil
}

const deltaEvent = `{"type":"response.output_text.delta","sequence_number":17,"item_id":"msg_68a7c1b2c3d4e5f60718293a4b5c6d7e","output_index":0,"content_index":0,"delta":" moon","logprobs":[],"obfuscation":"x7Kq2"}`

// streams are what is measured: 2,000 events each.
var streams = map[string]struct {
	operation string
	params    client.Params
	flood     flood
	text      string
}{
	"chat": {"createChatCompletion", chat(), flood{dataLines(deltaChunk(0, " moon")), dataLines("[DONE]"), 2000}, " moon"},
	"response": {
		"createResponse",
		client.Params{"model": "m", "input": "i"},
		flood{"event: response.output_text.delta\n" + dataLines(deltaEvent), dataLines(`{"type":"response.completed","response":{}}`), 2000},
		" moon",
	},
}

func floodClient(tb testing.TB, f flood, opts ...client.Option) *client.Client {
	return newClient(tb, append([]client.Option{client.WithHTTPClient(&http.Client{Transport: f}), client.WithAPIKey("test")}, opts...)...)
}

// BenchmarkStream is 2,000 events from bytes in memory to the text of each: bare,
// with Lenient checks of each event, by way of Text, and put together.
func BenchmarkStream(b *testing.B) {
	for _, name := range []string{"chat", "response"} {
		test := streams[name]
		run := func(way string, use func(*client.Stream) (int, error), opts ...client.Option) {
			b.Run(name+"/"+way, func(b *testing.B) {
				c := floodClient(b, test.flood, opts...)
				b.ReportAllocs()
				for b.Loop() {
					s, err := c.Stream(context.Background(), test.operation, test.params)
					if err != nil {
						b.Fatal(err)
					}
					if n, err := use(s); err != nil || n != test.flood.n*len(test.text) {
						b.Fatalf("got %d bytes of text, %v", n, err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*test.flood.n), "ns/event")
			})
		}
		texts := func(s *client.Stream) (n int, failure error) {
			for ev, err := range s.Events() {
				if err != nil {
					return n, err
				}
				n += len(ev.Text())
			}
			return n, nil
		}
		run("events", texts)
		run("checked", texts, client.WithFindings(func(string, []schema.Finding) {}))
		run("kept", texts, client.WithStreamAccumulation())
		run("get", func(s *client.Stream) (n int, failure error) {
			path := map[string]string{"chat": "choices.0.delta.content", "response": "delta"}[name]
			for ev, err := range s.Events() {
				if err != nil {
					return n, err
				}
				n += len(ev.Get(path).String())
			}
			return n, nil
		})
		run("text", func(s *client.Stream) (n int, failure error) {
			for text, err := range s.Text() {
				if err != nil {
					return n, err
				}
				n += len(text)
			}
			return n, nil
		})
	}
}

// BenchmarkStreamOverDecoder is what package stream takes for the same bytes.
func BenchmarkStreamOverDecoder(b *testing.B) {
	for _, name := range []string{"chat", "response"} {
		b.Run(name, func(b *testing.B) {
			f := streams[name].flood
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range stream.NewDecoder(&floodBody{flood: f}).Events() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*f.n), "ns/event")
		})
	}
}

// BenchmarkStreamFirstEvent is a call until its first event, without a network.
func BenchmarkStreamFirstEvent(b *testing.B) {
	for _, name := range []string{"chat", "response"} {
		b.Run(name, func(b *testing.B) {
			test := streams[name]
			c := floodClient(b, test.flood)
			b.ReportAllocs()
			for b.Loop() {
				s, err := c.Stream(context.Background(), test.operation, test.params)
				if err != nil {
					b.Fatal(err)
				}
				for range s.Events() {
					break
				}
			}
		})
	}
}

// TestStreamAllocations bounds what an event costs, from the bytes to its text.
func TestStreamAllocations(t *testing.T) {
	for name, test := range streams {
		c := floodClient(t, test.flood)
		allocations := testing.AllocsPerRun(3, func() {
			s, err := c.Stream(context.Background(), test.operation, test.params)
			if err != nil {
				t.Fatal(err)
			}
			for ev, err := range s.Events() {
				if err != nil {
					t.Fatal(err)
				}
				_ = ev.Text()
			}
		})
		const setup = 500 // what a call takes at most
		if perEvent := (allocations - setup) / float64(test.flood.n); perEvent > 2 {
			t.Errorf("%s: %.2f allocations per event, want 2: its data and its text", name, perEvent)
		}
	}
}
