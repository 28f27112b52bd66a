package schema_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opcall/opcall/schema"
)

// A file of a gigabyte is refused for its size, before any of it is read: it has no bytes on
// the disk.
func TestFileOfAGigabyteIsNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "openapi.yaml")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 1<<30); err != nil {
		t.Skip(err)
	}
	root := filepath.Join(filepath.Dir(path), "root.yaml")
	if err := os.WriteFile(root, []byte("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents: {schemas: {A: {$ref: openapi.yaml}, B: {type: string}}}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var docErr *schema.DocumentError
	if _, err := schema.LoadFile(path); !errors.As(err, &docErr) || docErr.Path != path || !strings.Contains(err.Error(), "WithMaxSize") {
		t.Errorf("LoadFile: got %v, want the limit", err)
	}
	doc, err := schema.LoadFile(root)
	if err != nil {
		t.Fatal(err)
	}
	if found := doc.Verify(); len(found) != 1 || !strings.Contains(found[0].Error(), "WithMaxSize") || found[0].Line != 4 {
		t.Errorf("Verify: got %v, want the limit at line 4", found)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
}

// References that lead back to themselves are an error of the part that has them, wherever
// the specification has a Reference Object. Examples are data to opcall, which follows none.
func TestReferenceLoopIsAnErrorInEveryPlace(t *testing.T) {
	for kind, use := range map[string]string{
		"schemas":         `"responses":{"200":{"description":"d","content":{"application/json":{"schema":REF}}}}`,
		"responses":       `"responses":{"200":REF}`,
		"parameters":      `"parameters":[REF],"responses":{"200":{"description":"d"}}`,
		"requestBodies":   `"requestBody":REF,"responses":{"200":{"description":"d"}}`,
		"headers":         `"responses":{"200":{"description":"d","headers":{"X":REF}}}`,
		"links":           `"responses":{"200":{"description":"d","links":{"x":REF}}}`,
		"callbacks":       `"callbacks":{"x":REF},"responses":{"200":{"description":"d"}}`,
		"securitySchemes": `"security":[{"A":[]}],"responses":{"200":{"description":"d"}}`,
		"pathItems":       `"callbacks":{"x":{"{$url}":REF}},"responses":{"200":{"description":"d"}}`,
	} {
		t.Run(kind, func(t *testing.T) {
			ref := func(name string) string { return fmt.Sprintf(`{"$ref":"#/components/%s/%s"}`, kind, name) }
			doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"operationId":"loops",` +
				strings.ReplaceAll(use, "REF", ref("A")) + `}},"/b":{"get":{"operationId":"sound","responses":{"200":{"description":"d"}}}}},
				"components":{"` + kind + `":{"A":` + ref("B") + `,"B":` + ref("C") + `,"C":` + ref("A") + `}}}`))
			if err != nil {
				t.Fatalf("the whole document is refused: %v", err)
			}
			found := doc.Verify()
			if len(found) == 0 || !strings.Contains(found[0].Error(), "circular") || found[0].Line == 0 {
				t.Errorf("Verify: got %v, want a circular reference and its line", found)
			}
			if _, err := doc.Operation("sound"); err != nil {
				t.Errorf("the operation that is sound: %v", err)
			}
			if op, err := doc.Operation("loops"); err == nil { // what opcall does not read does no harm
				_, _ = op.Response(200)
				doc.SecurityScheme("A")
			}
			doc.Repairs()
		})
	}
}

// At first sight of a content nothing is done with it: a file that is emptied and refilled, or
// replaced halfway, is never taken for what it is in between. One that cannot be read for a
// minute is reported, and the old document stays.
func TestWatchTakesNoHalfFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "openapi.yaml")
	text := func(n int) string {
		return fmt.Sprintf("openapi: 3.1.0\ninfo: {title: t, version: \"%d\"}\npaths:\n  /a: {get: {operationId: a, responses: {\"200\": {description: d}}}}\n"+
			"  /b: {get: {operationId: b, responses: {\"200\": {description: d}}}}\n", n)
	}
	half := func(n int) string { return text(n)[:strings.Index(text(n), "  /b")] } // which is a document, too
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	unreadable := func() {
		if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	readable := func(text string) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		write(text)
	}
	write(text(1))
	synctest.Test(t, func(t *testing.T) {
		var got []string
		begin := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			for update := range schema.Watch(t.Context(), path, time.Minute) {
				line := fmt.Sprintf("%v: version %s", time.Since(begin), update.Document.Version())
				if _, err := update.Document.Operation("b"); err != nil {
					line += " without b"
				}
				if update.Err != nil {
					line += ", error"
				}
				if got = append(got, line); len(got) == 5 {
					return
				}
			}
		}()
		time.Sleep(30 * time.Second) // between two looks, from here on
		for _, step := range []func(){
			func() { write("") }, func() { write(half(2)) }, func() { write(text(2)) }, nil, nil, // taken at 5m
			func() { write(half(3)) }, func() { write(text(3)) }, func() { write(half(4)) }, func() { write(text(4)) }, nil, // at 10m
			unreadable, nil, func() { readable(text(4)) }, nil, // reported at 11m
			unreadable, func() { readable(text(5)) }, nil, // reported at 15m, taken at 17m
		} {
			if step != nil {
				step()
			}
			time.Sleep(time.Minute)
		}
		<-done
		want := []string{"0s: version 1", "4m0s: version 2", "10m0s: version 4", "11m0s: version 4, error", "15m0s: version 4, error"}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// helper runs a test of this file in a process of its own, with a folder for it.
func helper(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), "OPCALL_TEST_CACHE="+dir)
	return cmd
}

// A disk that is full, as the limit of a file's size makes one: the document loads, and no
// entry is left that has only its beginning.
func TestCacheOnAFullDiskIsNoError(t *testing.T) {
	if dir := os.Getenv("OPCALL_TEST_CACHE"); dir != "" {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64, Max: 64}); err != nil {
			t.Skip(err)
		}
		doc, err := schema.Load([]byte(cachedYAML), schema.WithCache(dir))
		if err != nil || doc.Title() != "t" {
			t.Errorf("got %v, %v", doc, err)
		}
		return
	}
	dir := t.TempDir()
	if out, err := helper(t, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if doc, err := schema.Load([]byte(cachedYAML), schema.WithCache(dir)); err != nil || doc.Title() != "t" {
		t.Errorf("afterwards: got %v, %v", doc, err)
	}
}

// A folder that nobody can write to, root neither.
func TestCacheThatIsReadOnlyIsNoError(t *testing.T) {
	const dir = "/proc/self/fdinfo"
	if _, err := os.Stat(dir); err != nil {
		t.Skip(err)
	}
	for range 2 {
		if doc, err := schema.Load([]byte(cachedYAML), schema.WithCache(dir)); err != nil || doc.Title() != "t" {
			t.Errorf("got %v, %v", doc, err)
		}
	}
}

// Processes that write the same entries at the same time read whole ones.
func TestCacheIsSharedByProcesses(t *testing.T) {
	load := func(dir string) {
		for n := range 40 {
			text := strings.Replace(cachedYAML, `version: "1"`, fmt.Sprintf(`version: "%d"`, n%4), 1)
			doc, err := schema.Load([]byte(text), schema.WithCache(dir))
			if err != nil || doc.Version() != fmt.Sprint(n%4) || len(doc.Verify()) > 0 {
				t.Errorf("got %v, %v", doc, err)
			}
			if n%8 == 0 { // as if an entry was lost, so that it is written anew
				for _, name := range entries(t, dir) {
					os.Remove(name)
				}
			}
		}
	}
	if dir := os.Getenv("OPCALL_TEST_CACHE"); dir != "" {
		load(dir)
		return
	}
	dir := t.TempDir()
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if out, err := helper(t, dir).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	load(dir)
	group.Wait()
}
