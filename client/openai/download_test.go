package openai_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

// breaking serves content as a server that breaks off after some bytes of each response.
// Its ranges are those of http.ServeContent, or none.
type breaking struct {
	after    int    // bytes per response; 0 for all
	times    int    // how many responses break off
	etag     string // "" for a server without ranges
	changed  bool   // from the second request on it has other content
	requests int
	ranges   []string
}

func (b *breaking) serve(w http.ResponseWriter, req *http.Request, content []byte) bool {
	b.requests++
	if r := req.Header.Get("Range"); r != "" {
		b.ranges = append(b.ranges, r)
	}
	etag := b.etag
	if b.changed && b.requests > 1 {
		content, etag = bytes.ToUpper(content), `"other"`
	}
	cut := &cutWriter{ResponseWriter: w, left: b.after}
	if b.after == 0 || b.requests > b.times {
		cut.left = len(content) + 1
	}
	if etag == "" {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		cut.Write(content)
		return true
	}
	w.Header().Set("ETag", etag)
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(cut, req, "", timeZero, bytes.NewReader(content))
	return true
}

// cutWriter breaks the connection off after some bytes.
type cutWriter struct {
	http.ResponseWriter
	left int
}

func (w *cutWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p[:min(len(p), w.left)])
	if w.left -= n; w.left == 0 {
		http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

// TestDownloadResumes: connections that break off are resumed by ranges of the same
// version, begun anew for a file where there is none, and an error otherwise.
func TestDownloadResumes(t *testing.T) {
	content := []byte(strings.Repeat("abcdefgh", 12_500))
	for name, test := range map[string]struct {
		host       *breaking
		toFile     bool
		want       string // of the error, "" for the whole content
		wantRanges []string
		upper      bool // it has become the other content
	}{
		"whole":                          {host: &breaking{}},
		"whole, to a file":               {host: &breaking{}, toFile: true},
		"by ranges":                      {host: &breaking{after: 40_000, times: 2, etag: `"v1"`}, wantRanges: []string{"bytes=40000-", "bytes=80000-"}},
		"by ranges, to a file":           {host: &breaking{after: 40_000, times: 2, etag: `"v1"`}, toFile: true, wantRanges: []string{"bytes=40000-", "bytes=80000-"}},
		"without ranges":                 {host: &breaking{after: 40_000, times: 1}, want: "stopped after 40000 of 100000 bytes"},
		"without ranges, to a file":      {host: &breaking{after: 40_000, times: 2}, toFile: true},
		"for ever":                       {host: &breaking{after: 40_000, times: 9}, toFile: true, want: "stopped after 40000 of 100000 bytes"},
		"weak version":                   {host: &breaking{after: 40_000, times: 1, etag: `W/"v1"`}, want: "stopped after 40000"},
		"other version":                  {host: &breaking{after: 40_000, times: 1, etag: `"v1"`, changed: true}, want: "the file on the server has changed", wantRanges: []string{"bytes=40000-"}},
		"other version, to a file":       {host: &breaking{after: 40_000, times: 1, etag: `"v1"`, changed: true}, toFile: true, upper: true, wantRanges: []string{"bytes=40000-"}},
		"breaks off before a single one": {host: &breaking{after: 1, times: 9, etag: `"v1"`}, toFile: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFileHost(t)
			h.keep("a.bin", "user_data", content)
			h.download = test.host.serve
			c := h.client(t)
			var out bytes.Buffer
			var last, total int64
			req := openai.DownloadRequest{File: "file-1", Progress: func(done, all int64) { last, total = done, all }}
			path := filepath.Join(t.TempDir(), "a.bin")
			var n int64
			var err error
			if test.toFile {
				n, err = c.DownloadFile(t.Context(), path, req)
				got, readErr := os.ReadFile(path)
				out.Write(got)
				if err == nil && readErr != nil {
					t.Fatal(readErr)
				}
			} else {
				n, err = c.Download(t.Context(), &out, req)
			}
			if test.want != "" {
				var stopped *openai.DownloadError
				if !errors.As(err, &stopped) {
					t.Fatalf("got %v, want a *DownloadError", err)
				}
				hasText(t, err, test.want)
				if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 0 {
					t.Errorf("got %v left behind", entries)
				}
				return
			}
			want := content
			if test.upper {
				want = bytes.ToUpper(content)
			}
			if err != nil || n != 100_000 || !bytes.Equal(out.Bytes(), want) || last != 100_000 || total != 100_000 {
				t.Errorf("got %d bytes, error %v, progress %d of %d", n, err, last, total)
			}
			if test.wantRanges != nil && !slices.Equal(test.host.ranges, test.wantRanges) {
				t.Errorf("got ranges %q, want %q", test.host.ranges, test.wantRanges)
			}
		})
	}
}

