package client_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sync"
	"testing"

	"github.com/opcall/opcall/client"
)

// The variables by which a test starts its own binary as the process that is killed.
const (
	childServer  = "OPCALL_TEST_EACH_SERVER"
	childJournal = "OPCALL_TEST_EACH_JOURNAL"
	childResend  = "OPCALL_TEST_EACH_RESEND"
)

// faultyServer fails at random, by a seeded plan: it refuses, fails or cuts connections
// before it carries a call out. It counts what it has carried out.
type faultyServer struct {
	*httptest.Server
	mu      sync.Mutex
	random  *rand.Rand
	done    map[string]int // times that a call was carried out
	faults  map[int]int    // by status; 0 for cut connections
	total   int
	reached map[int]func() // to be called when so many calls were carried out
}

func newFaultyServer(t *testing.T, seed uint64) *faultyServer {
	s := &faultyServer{random: rand.New(rand.NewPCG(seed, seed)), done: make(map[string]int), faults: make(map[int]int), reached: make(map[int]func())}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *faultyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := path.Base(r.URL.Path)
	s.mu.Lock()
	fault := -1
	switch n := s.random.IntN(100); {
	case n < 10:
		fault = http.StatusTooManyRequests
	case n < 20:
		fault = http.StatusInternalServerError
	case n < 23:
		fault = 0
	}
	var reached func()
	if fault < 0 {
		s.done[id]++
		s.total++
		reached = s.reached[s.total]
	} else {
		s.faults[fault]++
	}
	s.mu.Unlock()
	switch {
	case reached != nil: // the call is carried out, and the response comes too late
		reached()
		<-r.Context().Done()
	case fault < 0:
		writeModel(w, id)
	case fault == 0:
		panic(http.ErrAbortHandler)
	default:
		w.Header().Set("Retry-After-Ms", "1")
		refuse(w, fault)
	}
}

const killedCalls = 400

// childResult is what the process prints of a result.
type childResult struct {
	ID       string
	Model    string
	Replayed bool
	InDoubt  bool
	Err      string
}

// TestEachChild is the process that is killed: it makes the calls and prints a line per
// result.
func TestEachChild(t *testing.T) {
	server := os.Getenv(childServer)
	if server == "" {
		t.Skip("the process of TestEachSurvivesAKill")
	}
	c, err := client.New(client.WithoutEnvironment(), client.WithBaseURL(server), client.WithAPIKey("test"), client.WithMaxRetries(8),
		client.WithHTTPClient(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}))
	if err != nil {
		t.Fatal(err)
	}
	opts := []client.EachOption{client.EachJournal(os.Getenv(childJournal), "400 models"), client.EachConcurrency(8), client.EachRetryBudget(8)}
	if os.Getenv(childResend) != "" {
		opts = append(opts, client.EachResendInDoubt())
	}
	for r, err := range c.Each(t.Context(), models(killedCalls), opts...) {
		if err != nil {
			t.Fatal(err)
		}
		var doubt *client.InDoubtError
		line := childResult{ID: r.Call.ID, Replayed: r.Replayed, InDoubt: errors.As(r.Err, &doubt)}
		if r.Err != nil {
			line.Err = r.Err.Error()
		} else {
			line.Model = r.Response.Get("id").String()
		}
		text, _ := json.Marshal(line)
		fmt.Printf("\n%s\n", text)
	}
	// goleak would find the idle connections of the process.
	os.Exit(0)
}

// startChild starts the process; the results come when it has ended.
func startChild(t *testing.T, server *faultyServer, journal string, env ...string) (process *exec.Cmd, results func() map[string]childResult) {
	t.Helper()
	process = exec.Command(os.Args[0], "-test.run=^TestEachChild$", "-test.timeout=2m")
	process.Env = append(append(os.Environ(), childServer+"="+server.URL, childJournal+"="+journal), env...)
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	process.Stderr = os.Stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	return process, func() map[string]childResult {
		all := make(map[string]childResult)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var r childResult
			if json.Unmarshal(lines.Bytes(), &r) != nil || r.ID == "" {
				continue
			}
			if _, twice := all[r.ID]; twice {
				t.Errorf("call %s has two results in one run", r.ID)
			}
			all[r.ID] = r
		}
		process.Wait()
		return all
	}
}

// TestEachSurvivesAKill kills the process that makes 400 calls to a server that fails at
// random, three times, and counts: every call has one result in the end, and none was
// carried out twice.
func TestEachSurvivesAKill(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2} {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			if testing.Short() && seed > 1 {
				t.Skip("starts five processes: run without -short")
			}
			server := newFaultyServer(t, seed)
			journal := filepath.Join(t.TempDir(), "journal.jsonl")
			answered := make(map[string]bool) // that a killed run has yielded
			for _, at := range []int{60, 170, 300} {
				killed := make(chan struct{})
				var process *exec.Cmd
				var starting sync.Mutex
				starting.Lock()
				server.mu.Lock()
				server.reached[at] = func() {
					starting.Lock()
					close(killed) // first: the process may have ended when Kill returns
					process.Process.Kill()
				}
				server.mu.Unlock()
				var results func() map[string]childResult
				process, results = startChild(t, server, journal)
				starting.Unlock()
				for id, r := range results() {
					answered[id] = answered[id] || r.Err == ""
				}
				select {
				case <-killed:
				default:
					t.Fatalf("the process ended before %d calls were carried out", at)
				}
			}
			_, results := startChild(t, server, journal)
			check(t, server, results(), answered)
			_, results = startChild(t, server, journal, childResend+"=1")
			for id, r := range results() {
				if r.Err != "" || r.Model != id {
					t.Errorf("call %s, where calls in doubt are sent again: got %+v", id, r)
				}
			}
		})
	}
}

// check counts the results of the run that was not killed.
func check(t *testing.T, server *faultyServer, got map[string]childResult, answered map[string]bool) {
	t.Helper()
	// What a killed process had sent may still be arriving.
	server.mu.Lock()
	carriedOut, faults := maps.Clone(server.done), maps.Clone(server.faults)
	server.mu.Unlock()
	doubts := 0
	for call := range models(killedCalls) {
		r, ok := got[call.ID]
		done := carriedOut[call.ID]
		switch {
		case !ok:
			t.Errorf("call %s is lost", call.ID)
		case r.InDoubt:
			doubts++
			if answered[call.ID] || done > 1 {
				t.Errorf("call %s is in doubt; it was answered before: %v; it was carried out %d times", call.ID, answered[call.ID], done)
			}
		case r.Err != "" || r.Model != call.ID || done != 1:
			t.Errorf("call %s: got %+v, carried out %d times", call.ID, r, done)
		case answered[call.ID] && !r.Replayed:
			t.Errorf("call %s had a result and was sent again", call.ID)
		}
	}
	if len(got) != killedCalls || doubts > 3*8 || doubts == 0 {
		t.Errorf("got %d results, of which %d are in doubt; want %d, and 1 to 24 (8 calls in flight at each kill)", len(got), doubts, killedCalls)
	}
	t.Logf("%d calls: %d carried out once, %d in doubt; faults by status: %v", killedCalls, len(got)-doubts, doubts, faults)
}
