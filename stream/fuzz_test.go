package stream_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/stream"
)

// FuzzChunking holds that the decoder finds what the reference parser finds,
// whatever the sizes of the reads and wherever its buffer ends, and that a limit
// on the size of events makes no difference between them either.
func FuzzChunking(f *testing.F) {
	for i, c := range loadCases(f) {
		f.Add([]byte(c.text(f)), uint64(i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, input []byte, seed uint64, limit uint8) {
		text := string(input)
		want := reference(text)
		limited, tooLarge, err := decode(strings.NewReader(text), stream.WithMaxEventSize(int(limit)+1))
		if err != nil {
			t.Fatal(err)
		}
		if len(tooLarge) == 0 && !reflect.DeepEqual(want, limited) {
			t.Fatalf("limit %d: nothing is too large but the outcome differs (-want +got):\n%s", limit, cmp.Diff(want, limited))
		}
		for _, ev := range limited.Events {
			if size := len(ev.Data) + len(ev.Type) + len(ev.ID); size > int(limit)+1 {
				t.Fatalf("got an event of %d bytes, want at most %d", size, int(limit)+1)
			}
		}
		if !strings.HasPrefix(text, "\uFEFF") { // counts at the start of a stream only
			const buffer = 4 << 10
			check(t, "across the end of the buffer", behind(buffer-int(seed%uint64(min(len(text)+1, buffer-2))), text), want)
		}
		for _, most := range []int{1, 3, 40} {
			check(t, "random chunks", random(text, seed, most), want)
			got, gotLarge, err := decode(random(text, seed, most), stream.WithMaxEventSize(int(limit)+1))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(limited, got) || !slices.Equal(tooLarge, gotLarge) {
				t.Fatalf("limit %d: chunking changes the outcome, too large %v and %v (-whole +chunks):\n%s", limit, tooLarge, gotLarge, cmp.Diff(limited, got))
			}
		}
	})
}