// TestDownloadOfWhatServersSend: JSON is a file as any other, an empty file is one, and a
// page, a compressed body or a wrong range are not the file.
func TestDownloadOfWhatServersSend(t *testing.T) {
	respond := func(code int, header map[string]string, body string) func(http.ResponseWriter, *http.Request, []byte) bool {
		return func(w http.ResponseWriter, req *http.Request, _ []byte) bool {
			for name, value := range header {
				w.Header().Set(name, value)
			}
			w.WriteHeader(code)
			io.WriteString(w, body)
			return true
		}
	}
	jsonl := map[string]string{"Content-Type": "application/json"}
	for name, test := range map[string]struct {
		serve func(http.ResponseWriter, *http.Request, []byte) bool
		want  string
		err   string
	}{
		"JSON":              {serve: respond(200, jsonl, `{"error":{"message":"a file may say so"}}`), want: `{"error":{"message":"a file may say so"}}`},
		"JSON lines":        {serve: respond(200, jsonl, "{}\n{}\n"), want: "{}\n{}\n"},
		"empty":             {serve: respond(200, map[string]string{"Content-Type": "application/octet-stream", "Content-Length": "0"}, "")},
		"HTML":              {serve: respond(200, map[string]string{"Content-Type": "text/html"}, "<html>Sign in</html>"), err: "Sign in"},
		"compressed":        {serve: respond(200, map[string]string{"Content-Encoding": "br"}, "x"), err: "Content-Encoding \"br\""},
		"coding unknown":    {serve: respond(200, map[string]string{"Content-Encoding": "what the key is"}, "x"), err: "got a body in an unknown Content-Encoding, which"},
		"unasked part":      {serve: respond(206, map[string]string{"Content-Range": "bytes 0-0/5"}, "x"), err: "was not asked for"},
		"not found":         {serve: respond(404, jsonl, `{"error":{"message":"No such File"}}`), err: "No such File"},
		"shorter than said": {serve: respond(200, map[string]string{"Content-Length": "10"}, "x"), err: "stopped after 1 of 10 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFileHost(t)
			h.keep("a", "user_data", nil)
			h.download = test.serve
			var out strings.Builder
			_, err := h.client(t).Download(t.Context(), &out, openai.DownloadRequest{File: "file-1"})
			if test.err != "" {
				hasText(t, err, test.err)
			} else if err != nil || out.String() != test.want {
				t.Errorf("got %q, error %v, want %q", out.String(), err, test.want)
			}
		})
	}
}

// TestDownloadRangeThatDoesNotFit: a server that sends another part than was asked for.
func TestDownloadRangeThatDoesNotFit(t *testing.T) {
	content := lettersOf(1000)
	for name, header := range map[string]string{"other place": "bytes 100-999/1000", "other length": "bytes 400-1999/2000", "none": "", "no range": "bytes what the key is"} {
		t.Run(name, func(t *testing.T) {
			h := newFileHost(t)
			h.keep("a", "user_data", content)
			first := &breaking{after: 400, times: 1, etag: `"v1"`}
			h.download = func(w http.ResponseWriter, req *http.Request, content []byte) bool {
				if req.Header.Get("Range") == "" {
					return first.serve(w, req, content)
				}
				w.Header().Set("Content-Range", header)
				w.WriteHeader(http.StatusPartialContent)
				w.Write(content[400:])
				return true
			}
			_, err := h.client(t).Download(t.Context(), io.Discard, openai.DownloadRequest{File: "file-1"})
			hasText(t, err, "Content-Range", "want the bytes from 400 of 1000")
			if strings.Contains(err.Error(), "what the key is") {
				t.Errorf("the error quotes the header, which may repeat the key: %v", err)
			}
		})
	}
}

// TestDownloadErrorNamesTheBadPath: the error names the path, and nothing is sent.
func TestDownloadErrorNamesTheBadPath(t *testing.T) {
	h := newFileHost(t)
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "no", "a.bin"), ""} {
		_, err := h.client(t).DownloadFile(t.Context(), path, openai.DownloadRequest{File: "file-1"})
		var stopped *openai.DownloadError
		if !errors.As(err, &stopped) || stopped.Path != path || h.count("GET /files/{id}/content") != 0 {
			t.Errorf("%q: got %v, want a *DownloadError", path, err)
		}
	}
	var refused *client.APIError
	if _, err := h.client(t).DownloadFile(t.Context(), filepath.Join(t.TempDir(), "a"), openai.DownloadRequest{File: "file-9"}); !errors.As(err, &refused) {
		t.Errorf("got %v, want an *client.APIError", err)
	}
	if _, err := h.client(t).Download(t.Context(), io.Discard, openai.DownloadRequest{}); err == nil || !strings.Contains(fmt.Sprint(err), "file_id") {
		t.Errorf("without an ID: got %v", err)
	}
}

// TestDownloadThatPanicsLeavesNoFile: the program may go on, and no file of a name that it
// does not know fills its disk.
func TestDownloadThatPanicsLeavesNoFile(t *testing.T) {
	h := newFileHost(t)
	h.keep("a", "user_data", lettersOf(1000))
	path := writeFile(t, "a.bin", []byte("old"))
	func() {
		defer func() {
			if recover() != "of the caller" {
				t.Error("got no panic, want that of Progress")
			}
		}()
		h.client(t).DownloadFile(t.Context(), path, openai.DownloadRequest{File: "file-1", Progress: func(int64, int64) { panic("of the caller") }})
	}()
	left, err := os.ReadDir(filepath.Dir(path))
	if got, readErr := os.ReadFile(path); err != nil || readErr != nil || string(got) != "old" || len(left) != 1 {
		t.Errorf("got %q, %d files, error %v", got, len(left), errors.Join(err, readErr))
	}
}

// TestDownloadEndsAtAWriterThatFails: what a writer reports is not a broken connection,
// whatever its error is, and nothing is asked for again.
func TestDownloadEndsAtAWriterThatFails(t *testing.T) {
	h := newFileHost(t)
	h.keep("a", "user_data", lettersOf(1000))
	h.download = (&breaking{etag: `"v1"`}).serve
	full := &client.ConnectionError{Err: errors.New("of another connection")}
	_, err := h.client(t).Download(t.Context(), failingWriter{full}, openai.DownloadRequest{File: "file-1"})
	var stopped *openai.DownloadError
	if !errors.As(err, &stopped) || !errors.Is(err, full) || h.count("GET /files/{id}/content") != 1 {
		t.Errorf("got %v after %d requests", err, h.count("GET /files/{id}/content"))
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
