package client_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// piece is one part of a form as a server reads it.
type piece struct{ Name, File, Type, Text string }

// pieces reads a form the way net/http does.
func pieces(tb testing.TB, got arrival) []piece {
	tb.Helper()
	mediaType, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(mediaType, "multipart/") {
		tb.Fatalf("got Content-Type %q, want multipart (%v)", got.Header.Get("Content-Type"), err)
	}
	var list []piece
	for r := multipart.NewReader(strings.NewReader(got.Body), params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return list
		}
		if err != nil {
			tb.Fatalf("reading the form: %v\n%s", err, got.Body)
		}
		text, err := io.ReadAll(part)
		if err != nil {
			tb.Fatal(err)
		}
		for name := range part.Header {
			if name != "Content-Disposition" && name != "Content-Type" {
				tb.Errorf("got a part with the header %s", name)
			}
		}
		list = append(list, piece{part.FormName(), part.FileName(), part.Header.Get("Content-Type"), string(text)})
	}
}

// onDisk writes a file and opens it.
func onDisk(tb testing.TB, name, text string) *os.File {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	return f
}

// forms is a document without brackets, where fields have encodings.
var forms = document(`{"/f":{"post":{"operationId":"forms","requestBody":{"required":true,"content":{"multipart/form-data":{
	"schema":{"type":"object","properties":{"a":{},"file":{},"files":{"type":"array"},"data":{},"csv":{},"picture":{},"text":{}}},
	"encoding":{"data":{"contentType":"application/json"},"csv":{"contentType":"text/csv; header=absent"},
		"picture":{"contentType":"image/png, image/jpeg"},"text":{"contentType":"text/*"}}}}},
	"responses":{"200":{"description":"ok"}}}},
	"/mixed":{"post":{"operationId":"mixed","requestBody":{"content":{"multipart/mixed; a=b":{}}},"responses":{"200":{"description":"ok"}}}},
	"/range":{"post":{"operationId":"range","requestBody":{"content":{"multipart/*":{}}},"responses":{"200":{"description":"ok"}}}}}`)

