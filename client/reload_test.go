package client_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"
	"weak"

	"go.uber.org/goleak"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// patience is how long a test waits for what has to happen: what never does fails the one
// test, and not the whole run by the limit of go test.
const patience = 3 * time.Minute

// receive returns what comes next.
func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(patience):
		t.Fatalf("nothing came in %v", patience)
		panic("unreachable")
	}
}

// put replaces a file as a whole.
func put(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		tb.Fatal(err)
	}
}

func TestSpecReloadCallsTheDocumentThatIsInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.json")
	put(t, path, string(edition(t, "old").JSON()))
	updates := make(chan schema.Update)
	c := newClient(t, client.WithSpecReload(path, time.Millisecond, func(u schema.Update) { updates <- u }),
		client.WithBaseURL(newBareServer(t, writeEdition)), client.WithResponseValidation(schema.Strict))
	wantEdition := func(want string) {
		t.Helper()
		r, err := c.Call(t.Context(), "op", client.Params{"id": "1"})
		if err != nil || r.Get("edition").String() != want {
			t.Fatalf("got %v, %v, want edition %q", r, err, want)
		}
	}
	wantEdition("old")

	put(t, path, string(edition(t, "new").JSON()))
	if u := receive(t, updates); u.Err != nil || u.Document != c.Document() || u.Changes == nil || u.Changes.Len() == 0 {
		t.Fatalf("got %+v, want the client's document and what changed", u)
	}
	wantEdition("new")

	put(t, path, "{")
	if u := receive(t, updates); u.Err == nil || u.Document != c.Document() {
		t.Fatalf("broken file: got %+v, want an error beside the document in use", u)
	}
	wantEdition("new")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if u := receive(t, updates); !errors.Is(u.Err, os.ErrNotExist) {
		t.Fatalf("deleted file: got %+v", u)
	}
	wantEdition("new")

	put(t, path, string(edition(t, "third").JSON()))
	receive(t, updates)
	wantEdition("third")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	wantEdition("third") // a closed client only does not look at the file
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func TestSpecReloadRefusesABrokenFileFromTheStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.json")
	var docErr *schema.DocumentError
	if _, err := client.New(client.WithSpecReload(path, time.Millisecond, nil)); !errors.As(err, &docErr) || docErr.Path != path {
		t.Errorf("no file: got %v, want a *schema.DocumentError with the path", err)
	}
	if _, err := client.New(client.WithSpecReload("", 0, nil)); err == nil {
		t.Error("no path: got no error")
	}
	put(t, path, string(edition(t, "good").JSON()))
	if _, err := client.New(client.WithSpecReload(path, time.Millisecond, nil), client.WithCredential("nobody", "k")); err == nil {
		t.Error("a wrong credential: got no error")
	}
	goleak.VerifyNone(t)
}

// A later option that names another document takes precedence.
func TestSpecReloadIsOverriddenByALaterDocument(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.json")
	put(t, path, string(edition(t, "file").JSON()))
	c := newClient(t, client.WithSpecReload(path, time.Millisecond, nil), client.WithDocument(edition(t, "given")))
	if got := c.Document().Title(); got != "given" {
		t.Errorf("got %q, want the document that was given last", got)
	}
	goleak.VerifyNone(t)
}

func TestSpecFSFollowsReferences(t *testing.T) {
	text := strings.Replace(string(edition(t, "split").JSON()), `{"type":"integer"}`, `{"$ref":"types.yaml#/count"}`, 1)
	fsys := fstest.MapFS{
		"api.json":   {Data: []byte(text)},
		"types.yaml": {Data: []byte("count: {type: integer, maximum: 5}\n")},
	}
	c := newClient(t, client.WithSpecFS(fsys, "api.json"), client.WithBaseURL("https://example.com"))
	if err := c.Validate("op", client.Params{"id": "1", "n": 6}); err == nil || !strings.Contains(err.Error(), "/n") {
		t.Errorf("got %v, want the bound of the other file", err)
	}
	if err := c.Validate("op", client.Params{"id": "1", "n": 5}); err != nil {
		t.Error(err)
	}
	for what, option := range map[string]client.Option{
		"no file system": client.WithSpecFS(nil, "api.json"), "no name": client.WithSpecFS(fsys, ""), "no file": client.WithSpecFS(fsys, "nowhere.json"),
	} {
		if _, err := client.New(option); err == nil {
			t.Errorf("%s: got no error", what)
		}
	}
}

