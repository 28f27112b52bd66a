package openai_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

// stopping is a host whose first response breaks off after 40,000 bytes, and which has
// nothing more to say until it is well again.
type stopping struct {
	header   map[string]string
	well     bool
	answer   func(w http.ResponseWriter, req *http.Request) bool // overrides what it does when it is well
	requests int
	asked    []string // Range and If-Range of each request
}

func (s *stopping) serve(w http.ResponseWriter, req *http.Request, content []byte) bool {
	s.requests++
	s.asked = append(s.asked, strings.TrimSpace(req.Header.Get("Range")+" "+req.Header.Get("If-Range")))
	w.Header().Set("Content-Type", "application/octet-stream")
	for name, value := range s.header {
		w.Header().Set(name, value)
	}
	switch {
	case s.requests == 1:
		http.ServeContent(&cutWriter{ResponseWriter: w, left: 40_000}, req, "", time.Time{}, bytes.NewReader(content))
	case !s.well:
		http.Error(w, `{"error":{"message":"not now"}}`, http.StatusServiceUnavailable)
	case s.answer != nil && s.answer(w, req):
	default:
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(content))
	}
	return true
}

// TestDownloadGoesOnByState: another call, as of another process, asks for what is missing
// where the server says by a strong tag which version it sends, and begins anew otherwise.
func TestDownloadGoesOnByState(t *testing.T) {
	content := []byte(strings.Repeat("abcdefgh", 12_500))
	strong := map[string]string{"ETag": `"v1"`}
	onward := `bytes=40000- "v1"`
	for name, test := range map[string]struct {
		header  map[string]string
		kept    bool                                  // after the first call
		between func(h *stopping, part, state string) // the two calls
		asked   string                                // by the second call at first
		upper   bool                                  // it gets the other content
		want    string                                // of its error
		left    int                                   // files beside the state after it
	}{
		"strong tag":       {header: strong, kept: true, asked: onward, left: 1},
		"weak tag":         {header: map[string]string{"ETag": `W/"v1"`}, left: 1},
		"no tag":           {header: nil, left: 1},
		"time alone":       {header: map[string]string{"Last-Modified": "Mon, 02 Jan 2006 15:04:05 GMT"}, left: 1},
		"another version":  {header: strong, kept: true, asked: onward, upper: true, left: 1, between: func(h *stopping, _, _ string) { h.header = map[string]string{"ETag": `"v2"`} }},
		"the part is gone": {header: strong, kept: true, left: 1, between: func(_ *stopping, part, _ string) { os.Remove(part) }},
		"the part is cut":  {header: strong, kept: true, left: 1, between: func(_ *stopping, part, _ string) { os.Truncate(part, 39_999) }},
		"the part is longer": {header: strong, kept: true, asked: onward, left: 1, between: func(_ *stopping, part, _ string) {
			os.WriteFile(part, append(content[:40_000:40_000], "xyz"...), 0o600)
		}},
		"the part is a link":       {header: strong, kept: true, left: 3, between: func(_ *stopping, part, _ string) { os.Rename(part, part+"x"); os.Symlink(part+"x", part) }},
		"the state is gone":        {header: strong, kept: true, left: 2, between: func(_ *stopping, _, state string) { os.Remove(state) }},
		"the state is not a state": {header: strong, kept: true, left: 2, want: "it is not what Upload, DownloadFile or Batch has written", between: func(_ *stopping, _, state string) { os.WriteFile(state, []byte("{"), 0o600) }},
		"the state of an upload":   {header: strong, kept: true, left: 2, want: "it is not that of a download", between: func(_ *stopping, _, state string) { os.WriteFile(state, []byte(`{"kind":"opcall upload 1"}`), 0o600) }},
		"a part elsewhere": {header: strong, kept: true, left: 2, want: "it is not that of a download", between: func(_ *stopping, part, state string) {
			text, _ := os.ReadFile(state)
			os.WriteFile(state, bytes.Replace(text, []byte(filepath.Base(part)), []byte("../.a.bin-1"), 1), 0o600)
		}},
		"gone from the server": {header: strong, kept: true, asked: onward, left: 1, want: "404", between: func(h *stopping, _, _ string) {
			h.answer = func(w http.ResponseWriter, _ *http.Request) bool {
				http.Error(w, `{"error":{"message":"no such file"}}`, http.StatusNotFound)
				return true
			}
		}},
		"a part of another version": {header: strong, kept: true, asked: onward, left: 1, want: "a part of another version", between: func(h *stopping, _, _ string) {
			h.answer = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("ETag", `"v2"`)
				w.Header().Set("Content-Range", "bytes 40000-99999/100000")
				w.WriteHeader(http.StatusPartialContent)
				w.Write(bytes.ToUpper(content[40_000:]))
				return true
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h, host := newFileHost(t), &stopping{header: test.header}
			h.keep("a.bin", "user_data", content)
			h.download = func(w http.ResponseWriter, req *http.Request, content []byte) bool {
				if test.upper && host.well {
					content = bytes.ToUpper(content)
				}
				return host.serve(w, req, content)
			}
			path := writeFile(t, "a.bin", []byte("old"))
			state := filepath.Join(t.TempDir(), "state")
			call := func() (int64, error) {
				req := openai.DownloadRequest{File: "file-1", State: state}
				return h.client(t).DownloadFile(t.Context(), path, req, client.WithMaxRetries(0))
			}
			files := func() (parts []string) {
				entries, err := os.ReadDir(filepath.Dir(path))
				if err != nil {
					t.Fatal(err)
				}
				for _, entry := range entries {
					parts = append(parts, filepath.Join(filepath.Dir(path), entry.Name()))
				}
				return parts
			}
			_, err := call()
			var stopped *openai.DownloadError
			if err == nil || !errors.As(err, &stopped) && test.kept || stopped != nil && (stopped.State == state) != test.kept {
				t.Fatalf("got %#v, want a *DownloadError with a state: %t", err, test.kept)
			}
			got := files()
			if old, _ := os.ReadFile(path); string(old) != "old" || (len(got) == 2) != test.kept {
				t.Fatalf("got %q and %q after the first call", old, got)
			}
			if _, err := os.Stat(state); (err == nil) != test.kept {
				t.Fatalf("got state: %v, want one: %t", err, test.kept)
			}
			host.well = true
			if test.between != nil {
				part := got[slices.IndexFunc(got, func(name string) bool { return name != path })]
				test.between(host, part, state)
			}
			host.asked = nil
			n, err := call()
			if test.asked != "" || test.want == "" {
				if len(host.asked) == 0 || host.asked[0] != test.asked {
					t.Errorf("asked for %q, want %q first", host.asked, test.asked)
				}
			}
			if got := files(); len(got) != test.left {
				t.Errorf("got %q left, want %d files", got, test.left)
			}
			text, _ := os.ReadFile(path)
			if test.want != "" {
				if hasText(t, err, test.want); string(text) != "old" {
					t.Errorf("got %.20q, want the old file", text)
				}
				return
			}
			want := content
			if test.upper {
				want = bytes.ToUpper(content)
			}
			if err != nil || n != 100_000 || !bytes.Equal(text, want) {
				t.Errorf("got %d bytes, %v", n, err)
			}
			if _, err := os.Stat(state); !os.IsNotExist(err) {
				t.Errorf("the state is still there: %v", err)
			}
		})
	}
}

