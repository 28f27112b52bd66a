package stream_test

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/stream"
)

// benchStreams are streams as the API sends them, 2,000 events each but the last.
var benchStreams = []struct {
	name   string
	events int
	text   string
}{
	{"chat", 2000, repeated(2000, "", `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" word%d"},"logprobs":null,"finish_reason":null}]}`)},
	{"responses", 2000, repeated(2000, "response.output_text.delta", `{"type":"response.output_text.delta","sequence_number":%d,"item_id":"msg_1","output_index":0,"content_index":0,"delta":" word"}`)},
	{"images", 4, repeated(4, "image_generation.partial_image", `{"type":"image_generation.partial_image","partial_image_index":%d,"b64_json":"`+strings.Repeat("iVBORw0K", 1<<17)+`"}`)},
}

func repeated(n int, typ, format string) string {
	var b strings.Builder
	for i := range n {
		if typ != "" {
			fmt.Fprintf(&b, "event: %s\n", typ)
		}
		fmt.Fprintf(&b, "data: "+format+"\n\n", i)
	}
	return b.String()
}

func BenchmarkDecoder(b *testing.B) {
	for _, s := range benchStreams {
		b.Run(s.name, func(b *testing.B) {
			benchmark(b, s.text, s.events, func() (n int) {
				for ev, err := range stream.NewDecoder(strings.NewReader(s.text)).Events() {
					if err != nil {
						b.Fatal(err)
					}
					n += min(len(ev.Data), 1)
				}
				return n
			})
		})
	}
}

// BenchmarkDecoderSmallReads hands over one event a read, as a server does that
// flushes each.
func BenchmarkDecoderSmallReads(b *testing.B) {
	for _, s := range benchStreams[:2] {
		b.Run(s.name, func(b *testing.B) {
			benchmark(b, s.text, s.events, func() (n int) {
				for _, err := range stream.NewDecoder(fixed(s.text, len(s.text)/s.events)).Events() {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				return n
			})
		})
	}
}

// BenchmarkScanner is the baseline: what people write with bufio.Scanner. It knows
// LF and one data line an event, nothing else.
func BenchmarkScanner(b *testing.B) {
	for _, s := range benchStreams {
		b.Run(s.name, func(b *testing.B) {
			benchmark(b, s.text, s.events, func() (n int) {
				sc := bufio.NewScanner(strings.NewReader(s.text))
				sc.Buffer(nil, 8<<20)
				var ev stream.Event
				for sc.Scan() {
					line := sc.Bytes()
					if typ, ok := bytes.CutPrefix(line, []byte("event: ")); ok {
						ev.Type = string(typ)
					} else if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
						ev.Data = bytes.Clone(data)
					} else if len(line) == 0 {
						n += min(len(ev.Data), 1)
						ev = stream.Event{}
					}
				}
				return n
			})
		})
	}
}

// benchmark runs read, which returns how many events it found.
func benchmark(b *testing.B, text string, events int, read func() int) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if n := read(); n != events {
			b.Fatalf("got %d events, want %d", n, events)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
}
