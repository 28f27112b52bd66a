package stream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/stream"
)

// TestBufferMayEndAtAnyByte puts the end of the decoder's buffer at every byte of every case: of
// its first one, and of the larger one that takes its place.
func TestBufferMayEndAtAnyByte(t *testing.T) {
	const first, second = 4 << 10, 4<<10 + 16<<10
	step := 1
	if testing.Short() {
		step = 5
		t.Log("-short: every fifth place")
	}
	for _, c := range loadCases(t) {
		text := c.text(t)
		if strings.HasPrefix(text, "\uFEFF") {
			continue // counts at the start of a stream only
		}
		for at := 0; at < len(text)+2; at += step {
			for _, end := range []int{first, second} {
				check(t, fmt.Sprintf("%s, byte %d at %d", c.Name, at, end), behind(end-at, text), c.want(t))
			}
		}
	}
}

// behind delivers, in as few reads as possible, a comment of n bytes with its line
// end, and then text.
func behind(n int, text string) io.Reader {
	return strings.NewReader(":" + strings.Repeat(" ", n-2) + "\n" + text)
}

// TestLinesLongerThanTheBufferAreWhole has lines about as long as the buffer and some times as long.
func TestLinesLongerThanTheBufferAreWhole(t *testing.T) {
	const buffer = 16 << 10
	for _, n := range []int{4<<10 - 6, buffer - 7, buffer - 6, buffer, 3*buffer - 6, 100_000} {
		long := strings.Repeat("x", n)
		text := "event: " + long + "\nid: " + long + "\ndata: " + long + "\ndata: " + long + "\r\n" + long + "\r" +
			"retry: " + strings.Repeat("0", n) + "7\n: " + long + "\n\n" + "data: next\n\nid: " + long + "\x00\n\ndata: " + long
		want := reference(text)
		if len(want.Events) != 2 || want.Retry == 0 {
			t.Fatalf("got %d events and retry %v from the reference parser, want 2 and some", len(want.Events), want.Retry)
		}
		for _, size := range []int{1000, buffer - 1, len(text)} {
			check(t, fmt.Sprintf("lines of %d bytes by %d", n, size), fixed(text, size), want)
		}
	}
}

// TestLargeInputsAreReadInLinearTime has inputs that take forever when any byte is looked at again and
// again: a megabyte at once, and a part of it byte by byte.
func TestLargeInputsAreReadInLinearTime(t *testing.T) {
	tests := map[string]func(size int) (in string, events int){
		"one line without an end":  func(n int) (string, int) { return "data: " + strings.Repeat("x", n), 0 },
		"one line":                 func(n int) (string, int) { return "data: " + strings.Repeat("x", n) + "\n\n", 1 },
		"a name without an end":    func(n int) (string, int) { return strings.Repeat("x", n), 0 },
		"blank lines, LF":          func(n int) (string, int) { return strings.Repeat("\n", n), 0 },
		"blank lines, CR":          func(n int) (string, int) { return strings.Repeat("\r", n), 0 },
		"blank lines, CRLF":        func(n int) (string, int) { return strings.Repeat("\r\n", n/2), 0 },
		"tiny lines, LF":           func(n int) (string, int) { return strings.Repeat("data\n", n/5) + "\n", 1 },
		"tiny lines, CR":           func(n int) (string, int) { return strings.Repeat("data\r", n/5) + "\r", 1 },
		"one LF after many CR":     func(n int) (string, int) { return strings.Repeat("a\r", n/2) + "\ndata\n\n", 1 },
		"CR in front of LF":        func(n int) (string, int) { return strings.Repeat(strings.Repeat("b\r", 5000)+"\n", n/10_000), 0 },
		"tiny events":              func(n int) (string, int) { return strings.Repeat("data\n\n", n/6), n / 6 },
		"tiny comments":            func(n int) (string, int) { return strings.Repeat(":\n", n/2), 0 },
		"a type replaced for long": func(n int) (string, int) { return strings.Repeat("event: x\n", n/9) + "data\n\n", 1 },
		"ever new types and IDs":   func(n int) (string, int) { return newNames(n / 32), n / 32 },
		"colons":                   func(n int) (string, int) { return strings.Repeat(":", n) + "\n", 0 },
	}
	for name, input := range tests {
		t.Run(name, func(t *testing.T) {
			size := 1 << 20
			if testing.Short() {
				size = 1 << 18
			}
			whole, inWhole := input(size)
			part, inPart := input(size / 8)
			for _, run := range []struct {
				r      io.Reader
				events int
			}{{strings.NewReader(whole), inWhole}, {fixed(part, 1), inPart}} {
				out, _, err := decode(run.r)
				if err != nil || len(out.Events) != run.events {
					t.Errorf("got %d events and error %v, want %d events", len(out.Events), err, run.events)
				}
			}
		})
	}
}

func newNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "event: e%d\nid: %d\ndata\n\n", i, i)
	}
	return b.String()
}

func TestReadErrorComesAfterTheWholeEvents(t *testing.T) {
	broken := errors.New("connection reset")
	tests := map[string]struct {
		in         string
		events     int
		incomplete bool
	}{
		"at once":           {"", 0, false},
		"between events":    {"data: 1\n\ndata: 2\n\n", 2, false},
		"inside an event":   {"data: 1\n\ndata: 2\n", 1, true},
		"inside a line":     {"data: 1\n\ndata: 2", 1, true},
		"inside a name":     {"data: 1\n\nd", 1, true},
		"after a blank CR":  {"data: 1\r\r", 1, false},
		"inside a comment":  {"data: 1\n\n: p", 1, false},
		"inside a BOM":      {"\xef\xbb", 0, true},
		"after a BOM":       {"\uFEFF", 0, false},
		"inside a long one": {"data: 1\n\ndata: " + strings.Repeat("x", 50_000), 1, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for chunking, r := range chunkings(test.in) {
				dec := stream.NewDecoder(io.MultiReader(r, iotest.ErrReader(broken)))
				events, failures := 0, 0
				for ev, err := range dec.Events() {
					if err == nil {
						events++
						continue
					}
					failures++
					if err != broken || ev.Data != nil {
						t.Errorf("%s: got %v, %v, want a zero event and the reader's own error", chunking, ev, err)
					}
				}
				if events != test.events || failures != 1 || dec.Incomplete() != test.incomplete {
					t.Errorf("%s: got %d events, %d errors, incomplete %v; want %d, 1, %v",
						chunking, events, failures, dec.Incomplete(), test.events, test.incomplete)
				}
				if _, err := dec.Next(); err != broken {
					t.Errorf("%s: got %v from Next after the error, want it again", chunking, err)
				}
			}
		})
	}
}

// TestDataBesideAReadErrorIsRead has a reader that returns the last bytes and its error
// in one call.
func TestDataBesideAReadErrorIsRead(t *testing.T) {
	broken := errors.New("connection reset")
	r := iotest.DataErrReader(io.MultiReader(strings.NewReader("data: 1\n\ndata: 2\n\nda"), iotest.ErrReader(broken)))
	out, _, err := decode(r)
	if len(out.Events) != 2 || err != broken || !out.Incomplete {
		t.Errorf("got %d events, error %v, incomplete %v; want 2, %v, true", len(out.Events), err, out.Incomplete, broken)
	}
}

func TestReaderThatBreaksItsContractIsAnError(t *testing.T) {
	tests := map[string]struct {
		read func([]byte) (int, error)
		want string
	}{
		"never anything": {func([]byte) (int, error) { return 0, nil }, io.ErrNoProgress.Error()},
		"negative count": {func([]byte) (int, error) { return -1, nil }, "the reader reported -1 bytes"},
		"count too high": {func(p []byte) (int, error) { return len(p) + 1, nil }, "the reader reported 4097 bytes"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := stream.NewDecoder(readFunc(test.read)).Next()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestNothingIsReadWhileAnEventIsAtHand(t *testing.T) {
	reads := 0
	dec := stream.NewDecoder(readFunc(func(p []byte) (int, error) {
		reads++
		return copy(p, "data: 1\n\n: x\nevent: e\ndata: 2\r\n\r"), nil
	}))
	for want := 1; want <= 3; want++ {
		for range 2 {
			if _, err := dec.Next(); err != nil || reads != want {
				t.Fatalf("got error %v after %d reads, want none after %d", err, reads, want)
			}
		}
	}
}

// TestBufferGrowsOnceWhenFilled holds that a short stream costs a small buffer, and that one which
// fills it gets a larger one, once.
func TestBufferGrowsOnceWhenFilled(t *testing.T) {
	var asked []int
	left := 40_000
	dec := stream.NewDecoder(readFunc(func(p []byte) (int, error) {
		asked = append(asked, len(p))
		if len(asked) <= 2 {
			return copy(p, "data: 1\n\n"), nil
		}
		n := min(len(p), left)
		left -= n
		clear(p[:n])
		if left == 0 {
			return n, io.EOF
		}
		return n, nil
	}))
	for _, err := range dec.Events() {
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]int{4096, 4096, 4096, 16384, 16384, 16384}, asked); diff != "" {
		t.Errorf("sizes of the reads differ (-want +got):\n%s", diff)
	}
}

// TestEventsGoOnWhereTheLoopLeft leaves the loop and comes back.
func TestEventsGoOnWhereTheLoopLeft(t *testing.T) {
	dec := stream.NewDecoder(strings.NewReader("data: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n"))
	var got []string
	for ev := range dec.Events() {
		got = append(got, string(ev.Data))
		break
	}
	ev, err := dec.Next()
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, string(ev.Data))
	for range 2 {
		for ev, err := range dec.Events() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(ev.Data))
		}
	}
	if diff := cmp.Diff([]string{"1", "2", "3", "4"}, got); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
}

