package client_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// eventRecording is a recorded event stream with what two other parsers made of it.
type eventRecording struct {
	File, Path, Text string `json:"-"`

	Events    int            `json:"events"` // dispatched
	Items     int            `json:"items"`  // without [DONE]
	Done      bool           `json:"done"`
	DataSum   string         `json:"data_sha256"` // of all data, joined by LF
	TextSum   string         `json:"text_sha256"`
	TextChars int            `json:"text_len"`
	Types     map[string]int `json:"types"`
}

func (r eventRecording) name() string { return strings.TrimSuffix(filepath.Base(r.File), ".sse") }

// operation returns the ID of the operation that was recorded, and params that
// it accepts.
func (r eventRecording) operation(tb testing.TB) (string, client.Params) {
	tb.Helper()
	switch {
	case strings.HasSuffix(r.Path, "/chat/completions"):
		return "createChatCompletion", chat()
	case strings.HasSuffix(r.Path, "/responses"):
		return "createResponse", client.Params{"model": "gpt-5-mini", "input": "Hello"}
	case strings.HasSuffix(r.Path, "/runs"):
		return "createRun", client.Params{"thread_id": "thread_1", "assistant_id": "asst_1"}
	}
	tb.Fatalf("%s: no operation is known for %s", r.File, r.Path)
	return "", nil
}

// blocks are the events as they stand in the recording, which has LF line ends
// alone.
func (r eventRecording) blocks() []string {
	return strings.SplitAfter(strings.TrimRight(r.Text, "\n")+"\n\n", "\n\n")[:r.Events]
}

// payload returns the name and the data of one of them.
func payload(block string) (name, data string) {
	for line := range strings.Lines(block) {
		if rest, ok := strings.CutPrefix(line, "event: "); ok {
			name = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(line, "data: "); ok {
			data = strings.TrimSuffix(rest, "\n")
		}
	}
	return name, data
}

func eventRecordings(tb testing.TB) []eventRecording {
	tb.Helper()
	expected := make(map[string]eventRecording)
	if err := json.Unmarshal(shared.Read(tb, "recorded", "sse", "expected.json"), &expected); err != nil {
		tb.Fatal(err)
	}
	var list []eventRecording
	for _, s := range shared.Streams(tb) {
		recording := expected[s.File]
		recording.File, recording.Path, recording.Text = s.File, s.Path, s.Text
		list = append(list, recording)
	}
	if len(list) != 28 {
		tb.Fatalf("got %d recorded streams, want 28", len(list))
	}
	return list
}

// inPieces answers with an event stream that is flushed in pieces of the given
// size, 0 for whole.
func inPieces(text string, size int) http.HandlerFunc {
	return inPiecesOf("text/event-stream; charset=utf-8", text, size)
}

func inPiecesOf(mediaType, text string, size int) http.HandlerFunc {
	if size == 0 {
		size = len(text)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("X-Request-Id", "req_1")
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			io.WriteString(w, rest[:n])
			w.(http.Flusher).Flush()
			rest = rest[n:]
		}
	}
}

// drained is what came of a stream.
type drained struct {
	Types []string
	Data  []string
	Text  string
}

// drain ranges over a stream to its end.
func drain(s *client.Stream) (drained, error) {
	var d drained
	for ev, err := range s.Events() {
		if err != nil {
			return d, err
		}
		d.Types = append(d.Types, ev.Type)
		d.Data = append(d.Data, string(ev.Data))
		d.Text += ev.Text()
	}
	return d, nil
}

// The recordings are served byte for byte, in chunks of many
// sizes.
func TestRecordedStreamsReadTheSameInAnyChunks(t *testing.T) {
	for _, recording := range eventRecordings(t) {
		t.Run(recording.name(), func(t *testing.T) {
			sizes := []int{0, 1, 2, 3, 7, 61, 1024}
			if len(recording.Text) > 1<<15 {
				sizes = []int{0, 61, 1021, 4096, 16 << 10}
			}
			if testing.Short() { // package stream cuts the same texts at each byte
				sizes = []int{sizes[len(sizes)/2]}
			}
			for _, size := range sizes {
				server := newWitness(t, inPieces(recording.Text, size))
				c := newClient(t, client.WithBaseURL(server.URL), client.WithAPIKey("test"))
				operation, params := recording.operation(t)
				s, err := c.Stream(t.Context(), operation, params)
				if err != nil {
					t.Fatal(err)
				}
				got, err := drain(s)
				checkRecorded(t, fmt.Sprintf("chunks of %d bytes", size), recording, got, err)
				if sent := server.only(t); !strings.Contains(sent.Body, `"stream":true`) || sent.Header.Get("Accept") != "text/event-stream" {
					t.Errorf("sent Accept %q and %s", sent.Header.Get("Accept"), sent.Body)
				}
				server.Close()
			}
		})
	}
}

