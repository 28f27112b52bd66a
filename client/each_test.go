package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/schema"
)

// modelServer responds to retrieveModel with the model of that name, after it has called
// each, and counts how often it was asked for each name.
type modelServer struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
}

func newModelServer(tb testing.TB, each func(w http.ResponseWriter, id string) (handled bool)) *modelServer {
	s := &modelServer{asked: make(map[string]int)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := path.Base(r.URL.Path)
		s.mu.Lock()
		s.asked[id]++
		s.mu.Unlock()
		if each != nil && each(w, id) {
			return
		}
		writeModel(w, id)
	}))
	tb.Cleanup(s.Close)
	return s
}

func writeModel(w http.ResponseWriter, id string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", "req_"+id)
	fmt.Fprintf(w, `{"id":%q,"object":"model","created":1,"owned_by":"opcall"}`, id)
}

func refuse(w http.ResponseWriter, status int) bool {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"message":"no","type":"server_error","code":"c%d","param":null}}`, status)
	return true
}

// sent returns how often the server was asked, in all.
func (s *modelServer) sent() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, times := range s.asked {
		n += times
	}
	return n
}

func (s *modelServer) client(tb testing.TB, opts ...client.Option) *client.Client {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	tb.Cleanup(transport.CloseIdleConnections)
	c, err := client.New(append([]client.Option{
		client.WithoutEnvironment(), client.WithBaseURL(s.URL), client.WithAPIKey("sk-secret-of-the-test"),
		client.WithHTTPClient(&http.Client{Transport: transport}),
	}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// models are the calls of n models, "m0" and so on, which are their IDs as well.
func models(n int) iter.Seq[client.Call] {
	return func(yield func(client.Call) bool) {
		for i := 0; n < 0 || i < n; i++ {
			id := fmt.Sprintf("m%d", i)
			if !yield(client.Call{ID: id, OperationID: "retrieveModel", Params: client.Params{"model": id}}) {
				return
			}
		}
	}
}

// collect returns the results by ID and fails for one that comes twice.
func collect(tb testing.TB, results iter.Seq2[client.EachResult, error]) map[string]client.EachResult {
	tb.Helper()
	all := make(map[string]client.EachResult)
	for r, err := range results {
		if err != nil {
			tb.Fatalf("after %d results: %v", len(all), err)
		}
		if _, twice := all[r.Call.ID]; twice {
			tb.Errorf("call %s has two results", r.Call.ID)
		}
		all[r.Call.ID] = r
	}
	return all
}

func TestEachYieldsEveryCallOnce(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	got := collect(t, server.client(t).Each(t.Context(), models(300), client.EachConcurrency(8)))
	if len(got) != 300 || server.sent() != 300 {
		t.Errorf("got %d results of %d requests, want 300 of 300", len(got), server.sent())
	}
	for id, r := range got {
		if r.Err != nil || r.Response.Get("id").String() != id || r.Attempts != 1 || r.Replayed || fmt.Sprintf("m%d", r.Position) != id {
			t.Errorf("call %s at %d: got %v, error %v, %d attempts", id, r.Position, r.Response, r.Err, r.Attempts)
		}
	}
}

func TestEachInOrderYieldsInOrder(t *testing.T) {
	t.Parallel()
	var first sync.WaitGroup // m0 is answered after three others
	first.Add(3)
	var others atomic.Int32
	server := newModelServer(t, func(_ http.ResponseWriter, id string) bool {
		if id == "m0" {
			first.Wait()
		} else if others.Add(1) <= 3 {
			first.Done()
		}
		return false
	})
	var got []int
	for r, err := range server.client(t).Each(t.Context(), models(50), client.EachInOrder(), client.EachConcurrency(4)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Position)
	}
	if len(got) != 50 || !slices.IsSorted(got) {
		t.Errorf("got results in the order %v, want 0 to 49", got)
	}
}

// TestEachInOrderBeginsNoMoreThanItMayHold: one call that takes for ever holds up calls,
// and not memory.
func TestEachInOrderBeginsNoMoreThanItMayHold(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	server := newModelServer(t, func(_ http.ResponseWriter, id string) bool {
		if id == "m0" {
			<-hold
		}
		return false
	})
	var taken atomic.Int32
	stuck := make(chan struct{})
	calls := func(yield func(client.Call) bool) {
		for call := range models(1000) {
			if taken.Add(1) == 14 { // 3 times the concurrency, the first one, and one that waits
				close(stuck)
			}
			if !yield(call) {
				return
			}
		}
	}
	go func() {
		<-stuck
		if n := taken.Load(); n > 14 {
			t.Errorf("%d calls were taken while the first one was in flight, want 14 at most", n)
		}
		close(hold)
	}()
	if got := collect(t, server.client(t).Each(t.Context(), calls, client.EachInOrder(), client.EachConcurrency(4))); len(got) != 1000 {
		t.Errorf("got %d results, want 1000", len(got))
	}
}

func TestEachKeepsToItsConcurrency(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	server := newModelServer(t, func(http.ResponseWriter, string) bool {
		n := now.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		runtime.Gosched()
		now.Add(-1)
		return false
	})
	collect(t, server.client(t).Each(t.Context(), models(200), client.EachConcurrency(3)))
	if most.Load() > 3 {
		t.Errorf("%d calls were in flight at once, want 3 at most", most.Load())
	}
}

func TestEachResultsOfCallsThatAreNotSent(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	calls := slices.Values([]client.Call{
		{ID: "unknown", OperationID: "retrieveModul"},
		{ID: "invalid", OperationID: "createChatCompletion", Params: client.Params{"model": "m"}},
		{ID: "stream", OperationID: "createChatCompletion", Params: client.Params{
			"model": "m", "messages": []any{client.Params{"role": "user", "content": "Hello"}}, "stream": true,
		}},
		{ID: "option", OperationID: "listModels", Options: []client.CallOption{client.WithMaxRetries(-1)}},
		{OperationID: "retrieveModel", Params: client.Params{"model": "m3"}},
		{ID: "#9", OperationID: "listModels"},
		{ID: "\xff", OperationID: "listModels"},
		{ID: "stream", OperationID: "retrieveModel", Params: client.Params{"model": "m4"}},
	})
	got := make(map[int]client.EachResult)
	for r, err := range server.client(t).Each(t.Context(), calls) {
		if err != nil {
			t.Fatal(err)
		}
		got[r.Position] = r
	}
	if len(got) != 8 || server.sent() != 1 || got[4].Err != nil || got[4].Call.ID != "#4" {
		t.Fatalf("got %d results of %d requests, want 8 of one, for #4: %v", len(got), server.sent(), got[4])
	}
	var unknown *schema.UnknownOperationError
	var invalid *schema.ValidationError
	if !errors.As(got[0].Err, &unknown) || !errors.As(got[1].Err, &invalid) {
		t.Errorf("got %v and %v", got[0].Err, got[1].Err)
	}
	for position, want := range map[int]string{
		2: "use Stream", 3: "max retries", 5: `call 5: ID "#9": it begins with "#"`, 6: "UTF-8", 7: `ID "stream": call 2 has the same ID`,
	} {
		if err := got[position].Err; err == nil || !strings.Contains(err.Error(), want) || got[position].Attempts != 0 {
			t.Errorf("call %d: got error %v, want one with %q", position, err, want)
		}
	}
}

func TestEachRefusesOptions(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	for name, option := range map[string]client.EachOption{
		"concurrency 0":      client.EachConcurrency(0),
		"concurrency 10,001": client.EachConcurrency(10_001),
		"negative budget":    client.EachRetryBudget(-1),
		"shard 4 of 4":       client.EachShard(client.Shard{Index: 4, Count: 4}),
		"shard 1 of 0":       client.EachShard(client.Shard{Index: 1}),
		"no journal":         client.EachJournal("", "job"),
		"nothing to resend":  client.EachResendFailed(),
		"a folder":           client.EachJournal(t.TempDir(), "job"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			for r, err := range server.client(t).Each(t.Context(), models(1), option) {
				if n++; err == nil || r.Response != nil {
					t.Errorf("got result %v, error %v, want an error alone", r, err)
				}
			}
			if n != 1 {
				t.Errorf("got %d results, want the error", n)
			}
		})
	}
}

// TestEachBreakWaitsForCallsInFlight: leaving the loop takes no more calls, and those
// that the server has are completed.
func TestEachBreakWaitsForCallsInFlight(t *testing.T) {
	t.Parallel()
	for name, option := range map[string][]client.EachOption{"as they come": nil, "in order": {client.EachInOrder()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var begun, ended atomic.Int32
			var returned atomic.Bool
			server := newModelServer(t, func(w http.ResponseWriter, id string) bool {
				begun.Add(1)
				writeModel(w, id)
				ended.Add(1)
				return true
			})
			calls := func(yield func(client.Call) bool) {
				defer returned.Store(true)
				models(-1)(yield)
			}
			for _, err := range server.client(t).Each(t.Context(), calls, append(option, client.EachConcurrency(6))...) {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			if !returned.Load() {
				t.Error("the loop was left before the calls had returned")
			}
			if begun.Load() != ended.Load() || begun.Load() > 24 {
				t.Errorf("%d calls were begun and %d completed", begun.Load(), ended.Load())
			}
			sent := server.sent()
			runtime.Gosched()
			if now := server.sent(); now != sent {
				t.Errorf("%d calls were sent after the loop", now-sent)
			}
		})
	}
}

func TestEachEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	server := newModelServer(t, func(_ http.ResponseWriter, id string) bool {
		if id == "m5" {
			cancel(enough)
		}
		return false
	})
	var last error
	results := 0
	for r, err := range server.client(t).Each(ctx, models(-1), client.EachConcurrency(2)) {
		if last != nil {
			t.Fatalf("got %v after %v", r, last)
		}
		if last = err; err == nil {
			results++
		}
	}
	if !errors.Is(last, context.Canceled) || !errors.Is(last, enough) || results < 2 {
		t.Errorf("got %d results and %v, want the cause of the context", results, last)
	}
}

func TestEachPanicOfTheCallsIsOneOfTheLoop(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	defer func() {
		if got := recover(); got != "no more" {
			t.Errorf("got panic %v, want that of the calls", got)
		}
	}()
	collect(t, server.client(t).Each(t.Context(), func(yield func(client.Call) bool) {
		yield(client.Call{OperationID: "listModels"})
		panic("no more")
	}))
}

// TestEachEndsTheLoopWhereTheCallsEndTheirGoroutine: a test that fails within the calls
// must not go on behind the loop as if there had been no more calls.
func TestEachEndsTheLoopWhereTheCallsEndTheirGoroutine(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	c := server.client(t)
	ended := make(chan string, 1)
	go func() {
		how := "ended"
		defer func() { ended <- how }()
		collect(t, c.Each(t.Context(), func(yield func(client.Call) bool) {
			yield(client.Call{OperationID: "listModels"})
			runtime.Goexit()
		}))
		how = "went on"
	}()
	if how := <-ended; how != "ended" {
		t.Errorf("the goroutine of the loop %s", how)
	}
}

func TestEachReadsResponsesThatAreNotJSON(t *testing.T) {
	t.Parallel()
	sound := strings.Repeat("\x00\xffsound", 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "audio/mpeg")
		io.WriteString(w, sound)
	}))
	t.Cleanup(server.Close)
	c := (&modelServer{Server: server}).client(t)
	speech := client.Call{OperationID: "createSpeech", Params: client.Params{"model": "tts-1", "voice": "alloy", "input": "Titan"}}
	for r, err := range c.Each(t.Context(), slices.Values([]client.Call{speech})) {
		if err != nil || r.Err != nil {
			t.Fatal(err, r.Err)
		}
		if body, err := io.ReadAll(r.Response.Body()); err != nil || string(body) != sound {
			t.Errorf("got %d bytes, error %v, want %d", len(body), err, len(sound))
		}
	}
	for r := range c.Each(t.Context(), slices.Values([]client.Call{speech}), client.EachCallOptions(client.WithMaxResponse(100))) {
		if r.Err == nil || !strings.Contains(r.Err.Error(), "WithMaxResponse") {
			t.Errorf("got error %v, want that of the limit", r.Err)
		}
	}
}

// TestEachMemoryIsFlat: a hundred times as many calls leave as much on the heap.
func TestEachMemoryIsFlat(t *testing.T) {
	server := newModelServer(t, nil)
	c := server.client(t, client.WithMiddleware(func(http.RoundTripper) http.RoundTripper { return answering{} }))
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	calls := func(yield func(client.Call) bool) {
		for yield(client.Call{OperationID: "retrieveModel", Params: client.Params{"model": "m"}}) {
		}
	}
	var early, late uint64
	n, all := 0, 50_000
	if testing.Short() {
		all = 10_000
	}
	for r, err := range c.Each(t.Context(), calls) {
		if err != nil || r.Err != nil {
			t.Fatal(err, r.Err)
		}
		switch n++; n {
		case 500:
			early = heap()
		case all:
			late = heap()
		}
		if n == all {
			break
		}
	}
	if late > early+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes in %d calls", early, late, all-500)
	}
}

// answering is a transport without a network.
type answering struct{}

func (answering) RoundTrip(req *http.Request) (*http.Response, error) {
	body := `{"id":"m","object":"model","created":1,"owned_by":"opcall"}`
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
	}, nil
}

func TestShardsHaveEachCallOnce(t *testing.T) {
	t.Parallel()
	server := newModelServer(t, nil)
	c := server.client(t)
	got := make(map[string]int)
	for i := range 3 {
		shard := client.Shard{Index: i, Count: 3}
		for id, r := range collect(t, c.Each(t.Context(), models(90), client.EachShard(shard))) {
			got[id]++
			if !shard.Has(id) || r.Err != nil || fmt.Sprintf("m%d", r.Position) != id {
				t.Errorf("shard %v has %s at %d, error %v", shard, id, r.Position, r.Err)
			}
		}
	}
	if len(got) != 90 || server.sent() != 90 {
		t.Errorf("got %d calls by %d requests, want 90", len(got), server.sent())
	}
	text, _ := json.Marshal(got)
	if strings.Contains(string(text), ":2") {
		t.Errorf("a call is in two shards: %s", text)
	}
}