func TestMultipart(t *testing.T) {
	const text = "text/plain; charset=utf-8"
	tests := map[string]struct {
		operation string
		params    any
		want      []piece
	}{
		"file": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a.pdf", Body: strings.NewReader("x")}},
			[]piece{{"file", "a.pdf", "application/pdf", "x"}, {"purpose", "", "", "batch"}},
		},
		"pointer to a file": {
			"createFile",
			client.Params{"purpose": "batch", "file": &client.File{Name: "a.pdf", MediaType: "a/b", Body: strings.NewReader("x")}},
			[]piece{{"file", "a.pdf", "a/b", "x"}, {"purpose", "", "", "batch"}},
		},
		"file on the disk": {
			"createFile",
			client.Params{"purpose": "batch", "file": onDisk(t, "a b.html", "x")},
			[]piece{{"file", "a b.html", "text/html; charset=utf-8", "x"}, {"purpose", "", "", "batch"}},
		},
		"file on the disk, renamed": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "b.html", Body: onDisk(t, "a.pdf", "x")}},
			[]piece{{"file", "b.html", "text/html; charset=utf-8", "x"}, {"purpose", "", "", "batch"}},
		},
		"reader": {
			"createFile",
			client.Params{"purpose": "batch", "file": io.MultiReader(strings.NewReader(png))},
			[]piece{{"file", "file", "image/png", png}, {"purpose", "", "", "batch"}},
		},
		"sniffed text": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl-of-mine", Body: strings.NewReader("{}\n")}},
			[]piece{{"file", "a.jsonl-of-mine", text, "{}\n"}, {"purpose", "", "", "batch"}},
		},
		"empty file": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a.pdf", Body: strings.NewReader("")}},
			[]piece{{"file", "a.pdf", "application/pdf", ""}, {"purpose", "", "", "batch"}},
		},
		"one byte at a time": {
			"createFile",
			client.Params{"purpose": "batch", "file": iotest.OneByteReader(strings.NewReader(strings.Repeat("é", 1000)))},
			[]piece{{"file", "file", text, strings.Repeat("é", 1000)}, {"purpose", "", "", "batch"}},
		},
		"names that would break a header": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a\"\r\nX-Evil: 1\r\n\r\nb.pdf", Body: strings.NewReader("x")}},
			[]piece{{"file", "a%22%0D%0AX-Evil: 1%0D%0A%0D%0Ab.pdf", "application/pdf", "x"}, {"purpose", "", "", "batch"}},
		},
		"control characters": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "a\x00\x08\x7f.pdf", Body: strings.NewReader("x")}},
			[]piece{{"file", "a%00%08%7F.pdf", "application/pdf", "x"}, {"purpose", "", "", "batch"}},
		},
		"name that is not ASCII": {
			"createFile",
			client.Params{"purpose": "batch", "file": client.File{Name: "é😀.pdf", Body: strings.NewReader("x")}},
			[]piece{{"file", "é😀.pdf", "application/pdf", "x"}, {"purpose", "", "", "batch"}},
		},
		"list of files": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []client.File{{Name: "a.png", Body: strings.NewReader("1")}, {Name: "b.png", Body: strings.NewReader("2")}}},
			[]piece{{"image[]", "a.png", "image/png", "1"}, {"image[]", "b.png", "image/png", "2"}, {"prompt", "", "", "p"}},
		},
		"list of one": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []*client.File{{Name: "a.png", Body: strings.NewReader("1")}}},
			[]piece{{"image[]", "a.png", "image/png", "1"}, {"prompt", "", "", "p"}},
		},
		"list of anything that is a file": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []any{client.File{Name: "a.png", Body: strings.NewReader("1")}, onDisk(t, "b.png", "2")}},
			[]piece{{"image[]", "a.png", "image/png", "1"}, {"image[]", "b.png", "image/png", "2"}, {"prompt", "", "", "p"}},
		},
		"list of files on the disk": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []*os.File{onDisk(t, "a.png", "1")}},
			[]piece{{"image[]", "a.png", "image/png", "1"}, {"prompt", "", "", "p"}},
		},
		"list of readers": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": []io.Reader{strings.NewReader(png)}},
			[]piece{{"image[]", "image", "image/png", png}, {"prompt", "", "", "p"}},
		},
		"single file of many": {
			"createImageEdit",
			client.Params{"prompt": "p", "image": client.File{Name: "a.png", Body: strings.NewReader("1")}},
			[]piece{{"image", "a.png", "image/png", "1"}, {"prompt", "", "", "p"}},
		},
		"values": {
			"createImageEdit",
			client.Params{"prompt": "<é>\r\n\"", "n": 2, "stream": false, "background": nil, "mask": client.File{Name: "m.png", Body: strings.NewReader("1")}, "image": client.File{Name: "a.png", Body: strings.NewReader("1")}},
			[]piece{{"image", "a.png", "image/png", "1"}, {"mask", "m.png", "image/png", "1"}, {"n", "", "", "2"}, {"prompt", "", "", "<é>\r\n\""}, {"stream", "", "", "false"}},
		},
		"list in brackets": {
			"createTranscription",
			client.Params{"model": "m", "timestamp_granularities": []string{"word", "segment"}, "file": client.File{Name: "a.pdf", Body: strings.NewReader("1")}},
			[]piece{{"file", "a.pdf", "application/pdf", "1"}, {"model", "", "", "m"}, {"timestamp_granularities[]", "", "", "word"}, {"timestamp_granularities[]", "", "", "segment"}},
		},
		"object in brackets": {
			"createTranscription",
			client.Params{"model": "m", "chunking_strategy": client.Params{"type": "server_vad", "threshold": 0.5}, "file": client.File{Name: "a.pdf", Body: strings.NewReader("1")}},
			[]piece{{"chunking_strategy[threshold]", "", "", "0.5"}, {"chunking_strategy[type]", "", "", "server_vad"}, {"file", "a.pdf", "application/pdf", "1"}, {"model", "", "", "m"}},
		},
		"media type of a field": {
			"create-realtime-call",
			client.Params{"sdp": "v=0", "session": client.Params{"type": "realtime"}},
			[]piece{{"sdp", "", "application/sdp", "v=0"}, {"session", "", "application/json", `{"type":"realtime"}`}},
		},
		"raw JSON": {
			"createImageEdit",
			client.Input{MediaType: "multipart/form-data", Body: `{"prompt":"a\u0062","image":"x"}`},
			[]piece{{"prompt", "", "", "ab"}, {"image", "", "", "x"}},
		},
		"MediaType chooses it": {
			"createImageEdit",
			client.Input{MediaType: "multipart/form-data", Body: client.Params{"prompt": "p", "image": "x"}},
			[]piece{{"image", "", "", "x"}, {"prompt", "", "", "p"}},
		},

		"by the letter: list": {
			"forms",
			client.Params{"a": []any{1, "b", nil, []int{2}}},
			[]piece{{"a", "", "", "1"}, {"a", "", "", "b"}, {"a", "", "", "null"}, {"a", "", "application/json", "[2]"}},
		},
		"by the letter: object": {"forms", client.Params{"a": client.Params{"b": 1}}, []piece{{"a", "", "application/json", `{"b":1}`}}},
		"by the letter: files": {
			"forms",
			client.Params{"files": []any{client.File{Name: "a.png", Body: strings.NewReader("1")}, client.File{Name: "b.png", Body: strings.NewReader("2")}}},
			[]piece{{"files", "a.png", "image/png", "1"}, {"files", "b.png", "image/png", "2"}},
		},
		"encoding: JSON":                 {"forms", client.Params{"data": "a"}, []piece{{"data", "", "application/json", `"a"`}}},
		"encoding: text":                 {"forms", client.Params{"csv": "a,b"}, []piece{{"csv", "", "text/csv; header=absent", "a,b"}}},
		"encoding: of a file":            {"forms", client.Params{"csv": client.File{Name: "a.txt", Body: strings.NewReader("a,b")}}, []piece{{"csv", "a.txt", "text/csv; header=absent", "a,b"}}},
		"encoding: the file knows":       {"forms", client.Params{"csv": client.File{Name: "a.txt", MediaType: "text/x", Body: strings.NewReader("a,b")}}, []piece{{"csv", "a.txt", "text/x", "a,b"}}},
		"encoding: several, a file":      {"forms", client.Params{"picture": strings.NewReader(png)}, []piece{{"picture", "picture", "image/png", png}}},
		"encoding: several, text":        {"forms", client.Params{"picture": "x"}, []piece{{"picture", "", "", "x"}}},
		"encoding: a range":              {"forms", client.Params{"text": "x"}, []piece{{"text", "", "", "x"}}},
		"nothing":                        {"forms", nil, nil},
		"other multipart":                {"mixed", client.Params{"a": 1}, []piece{{"a", "", "", "1"}}},
		"range of multipart":             {"range", client.Params{"a": strings.NewReader("x")}, []piece{{"a", "a", text, "x"}}},
		"file that was begun":            {"forms", client.Params{"file": begun(t, onDisk(t, "a.pdf", "0123456789"))}, []piece{{"file", "a.pdf", "application/pdf", "56789"}}},
		"device":                         {"forms", client.Params{"file": client.File{Name: "null.pdf", Body: device(t)}}, []piece{{"file", "null.pdf", "application/pdf", ""}}},
		"length that is smaller than it": {"forms", client.Params{"file": client.File{Name: "a.pdf", Body: liar{strings.NewReader(strings.Repeat("x", 1000))}}}, []piece{{"file", "a.pdf", "application/pdf", strings.Repeat("x", 1000)}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var opts []client.Option
			switch test.operation {
			case "forms", "mixed", "range":
				opts = append(opts, forms)
			}
			got := reach(t, test.operation, test.params, opts...)
			if diff := cmp.Diff(test.want, pieces(t, got)); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", got.Body, diff)
			}
			wantType := "multipart/form-data; boundary="
			if test.operation == "mixed" {
				wantType = "multipart/mixed; boundary="
			}
			if !strings.HasPrefix(got.Header.Get("Content-Type"), wantType) {
				t.Errorf("got Content-Type %s, want %s…", got.Header.Get("Content-Type"), wantType)
			}
		})
	}
}

