package stream_test

import (
	"strings"
	"testing"

	"github.com/opcall/opcall/stream"
)

// TestEventAllocatesItsDataAlone holds the promise of one allocation an event, its data. What the
// decoder allocates once is apart.
func TestEventAllocatesItsDataAlone(t *testing.T) {
	const payload = `{"type":"response.output_text.delta","delta":"a few bytes of text","sequence_number":1}`
	tests := map[string]struct {
		text   string // repeated for ever
		events int    // in the text
		want   float64
	}{
		"data alone":               {"data: " + payload + "\n\n", 1, 1},
		"type and data":            {"event: response.output_text.delta\ndata: " + payload + "\n\n", 1, 1},
		"two types in turn":        {"event: a\ndata: " + payload + "\n\nevent: b\ndata: x\n\n", 2, 2},
		"an ID that stays":         {"id: event-1\ndata: " + payload + "\n\n", 1, 1},
		"an ID that changes":       {"id: event-1\ndata: " + payload + "\n\nid: event-2\ndata: x\n\n", 2, 4},
		"several lines, CRLF":      {"data: {\r\ndata: }\r\n\r\n", 1, 1},
		"comments, unknown fields": {": keep-alive\nfoo: bar\n\ndata: " + payload + "\n\n", 1, 1},
		"empty data":               {"event: a\nid: 1\nretry: 10\n\n: x\n\ndata\n\n", 1, 0},
		"larger than the buffer":   {"data: " + strings.Repeat("x", 40_000) + "\n\n", 1, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dec := stream.NewDecoder(&forever{text: test.text})
			next := func() {
				for range test.events {
					if _, err := dec.Next(); err != nil {
						t.Fatal(err)
					}
				}
			}
			next()
			if got := testing.AllocsPerRun(500, next); got != test.want {
				t.Errorf("got %v allocations, want %v", got, test.want)
			}
		})
	}
}

// forever delivers text again and again.
type forever struct {
	text string
	at   int
}

func (f *forever) Read(p []byte) (int, error) {
	n := copy(p, f.text[f.at:])
	f.at = (f.at + n) % len(f.text)
	return n, nil
}