// TestDownloadStateIsForOneFile: a state of another file or path is refused, and stays.
func TestDownloadStateIsForOneFile(t *testing.T) {
	h, host := newFileHost(t), &stopping{header: map[string]string{"ETag": `"v1"`}}
	h.keep("a.bin", "user_data", lettersOf(100_000))
	h.keep("b.bin", "user_data", lettersOf(100_000))
	h.download = host.serve
	dir := t.TempDir()
	req := openai.DownloadRequest{File: "file-1", State: filepath.Join(dir, "state")}
	c := h.client(t)
	if _, err := c.DownloadFile(t.Context(), filepath.Join(dir, "a.bin"), req, client.WithMaxRetries(0)); err == nil {
		t.Fatal("got no error, want one")
	}
	host.well = true
	var unfit *openai.StateError
	if _, err := c.DownloadFile(t.Context(), filepath.Join(dir, "b.bin"), req); !errors.As(err, &unfit) {
		t.Errorf("another path: got %v", err)
	}
	other := req
	other.File = "file-2"
	if _, err := c.DownloadFile(t.Context(), filepath.Join(dir, "a.bin"), other); !errors.As(err, &unfit) {
		t.Errorf("another file: got %v", err)
	}
	if _, err := c.Download(t.Context(), &bytes.Buffer{}, req); !errors.As(err, &unfit) {
		t.Errorf("a writer: got %v", err)
	}
	if n, err := c.DownloadFile(t.Context(), filepath.Join(dir, "a.bin"), req); n != 100_000 || err != nil {
		t.Errorf("the file itself: got %d, %v", n, err)
	}
}