// begun reads half of a file.
func begun(tb testing.TB, f *os.File) *os.File {
	if _, err := io.ReadFull(f, make([]byte, 5)); err != nil {
		tb.Fatal(err)
	}
	return f
}

func device(tb testing.TB) *os.File {
	f, err := os.Open(os.DevNull)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { f.Close() })
	return f
}

// liar seeks like a file of no length, as devices do.
type liar struct{ *strings.Reader }

func (l liar) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		return 0, nil
	}
	return l.Reader.Seek(offset, whence)
}

func (l liar) WriteTo(io.Writer) (int64, error) { panic("not read as a stream") }

// The length is announced where every file has one, and then it is the right
// one: net/http would fail otherwise.
func TestMultipartLength(t *testing.T) {
	big := strings.Repeat("x", 100_000)
	once := func(text string) io.Reader { return iotest.HalfReader(strings.NewReader(text)) }
	for name, test := range map[string]struct {
		files []any
		known bool
	}{
		"seekable":           {[]any{strings.NewReader(big), onDisk(t, "a", big)}, true},
		"buffer":             {[]any{bytes.NewBufferString(big)}, true},
		"small":              {[]any{once("abc")}, true},
		"unknown":            {[]any{once(big)}, false},
		"one of two unknown": {[]any{strings.NewReader(big), once(big), strings.NewReader(big)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := reach(t, "forms", client.Params{"files": test.files}, forms)
			if known := got.Length >= 0; known != test.known || known && got.Length != int64(len(got.Body)) {
				t.Errorf("announced %d of %d bytes, want it known: %t", got.Length, len(got.Body), test.known)
			}
			if n := len(pieces(t, got)); n != len(test.files) {
				t.Errorf("got %d files, want %d", n, len(test.files))
			}
		})
	}
}

