package openai_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// limited returns a client of a document whose limits of files are other ones.
func limited(t *testing.T, h *fileHost, actions string) *openai.Client {
	t.Helper()
	overlay := `{"overlay": "1.0.0", "info": {"title": "t", "version": "1"}, "actions": [` + actions + `]}`
	doc, err := schema.Load(embed.OpenAI(), schema.WithOverlay([]byte(overlay)))
	if err != nil {
		t.Fatal(err)
	}
	return h.client(t, client.WithDocument(doc))
}

// TestUploadChoosesByTheLimitsOfTheDocument: one request up to the limit, parts beyond
// it, an error beyond that of parts, or where there are none.
func TestUploadChoosesByTheLimitsOfTheDocument(t *testing.T) {
	const limits = `{"target": "$.paths['/files'].post", "update": {"x-opcall-upload": {"bytes": 500}}},
		{"target": "$.paths['/uploads'].post", "update": {"x-opcall-upload": {"bytes": 2000}}},
		{"target": "$.paths['/uploads/{upload_id}/parts'].post", "update": {"x-opcall-upload": {"bytes": 400}}}`
	const withoutParts = limits + `, {"target": "$.paths['/uploads/{upload_id}/parts']", "remove": true}`
	for name, test := range map[string]struct {
		size    int
		purpose openai.Purpose
		actions string
		parts   int
		want    string
	}{
		"one request":            {size: 500, actions: limits},
		"parts":                  {size: 501, actions: limits, parts: 2},
		"all parts":              {size: 2000, actions: limits, parts: 5},
		"too large":              {size: 2001, actions: limits, want: "got 2001 bytes, want at most 2000: split it"},
		"too large for one":      {size: 501, actions: withoutParts, want: "got 501 bytes, want at most 500: split it"},
		"of a purpose":           {size: 600, purpose: openai.ForVision, actions: limits + `, {"target": "$.paths['/files'].post", "update": {"x-opcall-upload": {"purposes": {"vision": {"bytes": 550}}}}}`, want: "want at most 550"},
		"no limits are no bound": {size: 3000, actions: `{"target": "$.paths['/files'].post['x-opcall-upload']", "remove": true}`},
	} {
		t.Run(name, func(t *testing.T) {
			h := newFileHost(t)
			purpose := test.purpose
			if purpose == "" {
				purpose = openai.ForAssistants
			}
			_, err := limited(t, h, test.actions).Upload(t.Context(), openai.UploadRequest{File: openai.Bytes("a.txt", lettersOf(test.size)), Purpose: purpose})
			if test.want != "" {
				var unfit *openai.UnfitFileError
				if !errors.As(err, &unfit) {
					t.Errorf("got %v, want an *UnfitFileError", err)
				}
				hasText(t, err, test.want)
				return
			}
			if err != nil || len(h.onlyFile().Content) != test.size || h.count("POST /uploads/{id}/parts") != test.parts {
				t.Errorf("got %v, %d parts, want %d", err, h.count("POST /uploads/{id}/parts"), test.parts)
			}
		})
	}
}

// TestUploadOfTooManyParts is refused: the state would be written anew after each.
func TestUploadOfTooManyParts(t *testing.T) {
	h := newFileHost(t)
	_, err := h.client(t).Upload(t.Context(), openai.UploadRequest{File: openai.Bytes("a.txt", lettersOf(2001)), Purpose: openai.ForAssistants, PartSize: 1})
	hasText(t, err, "makes 2001 parts", "want at most 2000")
	if n := h.count("POST /uploads"); n != 0 {
		t.Errorf("got %d uploads begun, want none", n)
	}
}

