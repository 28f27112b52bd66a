package client_test

import (
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"testing"

	"github.com/opcall/opcall/client"
)

// zeroes yields n bytes.
type zeroes struct{ n int64 }

func (z *zeroes) Read(p []byte) (int, error) {
	if z.n == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.n)
	clear(p[:n])
	z.n -= n
	return int(n), nil
}

// rewindable is zeroes that can be read again.
type rewindable struct {
	zeroes
	size int64
}

func (r *rewindable) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.size - r.n
	case io.SeekEnd:
		offset += r.size
	}
	r.n = r.size - offset
	return offset, nil
}

// volume is how much the tests of memory move: 1 GB, or a part of it where time
// is short.
func volume() int64 {
	if hurried() {
		return 80 << 20 // more than gauge allows on the heap
	}
	return 1 << 30
}

// hurried reports whether time is short, or taken by the race detector.
func hurried() bool {
	info, _ := debug.ReadBuildInfo()
	return testing.Short() || info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// gauge throws away what is written to it and looks at the heap meanwhile.
type gauge struct {
	passed, looked int64
	most           uint64 // that the objects on the heap took, dead ones included
}

func (g *gauge) Write(p []byte) (int, error) {
	if g.passed += int64(len(p)); g.passed-g.looked >= 4<<20 {
		g.looked = g.passed
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		g.most = max(g.most, sample[0].Value.Uint64())
	}
	return len(p), nil
}

// check compares the gauge with the limit.
func (g *gauge) check(t *testing.T) {
	t.Helper()
	const limit = 64 << 20
	if g.most == 0 || g.most > limit {
		t.Errorf("the heap held %d bytes, want at most %d", g.most, limit)
	}
	t.Logf("%d MB passed, %.1f MB of heap at most", g.passed>>20, float64(g.most)/(1<<20))
}

func TestUploadsAreNotKeptInMemory(t *testing.T) {
	size := volume()
	for name, body := range map[string]io.Reader{
		"length known":   &rewindable{zeroes{size}, size},
		"length unknown": &zeroes{size},
	} {
		t.Run(name, func(t *testing.T) {
			var g gauge
			address := newBareServer(t, func(w http.ResponseWriter, req *http.Request) {
				io.Copy(&g, req.Body)
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, "{}")
			})
			c := newClient(t, client.WithBaseURL(address))
			runtime.GC()
			file := client.File{Name: "a.bin", Body: body}
			if _, err := c.Call(t.Context(), "addUploadPart", client.Params{"upload_id": "u", "data": file}); err != nil {
				t.Fatal(err)
			}
			if g.passed < size || g.passed > size+1000 {
				t.Errorf("the server received %d bytes, want %d and a little", g.passed, size)
			}
			g.check(t)
		})
	}
}

func TestMemoryOfDownloadDoesNotGrowWithTheFile(t *testing.T) {
	size := volume()
	address := newBareServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		io.Copy(w, &zeroes{size})
	})
	c := newClient(t, client.WithBaseURL(address))
	runtime.GC()
	r, err := c.Call(t.Context(), "downloadFile", client.Params{"file_id": "f"})
	if err != nil {
		t.Fatal(err)
	}
	var g gauge
	if n, err := r.WriteTo(&g); n != size || err != nil {
		t.Errorf("got %d bytes, %v; want %d", n, err, size)
	}
	g.check(t)
}

// Neither heap nor goroutines grow with the length of a
// stream, be it a million events, from a connection or from memory.
func TestStreamsOfAnyLengthTakeFlatMemory(t *testing.T) {
	n := 1_000_000
	if hurried() {
		n = 20_000
	}
	for name, client := range map[string]func(testing.TB, flood) *client.Client{"chat": floodServer, "response": inMemory} {
		t.Run(name, func(t *testing.T) {
			test := streams[name]
			test.flood.n = n
			s, err := client(t, test.flood).Stream(t.Context(), test.operation, test.params)
			if err != nil {
				t.Fatal(err)
			}
			checkFlat(t, s, n)
		})
	}
}

func inMemory(tb testing.TB, f flood) *client.Client { return floodClient(tb, f) }

// floodServer is inMemory with a connection in between.
func floodServer(tb testing.TB, f flood) *client.Client {
	address := newBareServer(tb, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.Copy(w, &floodBody{flood: f})
	})
	return newClient(tb, client.WithBaseURL(address), client.WithAPIKey("test"))
}

// checkFlat reads a stream of n events of text. The first tenth of it is what the
// rest is compared with.
func checkFlat(t *testing.T, s *client.Stream, n int) {
	t.Helper()
	const slack = 256 << 10 // less than a byte an event
	seen, text := 0, 0
	var heap uint64
	var goroutines int
	for ev, err := range s.Events() {
		if err != nil {
			t.Fatal(err)
		}
		text += len(ev.Text())
		seen++
		switch {
		case seen == n/10:
			heap, goroutines = inUse(), runtime.NumGoroutine()
		case seen%(n/4) == 0:
			if now := inUse(); now > heap+slack || runtime.NumGoroutine() > goroutines {
				t.Errorf("after %d events the heap went from %d to %d bytes, goroutines from %d to %d",
					seen, heap, now, goroutines, runtime.NumGoroutine())
			}
		}
	}
	if text != n*len(" moon") {
		t.Errorf("got %d bytes of text in %d events, want %d of %d", text, seen, n*len(" moon"), n)
	}
}

// inUse returns the size of the heap without what is garbage.
func inUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