// A file may stand in two fields; each part has all of it.
func TestMultipartSameFileTwice(t *testing.T) {
	f := onDisk(t, "a.png", strings.Repeat("0123456789", 10_000))
	got := pieces(t, reach(t, "createImageEdit", client.Params{"prompt": "p", "image": f, "mask": f}))
	if len(got) != 3 || len(got[0].Text) != 100_000 || got[0].Text != got[1].Text {
		t.Errorf("got %d parts of %d and %d bytes", len(got), len(got[0].Text), len(got[1].Text))
	}
}

// A retry sends the same bytes again. What can be read once only is sent once.
func TestMultipartRetry(t *testing.T) {
	big := strings.Repeat("0123456789", 100_000)
	reopened := errors.New("seek on fire")
	for name, test := range map[string]struct {
		file     io.Reader
		attempts int
	}{
		"seekable":  {strings.NewReader(big), 2},
		"on disk":   {onDisk(t, "a", big), 2},
		"begun":     {begun(t, onDisk(t, "a", "12345"+big)), 2},
		"once only": {io.MultiReader(strings.NewReader(big)), 1},
		"buffer":    {bytes.NewBufferString(big), 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, answering(503, "", ""), answering(200, "application/json", "{}"))
			c := newClient(t, forms, client.WithBaseURL(w.URL))
			_, err := c.Call(t.Context(), "forms", client.Params{"file": test.file, "a": 1})
			var failure *client.APIError
			if ok := errors.As(err, &failure); ok != (test.attempts == 1) || ok && failure.StatusCode != 503 {
				t.Errorf("got %v after %d attempts", err, len(w.all()))
			}
			all := w.all()
			if len(all) != test.attempts {
				t.Fatalf("got %d attempts, want %d", len(all), test.attempts)
			}
			for _, got := range all {
				if got.Body != all[0].Body || got.Header.Get("Content-Type") != all[0].Header.Get("Content-Type") {
					t.Error("the second attempt differs from the first")
				}
				if list := pieces(t, got); list[1].Text != big {
					t.Errorf("the file arrived with %d bytes, want %d", len(list[1].Text), len(big))
				}
			}
		})
	}
	t.Run("cannot be read again", func(t *testing.T) {
		w := newWitness(t, answering(503, "", ""))
		c := newClient(t, forms, client.WithBaseURL(w.URL))
		file := client.File{Name: "a.pdf", Body: &stuck{Reader: strings.NewReader(big), err: reopened}}
		_, err := c.Call(t.Context(), "forms", client.Params{"file": file})
		var unread *client.FileError
		if !errors.Is(err, reopened) || !errors.As(err, &unread) || unread.Name != "a.pdf" || len(w.all()) != 1 {
			t.Errorf("got %T %v after %d attempts", err, err, len(w.all()))
		}
	})
}

// stuck can be rewound for the first attempt only: once it was read to its end it
// stays there.
type stuck struct {
	*strings.Reader
	ended bool
	err   error
}

func (s *stuck) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.ended = s.ended || s.Len() == 0
	return n, err
}

func (s *stuck) Seek(offset int64, whence int) (int64, error) {
	if s.ended {
		return 0, s.err
	}
	return s.Reader.Seek(offset, whence)
}

