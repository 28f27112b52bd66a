package client_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// edition makes a document whose one operation goes to /name and is answered
// with {"edition":"name"}, by its own account.
func edition(tb testing.TB, name string) *schema.Document {
	tb.Helper()
	doc, err := schema.Load([]byte(strings.ReplaceAll(`{"openapi":"3.1.0","info":{"title":"NAME","version":"1"},"paths":{"/NAME/{id}":{"post":{
		"operationId":"op","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
		"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"n":{"type":"integer"}}}}}},
		"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"type":"object",
			"properties":{"edition":{"const":"NAME"}},"required":["edition"]}}}}}}}}}`, "NAME", name)))
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// writeEdition writes what the document says that the request goes by.
func writeEdition(w http.ResponseWriter, req *http.Request) {
	io.Copy(io.Discard, req.Body)
	name, _, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"edition":%q}`, name)
}

// Calls in flight finish on the document that they began with, retries and the
// reading of the answer included.
func TestSwapLeavesCallsInFlightTheirDocument(t *testing.T) {
	const calls = 8
	arrived, goOn := make(chan struct{}, calls), make(chan struct{})
	var failures atomic.Int32
	address := newBareServer(t, func(w http.ResponseWriter, req *http.Request) {
		if strings.HasPrefix(req.URL.Path, "/old/") && failures.Add(1) <= calls {
			arrived <- struct{}{}
			<-goOn
			w.Header().Set("Retry-After-Ms", "0.001")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		writeEdition(w, req)
	})
	c := newClient(t, client.WithDocument(edition(t, "old")), client.WithBaseURL(address), client.WithResponseValidation(schema.Strict))
	var group sync.WaitGroup
	for i := range calls {
		group.Go(func() {
			r, err := c.Call(t.Context(), "op", client.Params{"id": fmt.Sprint(i), "n": i})
			if err != nil || r.Get("edition").String() != "old" {
				t.Errorf("call %d: got %v, %v", i, r, err)
			}
		})
	}
	for range calls {
		<-arrived
	}
	bound, err := c.Bind("op", client.Params{"id": "bound"})
	if err != nil {
		t.Fatal(err)
	}
	c.Swap(edition(t, "new"))
	if got := c.Document().Title(); got != "new" {
		t.Errorf("got document %q", got)
	}
	r, err := c.Call(t.Context(), "op", client.Params{"id": "1"})
	if err != nil || r.Get("edition").String() != "new" {
		t.Errorf("after the swap: got %v, %v", r, err)
	}
	if req, err := bound.Request(t.Context()); err != nil || req.URL.Path != "/old/bound" {
		t.Errorf("what was bound before: got %v, %v", req, err)
	}
	close(goOn)
	group.Wait()
}

// However the swaps fall, a call sees one document from end to end.
func TestSwapUnderLoadMixesNoDocuments(t *testing.T) {
	editions := []*schema.Document{edition(t, "a"), edition(t, "b"), edition(t, "c")}
	address := newBareServer(t, writeEdition)
	c := newClient(t, client.WithDocument(editions[0]), client.WithBaseURL(address), client.WithResponseValidation(schema.Strict))
	var calls, swaps sync.WaitGroup
	stop := make(chan struct{})
	swaps.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				c.Swap(editions[i%len(editions)])
			}
		}
	})
	for range 4 {
		calls.Go(func() {
			for i := range 50 {
				if _, err := c.Call(t.Context(), "op", client.Params{"id": "1", "n": i}); err != nil {
					t.Errorf("call %d: %v", i, err)
					return
				}
			}
		})
	}
	calls.Wait()
	close(stop)
	swaps.Wait()
}

// A document that is broken never becomes a client's: what worked goes on.
func TestBrokenSpecFileLeavesWhatWorked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "api.json")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good := string(edition(t, "good").JSON())
	write(good)
	address := newBareServer(t, writeEdition)
	c := newClient(t, client.WithSpecFile(path), client.WithBaseURL(address))
	write(good[:len(good)/2])

	_, err := client.New(client.WithSpecFile(path))
	var docErr *schema.DocumentError
	if !errors.As(err, &docErr) || docErr.Path != path || docErr.Line == 0 {
		t.Errorf("got %T %v, want the file and the line", err, err)
	}
	if doc, err := schema.LoadFile(path, client.Errata()); doc != nil || err == nil {
		t.Errorf("got %v", doc)
	}
	r, err := c.Call(t.Context(), "op", client.Params{"id": "1"})
	if err != nil || r.Get("edition").String() != "good" {
		t.Errorf("the client before: got %v, %v", r, err)
	}
}

func TestSpecSettingsHaveAnOrder(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fromEnv := write("env.json", string(edition(t, "env").JSON()))
	fromFile := write("file.yaml", "openapi: 3.0.3\ninfo: {title: file, version: '1'}\npaths: {}\n")
	bytes := edition(t, "bytes").JSON()
	overlay := []byte("overlay: 1.0.0\ninfo: {title: o, version: '1'}\nactions:\n- target: $.info\n  update: {title: patched}\n")
	tests := map[string]struct {
		env  string
		opts []client.Option
		want string // the title
	}{
		"built-in":                 {"", nil, "OpenAI API"},
		"environment":              {fromEnv, nil, "env"},
		"file":                     {"", []client.Option{client.WithSpecFile(fromFile)}, "file"},
		"file over environment":    {fromEnv, []client.Option{client.WithSpecFile(fromFile)}, "file"},
		"bytes over environment":   {fromEnv, []client.Option{client.WithSpec(bytes)}, "bytes"},
		"bytes over file":          {"", []client.Option{client.WithSpecFile(fromFile), client.WithSpec(bytes)}, "bytes"},
		"file over bytes":          {"", []client.Option{client.WithSpec(bytes), client.WithSpecFile(fromFile)}, "file"},
		"loaded over all":          {fromEnv, []client.Option{client.WithSpecFile(fromFile), client.WithDocument(edition(t, "loaded"))}, "loaded"},
		"file over loaded":         {"", []client.Option{client.WithDocument(edition(t, "loaded")), client.WithSpecFile(fromFile)}, "file"},
		"overlay of the built-in":  {"", []client.Option{client.WithOverlay(overlay)}, "patched"},
		"overlay of a file":        {"", []client.Option{client.WithSpecFile(fromFile), client.WithOverlay(overlay)}, "patched"},
		"overlay, environment":     {fromEnv, []client.Option{client.WithOverlay(overlay)}, "patched"},
		"overlay before the bytes": {"", []client.Option{client.WithOverlay(overlay), client.WithSpec(bytes)}, "patched"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			newClient(t) // clears the environment
			t.Setenv("OPCALL_SPEC", test.env)
			c, err := client.New(test.opts...)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Document().Title(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	t.Run("environment names nothing", func(t *testing.T) {
		newClient(t)
		t.Setenv("OPCALL_SPEC", filepath.Join(dir, "absent"))
		_, err := client.New()
		var docErr *schema.DocumentError
		if !errors.As(err, &docErr) || !errors.Is(err, os.ErrNotExist) || docErr.Path != filepath.Join(dir, "absent") {
			t.Errorf("got %v", err)
		}
	})
}

// The errata come to documents of the OpenAI API, and to no others.
func TestErrataAreForTheOpenAIAPIOnly(t *testing.T) {
	const paths = `"paths":{"/files":{"get":{"operationId":"listFiles","parameters":[{"name":"a","in":"query","schema":{"type":"array"}}],"responses":{"200":{"description":"ok"}}}}}`
	spec := func(server string) []byte {
		quoted, _ := json.Marshal(server)
		return []byte(`{"openapi":"3.1.0","info":{"title":"T","version":"1"},"servers":[{"url":` + string(quoted) + `}],` + paths + `}`)
	}
	for name, test := range map[string]struct {
		server string
		opts   []client.Option
		want   string
	}{
		"OpenAI":                 {client.DefaultBaseURL, nil, "a%5B%5D=1"},
		"OpenAI, without errata": {client.DefaultBaseURL, []client.Option{client.WithoutErrata()}, "a=1"},
		"another":                {"https://api.example/v1", nil, "a=1"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, append(test.opts, client.WithSpec(spec(test.server)), client.WithBaseURL("http://host"))...)
			if got := sent(t, c, "listFiles", client.Params{"a": []int{1}}).URL.RawQuery; got != test.want {
				t.Errorf("got query %q, want %q", got, test.want)
			}
		})
	}
}

// Clients of the built-in document share it, and what one compiles serves all.
func TestBuiltInDocumentIsShared(t *testing.T) {
	if a, b := newClient(t), newClient(t); a.Document() != b.Document() {
		t.Error("two clients have two documents")
	}
}

// TestSwapChangesWhatTheDocumentSays of an operation that has been called: its
// headers, its media types, its stream and what has to be given for it.
func TestSwapChangesWhatTheDocumentSays(t *testing.T) {
	load := func(media, header, done string) *schema.Document {
		doc, err := schema.Load([]byte(`{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{"/op":{"get":{"operationId":"op",
			"x-opcall-headers":{"X-Edition":"` + header + `"},"x-opcall-stream":{"request":{},"done":"` + done + `"},
			"responses":{"200":{"description":"","content":{"` + media + `":{},"text/event-stream":{}}}}}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	first, second := load("application/json", "1", "bye"), load("text/plain", "2", "ciao")
	server := newWitness(t, sseAnswer(dataLines(`1`, "bye", `2`, "ciao")))
	c := newClient(t, client.WithDocument(first), client.WithBaseURL(server.URL))
	for i, want := range []struct {
		header, accept string
		events         int
		failed         bool // "bye" is not JSON
	}{{"1", "application/json", 1, false}, {"2", "text/plain", 1, true}, {"1", "application/json", 1, false}} {
		c.Swap([]*schema.Document{first, second}[i%2])
		s, err := c.Stream(t.Context(), "op", nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := drain(s)
		if len(got.Data) != want.events || (err != nil) != want.failed {
			t.Errorf("%d: got %q, %v", i, got.Data, err)
		}
		req, err := c.Request(t.Context(), "op", nil)
		if err != nil {
			t.Fatal(err)
		}
		if header, accept := req.Header.Get("X-Edition"), req.Header.Get("Accept"); header != want.header || accept != want.accept {
			t.Errorf("%d: got X-Edition %q and Accept %q, want %q and %q", i, header, accept, want.header, want.accept)
		}
	}
}

// Swap(nil) is a mistake of the program that no call should suffer from later.
func TestSwapNilPanics(t *testing.T) {
	c := newClient(t)
	before := c.Document()
	defer func() {
		if got := recover(); got != "client: Swap: got nil, want a document" {
			t.Errorf("got panic %v", got)
		}
		if c.Document() != before {
			t.Error("the document is another one")
		}
	}()
	c.Swap(nil)
}
