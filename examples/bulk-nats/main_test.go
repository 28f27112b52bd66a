package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
)

// workerOf is set where the test program is a worker: the address of the API.
const workerOf = "BULK_NATS_TEST_API"

func TestMain(m *testing.M) {
	api := os.Getenv(workerOf)
	if api == "" {
		os.Exit(m.Run())
	}
	ctx := context.Background()
	q, err := openQueue(ctx, os.Getenv("NATS_URL"))
	if err == nil {
		var c *client.Client
		if c, err = client.New(client.WithoutEnvironment(), client.WithBaseURL(api), client.WithAPIKey("test"), client.WithMiddleware(q.limited)); err == nil {
			err = work(ctx, q, c, 4)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// api is a server that counts how often each model was asked for, and by which worker:
// each has a path of its own.
type api struct {
	*httptest.Server
	mu      sync.Mutex
	asked   map[string]int
	of      map[string]int // requests of a worker
	worker  string         // the worker after so many requests of which reached is called
	at      int
	reached func()
}

func newAPI(t *testing.T) *api {
	a := &api{asked: make(map[string]int), of: make(map[string]int)}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, worker := path.Base(r.URL.Path), strings.Split(r.URL.Path, "/")[1]
		a.mu.Lock()
		a.asked[id]++
		a.of[worker]++
		reached := worker == a.worker && a.of[worker] == a.at
		a.mu.Unlock()
		if reached {
			a.reached()
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":%q,"object":"model","created":1,"owned_by":"opcall"}`, id)
	}))
	t.Cleanup(a.Close)
	return a
}

// startWorker starts a process that makes calls.
func startWorker(t *testing.T, api *api, name, address string) *exec.Cmd {
	t.Helper()
	process := exec.Command(os.Args[0])
	process.Env = append(os.Environ(), workerOf+"="+api.URL+"/"+name, "NATS_URL="+address)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Process.Kill()
		process.Wait()
	})
	return process
}

func putModels(t *testing.T, q *queue, n int) {
	t.Helper()
	for i := range n {
		id := fmt.Sprintf("m%d", i)
		c := call{ID: id, Operation: "retrieveModel", Params: json.RawMessage(`{"model":"` + id + `"}`)}
		for range 2 { // the second one is a duplicate
			if err := q.put(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// resultsOf waits for n results, and then for one that nobody wants.
func resultsOf(t *testing.T, q *queue, n int) map[string]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	counted := make(map[string]int)
	total := 0
	err := q.results(ctx, func(r result) bool {
		var model struct{ ID string }
		if json.Unmarshal(r.Body, &model); r.Error != "" || model.ID != r.ID {
			t.Errorf("result of %s: got %s, error %q", r.ID, r.Body, r.Error)
		}
		counted[r.ID]++
		total++
		return total < n
	})
	if err != nil || total < n {
		t.Fatalf("got %d results, error %v, want %d", total, err, n)
	}
	return counted
}

// checkEmpty waits until all calls are acknowledged, and counts the results once more.
func checkEmpty(t *testing.T, q *queue, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		calls, err := q.stream.Stream(ctx, "CALLS")
		if err != nil {
			t.Fatal(err)
		}
		if calls.CachedInfo().State.Msgs == 0 {
			break
		}
		if !sleep(ctx, pause) {
			t.Fatalf("%d calls are left in the queue", calls.CachedInfo().State.Msgs)
		}
	}
	info, err := q.stored.Info(ctx)
	if err != nil || int(info.State.Msgs) != n || int(info.State.NumSubjects) != n {
		t.Errorf("the result stream has %d results of %d calls, error %v, want %d", info.State.Msgs, info.State.NumSubjects, err, n)
	}
}

// TestAKilledWorkerLosesNothing: of three workers one is killed while its calls are in
// flight, and every call has one result.
func TestAKilledWorkerLosesNothing(t *testing.T) {
	const calls, inFlight = 200, 4
	server, err := startServer("127.0.0.1", randomPort, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	q, err := openQueue(t.Context(), server.address())
	if err != nil {
		t.Fatal(err)
	}
	defer q.close()
	putModels(t, q, calls)

	api := newAPI(t)
	var first *exec.Cmd
	started, killed := make(chan struct{}), make(chan struct{})
	api.worker, api.at = "first", 6
	api.reached = func() { // no response to this one, nor to the others of the worker
		<-started
		first.Process.Kill()
		first.Wait()
		close(killed)
	}
	first = startWorker(t, api, "first", server.address())
	close(started)
	for _, name := range []string{"second", "third"} {
		startWorker(t, api, name, server.address())
	}
	<-killed
	counted := resultsOf(t, q, calls)
	checkEmpty(t, q, calls)
	again := 0
	for i := range calls {
		id := fmt.Sprintf("m%d", i)
		if counted[id] != 1 || api.asked[id] < 1 || api.asked[id] > 2 {
			t.Errorf("call %s has %d results, of %d requests", id, counted[id], api.asked[id])
		}
		again += api.asked[id] - 1
	}
	if again < 1 || again > inFlight {
		t.Errorf("%d calls were sent twice, want 1 to %d: those that were in flight", again, inFlight)
	}
}

// TestAServerThatGoesAwayLosesNothing: the NATS server is stopped while calls are in
// flight, and comes back.
func TestAServerThatGoesAwayLosesNothing(t *testing.T) {
	const calls = 150
	folder := t.TempDir()
	server, err := startServer("127.0.0.1", randomPort, folder)
	if err != nil {
		t.Fatal(err)
	}
	address, port := server.address(), server.port()
	q, err := openQueue(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer q.close()
	putModels(t, q, calls)
	api := newAPI(t)
	var restarting sync.WaitGroup
	restarting.Add(1)
	api.worker, api.at = "first", 5
	api.reached = func() {
		defer restarting.Done()
		server.stop()
		if server, err = startServer("127.0.0.1", port, folder); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"first", "second", "third"} {
		startWorker(t, api, name, address)
	}
	restarting.Wait()
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	counted := resultsOf(t, q, calls)
	checkEmpty(t, q, calls)
	for i := range calls {
		if id := fmt.Sprintf("m%d", i); counted[id] != 1 || api.asked[id] < 1 {
			t.Errorf("call %s has %d results, of %d requests", id, counted[id], api.asked[id])
		}
	}
}

// TestWorkersShareTheLimit: two limits on one bucket hand out no more than one would.
func TestWorkersShareTheLimit(t *testing.T) {
	server, err := startServer("127.0.0.1", randomPort, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	var taken [2]int
	var workers sync.WaitGroup
	started := time.Now()
	for i := range taken {
		q, err := openQueue(t.Context(), server.address())
		if err != nil {
			t.Fatal(err)
		}
		defer q.close()
		workers.Go(func() {
			for range 40 {
				if err := q.limit.take(t.Context()); err != nil {
					t.Error(err)
					return
				}
				taken[i]++
			}
		})
	}
	workers.Wait()
	if most := burst + perSecond*time.Since(started).Seconds() + 1; taken != [2]int{40, 40} || 80 > most {
		t.Errorf("%v permits were taken in %v, want 40 each, and %.0f at most", taken, time.Since(started), most)
	}
}
