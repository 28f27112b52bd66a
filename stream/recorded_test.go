package stream_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/stream"
)

// recording is what expected.json says of one recorded stream of the real API.
// Two other parsers agree on it.
type recording struct {
	Events     int
	Items      int
	Done       bool
	DataSHA256 string `json:"data_sha256"`
	Types      map[string]int
}

func TestRecordedStreamsGiveTheirEvents(t *testing.T) {
	root := shared.Path(t, "recorded")
	index, err := os.ReadFile(filepath.Join(root, "sse", "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var recordings map[string]recording
	if err := json.Unmarshal(index, &recordings); err != nil {
		t.Fatal(err)
	}
	if len(recordings) < 28 {
		t.Fatalf("got %d recordings, want at least 28", len(recordings))
	}
	for name, want := range recordings {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			text := string(data)
			out, _, err := decode(strings.NewReader(text))
			if err != nil || out.Incomplete {
				t.Fatalf("got error %v, incomplete %v; want neither", err, out.Incomplete)
			}
			if diff := cmp.Diff(want, describe(out.Events)); diff != "" {
				t.Fatalf("recording differs from expected.json (-want +got):\n%s", diff)
			}
			for _, size := range chunkSizes(len(text)) {
				check(t, "chunks", fixed(text, size), out)
			}
		})
	}
}

// describe counts events the way expected.json does. An item is named by the type
// in its data, its event field or its object, whichever comes first.
func describe(events []stream.Event) recording {
	r := recording{Events: len(events), Types: map[string]int{}}
	var payloads [][]byte
	for _, ev := range events {
		payloads = append(payloads, ev.Data)
		if string(ev.Data) == "[DONE]" {
			r.Done = true
			continue
		}
		r.Items++
		var item struct{ Type, Object string }
		if err := json.Unmarshal(ev.Data, &item); err != nil {
			r.Types[err.Error()]++
			continue
		}
		for _, name := range []string{item.Type, ev.Type, item.Object} {
			if name != "" {
				r.Types[name]++
				break
			}
		}
	}
	sum := sha256.Sum256(bytes.Join(payloads, []byte("\n")))
	r.DataSHA256 = hex.EncodeToString(sum[:])
	return r
}

// chunkSizes returns sizes from 1 to n: all of them for a small stream, for a
// larger one the smallest, then ever wider apart, and those about the decoder's
// own buffers.
func chunkSizes(n int) []int {
	budget := 32 << 20 // bytes to decode for one stream
	if testing.Short() {
		budget = 1 << 20
	}
	const small, buffer = 4 << 10, 16 << 10
	var sizes []int
	step := 1.0
	if n*n > budget {
		step = 1.08
	}
	for size := 1; size < n; size = max(size+1, int(float64(size)*step)) {
		sizes = append(sizes, size)
	}
	for _, size := range []int{small - 1, small, small + 1, buffer - 1, buffer, buffer + 1, n - 1, n} {
		if 0 < size && size <= n {
			sizes = append(sizes, size)
		}
	}
	return sizes
}
