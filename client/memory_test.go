package client_test

import (
	"io"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
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

// volume is how much the tests of memory move: 1 GB, a part of it where time is
// short.
func volume() int64 {
	if testing.Short() || raceEnabled() {
		return 128 << 20
	}
	return 1 << 30
}

// heap is what the objects of the program take, in bytes.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// peakHeap runs f and returns the most that the heap held meanwhile. It looks
// each time the given counter is called.
type peakHeap struct {
	mu   sync.Mutex
	most uint64
}

func (p *peakHeap) look() {
	now := heap()
	p.mu.Lock()
	p.most = max(p.most, now)
	p.mu.Unlock()
}

// watched looks at the heap every few megabytes that pass through it.
type watched struct {
	io.Reader
	peak *peakHeap
	seen int
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if w.seen += n; w.seen >= 4<<20 {
		w.seen = 0
		w.peak.look()
	}
	return n, err
}

const mostHeap = 64 << 20

func TestMemoryOfUpload(t *testing.T) {
	size := volume()
	for name, body := range map[string]io.Reader{
		"length known":   &rewindable{zeroes{size}, size},
		"length unknown": &zeroes{size},
	} {
		t.Run(name, func(t *testing.T) {
			var peak peakHeap
			received := int64(0)
			address := newBareServer(t, func(w http.ResponseWriter, req *http.Request) {
				received, _ = io.Copy(io.Discard, &watched{Reader: req.Body, peak: &peak})
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, "{}")
			})
			c := newClient(t, client.WithBaseURL(address))
			runtime.GC()
			_, err := c.Call(t.Context(), "addUploadPart", client.Params{"upload_id": "u", "data": client.File{Name: "a.bin", Body: body}})
			if err != nil {
				t.Fatal(err)
			}
			if received < size || received > size+1000 {
				t.Errorf("the server received %d bytes, want %d and a little", received, size)
			}
			if peak.most == 0 || peak.most > mostHeap {
				t.Errorf("the heap held %d bytes, want at most %d", peak.most, mostHeap)
			}
			t.Logf("%d MB sent, %.1f MB of heap at most", size>>20, float64(peak.most)/(1<<20))
		})
	}
}

func TestMemoryOfDownload(t *testing.T) {
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
	var peak peakHeap
	sink := &watchedWriter{watched{peak: &peak}}
	if n, err := r.WriteTo(sink); n != size || err != nil {
		t.Errorf("got %d bytes, %v; want %d", n, err, size)
	}
	if peak.most == 0 || peak.most > mostHeap {
		t.Errorf("the heap held %d bytes, want at most %d", peak.most, mostHeap)
	}
	t.Logf("%d MB received, %.1f MB of heap at most", size>>20, float64(peak.most)/(1<<20))
}

type watchedWriter struct{ watched }

func (w *watchedWriter) Write(p []byte) (int, error) {
	if w.seen += len(p); w.seen >= 4<<20 {
		w.seen = 0
		w.peak.look()
	}
	return len(p), nil
}