// checkRecorded compares what came with what is expected. Where the server
// reported an error, that ends the stream.
func checkRecorded(t *testing.T, how string, want eventRecording, got drained, err error) {
	t.Helper()
	if want.Types["error"] > 0 {
		var reported *client.APIError
		if !errors.As(err, &reported) {
			t.Errorf("%s: got error %v, want an *APIError", how, err)
			return
		}
		for i, block := range want.blocks() {
			name, data := payload(block)
			if name == "error" {
				if len(got.Data) != i || string(reported.Body) != data || reported.Code != "insufficient_quota" || reported.RequestID != "req_1" {
					t.Errorf("%s: got %d events and then %v with %s", how, len(got.Data), reported, reported.Body)
				}
				return
			}
			if i < len(got.Data) && got.Data[i] != data {
				t.Errorf("%s: event %d\ngot  %s\nwant %s", how, i, got.Data[i], data)
			}
		}
	}
	if err != nil {
		t.Errorf("%s: %v", how, err)
	}
	if len(got.Data) != want.Items {
		t.Errorf("%s: got %d events, want %d", how, len(got.Data), want.Items)
	}
	all := got.Data
	if want.Done {
		all = append(all[:len(all):len(all)], "[DONE]")
	}
	if sum := hash(strings.Join(all, "\n")); sum != want.DataSum {
		t.Errorf("%s: the data has the hash %s, want %s", how, sum, want.DataSum)
	}
	if sum := hash(got.Text); sum != want.TextSum || utf8.RuneCountInString(got.Text) != want.TextChars {
		t.Errorf("%s: got the text %q with the hash %s, want %s", how, got.Text, sum, want.TextSum)
	}
	types := make(map[string]int)
	for _, name := range got.Types {
		types[name]++
	}
	expected := maps.Clone(want.Types)
	if strings.HasSuffix(want.Path, "/runs") { // the expectations name these by their data, opcall by their name
		clear(expected)
		for _, block := range want.blocks() {
			if name, data := payload(block); data != "[DONE]" {
				expected[name]++
			}
		}
	}
	if diff := cmp.Diff(expected, types); diff != "" {
		t.Errorf("%s: types (-want +got)\n%s", how, diff)
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// TestRecordedStreamsKeepToTheDocument types every recorded event.
func TestRecordedStreamsKeepToTheDocument(t *testing.T) {
	for _, recording := range eventRecordings(t) {
		c := newClient(t, client.WithBaseURL(newWitness(t, inPieces(recording.Text, 0)).URL), client.WithAPIKey("test"))
		operation, params := recording.operation(t)
		s, err := c.Stream(t.Context(), operation, params)
		if err != nil {
			t.Fatal(err)
		}
		for ev, err := range s.Events() {
			if err != nil {
				break // see TestRecordedStreamsReadTheSameInAnyChunks
			}
			v := ev.Value()
			if name := v.Schema(); name == "" || !v.Exists() {
				t.Errorf("%s: %s has no schema", recording.name(), ev.Type)
			}
			for path := range ev.Get("@this").Map() {
				if !v.Get(strings.ReplaceAll(path, ".", `\.`)).Exists() {
					t.Errorf("%s: %s: the value lacks %q", recording.name(), ev.Type, path)
				}
			}
			for _, finding := range ev.Findings() {
				switch finding.Kind {
				case schema.FindingUnknownField, schema.FindingMissingField, schema.FindingUnknownMember: // what the server does differently
				default:
					t.Errorf("%s: %s: %s", recording.name(), ev.Type, finding)
				}
			}
		}
	}
}
