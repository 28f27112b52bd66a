package client_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/opcall/opcall/client"
)

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

// The length is announced where every file has one, and then it is the right
// one: net/http would fail otherwise.
func TestMultipartLengthIsAnnouncedWhereKnown(t *testing.T) {
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
func TestRetrySendsTheSameMultipartBytes(t *testing.T) {
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
			w := newWitness(t, responding(503, "", ""), responding(200, "application/json", "{}"))
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
		w := newWitness(t, responding(503, "", ""))
		c := newClient(t, forms, client.WithBaseURL(w.URL))
		file := client.File{Name: "a.pdf", Body: &stuck{Reader: strings.NewReader(big), err: reopened}}
		_, err := c.Call(t.Context(), "forms", client.Params{"file": file})
		var unread *client.FileError
		if !errors.Is(err, reopened) || !errors.As(err, &unread) || unread.Name != "a.pdf" || len(w.all()) != 1 {
			t.Errorf("got %T %v after %d attempts", err, err, len(w.all()))
		}
	})
}

// A server that answers before it has read the request leaves the transport
// reading the file while the next attempt begins.
func TestMultipartIsSentAgainAfterAnEarlyResponse(t *testing.T) {
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
