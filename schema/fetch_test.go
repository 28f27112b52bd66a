package schema_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/schema"
)

// documents serves a document with an ETag, and what a hostile server would.
func documents(t *testing.T) (*httptest.Server, *http.Request) {
	t.Helper()
	last := new(http.Request)
	mux := http.NewServeMux()
	mux.HandleFunc("/good.json", func(w http.ResponseWriter, req *http.Request) {
		*last = *req
		w.Header().Set("ETag", `"1"`)
		if req.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Set-Cookie", "a=b")
		io.WriteString(w, version(7))
	})
	mux.HandleFunc("/missing", http.NotFound)
	mux.HandleFunc("/coded", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		io.WriteString(w, "\x0b\x02\x80")
	})
	mux.HandleFunc("/page", func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<html>")
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, req *http.Request) { http.Redirect(w, req, "/loop", http.StatusFound) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "/good.json", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/plain", func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "http://169.254.169.254/latest", http.StatusFound)
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, "{")
	})
	mux.HandleFunc("/unasked", func(w http.ResponseWriter, req *http.Request) { w.WriteHeader(http.StatusNotModified) })
	server := httptest.NewTLSServer(mux)
	t.Cleanup(server.Close)
	return server, last
}

func TestFetchGetsADocumentOnce(t *testing.T) {
	server, last := documents(t)
	with := schema.WithFetchClient(server.Client())
	first, err := schema.Fetch(t.Context(), server.URL+"/good.json", with)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := schema.Load(first.Data)
	if err != nil || doc.Version() != "7" || first.ETag != `"1"` || first.NotModified {
		t.Fatalf("got %v, %v, %+v", doc, err, first)
	}
	again, err := schema.Fetch(t.Context(), server.URL+"/good.json", with, schema.WithETag(first.ETag))
	if err != nil || !again.NotModified || again.Data != nil || again.ETag != first.ETag {
		t.Errorf("got %+v, %v, want not modified", again, err)
	}
	if _, err := schema.Fetch(t.Context(), server.URL+"/moved", with); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"Authorization", "Cookie"} {
		if got := last.Header.Get(name); got != "" {
			t.Errorf("sent %s: %s", name, got)
		}
	}
}

func TestFetchRefusesUnsafeAddressesAndBrokenResponses(t *testing.T) {
	server, _ := documents(t)
	for address, want := range map[string]string{
		server.URL + "/missing":           "status 404",
		server.URL + "/page":              "HTML",
		server.URL + "/loop":              "ten redirects",
		server.URL + "/plain":             "want https",
		server.URL + "/cut":               "unexpected EOF",
		server.URL + "/unasked":           "status 304",
		server.URL + "/coded":             "Content-Encoding \"br\"",
		"http://example.com/a.yaml":       "want https",
		"http://169.254.169.254/a.yaml":   "want https",
		"file:///etc/passwd":              "want https",
		"https://me:SECRET@example.com/a": "user name",
		"https:///a.yaml":                 "host",
		"openapi.yaml":                    "host",
		"https://exa mple.com/SECRET":     "not a URL",
		"ftp://example.com/a.yaml":        "want https",
		"//" + strings.Repeat("a", 5000):  "want https",
	} {
		_, err := schema.Fetch(t.Context(), address, schema.WithFetchClient(server.Client()))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SECRET") || len(err.Error()) > 600 {
			t.Errorf("%.60q: got %v, want %q", address, err, want)
		}
	}
	if _, err := schema.Fetch(t.Context(), server.URL+"/good.json", schema.WithFetchClient(server.Client()), schema.WithFetchLimit(10)); err == nil || !strings.Contains(err.Error(), "WithFetchLimit") {
		t.Errorf("too large: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := schema.Fetch(ctx, server.URL+"/good.json", schema.WithFetchClient(server.Client())); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// The largest limit means none. One byte more than it is a negative number, with which
// nothing was read and nothing was wrong.
func TestLargestLimitReadsTheDocument(t *testing.T) {
	server, _ := documents(t)
	fetched, err := schema.Fetch(t.Context(), server.URL+"/good.json", schema.WithFetchClient(server.Client()), schema.WithFetchLimit(math.MaxInt64))
	if err != nil || string(fetched.Data) != version(7) {
		t.Errorf("Fetch: got %v, %v, want the document", fetched, err)
	}
	path := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(path, []byte(version(7)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := schema.LoadFile(path, schema.WithMaxSize(math.MaxInt64)); err != nil {
		t.Errorf("LoadFile: %v", err)
	}
	if _, err := schema.LoadFS(os.DirFS(filepath.Dir(path)), "openapi.json", schema.WithMaxSize(math.MaxInt64)); err != nil {
		t.Errorf("LoadFS: %v", err)
	}
}

func TestFetchAndWatchRefuseANilContext(t *testing.T) {
	var none context.Context
	updates := 0
	for update := range schema.Watch(none, "openapi.json", time.Millisecond) {
		if updates++; update.Err == nil || !strings.Contains(update.Err.Error(), "nil context") {
			t.Errorf("Watch: got %v, want an error that names the nil context", update.Err)
		}
	}
	if updates != 1 {
		t.Errorf("Watch: got %d updates, want 1", updates)
	}
	if _, err := schema.Fetch(none, "https://example.com/openapi.json"); err == nil || !strings.Contains(err.Error(), "nil context") {
		t.Errorf("got %v, want an error that names the nil context", err)
	}
}
