package openai_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/schema"
)

const chatLine = `{"messages":[{"role":"user","content":"2+2?"},{"role":"assistant","content":"4"}]}` + "\n"

// writeFile makes a file in a folder of the test.
func writeFile(tb testing.TB, name string, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// TestUploadSendsWhatEverySourceHolds: names and contents arrive, whatever they come from
// and whichever way they go.
func TestUploadSendsWhatEverySourceHolds(t *testing.T) {
	content := lettersOf(1000)
	opened, err := os.Open(writeFile(t, "opened.txt", append([]byte("before"), content...)))
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if _, err := opened.Seek(6, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file openai.Media
		as   string // Name of the request
		want string // name of the file
		once bool   // it can be read once
	}{
		"path":              {file: openai.Path(writeFile(t, "a.txt", content)), want: "a.txt"},
		"path, other name":  {file: openai.Path(writeFile(t, "a", content)), as: "b.txt", want: "b.txt"},
		"bytes":             {file: openai.Bytes("c.txt", content), want: "c.txt"},
		"file system":       {file: openai.FS(fstest.MapFS{"dir/d.txt": {Data: content}}, "dir/d.txt"), want: "d.txt"},
		"directory on disk": {file: openai.FS(os.DirFS(filepath.Dir(writeFile(t, "e.txt", content))), "e.txt"), want: "e.txt"},
		"seekable reader":   {file: openai.Reader("f.txt", strings.NewReader(string(content))), want: "f.txt"},
		"rest of a file":    {file: openai.Reader("", opened), want: "opened.txt"},
		"one-way reader":    {file: openai.Media{}, want: "g.txt", once: true},
	} {
		for way, part := range map[string]int64{"whole": 0, "in parts": 300} {
			t.Run(name+" "+way, func(t *testing.T) {
				if test.once {
					test.file = openai.Reader("g.txt", iotest.HalfReader(bytes.NewBuffer(slices.Clone(content))))
				}
				h := newFileHost(t)
				var mu sync.Mutex
				var dones []int64
				file, err := h.client(t).Upload(t.Context(), openai.UploadRequest{
					File: test.file, Name: test.as, Purpose: openai.ForAssistants, PartSize: part, ExpiresAfter: time.Hour,
					Progress: func(done, total int64) {
						mu.Lock()
						defer mu.Unlock()
						if dones = append(dones, done); total != 1000 {
							t.Errorf("got a total of %d, want 1000", total)
						}
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				got := h.onlyFile()
				if got.Name != test.want || !bytes.Equal(got.Content, content) || file.ID() != got.ID || file.Size() != 1000 || file.Name() != test.want {
					t.Errorf("got %q with %d bytes as %s, %q", got.Name, len(got.Content), file.ID(), file.Name())
				}
				if !slices.IsSorted(dones) || dones[len(dones)-1] != 1000 {
					t.Errorf("got progress %v, want it to rise to 1000", dones)
				}
				if parts := h.count("POST /uploads/{id}/parts"); part > 0 != (parts == 4) {
					t.Errorf("got %d parts", parts)
				}
			})
		}
	}
}

// TestUploadRefusesFilesBeforeTheyAreSent: bad input, the error and its remedy.
func TestUploadRefusesFilesBeforeTheyAreSent(t *testing.T) {
	for name, test := range map[string]struct {
		req  openai.UploadRequest
		want []string
	}{
		"no file":          {openai.UploadRequest{Purpose: openai.ForVision}, []string{"use Path, Bytes, Reader or FS"}},
		"missing":          {openai.UploadRequest{File: openai.Path("/no/such/file.jsonl"), Purpose: openai.ForBatch}, []string{"/no/such/file.jsonl", "no such file"}},
		"directory":        {openai.UploadRequest{File: openai.Path(t.TempDir()), Purpose: openai.ForBatch}, []string{"got a directory, want a file"}},
		"no name":          {openai.UploadRequest{File: openai.Bytes("", []byte("x")), Purpose: openai.ForVision}, []string{"it has no name; set Name"}},
		"no extension":     {openai.UploadRequest{File: openai.Bytes("picture", []byte("x")), Purpose: openai.ForVision}, []string{"has no extension", `set Name: "picture.txt"`}},
		"wrong extension":  {openai.UploadRequest{File: openai.Bytes("data.json", []byte(chatLine)), Purpose: openai.ForFineTuning}, []string{`got the extension ".json", want .jsonl`}},
		"empty":            {openai.UploadRequest{File: openai.Bytes("a.png", nil), Purpose: openai.ForVision}, []string{"it is empty"}},
		"no lines":         {openai.UploadRequest{File: openai.Bytes("a.jsonl", []byte("\n\n")), Purpose: openai.ForFineTuning}, []string{"it has no lines"}},
		"unknown purpose":  {openai.UploadRequest{File: openai.Bytes("a.jsonl", []byte(chatLine)), Purpose: "fine_tune"}, []string{"/purpose", `did you mean "fine-tune"?`}},
		"no purpose":       {openai.UploadRequest{File: openai.Bytes("a.jsonl", []byte(chatLine))}, []string{"/purpose"}},
		"unknown format":   {openai.UploadRequest{File: openai.Bytes("a.jsonl", []byte(chatLine)), Purpose: openai.ForFineTuning, Format: "dpo"}, []string{`got "dpo" as Format, want chat, preference`}},
		"parts too large":  {openai.UploadRequest{File: openai.Bytes("a.jsonl", []byte(chatLine)), Purpose: openai.ForFineTuning, PartSize: 1 << 30}, []string{"at most the 67108864 bytes"}},
		"negative":         {openai.UploadRequest{File: openai.Bytes("a.jsonl", []byte(chatLine)), Purpose: openai.ForFineTuning, Parallel: -1}, []string{"got -1 as Parallel"}},
		"short expiration": {openai.UploadRequest{File: openai.Bytes("a.jsonl", []byte(chatLine)), Purpose: openai.ForFineTuning, ExpiresAfter: time.Minute}, []string{"/expires_after/seconds", "60"}},
		"failing reader":   {openai.UploadRequest{File: openai.Reader("a.jsonl", iotest.ErrReader(errors.New("cable cut"))), Purpose: openai.ForBatch}, []string{"cable cut", "cannot be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFileHost(t)
			_, err := h.client(t).Upload(t.Context(), test.req)
			hasText(t, err, test.want...)
			if n := h.count("POST /files") + h.count("POST /uploads"); n != 0 {
				t.Errorf("got %d requests, want none", n)
			}
		})
	}
}

// TestUploadValidatesLinesByTheirFormat: each format has its component; errors have line
// numbers, and other lines stay out of them.
func TestUploadValidatesLinesByTheirFormat(t *testing.T) {
	const preference = `{"input":{"messages":[{"role":"user","content":"a"}]},"preferred_output":[{"role":"assistant","content":"b"}],"non_preferred_output":[{"role":"assistant","content":"c"}]}` + "\n"
	for name, test := range map[string]struct {
		purpose openai.Purpose
		format  string
		lines   string
		want    []string // nil for a file that is taken
	}{
		"chat":                   {openai.ForFineTuning, "", chatLine + chatLine, nil},
		"preference":             {openai.ForFineTuning, "", preference, nil},
		"completions":            {openai.ForFineTuning, "", `{"prompt":"a","completion":"b"}` + "\n", nil},
		"reinforcement":          {openai.ForFineTuning, "reinforcement", `{"messages":[{"role":"user","content":"2+2?"}],"answer":"4"}` + "\n", nil},
		"not said":               {openai.ForFineTuning, "", `{"messages":[{"role":"user","content":"2+2?"}],"answer":"4"}` + "\n", []string{`unknown field "answer"`, "reinforcement"}},
		"role of line 3":         {openai.ForFineTuning, "", chatLine + "\n" + `{"messages":[{"role":"usr","content":"a"}]}` + "\n" + chatLine, []string{"1 of 3 lines are invalid", "line 3", "/messages/0"}},
		"mixed formats":          {openai.ForFineTuning, "", chatLine + preference, []string{"line 2", `the format "chat"`}},
		"many":                   {openai.ForFineTuning, "", chatLine + strings.Repeat("{}\n", 30), []string{"30 of 31", "and 10 more"}},
		"not JSON":               {openai.ForFineTuning, "", chatLine + "{\n", []string{"line 2"}},
		"batch":                  {openai.ForBatch, "", `{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"m","input":"x"}}` + "\n", nil},
		"batch with a bad body":  {openai.ForBatch, "", `{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"modle":"m","input":"x"}}` + "\n", []string{"line 1", `did you mean "model"?`}},
		"batch of one ID, twice": {openai.ForBatch, "", strings.Repeat(`{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"m","input":"x"}}`+"\n", 2), []string{"line 2", "which line 1 has too"}},
		"other purposes":         {openai.ForEvals, "", "anything\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFileHost(t)
			c := h.client(t)
			req := openai.UploadRequest{File: openai.Bytes("lines.jsonl", []byte(test.lines)), Purpose: test.purpose, Format: test.format}
			checked := c.CheckUpload(t.Context(), req)
			_, err := c.Upload(t.Context(), req)
			if test.want == nil {
				if checked != nil || err != nil || string(h.onlyFile().Content) != test.lines {
					t.Errorf("got %v and %v, want the file to arrive", checked, err)
				}
				return
			}
			hasText(t, err, test.want...)
			hasText(t, checked, test.want...)
			var invalid *openai.LinesError
			var first *schema.ValidationError
			if !errors.As(err, &invalid) || !errors.As(err, &first) || h.count("POST /files") != 0 {
				t.Errorf("got %T and %d uploads", err, h.count("POST /files"))
			}
			if _, err := c.Upload(t.Context(), req, client.WithRequestValidation(schema.Lenient)); err != nil {
				t.Errorf("lenient: got %v, want it to be sent", err)
			}
		})
	}
}

// TestUploadOfAFileThatChanges: a file that grows, shrinks or is written to while it is
// uploaded never becomes a file of the server.
func TestUploadOfAFileThatChanges(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"grows":   func(path string) error { return appendTo(path, "more") },
		"shrinks": func(path string) error { return os.Truncate(path, 700) },
		"is written to": func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteAt([]byte("X"), 950)
			return errors.Join(err, f.Close(), os.Chtimes(path, time.Time{}, time.Unix(1, 0)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFileHost(t)
			path := writeFile(t, "a.txt", lettersOf(1000))
			h.onPart = func(n int) {
				if n == 2 {
					if err := change(path); err != nil {
						t.Error(err)
					}
				}
			}
			state := filepath.Join(t.TempDir(), "state")
			_, err := h.client(t).Upload(t.Context(), openai.UploadRequest{
				File: openai.Path(path), Purpose: openai.ForAssistants, PartSize: 300, Parallel: 1, State: state,
			})
			var changed *openai.FileChangedError
			if !errors.As(err, &changed) || changed.Was != 1000 {
				t.Fatalf("got %v, want a *FileChangedError", err)
			}
			if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the state is still there: %v", err)
			}
			if len(h.files) != 0 || h.count("POST /uploads/{id}/cancel") != 1 {
				t.Errorf("got %d files, %d uploads cancelled", len(h.files), h.count("POST /uploads/{id}/cancel"))
			}
		})
	}
	t.Run("in one request", func(t *testing.T) {
		h := newFileHost(t)
		path := writeFile(t, "a.txt", lettersOf(1_000_000))
		_, err := h.client(t).Upload(t.Context(), openai.UploadRequest{
			File: openai.Path(path), Purpose: openai.ForAssistants,
			Progress: func(done, _ int64) {
				if done < 100_000 {
					appendTo(path, "more")
				}
			},
		})
		var changed *openai.FileChangedError
		if !errors.As(err, &changed) || len(h.files) != 0 {
			t.Errorf("got %v and %d files, want a *FileChangedError", err, len(h.files))
		}
	})
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// TestUploadInPartsGoesOn: after a server that dies at a part, the same call sends what
// is missing, and no part twice.
func TestUploadInPartsGoesOn(t *testing.T) {
	h := newFileHost(t)
	content := lettersOf(1000)
	h.faults = func(request string, n int) fault {
		if request == "POST /uploads/{id}/parts" && n == 7 {
			return dropRequest
		}
		return noFault
	}
	req := openai.UploadRequest{
		File: openai.Path(writeFile(t, "a.txt", content)), Purpose: openai.ForAssistants, PartSize: 100, Parallel: 1,
		State: filepath.Join(t.TempDir(), "state"),
	}
	_, err := h.client(t).Upload(t.Context(), req)
	var stopped *openai.UploadError
	var broken *client.ConnectionError
	if !errors.As(err, &stopped) || !errors.As(err, &broken) || stopped.Part != 7 || stopped.Done != 6 || stopped.State != req.State {
		t.Fatalf("got %v", err)
	}
	hasText(t, err, "6 of 10 parts done, at part 7", req.State)
	var first int64
	req.Progress = func(done, _ int64) {
		if first == 0 {
			first = done
		}
	}
	if _, err = h.client(t).Upload(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(h.onlyFile().Content, content) || h.count("POST /uploads") != 1 || h.count("POST /uploads/{id}/parts") != 11 {
		t.Errorf("got %d uploads, %d parts", h.count("POST /uploads"), h.count("POST /uploads/{id}/parts"))
	}
	if _, err := os.Stat(req.State); !errors.Is(err, os.ErrNotExist) || first != 100 {
		t.Errorf("state: %v; progress began at %d", err, first)
	}
}

// TestUploadCompletesOnce: where the response to completeUpload is lost, the file is
// found, and no second one made.
func TestUploadCompletesOnce(t *testing.T) {
	h := newFileHost(t)
	h.faults = func(request string, n int) fault {
		if request == "POST /uploads/{id}/complete" && n == 1 {
			return dropReply
		}
		return noFault
	}
	req := openai.UploadRequest{
		File: openai.Bytes("a.txt", lettersOf(1000)), Purpose: openai.ForAssistants, PartSize: 400, State: filepath.Join(t.TempDir(), "state"),
	}
	if _, err := h.client(t).Upload(t.Context(), req); err == nil {
		t.Fatal("got no error, want that of the lost response")
	}
	file, err := h.client(t).Upload(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if got := h.onlyFile(); got.ID != file.ID() || file.Size() != 1000 {
		t.Errorf("got %s, want %s", file.ID(), got.ID)
	}
}

// TestUploadStateIsChecked: a state of another file, of a changed one, or no state at all
// is an error that says what to remove.
func TestUploadStateIsChecked(t *testing.T) {
	h := newFileHost(t)
	h.faults = func(request string, n int) fault {
		if request == "POST /uploads/{id}/parts" && n == 3 {
			return refuse
		}
		return noFault
	}
	path := writeFile(t, "a.txt", lettersOf(1000))
	state := filepath.Join(t.TempDir(), "state")
	req := openai.UploadRequest{File: openai.Path(path), Purpose: openai.ForAssistants, PartSize: 300, Parallel: 1, State: state}
	if _, err := h.client(t).Upload(t.Context(), req); err == nil {
		t.Fatal("got no error")
	}
	saved, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}

	other := req
	other.Name = "b.txt"
	_, err = h.client(t).Upload(t.Context(), other)
	hasText(t, err, `it is that of "a.txt"`, "remove it")

	if err := appendTo(path, "more"); err != nil {
		t.Fatal(err)
	}
	_, err = h.client(t).Upload(t.Context(), req)
	hasText(t, err, "has changed", "it has 1004 bytes and had 1000", "remove "+state)

	content := lettersOf(1000)
	content[10] = 'X' // in a part that was sent
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, info.ModTime()); err != nil {
		t.Fatal(err)
	}
	var changed *openai.FileChangedError
	if _, err = h.client(t).Upload(t.Context(), req); !errors.As(err, &changed) || changed.State != state {
		t.Errorf("other bytes under the same time: got %v, want a *FileChangedError", err)
	}

	for name, text := range map[string]string{"cut": string(saved[:len(saved)/2]), "other": `{"kind":"opcall batch 1"}`, "empty": ""} {
		if err := os.WriteFile(state, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var wrong *openai.StateError
		if _, err = h.client(t).Upload(t.Context(), req); !errors.As(err, &wrong) {
			t.Errorf("%s: got %v, want a *StateError", name, err)
		}
	}
}

// TestUploadThatExpiredBeginsAnew: the parts of an upload are gone after an hour.
func TestUploadThatExpiredBeginsAnew(t *testing.T) {
	h := newFileHost(t)
	h.faults = func(request string, n int) fault {
		if request == "POST /uploads/{id}/parts" && n == 3 {
			return refuse
		}
		return noFault
	}
	req := openai.UploadRequest{
		File: openai.Bytes("a.txt", lettersOf(1000)), Purpose: openai.ForAssistants, PartSize: 300, Parallel: 1, State: filepath.Join(t.TempDir(), "state"),
	}
	if _, err := h.client(t).Upload(t.Context(), req); err == nil {
		t.Fatal("got no error")
	}
	text, err := os.ReadFile(req.State)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(text, []byte(`"expires":`))
	text = append(append(slices.Clone(text[:at]), `"expires":1,"x":`...), text[at+len(`"expires":`):]...)
	if err := os.WriteFile(req.State, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.client(t).Upload(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if h.count("POST /uploads") != 2 || len(h.onlyFile().Content) != 1000 {
		t.Errorf("got %d uploads", h.count("POST /uploads"))
	}
}

// TestCancelledUploadGoesOnWithAState, and is cancelled on the server without one.
func TestCancelledUploadGoesOnWithAState(t *testing.T) {
	for name, state := range map[string]string{"state": filepath.Join(t.TempDir(), "state"), "none": ""} {
		t.Run(name, func(t *testing.T) {
			h := newFileHost(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			h.onPart = func(n int) {
				if n == 3 {
					cancel()
				}
			}
			req := openai.UploadRequest{File: openai.Bytes("a.txt", lettersOf(1000)), Purpose: openai.ForAssistants, PartSize: 100, Parallel: 1, State: state}
			if _, err := h.client(t).Upload(ctx, req); !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v, want the end of the context", err)
			}
			if cancelled := h.count("POST /uploads/{id}/cancel"); cancelled == 1 != (state == "") {
				t.Errorf("got %d uploads cancelled", cancelled)
			}
			if _, err := h.client(t).Upload(t.Context(), req); err != nil {
				t.Fatal(err)
			}
			if begun := h.count("POST /uploads"); begun == 1 != (state != "") || len(h.onlyFile().Content) != 1000 {
				t.Errorf("got %d uploads", begun)
			}
		})
	}
}
