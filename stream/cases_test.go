package stream_test

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/stream"
)

// sseCase is one row of testdata/cases.json, which any implementation could run:
// an input (hex where it is not UTF-8) and what the named section of the HTML
// standard makes of it. A retry_ms of -1 is more than any duration.
type sseCase struct {
	Name    string
	Section string
	In      string
	Hex     string
	Events  []struct {
		Type    string
		Data    string
		DataHex string `json:"data_hex"`
		ID      string
	}
	LastEventID *string `json:"last_event_id"` // the ID of the last event when absent
	RetryMS     int64   `json:"retry_ms"`
	Incomplete  bool
}

func (c sseCase) text(t testing.TB) string {
	return c.In + unhex(t, c.Hex)
}

func (c sseCase) want(t testing.TB) outcome {
	out := outcome{Incomplete: c.Incomplete}
	for _, e := range c.Events {
		data := []byte(e.Data + unhex(t, e.DataHex))
		out.Events = append(out.Events, stream.Event{Type: e.Type, Data: data, ID: e.ID})
		out.LastEventID = e.ID
	}
	if c.LastEventID != nil {
		out.LastEventID = *c.LastEventID
	}
	out.Retry = time.Duration(c.RetryMS) * time.Millisecond
	if c.RetryMS < 0 {
		out.Retry = math.MaxInt64
	}
	return out
}

func unhex(t testing.TB, s string) string {
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func loadCases(t testing.TB) []sseCase {
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []sseCase
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 45 {
		t.Fatalf("got %d cases, want at least 45", len(cases))
	}
	return cases
}

func TestEventsAreThoseOfTheStandardHoweverCut(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range loadCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			if seen[c.Name] || !strings.HasPrefix(c.Section, "9.2.") {
				t.Fatalf("case %q: the name is not unique or the section %q is none of 9.2", c.Name, c.Section)
			}
			seen[c.Name] = true
			text, want := c.text(t), c.want(t)
			if diff := cmp.Diff(want, reference(text)); diff != "" {
				t.Fatalf("%s\ninput %q: the reference parser differs (-want +got):\n%s", c.Section, text, diff)
			}
			for chunking, r := range chunkings(text) {
				check(t, chunking, r, want)
			}
		})
	}
}

// TestEventComesWithItsBlankLine holds that an event is delivered after the last byte of its blank
// line, without asking for one more.
func TestEventComesWithItsBlankLine(t *testing.T) {
	for _, c := range loadCases(t) {
		text := c.text(t)
		r := &chunks{text, func() int { return 1 }}
		dec := stream.NewDecoder(r)
		for got := 1; ; got++ {
			if _, err := dec.Next(); err == io.EOF {
				break
			}
			read := len(text) - len(r.rest)
			if n := len(reference(text[:read-1]).Events); n >= got {
				t.Errorf("%s: input %q: event %d came only after %d bytes", c.Name, text, got, read)
			}
		}
	}
}
