package schema_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/opcall/opcall/schema"
)

const cachedYAML = `openapi: 3.1.0
info: {title: t, version: "1"}
paths: {}
components:
  schemas:
    A: {type: string, maxLength: 3}
`

const cachedOverlay = `overlay: 1.0.0
info: {title: o, version: "1"}
actions: [{target: $.components.schemas.A, update: {maxLength: 5}}]
`

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The cache changes the time that Load takes, and nothing that it returns.
func TestCachedDocumentIsTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for name, opts := range map[string][]schema.Option{
		"plain":    nil,
		"overlay":  {schema.WithOverlay([]byte(cachedOverlay))},
		"if":       {schema.WithOverlayIf([]byte(cachedOverlay), func(r schema.Root) bool { return r.Title() == "t" })},
		"if not":   {schema.WithOverlayIf([]byte(cachedOverlay), func(r schema.Root) bool { return r.Title() != "t" })},
		"verified": {schema.WithVerification()},
	} {
		want, err := schema.Load([]byte(cachedYAML), opts...)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			got, err := schema.Load([]byte(cachedYAML), append(opts, schema.WithCache(dir))...)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if string(got.JSON()) != string(want.JSON()) {
				t.Errorf("%s: got %s, want %s", name, got.JSON(), want.JSON())
			}
			if problems := got.Verify(); len(problems) != 0 {
				t.Errorf("%s: got errors %v", name, problems)
			}
		}
	}
	if got := len(entries(t, dir)); got != 2 {
		t.Errorf("got %d entries, want one per text", got)
	}
}

// What is read is the entry: one that says something else shows that.
func TestCacheEntryIsReadOrWrittenAnew(t *testing.T) {
	dir := t.TempDir()
	with := schema.WithCache(dir)
	if _, err := schema.Load([]byte(cachedYAML), with); err != nil {
		t.Fatal(err)
	}
	entry := entries(t, dir)[0]
	good, err := os.ReadFile(entry)
	if err != nil {
		t.Fatal(err)
	}
	allocs := func(opts ...schema.Option) float64 {
		return testing.AllocsPerRun(20, func() {
			if _, err := schema.Load([]byte(cachedYAML), opts...); err != nil {
				t.Fatal(err)
			}
		})
	}
	if cold, warm := allocs(), allocs(with); warm >= cold {
		t.Errorf("%.0f allocations with the cache, %.0f without: it is not read", warm, cold)
	}
	for name, bad := range map[string][]byte{
		"empty":      {},
		"cut":        good[:len(good)-3],
		"a bit":      append(slices.Clone(good[:len(good)-3]), good[len(good)-3]^1, good[len(good)-2], good[len(good)-1]),
		"header":     append([]byte("X"), good[1:]...),
		"state":      []byte(strings.Replace(string(good), "c", "i", 1)),
		"other text": []byte(`{"openapi":"3.1.0","info":{"title":"EVIL","version":"1"},"paths":{}}`),
	} {
		if err := os.WriteFile(entry, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		doc, err := schema.Load([]byte(cachedYAML), with)
		if err != nil || doc.Title() != "t" || doc.Validate("A", `"abcd"`) == nil {
			t.Errorf("%s: got %v, %v", name, doc, err)
		}
		if again, err := os.ReadFile(entry); err != nil || string(again) != string(good) {
			t.Errorf("%s: the entry was not written anew", name)
		}
	}
}

func TestCacheDoesNotKeepDocumentsWithErrors(t *testing.T) {
	dir := t.TempDir()
	faulty := strings.Replace(cachedYAML, "{type: string, maxLength: 3}", `{$ref: "#/nowhere"}`, 1)
	for range 2 {
		doc, err := schema.Load([]byte(faulty), schema.WithCache(dir))
		if err != nil {
			t.Fatal(err)
		}
		if problems := doc.Verify(); len(problems) != 1 || problems[0].Line != 6 {
			t.Errorf("got %v, want one error at line 6", problems)
		}
	}
	if got := entries(t, dir); len(got) != 0 {
		t.Errorf("kept %q", got)
	}
	// A good document whose overlay makes it a bad one has the lines of its errors.
	if _, err := schema.Load([]byte(cachedYAML), schema.WithCache(dir)); err != nil {
		t.Fatal(err)
	}
	overlay := strings.Replace(cachedOverlay, "maxLength: 5", `$ref: "#/nowhere"`, 1)
	doc, err := schema.Load([]byte(cachedYAML), schema.WithOverlay([]byte(overlay)), schema.WithCache(dir))
	if err != nil {
		t.Fatal(err)
	}
	if problems := doc.Verify(); len(problems) != 1 || problems[0].Line != 6 {
		t.Errorf("got %v, want one error at line 6", problems)
	}
}

func TestCacheThatCannotBeUsedIsNoError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"a file": file, "below a file": filepath.Join(file, "x"), "a device": os.DevNull, "no name": ""} {
		doc, err := schema.Load([]byte(cachedYAML), schema.WithCache(dir))
		if err != nil || doc.Title() != "t" {
			t.Errorf("%s: got %v, %v", name, doc, err)
		}
	}
	if left := entries(t, "."); slices.ContainsFunc(left, func(name string) bool { return strings.HasSuffix(name, ".opcall") }) {
		t.Errorf("a cache without a name wrote into the working directory: %q", left)
	}
}

