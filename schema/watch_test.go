package schema_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/schema"
)

const watched = `{"openapi":"3.1.0","info":{"title":"t","version":"VERSION"},"paths":{"/a":{"get":{"operationId":"a","responses":{"200":{"description":"ok"}}}}},
	"components":{"schemas":{"A":{"type":"object"}}}}`

func version(n int) string { return strings.Replace(watched, "VERSION", fmt.Sprint(n), 1) }

// follow runs Watch and hands out its updates. An update that does not come within a minute
// is the zero one, so that it fails its test and not the whole run.
func follow(t *testing.T, path string, opts ...schema.Option) <-chan schema.Update {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	updates, done := make(chan schema.Update), make(chan struct{})
	go func() {
		defer close(done)
		defer close(updates)
		for update := range schema.Watch(ctx, path, time.Millisecond, opts...) {
			select {
			case updates <- update:
			case <-ctx.Done():
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return updates
}

func replace(t *testing.T, path, text string) {
	t.Helper()
	temporary := path + ".new"
	if err := os.WriteFile(temporary, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(temporary, path); err != nil {
		t.Fatal(err)
	}
}

func wantVersion(t *testing.T, update schema.Update, want string) {
	t.Helper()
	if update.Err != nil || update.Document == nil || update.Document.Version() != want {
		t.Fatalf("got %+v, want version %s", update, want)
	}
}

func TestWatchYieldsEachContentOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json")
	replace(t, path, version(1))
	updates := follow(t, path)
	first := <-updates
	wantVersion(t, first, "1")
	if first.Changes != nil {
		t.Error("the first update has changes")
	}
	content := version(1)
	for n := 2; n < 6; n++ {
		replace(t, path, content) // the same content, another file
		content = strings.Replace(version(n), `"operationId":"a"`, fmt.Sprintf(`"operationId":"a%d"`, n), 1)
		replace(t, path, content)
		update := <-updates
		wantVersion(t, update, fmt.Sprint(n))
		if update.Changes == nil || update.Changes.Len() != 1 {
			t.Errorf("version %d: got changes %v, want one", n, update.Changes)
		}
	}
}

// Kubernetes mounts a ConfigMap as links to a folder that is switched.
func TestWatchFollowsASwitchedLink(t *testing.T) {
	dir := t.TempDir()
	for n := 1; n <= 2; n++ {
		data := filepath.Join(dir, fmt.Sprint(n))
		if err := os.Mkdir(data, 0o755); err != nil {
			t.Fatal(err)
		}
		replace(t, filepath.Join(data, "a.json"), version(n))
	}
	link := filepath.Join(dir, "..data")
	if err := os.Symlink("1", link); err != nil {
		t.Skip(err)
	}
	path := filepath.Join(dir, "a.json")
	if err := os.Symlink(filepath.Join("..data", "a.json"), path); err != nil {
		t.Fatal(err)
	}
	updates := follow(t, path)
	wantVersion(t, <-updates, "1")
	if err := os.Symlink("2", link+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(link+".new", link); err != nil {
		t.Fatal(err)
	}
	wantVersion(t, <-updates, "2")
}

func TestWatchKeepsTheDocumentWhenTheFileIsBroken(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	replace(t, path, version(1))
	updates := follow(t, path)
	wantVersion(t, <-updates, "1")
	kept := func(what, reason string) schema.Update {
		t.Helper()
		update := <-updates
		if update.Err == nil || update.Document == nil || update.Document.Version() != "1" || update.Changes != nil {
			t.Fatalf("%s: got %+v, want an error beside version 1", what, update)
		}
		if !strings.Contains(update.Err.Error(), reason) {
			t.Errorf("%s: got error %q, want %q in it", what, update.Err, reason)
		}
		return update
	}
	replace(t, path, version(2)[:60])
	kept("cut off", "JSON")
	replace(t, path, "")
	kept("empty", "empty")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if update := kept("deleted", "a.json"); !errors.Is(update.Err, fs.ErrNotExist) {
		t.Errorf("deleted: got %v, want one that is fs.ErrNotExist", update.Err)
	}
	replace(t, path, strings.Replace(version(2), `"responses":{"200":{"description":"ok"}}`, `"responses":{"200":{"$ref":"#/nowhere"}}`, 1))
	kept("dangling reference", "names nothing")
	replace(t, path, strings.Replace(version(2), `"A":{"type":"object"}`, `"A":{"type":"object","minLength":"x"}`, 1))
	update := <-updates
	if update.Err == nil && (update.Document == nil || update.Document.Version() != "2") {
		t.Errorf("got %+v", update)
	}
	replace(t, path, version(3))
	wantVersion(t, <-updates, "3")
}

// An error that the document in use has already is not a reason to refuse the next one.
func TestWatchTakesADocumentWithTheSameErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json")
	faulty := func(n int) string {
		return strings.Replace(version(n), `"A":{"type":"object"}`, `"A":{"$ref":"#/nowhere"}`, 1)
	}
	replace(t, path, faulty(1))
	updates := follow(t, path)
	wantVersion(t, <-updates, "1")
	replace(t, path, faulty(2))
	wantVersion(t, <-updates, "2")
}

func TestWatchReportsAFileThatIsNotThereAndWaitsForIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json")
	updates := follow(t, path)
	if update := <-updates; !errors.Is(update.Err, fs.ErrNotExist) || update.Document != nil {
		t.Fatalf("got %+v, want fs.ErrNotExist and no document", update)
	}
	replace(t, path, version(1))
	wantVersion(t, <-updates, "1")
}

func TestWatchRefusesWhatLoadFileRefuses(t *testing.T) {
	for what, path := range map[string]string{"a folder": t.TempDir(), "a device": os.DevNull} {
		update := <-follow(t, path)
		if update.Err == nil || !strings.Contains(update.Err.Error(), what) {
			t.Errorf("%s: got %v", what, update.Err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.json")
	replace(t, path, version(1))
	if update := <-follow(t, path, schema.WithMaxSize(10)); update.Err == nil || !strings.Contains(update.Err.Error(), "WithMaxSize") {
		t.Errorf("too large: got %v", update.Err)
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json")
	replace(t, path, version(1))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	for range schema.Watch(ctx, path, time.Hour) {
		n++
		cancel()
	}
	if n != 1 {
		t.Errorf("got %d updates, want 1", n)
	}
}
