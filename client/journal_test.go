package client_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opcall/opcall/client"
)

func TestJournalYieldsWhatWasAnsweredWithoutSendingIt(t *testing.T) {
	t.Parallel()
	const pretty = "{\n  \"id\": \"m1\",\r\n  \"object\": \"model\", \"created\": 1, \"owned_by\": \"opcall\"\n}\n"
	sound := "\x00\xff\nsound"
	server := newModelServer(t, func(w http.ResponseWriter, id string) bool {
		switch id {
		case "m1":
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			io.WriteString(w, pretty)
		case "m2":
			return refuse(w, http.StatusNotFound)
		case "m3":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<html><title>Log in</title></html>")
		case "speech":
			w.Header().Set("Content-Type", "audio/mpeg")
			io.WriteString(w, sound)
		default:
			return false
		}
		return true
	})
	calls := append(slices.Collect(models(4)),
		client.Call{ID: "speech", OperationID: "createSpeech", Params: client.Params{"model": "tts-1", "voice": "alloy", "input": "Titan"}})
	journal := client.EachJournal(filepath.Join(t.TempDir(), "journal.jsonl"), "models")
	c := server.client(t, client.WithMaxRetries(0))
	first := collect(t, c.Each(t.Context(), slices.Values(calls), journal))
	sent := server.sent()
	second := collect(t, c.Each(t.Context(), slices.Values(calls), journal))
	if len(first) != 5 || len(second) != 5 || server.sent() != sent {
		t.Fatalf("got %d and %d results, %d requests by the second run; want 5, 5, 0", len(first), len(second), server.sent()-sent)
	}
	for id, was := range first {
		is := second[id]
		if was.Replayed || !is.Replayed || was.Attempts != is.Attempts || fmt.Sprint(was.Err) != fmt.Sprint(is.Err) {
			t.Errorf("call %s: got %v, %d attempts, replayed %v; want %v, %d", id, is.Err, is.Attempts, is.Replayed, was.Err, was.Attempts)
		}
		if was.Err != nil {
			continue
		}
		before, _ := io.ReadAll(was.Response.Body())
		after, _ := io.ReadAll(is.Response.Body())
		if string(before) != string(after) || was.Response.RequestID() != is.Response.RequestID() || was.Response.MediaType() != is.Response.MediaType() {
			t.Errorf("call %s: got %q (%v), want %q (%v)", id, after, is.Response, before, was.Response)
		}
	}
	var notFound *client.APIError
	var page *client.ResponseError
	if !errors.As(second["m2"].Err, &notFound) || notFound.Code != "c404" || !errors.As(second["m3"].Err, &page) {
		t.Errorf("got %v and %v, want the errors of the first run", second["m2"].Err, second["m3"].Err)
	}
	collect(t, c.Each(t.Context(), slices.Values(calls), journal, client.EachResendFailed()))
	if server.sent() != sent+1 {
		t.Errorf("%d requests were sent again, want that of m2", server.sent()-sent)
	}
}

// twoCalls writes the journal of two calls that were answered and one in doubt.
func twoCalls(t *testing.T, server *modelServer) (path string, text []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "journal.jsonl")
	collect(t, server.client(t).Each(t.Context(), models(2), client.EachJournal(path, "job"), client.EachConcurrency(1)))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, text
}