// TestEventsGoOnAfterOneTooLarge ranges again behind an event that was too large.
func TestEventsGoOnAfterOneTooLarge(t *testing.T) {
	dec := stream.NewDecoder(strings.NewReader("data: 1\n\ndata: 12345\n\ndata: 3\n\n"), stream.WithMaxEventSize(4))
	var got []string
	for range 2 {
		for ev, err := range dec.Events() {
			if err != nil {
				got = append(got, "error")
				continue
			}
			got = append(got, string(ev.Data))
		}
	}
	if diff := cmp.Diff([]string{"1", "error", "3"}, got); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
}

// TestDataBelongsToCaller changes the data of each event and keeps them all.
func TestDataBelongsToCaller(t *testing.T) {
	for _, size := range []int{1, 100, 70_000} {
		text := strings.Repeat("data: "+strings.Repeat("x", size)+"\n\n", 3)
		var kept [][]byte
		for ev, err := range stream.NewDecoder(strings.NewReader(text)).Events() {
			if err != nil {
				t.Fatal(err)
			}
			if want := bytes.Repeat([]byte("x"), size); !bytes.Equal(ev.Data, want) {
				t.Fatalf("size %d: got data starting %.10q, want x alone", size, ev.Data)
			}
			kept = append(kept, ev.Data)
			for i := range ev.Data {
				ev.Data[i] = byte('0' + len(kept))
			}
			_ = append(ev.Data, "yyyy"...)
		}
		for i, data := range kept {
			if want := bytes.Repeat([]byte{byte('1' + i)}, size); !bytes.Equal(data, want) {
				t.Errorf("size %d: event %d changed after it was delivered", size, i)
			}
		}
	}
}

// TestLastEventIDAndRetryFollowTheEvents reads LastEventID and Retry between events.
func TestLastEventIDAndRetryFollowTheEvents(t *testing.T) {
	dec := stream.NewDecoder(strings.NewReader("id: 1\ndata\n\nid: 2\n\nretry: 5\ndata\n\nid: 3\n"))
	type state struct {
		ID    string
		Retry int64
	}
	var got []state
	note := func() { got = append(got, state{dec.LastEventID(), dec.Retry().Milliseconds()}) }
	note()
	for range dec.Events() {
		note()
	}
	note()
	want := []state{{"", 0}, {"1", 0}, {"2", 5}, {"2", 5}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states differ (-want +got):\n%s", diff)
	}
}

// TestLinesWithoutAFieldAreAtHand: what the standard goes over can be looked at, up to a
// limit, until the next event is asked for.
func TestLinesWithoutAFieldAreAtHand(t *testing.T) {
	long := strings.Repeat("x", 10000)
	d := stream.NewDecoder(iotest.OneByteReader(strings.NewReader("a: 1\n: comment\nb\ndata: x\n\ndata: y\n\n" + long + "\nc\n\nlast")))
	for i, want := range []string{"a: 1\nb", "", long[:4096]} {
		_, err := d.Next()
		if i < 2 && err != nil || i == 2 && err != io.EOF {
			t.Fatalf("%d: got %v", i, err)
		}
		if got := string(d.Ignored()); got != want {
			t.Errorf("%d: got %d bytes, %.60q, want %d, %.60q", i, len(got), got, len(want), want)
		}
	}
}