// Calls of many megabytes are added: what stays in memory does not depend on
// how large they are.
func TestBatchKeepsNoCallInMemory(t *testing.T) {
	h := newFileHost(t)
	b := newBatch(t, h.client(t), openai.BatchOptions{})
	params := ask(strings.Repeat("Titan is a moon. ", 1000))
	before := liveHeap()
	calls := 5000
	if testing.Short() {
		calls = 1500 // 25 MB, still three times what may stay
	}
	for i := range calls {
		params["user"] = fmt.Sprint(i)
		add(t, b, "", "createChatCompletion", params)
	}
	if grown := int64(liveHeap()) - int64(before); grown > 8<<20 {
		t.Errorf("%d calls of 17 kB keep %d bytes in memory, want at most 8 MiB", calls, grown)
	}
}

func liveHeap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// TestBatchOptionsAreValidatedAtOnce: not when thousands of calls have been added.
func TestBatchOptionsAreValidatedAtOnce(t *testing.T) {
	c := newFileHost(t).client(t)
	many := make(map[string]string)
	for i := range 16 {
		many[fmt.Sprint(i)] = "x"
	}
	for name, test := range map[string]struct {
		options openai.BatchOptions
		want    string
	}{
		"window":           {openai.BatchOptions{Window: "48h"}, "/completion_window"},
		"short expiration": {openai.BatchOptions{OutputExpiresAfter: time.Minute}, "/output_expires_after/seconds"},
		"reserved name":    {openai.BatchOptions{Metadata: map[string]string{"opcall": "x"}}, `got "opcall" in Metadata`},
		"much metadata":    {openai.BatchOptions{Metadata: many}, "got 16 entries"},
		"no folder":        {openai.BatchOptions{Dir: "/no/such/folder"}, "/no/such/folder"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.NewBatch(test.options)
			hasText(t, err, test.want)
		})
	}
}

// TestMemoryOfUploadInPartsDoesNotGrowWithTheFile uploads a file of many parts from a path and from a reader:
// what is in memory does not depend on how large it is.
func TestMemoryOfUploadInPartsDoesNotGrowWithTheFile(t *testing.T) {
	part, size := int64(8<<20), int64(96<<20)
	if testing.Short() {
		part, size = 2<<20, 16<<20
	}
	path := writeFile(t, "a.bin", nil)
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	sparse, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer sparse.Close()
	for name, file := range map[string]openai.Media{"path": openai.Path(path), "reader": openai.Reader("a.bin", io.MultiReader(sparse))} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Int64
			host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				n, _ := io.Copy(io.Discard, req.Body)
				sent.Add(n)
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(w, `{"id":"x","object":"upload.part","upload_id":"x","status":"pending","bytes":%d,"created_at":1,"expires_at":9999999999,"filename":"a.bin","purpose":"assistants",
					"file":{"id":"file-1","object":"file","bytes":%d,"created_at":1,"filename":"a.bin","purpose":"assistants","status":"processed"}}`, size, size)
			}))
			defer host.Close()
			before, most := liveHeap(), uint64(0)
			last := int64(0)
			_, err := openaiClient(t, host.URL).Upload(t.Context(), openai.UploadRequest{
				File: file, Purpose: openai.ForAssistants, PartSize: part,
				Progress: func(done, _ int64) {
					if done-last > 2*part {
						most, last = max(most, liveHeap()), done
					}
				},
			})
			if err != nil || sent.Load() < size {
				t.Fatalf("got %v after %d bytes", err, sent.Load())
			}
			if grown := int64(most) - int64(before); most == 0 || grown > part {
				t.Errorf("the heap grew by %d bytes, want at most a part", grown)
			}
		})
	}
}

// TestBatchTakesCallsOfManyGoroutines: none is lost, and none has the ID of another.
func TestBatchTakesCallsOfManyGoroutines(t *testing.T) {
	h := newFileHost(t)
	b := newBatch(t, h.client(t), openai.BatchOptions{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if err := b.Add("", "createChatCompletion", ask("A")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	seen := make(map[string]bool)
	for _, id := range idsOf(t, start(t, b), true) {
		seen[id] = true
	}
	if b.Len() != 400 || len(seen) != 400 || !seen["call-000001"] || !seen["call-000400"] {
		t.Errorf("got %d calls, %d results", b.Len(), len(seen))
	}
}
