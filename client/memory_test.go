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
	info, _ := debug.ReadBuildInfo()
	if testing.Short() || info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return 128 << 20
	}
	return 1 << 30
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

// check holds the gauge against the limit.
func (g *gauge) check(t *testing.T) {
	t.Helper()
	const limit = 64 << 20
	if g.most == 0 || g.most > limit {
		t.Errorf("the heap held %d bytes, want at most %d", g.most, limit)
	}
	t.Logf("%d MB passed, %.1f MB of heap at most", g.passed>>20, float64(g.most)/(1<<20))
}

func TestMemoryOfUpload(t *testing.T) {
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
	var g gauge
	if n, err := r.WriteTo(&g); n != size || err != nil {
		t.Errorf("got %d bytes, %v; want %d", n, err, size)
	}
	g.check(t)
}
