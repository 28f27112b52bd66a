package stream_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"reflect"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/stream"
)

// chunks delivers rest in pieces of the sizes that size returns, one a Read.
type chunks struct {
	rest string
	size func() int
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, c.rest[:min(c.size(), len(c.rest))])
	c.rest = c.rest[n:]
	return n, nil
}

func fixed(text string, n int) io.Reader {
	return &chunks{text, func() int { return n }}
}

func random(text string, seed uint64, most int) io.Reader {
	rng := rand.New(rand.NewPCG(seed, 1))
	return &chunks{text, func() int { return 1 + rng.IntN(most) }}
}

// chunkings are the ways in which the tests hand a text to a decoder.
func chunkings(text string) iter.Seq2[string, io.Reader] {
	return func(yield func(string, io.Reader) bool) {
		for _, n := range []int{1, 2, 3, 7, max(1, len(text))} {
			if !yield(fmt.Sprintf("%d bytes", n), fixed(text, n)) {
				return
			}
		}
		for seed := range uint64(8) {
			if !yield(fmt.Sprintf("random %d", seed), random(text, seed, 12)) {
				return
			}
		}
		_ = yield("one byte", iotest.OneByteReader(bytes.NewReader([]byte(text)))) &&
			yield("half", iotest.HalfReader(bytes.NewReader([]byte(text)))) &&
			yield("error with the data", iotest.DataErrReader(bytes.NewReader([]byte(text)))) &&
			yield("one byte, error with the data", iotest.DataErrReader(fixed(text, 1))) &&
			yield("empty reads", &hesitant{src: fixed(text, 3)})
	}
}

// hesitant returns neither bytes nor an error every other time.
type hesitant struct {
	src   io.Reader
	ready bool
}

func (h *hesitant) Read(p []byte) (int, error) {
	h.ready = !h.ready
	if h.ready {
		return 0, nil
	}
	return h.src.Read(p)
}

// decode reads r to its end. Events that are too large are left out and counted.
func decode(r io.Reader, opts ...stream.Option) (out outcome, tooLarge []int, err error) {
	dec := stream.NewDecoder(r, opts...)
	for {
		ev, err := dec.Next()
		var large *stream.EventTooLargeError
		switch {
		case errors.As(err, &large):
			tooLarge = append(tooLarge, large.Index)
			continue
		case err == nil:
			out.Events = append(out.Events, ev)
			continue
		case err == io.EOF:
			err = nil
		}
		out.LastEventID, out.Retry, out.Incomplete = dec.LastEventID(), dec.Retry(), dec.Incomplete()
		return out, tooLarge, err
	}
}

// check decodes r and compares with want.
func check(t *testing.T, chunking string, r io.Reader, want outcome) {
	t.Helper()
	got, tooLarge, err := decode(r)
	if err != nil || tooLarge != nil {
		t.Fatalf("%s: got error %v and too large events %v, want none", chunking, err, tooLarge)
	}
	if !reflect.DeepEqual(want, got) { // much faster than cmp on long data
		t.Fatalf("%s: outcome differs (-want +got):\n%s", chunking, cmp.Diff(want, got))
	}
}