// TestJournalCutAnywhereSendsNothingTwice cuts a journal at each of its bytes, as a kill
// or a full disk may.
func TestJournalCutAnywhereSendsNothingTwice(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	path, text := twoCalls(t, server)
	c := server.client(t)
	step := 1
	if testing.Short() {
		step = 31 // no divisor of a line's length: all parts of a line are met
	}
	for n := 0; n < len(text); n += step {
		if err := os.WriteFile(path, text[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		begun := strings.Count(string(text[:n]), "\n{\"begun\":") - strings.Count(lastLine(text[:n]), "{\"begun\":")
		before, doubt := server.sent(), 0
		for r, err := range c.Each(t.Context(), models(2), client.EachJournal(path, "job")) {
			var inDoubt *client.InDoubtError
			switch {
			case err != nil:
				t.Fatalf("cut at %d: %v", n, err)
			case errors.As(r.Err, &inDoubt):
				doubt++
			case r.Err != nil || r.Response.Get("id").String() != r.Call.ID:
				t.Errorf("cut at %d: got %v, %v", n, r.Response, r.Err)
			}
		}
		if sent := server.sent() - before; sent != 2-begun || doubt > 1 {
			t.Errorf("cut at %d of %d, after %d calls were begun: %d were sent and %d in doubt", n, len(text), begun, sent, doubt)
		}
		if again := collect(t, c.Each(t.Context(), models(2), client.EachJournal(path, "job"), client.EachResendInDoubt())); len(again) != 2 || again["m0"].Err != nil || again["m1"].Err != nil {
			t.Errorf("cut at %d: sending again what was in doubt: got %v", n, again)
		}
	}
}

// lastLine is what follows the last line end.
func lastLine(text []byte) string {
	return string(text[strings.LastIndexByte(string(text), '\n')+1:])
}

func TestJournalRefuses(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	_, text := twoCalls(t, server)
	whole := string(text)
	lines := strings.SplitAfter(whole, "\n")
	sent := server.sent()
	for name, test := range map[string]struct {
		text string
		job  string
		want string
	}{
		"another job":              {whole, "other", `line 1: it is that of job "job", want "other"`},
		"the name of another":      {whole, "", `want ""`},
		"a file that is none":      {"the only copy of a thesis", "job", "line 1: got no journal"},
		"a file of lines":          {"{\"id\":1}\n{\"id\":2}\n", "job", "line 1: got no journal"},
		"another version":          {"{\"opcall_journal\":2,\"job\":\"job\"}\n", "job", "line 1: got no journal of this version"},
		"a cut in the middle":      {lines[0] + lines[1][:10] + lines[2] + lines[3], "job", "line 2: it is damaged"},
		"a line of zeros":          {lines[0] + "\x00\x00\x00\n" + lines[1], "job", "line 2: it is damaged"},
		"a line that is not JSON":  {lines[0] + lines[1] + "[]\n", "job", "line 3: got "},
		"another kind":             {lines[0] + "{\"ended\":\"m0\"}\n", "job", "line 2: got a line of a kind"},
		"an answer to nothing":     {lines[0] + lines[2], "job", "line 2: it is about a call that no line before it began"},
		"an answer without status": {lines[0] + lines[1] + "{\"answered\":\"m0\"}\n", "job", "line 3: it is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "journal.jsonl")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var refused *client.JournalError
			for r, err := range server.client(t).Each(t.Context(), models(2), client.EachJournal(path, test.job)) {
				if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v, error %v, want one with %q", r, err, test.want)
				}
			}
			if left, err := os.ReadFile(path); refused == nil || err != nil || string(left) != test.text {
				t.Errorf("the file was changed to %q, error %v", left, err)
			}
		})
	}
	t.Cleanup(func() {
		if server.sent() != sent {
			t.Errorf("%d requests were sent", server.sent()-sent)
		}
	})
}

func TestJournalRefusesAnotherShard(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	path, _ := twoCalls(t, server)
	for _, err := range server.client(t).Each(t.Context(), models(2), client.EachJournal(path, "job"), client.EachShard(client.Shard{Index: 1, Count: 2})) {
		if err == nil || !strings.Contains(err.Error(), `it is that of shard "0/1", want "1/2"`) {
			t.Errorf("got error %v", err)
		}
	}
}

// TestJournalRefusesOtherParamsUnderAnID: a result of other params would be wrong.
func TestJournalRefusesOtherParamsUnderAnID(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	path, _ := twoCalls(t, server)
	sent := server.sent()
	for name, call := range map[string]client.Call{
		"params":    {ID: "m0", OperationID: "retrieveModel", Params: client.Params{"model": "other"}},
		"operation": {ID: "m0", OperationID: "deleteModel", Params: client.Params{"model": "m0"}},
	} {
		for r, err := range server.client(t).Each(t.Context(), slices.Values([]client.Call{call}), client.EachJournal(path, "job")) {
			var wrong *client.CallIDError
			if err != nil || !errors.As(r.Err, &wrong) || wrong.ID != "m0" {
				t.Errorf("%s: got %v, %v", name, err, r.Err)
			}
		}
	}
	if server.sent() != sent {
		t.Errorf("%d requests were sent", server.sent()-sent)
	}
}

