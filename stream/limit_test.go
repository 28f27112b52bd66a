package stream_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/stream"
)

func TestOversizedEventIsReportedAndTheNextFollows(t *testing.T) {
	tests := map[string]struct {
		in       string
		events   []stream.Event
		tooLarge []int
		lastID   string
		open     bool
	}{
		"data at the limit": {
			in:     "data: 12345678\n\n",
			events: []stream.Event{{Data: []byte("12345678")}},
		},
		"data over the limit": {
			in:       "data: 123456789\n\n",
			tooLarge: []int{0},
		},
		"data, type and ID at the limit": {
			in:     "id: 12\nevent: 345\ndata: 678\n\n",
			events: []stream.Event{{Type: "345", Data: []byte("678"), ID: "12"}},
			lastID: "12",
		},
		"the type is over it": {
			in:       "id: 12\ndata: 345\nevent: 6789\n\n",
			tooLarge: []int{0},
		},
		"the ID is over it": {
			in:       "event: 12\ndata: 345\nid: 6789\n\n",
			tooLarge: []int{0},
		},
		"an ID with NUL is over it": {
			in:       "id: \x0023456789\ndata\n\n",
			tooLarge: []int{0},
		},
		"the ID of an earlier event counts": {
			in:       "id: 1234\n\ndata: 5678\n\ndata: 56789\n\n",
			events:   []stream.Event{{Data: []byte("5678"), ID: "1234"}},
			tooLarge: []int{1},
			lastID:   "1234",
		},
		"a value that is replaced does not count": {
			in:     "id: 123456\nid: 12345\nevent: 123\nevent: 12\ndata: 8\n\n",
			events: []stream.Event{{Type: "12", Data: []byte("8"), ID: "12345"}},
			lastID: "12345",
		},
		"line feeds count": {
			in:       "data\ndata\ndata\ndata\ndata\ndata\ndata\ndata\ndata\n\ndata\ndata\ndata\ndata\ndata\ndata\ndata\ndata\ndata\ndata\n\n",
			events:   []stream.Event{{Data: []byte("\n\n\n\n\n\n\n\n")}},
			tooLarge: []int{1},
		},
		"the rest of it is passed over": {
			in:       "id: 1\ndata: 123456789\ndata: 2\nevent: 3\nid: 4\n: 5\n\ndata: 6\n\n",
			events:   []stream.Event{{Data: []byte("6")}},
			tooLarge: []int{0},
		},
		"it is reported once": {
			in:       "data: 123456789\ndata: 123456789\n\ndata: 123456789\n\ndata: 1\n\n",
			events:   []stream.Event{{Data: []byte("1")}},
			tooLarge: []int{0, 1},
		},
		"cut inside the rest of it": {
			in:       "data: 123456789\ndata: 2\n",
			tooLarge: []int{0},
			open:     true,
		},
		"retry over it": {
			in:       "retry: 000000001\n\ndata: 1\n\n",
			events:   []stream.Event{{Data: []byte("1")}},
			tooLarge: []int{0},
		},
		"comments and unknown fields have no limit": {
			in:     ": 12345678901234567890\nfoo: 12345678901234567890\n12345678901234567890\ndata: 1\n\n",
			events: []stream.Event{{Data: []byte("1")}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want := outcome{Events: test.events, LastEventID: test.lastID, Incomplete: test.open}
			for chunking, r := range chunkings(test.in) {
				got, tooLarge, err := decode(r, stream.WithMaxEventSize(8))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s: input %q: outcome differs (-want +got):\n%s", chunking, test.in, diff)
				}
				if diff := cmp.Diff(test.tooLarge, tooLarge); diff != "" {
					t.Fatalf("%s: input %q: events reported as too large differ (-want +got):\n%s", chunking, test.in, diff)
				}
			}
		})
	}
}