// TestDownloadGoesOnAfterKilledProcess: what a process had written to the disk before it was
// killed is not downloaded again.
func TestDownloadGoesOnAfterKilledProcess(t *testing.T) {
	const size, killedAt, saved = 22 << 20, 20 << 20, 16 << 20
	if path := os.Getenv("OPCALL_TEST_DOWNLOAD"); path != "" {
		req := openai.DownloadRequest{File: "file-1", State: path + ".state", Progress: func(done, _ int64) {
			if done >= killedAt {
				self, _ := os.FindProcess(os.Getpid())
				self.Kill()
				select {}
			}
		}}
		_, err := openaiClient(t, os.Getenv("OPCALL_TEST_URL")).DownloadFile(t.Context(), path, req)
		t.Fatalf("got %v, want to be killed", err)
	}
	h := newFileHost(t)
	content := lettersOf(size)
	var first []int64
	h.mu.Lock() // what asks is another process: nothing else orders it
	h.keep("a.bin", "user_data", content)
	h.download = func(w http.ResponseWriter, req *http.Request, content []byte) bool {
		from := int64(0)
		if r := req.Header.Get("Range"); r != "" {
			if _, err := fmt.Sscanf(r, "bytes=%d-", &from); err != nil {
				t.Errorf("got Range %q", r)
			}
		}
		h.mu.Lock()
		first = append(first, from)
		h.mu.Unlock()
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(content))
		return true
	}
	h.mu.Unlock()
	path := filepath.Join(t.TempDir(), "a.bin")
	cmd, out := againAs(t, t.Name(), "OPCALL_TEST_DOWNLOAD="+path, "OPCALL_TEST_URL="+h.URL)
	if err := cmd.Run(); err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("got %v, want a process that was killed\n%s", err, out)
	}
	n, err := h.client(t).DownloadFile(t.Context(), path, openai.DownloadRequest{File: "file-1", State: path + ".state"})
	got, readErr := os.ReadFile(path)
	if err := errors.Join(err, readErr); err != nil || n != size || !bytes.Equal(got, content) {
		t.Errorf("got %d bytes, error %v", n, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(first) != 2 || first[1] < saved || first[1] >= killedAt {
		t.Errorf("asked for the bytes from %d, want those from %d on or later", first, saved)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("got %v left behind", left)
	}
}

// TestDownloadIsNotLostForItsName: a file that is whole and cannot have its name stays
// where the error says.
func TestDownloadIsNotLostForItsName(t *testing.T) {
	content := []byte("the whole file")
	for name, state := range map[string]string{"with a state": filepath.Join(t.TempDir(), "state"), "without": ""} {
		h, folder := newFileHost(t), t.TempDir()
		h.keep("a.bin", "user_data", content)
		path := filepath.Join(folder, "a.bin")
		h.download = func(w http.ResponseWriter, _ *http.Request, content []byte) bool {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Error(err)
			}
			w.Write(content)
			return true
		}
		_, err := h.client(t).DownloadFile(t.Context(), path, openai.DownloadRequest{File: "file-1", State: state})
		parts, _ := filepath.Glob(filepath.Join(folder, ".a.bin-*"))
		if err == nil || len(parts) != 1 || !strings.Contains(err.Error(), "the file is whole in "+parts[0]) {
			t.Fatalf("%s: got %v with %q beside it, want an error that names the file", name, err, parts)
		}
		if got, err := os.ReadFile(parts[0]); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, content)
		}
	}
}