func TestCacheIsSharedAndBounded(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for i := range 80 {
		group.Go(func() {
			text := strings.Replace(cachedYAML, `version: "1"`, fmt.Sprintf(`version: "%d"`, i%75), 1)
			doc, err := schema.Load([]byte(text), schema.WithCache(dir))
			if err != nil || doc.Version() != fmt.Sprint(i%75) {
				t.Errorf("got %v, %v", doc, err)
			}
		})
	}
	group.Wait()
	if _, err := schema.Load([]byte(strings.Replace(cachedYAML, "title: t", "title: last", 1)), schema.WithCache(dir)); err != nil {
		t.Fatal(err)
	}
	if got := len(entries(t, dir)); got != 64 {
		t.Errorf("got %d entries, want 64", got)
	}
}

// The entries of a document with a condition are read in two ways: the root of one, the whole
// of the other. Whichever byte of them is wrong, the document is the same, and so are the
// entries afterwards.
func TestCacheHealsWhateverByteIsWrong(t *testing.T) {
	text := strings.Replace(cachedYAML, "paths: {}", `paths:
  /a: {summary: s, get: {operationId: getA, responses: {"200": {description: ""}}}, put: {responses: {"200": {description: ""}}}}
  /b: {$ref: "#/components/pathItems/b"}`, 1) + `  pathItems:
    b: {get: {operationId: getB, responses: {"200": {description: ""}}}}
`
	opts := []schema.Option{
		schema.WithOverlayIf([]byte(cachedOverlay), func(r schema.Root) bool {
			return r.Title() == "t" && r.Version() == "1" && r.OpenAPI() == "3.1.0" && len(r.Servers()) == 0
		}),
	}
	want := summary(t, text, opts...)
	dir := t.TempDir()
	opts = append(opts, schema.WithCache(dir))
	if got := summary(t, text, opts...); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	good := map[string]string{}
	for _, name := range entries(t, dir) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		good[name] = string(data)
	}
	if len(good) != 2 {
		t.Fatalf("got %d entries, want one before the overlay and one behind it", len(good))
	}
	step := 1
	if testing.Short() {
		step = 13
		t.Log("-short: every 13th byte of the entries")
	}
	for name, data := range good {
		last := strings.Contains(data, `"maxLength":5`)
		for i := 0; i < len(data); i += step {
			damaged := []byte(data)
			damaged[i] ^= 0x21
			for what, bad := range map[string][]byte{"changed": damaged, "cut": damaged[:i]} {
				if err := os.WriteFile(name, bad, 0o600); err != nil {
					t.Fatal(err)
				}
				if got := summary(t, text, opts...); got != want {
					t.Fatalf("byte %d %s: got %s, want %s", i, what, got, want)
				}
				healed, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				// The text before the overlay is read, and found to be wrong, when it is needed.
				if last && string(healed) != data {
					t.Fatalf("byte %d %s: the entry was not written anew", i, what)
				}
			}
		}
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// summary is what the index knows of a document.
func summary(t *testing.T, text string, opts ...schema.Option) string {
	t.Helper()
	doc, err := schema.Load([]byte(text), opts...)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for op := range doc.Operations() {
		fmt.Fprintln(&b, op.ID, op.Alias, op.Method, op.Path)
	}
	fmt.Fprintln(&b, slices.Collect(doc.Components()), string(doc.JSON()), doc.Verify())
	return b.String()
}

// An overlay that is changed is applied to what the cache has of the document before it.
func TestCacheKeepsTheDocumentBeforeAnOverlay(t *testing.T) {
	dir := t.TempDir()
	for n := 5; n < 9; n++ {
		overlay := strings.Replace(cachedOverlay, "5", fmt.Sprint(n), 1)
		doc, err := schema.Load([]byte(cachedYAML), schema.WithOverlay([]byte(overlay)), schema.WithCache(dir))
		if err != nil {
			t.Fatal(err)
		}
		long := strings.Repeat("x", n+1)
		if doc.Validate("A", `"`+long+`"`) == nil || doc.Validate("A", `"`+long[1:]+`"`) != nil {
			t.Errorf("maxLength %d does not hold", n)
		}
	}
	if got := len(entries(t, dir)); got != 5 {
		t.Errorf("got %d entries, want one of the document and one for each overlay", got)
	}
}