func TestJournalHasOneRunAtOnce(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	c := server.client(t)
	journal := client.EachJournal(filepath.Join(t.TempDir(), "journal.jsonl"), "job")
	tried := false
	for _, err := range c.Each(t.Context(), models(20), journal, client.EachConcurrency(1)) {
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range c.Each(t.Context(), models(20), journal) {
			tried = true
			if err == nil || !strings.Contains(err.Error(), "another run has it") {
				t.Fatalf("the second run: got error %v", err)
			}
		}
	}
	if got := collect(t, c.Each(t.Context(), models(20), journal)); !tried || len(got) != 20 || server.sent() != 20 {
		t.Errorf("got %d results of %d requests afterwards, want 20", len(got), server.sent())
	}
}

// TestJournalHasNoKey: neither by a server that repeats it nor by an error.
func TestJournalHasNoKey(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", key+r.Header.Get("X-Session-Token"))
		if strings.HasSuffix(r.URL.Path, "m1") {
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprintf(w, `{"id":%q,"object":"model","created":1,"owned_by":%q}`, key, r.Header.Get("X-Session-Token"))
	}))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	c := (&modelServer{Server: server}).client(t, client.WithHeader("X-Session-Token", `session-"of"-the-test`))
	collect(t, c.Each(t.Context(), models(2), client.EachJournal(path, "job")))
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), "secret-of-the-test") || strings.Contains(string(text), "-the-test") || !strings.Contains(string(text), "***") {
		t.Errorf("got error %v, journal\n%s", err, text)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the journal may be read by others: %v, %v", info.Mode(), err)
	}
}

// TestJournalGoesOnAfterABreak: what was in flight when the loop was left is not sent
// again, nor lost.
func TestJournalGoesOnAfterABreak(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	c := server.client(t)
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	for runs, left := 0, true; left; runs++ {
		n := 0
		left = false
		for r, err := range c.Each(t.Context(), models(60), client.EachJournal(path, "job"), client.EachConcurrency(5)) {
			if err != nil || r.Err != nil {
				t.Fatal(err, r.Err)
			}
			if n++; n == 10*(runs+1) && runs < 4 {
				left = true
				break
			}
		}
		if !left && n != 60 {
			t.Errorf("the last run has %d results, want 60", n)
		}
	}
	if server.sent() != 60 {
		t.Errorf("60 calls were sent %d times", server.sent())
	}
}

// TestJournalSendsAgainWhatWaitedForARetry: a call that the end of a run kept from its
// retry is not a failed one.
func TestJournalSendsAgainWhatWaitedForARetry(t *testing.T) {
	t.Parallel()
	var failed atomic.Bool
	refused := make(chan struct{})
	server := newModelServer(t, func(w http.ResponseWriter, id string) bool {
		if id == "m0" && failed.CompareAndSwap(false, true) {
			defer close(refused)
			w.Header().Set("Retry-After", "50")
			return refuse(w, http.StatusInternalServerError)
		}
		<-refused // else the loop may end before m0 is sent at all
		return false
	})
	journal := client.EachJournal(filepath.Join(t.TempDir(), "journal.jsonl"), "job")
	c := server.client(t)
	for r, err := range c.Each(t.Context(), models(20), journal, client.EachConcurrency(2)) {
		if err != nil || r.Err != nil {
			t.Fatal(err, r.Err)
		}
		if r.Call.ID == "m19" {
			break
		}
	}
	got := collect(t, c.Each(t.Context(), models(20), journal))
	if len(got) != 20 || got["m0"].Err != nil || got["m0"].Replayed || server.asked["m0"] != 2 {
		t.Errorf("got %d results, m0: %v, replayed %v", len(got), got["m0"].Err, got["m0"].Replayed)
	}
}

func BenchmarkJournal(b *testing.B) {
	server := newModelServer(b, nil)
	c := server.client(b, client.WithMiddleware(func(http.RoundTripper) http.RoundTripper { return answering{} }))
	for name, opts := range map[string][]client.EachOption{
		"without": nil,
		"with":    {client.EachJournal(filepath.Join(b.TempDir(), "journal.jsonl"), "job")},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			opts := opts
			if name == "with" {
				opts = []client.EachOption{client.EachJournal(filepath.Join(b.TempDir(), "journal.jsonl"), "job")}
			}
			n := 0
			for _, err := range c.Each(b.Context(), models(-1), opts...) {
				if err != nil {
					b.Fatal(err)
				}
				if n++; n >= b.N {
					break
				}
			}
		})
	}
}