func TestSpecCacheKeepsTheDocument(t *testing.T) {
	dir, cache := t.TempDir(), filepath.Join(t.TempDir(), "cache")
	path := filepath.Join(dir, "api.json")
	put(t, path, string(edition(t, "kept").JSON()))
	for range 2 {
		c := newClient(t, client.WithSpecFile(path), client.WithSpecCache(cache))
		if got := c.Document().Title(); got != "kept" {
			t.Errorf("got %q", got)
		}
	}
	if list, err := os.ReadDir(cache); err != nil || len(list) != 1 {
		t.Errorf("got %v, %v, want one entry", list, err)
	}
	if _, err := client.New(client.WithSpecCache("")); err == nil {
		t.Error("no folder: got no error")
	}
}

func TestSpecReloadEndsWhenTheClientIsForgotten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.json")
	put(t, path, string(edition(t, "a").JSON()))
	func() {
		newClient(t, client.WithSpecReload(path, time.Millisecond, nil))
	}()
	for goleak.Find() != nil {
		runtime.GC() // the goroutine ends when the client is collected; go test bounds the loop
	}
}

// However documents are swapped, by hand and by a file, the only error of a call is that
// its document does not have the operation.
func TestSwapOfOfficialDocumentsUnderLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("loads two official documents and swaps them a thousand times")
	}
	const callers, calls, swaps = 64, 50, 1000
	var docs []*schema.Document
	for _, name := range []string{"openapi-2025-04-29.yaml", "openapi.yaml"} {
		doc, err := schema.LoadFile(shared.Path(t, "openai-api", name), client.Errata())
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc)
	}
	path := filepath.Join(t.TempDir(), "api.json")
	put(t, path, string(docs[0].JSON()))
	address := newBareServer(t, func(w http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body)
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(req.URL.Path, "/conversations") {
			io.WriteString(w, `{"id":"conv_1","object":"conversation","metadata":{},"created_at":1}`)
			return
		}
		io.WriteString(w, `{"object":"list","model":"m","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":1,"total_tokens":1}}`)
	})
	var reloaded atomic.Int32
	last := make(chan struct{})
	c := newClient(t, client.WithSpecReload(path, time.Millisecond, func(u schema.Update) {
		if u.Err != nil {
			t.Error(u.Err)
		}
		reloaded.Add(1)
		if u.Document.Version() == "2.3.1" {
			close(last)
		}
	}), client.WithBaseURL(address), client.WithAPIKey("k"), client.WithResponseValidation(schema.Standard))

	var group sync.WaitGroup
	var known, unknown atomic.Int32
	for range callers {
		group.Go(func() {
			for range calls {
				if _, err := c.Call(t.Context(), "createEmbedding", client.Params{"model": "m", "input": "x"}); err != nil {
					t.Errorf("createEmbedding: %v", err)
					return
				}
				_, err := c.Call(t.Context(), "createConversation", client.Params{})
				var missing *schema.UnknownOperationError
				switch {
				case err == nil:
					known.Add(1)
				case errors.As(err, &missing):
					unknown.Add(1)
				default:
					t.Errorf("createConversation: %v", err)
					return
				}
			}
		})
	}
	called := make(chan struct{})
	go func() { group.Wait(); close(called) }()
	for i, running := 0, true; running || i < swaps; i++ {
		c.Swap(docs[i%2])
		if i < swaps && i%(swaps/4) == 0 {
			put(t, path, string(docs[(i/(swaps/4))%2].JSON()))
		}
		select {
		case <-called:
			running = false
		default:
			runtime.Gosched()
		}
	}
	put(t, path, strings.Replace(string(docs[1].JSON()), `"version":"2.3.0"`, `"version":"2.3.1"`, 1))
	receive(t, last)
	if known.Load() == 0 {
		t.Error("no call found the operation that only the newer document has")
	}
	t.Logf("%d calls found the operation, %d did not; %d reloads", known.Load(), unknown.Load(), reloaded.Load())
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// A document that nobody calls any longer is freed, whatever its calls have cached.
func TestSwappedDocumentIsFreed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.json")
	updates := make(chan schema.Update)
	put(t, path, string(edition(t, "first").JSON()))
	c := newClient(t, client.WithSpecReload(path, time.Millisecond, func(u schema.Update) { updates <- schema.Update{Err: u.Err} }),
		client.WithBaseURL(newBareServer(t, writeEdition)))
	var old []weak.Pointer[schema.Document]
	for i := range 20 {
		if _, err := c.Call(t.Context(), "op", client.Params{"id": "1", "n": i}); err != nil {
			t.Fatal(err)
		}
		old = append(old, weak.Make(c.Document()))
		if i%2 == 0 {
			c.Swap(edition(t, "swapped"))
			continue
		}
		put(t, path, string(edition(t, "file"+strings.Repeat("x", i)).JSON()))
		if u := receive(t, updates); u.Err != nil {
			t.Fatal(u.Err)
		}
	}
	end := time.Now().Add(patience)
	for i, w := range old {
		for w.Value() != nil {
			if runtime.GC(); time.Now().After(end) {
				t.Fatalf("document %d of %d is kept", i+1, len(old))
			}
		}
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
