package openai_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/openai"
)

var update = flag.Bool("update", false, "write the golden files")

// transcript is what went over the wire, and what the test notes beside it. It is
// compared with a golden file, for people to read.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	n    int
}

// note adds a line.
func (tr *transcript) note(format string, args ...any) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	fmt.Fprintf(&tr.text, format+"\n", args...)
}

// body adds a body, JSON in lines.
func (tr *transcript) body(title string, body []byte) {
	tr.note("%s", title)
	var indented bytes.Buffer
	if json.Indent(&indented, body, "", "  ") == nil {
		body = indented.Bytes()
	}
	tr.note("%s", strings.TrimSpace(string(body)))
}

// recorded is the middleware that writes requests and responses down.
func (tr *transcript) recorded(next http.RoundTripper) http.RoundTripper {
	return roundTrip(func(req *http.Request) (*http.Response, error) {
		tr.n++
		n := tr.n
		if req.GetBody != nil {
			body, _ := req.GetBody()
			sent, _ := io.ReadAll(body)
			tr.body(fmt.Sprintf("--> request %d: %s %s", n, req.Method, req.URL.Path), sent)
		}
		resp, err := next.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(got))
		tr.body(fmt.Sprintf("<-- response %d: %d %s", n, resp.StatusCode, resp.Header.Get("Content-Type")), got)
		return resp, err
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// check compares the transcript with its golden file.
func (tr *transcript) check(t *testing.T) {
	t.Helper()
	path := filepath.Join("testdata", strings.ReplaceAll(t.Name(), "/", "_")+".txt")
	path = strings.ReplaceAll(path, " ", "-")
	got := tr.text.String()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// scripted starts a test server, which validates all that is sent, and a client
// whose traffic is written down.
func scripted(t *testing.T, opts ...client.Option) (*clienttest.Server, *openai.Client, *transcript) {
	t.Helper()
	server := clienttest.NewServer(t)
	tr := &transcript{}
	opts = append([]client.Option{client.WithMaxRetries(0), client.WithMiddleware(tr.recorded)}, opts...)
	return server, openai.From(server.Client(opts...)), tr
}

// follow ranges over a run and notes its events.
func (tr *transcript) follow(t *testing.T, run *openai.Run) error {
	t.Helper()
	var text strings.Builder
	for event, err := range run.Events() {
		if err != nil {
			tr.note("=== error: %v", err)
			return err
		}
		if event.Kind == openai.RunText {
			text.WriteString(event.Text)
			continue
		}
		if text.Len() > 0 {
			tr.note("=== round %d text: %s", event.Round, text.String())
			text.Reset()
		}
		switch event.Kind {
		case openai.RunCall:
			tr.note("=== round %d call %s: %s %s", event.Round, event.Call.ID, event.Call.Name(), event.Call.Input())
		case openai.RunOutcome:
			tr.note("=== round %d outcome %s: %s (%v)", event.Round, event.Call.ID, event.Outcome.Output, event.Outcome.Err)
		default:
			tr.note("=== round %d %s", event.Round, event.Kind)
		}
	}
	tr.note("=== end: %q, %d tokens", run.Text()+run.Refusal(), run.Usage().TotalTokens)
	return nil
}