// TestEndlessEventHoldsNoMoreThanTheLimit reads an event that never ends under the default limit,
// which a limit of 0 or less means too.
// While it lasts, no more than the limit is held; the error comes once the limit
// is passed and not later, and the stream goes on behind it.
func TestEndlessEventHoldsNoMoreThanTheLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("long: run without -short")
	}
	const slack = 1 << 20
	tests := map[string]struct {
		head string
		opts []stream.Option
	}{
		"one line":   {"data: ", nil},
		"event name": {"event: ", []stream.Option{stream.WithMaxEventSize(0)}},
		"id":         {"id: ", []stream.Option{stream.WithMaxEventSize(-1)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			src := &endless{head: test.head, probe: 8 << 20, tail: "\n\ndata: next\n\n"}
			dec := stream.NewDecoder(src, test.opts...)
			before := liveHeap()
			_, err := dec.Next()
			var large *stream.EventTooLargeError
			if !errors.As(err, &large) || large.Limit != stream.DefaultMaxEventSize {
				t.Fatalf("got error %v, want an EventTooLargeError for the default limit", err)
			}
			if held := src.peak - before; held > stream.DefaultMaxEventSize+slack {
				t.Errorf("got %d bytes held, want at most the limit of %d and a little", held, stream.DefaultMaxEventSize)
			}
			if src.read > stream.DefaultMaxEventSize+slack {
				t.Errorf("got the error after %d bytes, want it right after the limit of %d", src.read, stream.DefaultMaxEventSize)
			}
			if held := liveHeap() - before; held > slack {
				t.Errorf("got %d bytes held after the error, want next to nothing", held)
			}
			src.ended = true
			ev, err := dec.Next()
			if err != nil || string(ev.Data) != "next" {
				t.Errorf("got %q, %v after the error, want the next event", ev.Data, err)
			}
		})
	}
}

// TestIgnoredLinesAreNotHeld holds that what is not part of an event is not held at all.
func TestIgnoredLinesAreNotHeld(t *testing.T) {
	for _, head := range []string{": ", "unknown: ", "unknown"} {
		src := &endless{head: head, probe: 1 << 20, most: 8 << 20, tail: "\ndata: x\n\n"}
		dec := stream.NewDecoder(src)
		before := liveHeap()
		ev, err := dec.Next()
		if err != nil || string(ev.Data) != "x" {
			t.Errorf("%q: got %q, %v, want the event behind the line", head, ev.Data, err)
		}
		if held := src.peak - before; held > 256<<10 {
			t.Errorf("%q: got %d bytes held for a line that is ignored, want next to nothing", head, held)
		}
	}
}

// endless delivers head and then one long line, up to most bytes (0: until
// ended is set), then tail. Every probe bytes it measures the heap.
type endless struct {
	head, tail  string
	most, probe int
	ended       bool

	read int
	peak int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.head != "" {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	if e.ended || e.most > 0 && e.read >= e.most {
		if e.tail == "" {
			return 0, io.EOF
		}
		n := copy(p, e.tail)
		e.tail = e.tail[n:]
		return n, nil
	}
	for n := copy(p, "x"); n < len(p); n *= 2 {
		copy(p[n:], p[:n])
	}
	if e.probe > 0 && (e.read+len(p))/e.probe > e.read/e.probe {
		e.peak = max(e.peak, liveHeap())
	}
	e.read += len(p)
	return len(p), nil
}

func liveHeap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestTooLargeErrorNamesEventAndRemedy(t *testing.T) {
	dec := stream.NewDecoder(strings.NewReader("data: 1\n\ndata: 12345\n\n"), stream.WithMaxEventSize(4))
	var err error
	for _, err = range dec.Events() {
	}
	want := "event 1 of the stream has more than 4 bytes; stream.WithMaxEventSize raises the limit"
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

// Names of events are kept, so that each is one string; a server that makes up long ones
// must not fill the memory with them.
func TestLongEventNamesAreNotKept(t *testing.T) {
	const names, size = 100, 20 << 10
	var in strings.Builder
	for i := range names {
		in.WriteString("event: " + strings.Repeat(string(rune('a'+i%26)), size+i) + "\ndata\n\n")
	}
	d := stream.NewDecoder(strings.NewReader(in.String()))
	in.Reset()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for {
		if _, err := d.Next(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > names*size/4 {
		t.Errorf("the decoder keeps %d bytes of %d names", kept, names)
	}
	runtime.KeepAlive(d)
}