// A server that answers before it has read the request leaves the transport
// reading the file while the next attempt begins.
func TestMultipartRetryAfterEarlyAnswer(t *testing.T) {
	big := strings.Repeat("0123456789", 400_000)
	var complete []piece
	var n atomic.Int32
	server := newBareServer(t, func(w http.ResponseWriter, req *http.Request) {
		if n.Add(1) <= 3 {
			w.Header().Set("Retry-After-Ms", "0.001")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(req.Body)
		complete = pieces(t, arrival{Header: req.Header, Body: string(body)})
	})
	c := newClient(t, forms, client.WithBaseURL(server), client.WithMaxRetries(3))
	if _, err := c.Call(t.Context(), "forms", client.Params{"file": onDisk(t, "a.pdf", big)}); err != nil {
		t.Fatal(err)
	}
	if len(complete) != 1 || complete[0].Text != big {
		t.Errorf("got %d parts, the file was not whole", len(complete))
	}
}

// A body that has been replaced reads nothing more of the file.
func TestMultipartBodyIsReplaced(t *testing.T) {
	big := strings.Repeat("0123456789", 10_000)
	c := newClient(t, forms, client.WithBaseURL("http://host"))
	req := sent(t, c, "forms", client.Params{"file": strings.NewReader(big)})
	var first bytes.Buffer
	if _, err := io.CopyN(&first, req.Body, 50_000); err != nil {
		t.Fatal(err)
	}
	again, err := req.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	var second bytes.Buffer
	if _, err := io.CopyN(&second, again, 60_000); err != nil {
		t.Fatal(err)
	}
	if n, err := req.Body.Read(make([]byte, 10)); n != 0 || err == nil || err == io.EOF {
		t.Errorf("the first body: got %d bytes, %v", n, err)
	}
	if _, err := io.Copy(&second, again); err != nil || int64(second.Len()) != req.ContentLength || !bytes.HasPrefix(second.Bytes(), first.Bytes()) {
		t.Errorf("the second body: got %d bytes of %d, %v", second.Len(), req.ContentLength, err)
	}
}

// A file that fails on the way, or that changes, is an error and no half upload
// that a server takes for whole.
func TestMultipartFileFailsOnTheWay(t *testing.T) {
	fire := errors.New("disk on fire")
	big := strings.Repeat("x", 100_000)
	for name, test := range map[string]struct {
		file io.Reader
		want error // nil for any
	}{
		"fails":  {io.MultiReader(strings.NewReader(big), iotest.ErrReader(fire)), fire},
		"shrank": {&growing{Reader: strings.NewReader(big), by: -50_000}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t)
			c := newClient(t, forms, client.WithBaseURL(w.URL), client.WithMaxRetries(0))
			_, err := c.Call(t.Context(), "forms", client.Params{"file": client.File{Name: "a.pdf", Body: test.file}})
			var failure *client.ConnectionError
			var unread *client.FileError
			if !errors.As(err, &failure) || test.want != nil && (!errors.Is(err, test.want) || !errors.As(err, &unread)) {
				t.Errorf("got %T %v", err, err)
			}
			for _, got := range w.all() {
				if !strings.HasSuffix(got.Body, "(broke off)") {
					t.Errorf("a server took %d bytes for a whole request", len(got.Body))
				}
			}
		})
	}
	t.Run("grew", func(t *testing.T) {
		file := &growing{Reader: strings.NewReader(big), by: 1000}
		got := reach(t, "forms", client.Params{"file": client.File{Name: "a.pdf", Body: file}}, forms)
		if list := pieces(t, got); list[0].Text != big[:99_000] {
			t.Errorf("got %d bytes, want as many as were announced", len(list[0].Text))
		}
	})
}

// growing is a file whose end was somewhere else when it was measured.
type growing struct {
	*strings.Reader
	by int64
}

func (g *growing) Seek(offset int64, whence int) (int64, error) {
	n, err := g.Reader.Seek(offset, whence)
	if whence == io.SeekEnd {
		n -= g.by
	}
	return n, err
}

// Deep values end somewhere: each level repeats the names of those above.
func TestMultipartDepth(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	c := newClient(t)
	_, err := c.Request(t.Context(), "createImageEdit",
		client.Input{MediaType: "multipart/form-data", Body: `{"prompt":` + deep + `}`}, client.WithRequestValidation(schema.Off))
	if want := `createImageEdit: "prompt": cannot be written: got a value nested more than 64 levels deep`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
