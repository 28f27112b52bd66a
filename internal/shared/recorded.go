package shared

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Interaction is one exchange with the real server.
type Interaction struct {
	Line           int    `json:"-"` // of its file, the first is 1
	Source         string // the recording that it was taken from
	Method         string
	Path, Query    string      // with the prefix /v1
	RequestHeader  http.Header `json:"req_headers"` // names in the spelling of net/http
	RequestBody    string      `json:"-"`
	Status         int
	ResponseHeader http.Header `json:"resp_headers"`
	ContentType    string      `json:"content_type"` // of the response
	Stream         bool        // the response is an event stream
	ResponseBody   string      `json:"-"`
}

// UnmarshalJSON reads an interaction, whose bodies are given as text or in base64.
func (x *Interaction) UnmarshalJSON(text []byte) error {
	type plain Interaction
	row := struct {
		plain
		Request    string `json:"req_body"`
		Request64  []byte `json:"req_body_b64"`
		Response   string `json:"resp_body"`
		Response64 []byte `json:"resp_body_b64"`
	}{}
	if err := json.Unmarshal(text, &row); err != nil {
		return err
	}
	*x = Interaction(row.plain)
	x.RequestBody = row.Request + string(row.Request64)
	x.ResponseBody = row.Response + string(row.Response64)
	x.RequestHeader, x.ResponseHeader = canonical(row.RequestHeader), canonical(row.ResponseHeader)
	return nil
}

// canonical spells the names as net/http does. Recordings that spell one name in two ways
// have the values of both.
func canonical(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		for _, value := range values {
			out.Add(name, value)
		}
	}
	return out
}

var interactions struct {
	sync.Once
	list []Interaction
	err  error
}

// Interactions returns the recorded exchanges in the order of their file, all statuses. The
// file is read once per test program; the headers are shared and not to be changed.
func Interactions(tb testing.TB) []Interaction {
	tb.Helper()
	Path(tb) // skips or fails each test that asks, not only the first
	interactions.Do(func() {
		interactions.list, interactions.err = parse(Read(tb, "recorded", "interactions.jsonl"))
	})
	if interactions.err != nil {
		tb.Fatal(interactions.err)
	}
	const want = 351
	if got := len(interactions.list); got != want {
		tb.Fatalf("got %d recorded interactions, want %d", got, want)
	}
	return slices.Clone(interactions.list)
}

func parse(data []byte) ([]Interaction, error) {
	var list []Interaction
	for line := range bytes.Lines(data) {
		var x Interaction
		if err := json.Unmarshal(line, &x); err != nil {
			return nil, fmt.Errorf("interactions.jsonl:%d: %w", len(list)+1, err)
		}
		x.Line = len(list) + 1
		list = append(list, x)
	}
	return list, nil
}

// Stream is a recorded event stream.
type Stream struct {
	Name   string // of its file, without the extension
	File   string // in the folder of the recordings
	Source string // the recording that it was taken from
	Path   string // of the request, with the prefix /v1
	Error  bool   // the stream reports an error
	Text   string // the bytes of the response
}

// Streams returns the recorded event streams in the order of their manifest.
func Streams(tb testing.TB) []Stream {
	tb.Helper()
	var list []Stream
	if err := json.Unmarshal(Read(tb, "recorded", "sse", "manifest.json"), &list); err != nil {
		tb.Fatalf("manifest.json: %v", err)
	}
	const least = 28
	if len(list) < least {
		tb.Fatalf("got %d recorded streams, want at least %d", len(list), least)
	}
	for i, s := range list {
		list[i].Name = strings.TrimSuffix(path.Base(s.File), ".sse")
		list[i].Text = string(Read(tb, "recorded", s.File))
	}
	return list
}
