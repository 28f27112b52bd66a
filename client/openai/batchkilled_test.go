package openai_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/opcall/opcall/client/openai"
)

const killedCalls = 60

// TestBatchSurvivesKilledProcesses kills the process that starts batches and reads their
// results at seeded places, until one comes to the end: each batch was started once, and
// that process has each result once.
func TestBatchSurvivesKilledProcesses(t *testing.T) {
	if state := os.Getenv("OPCALL_TEST_BATCH"); state != "" {
		runKilledBatch(t, state)
		return
	}
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			most := 5 // processes that are killed
			if testing.Short() {
				if most = 2; seed > 0 {
					t.Skip("starts three processes: run without -short")
				}
			}
			random := rand.New(rand.NewPCG(seed, 78))
			h := newFileHost(t)
			var mu sync.Mutex
			var running *exec.Cmd
			left := 0 // requests until the process is killed
			h.failBy(func(string, int) fault {
				mu.Lock()
				defer mu.Unlock()
				if left--; left == 0 {
					running.Process.Kill()
					return [...]fault{dropRequest, dropReply}[random.IntN(2)]
				}
				return noFault
			})
			state := filepath.Join(t.TempDir(), "state")
			kills := 0
			var got []string
			for {
				cmd, out := againAs(t, "TestBatchSurvivesKilledProcesses", "OPCALL_TEST_BATCH="+state, "OPCALL_TEST_URL="+h.URL)
				mu.Lock()
				running, left = cmd, 1+random.IntN(5)
				if kills == most {
					left = 1 << 30
				}
				err := cmd.Start()
				mu.Unlock()
				if err != nil {
					t.Fatal(err)
				}
				err = cmd.Wait()
				if err == nil {
					for lines := bufio.NewScanner(out); lines.Scan(); {
						if id, ok := strings.CutPrefix(lines.Text(), "RESULT "); ok {
							got = append(got, id)
						}
					}
					break
				} else if cmd.ProcessState.Exited() {
					t.Fatalf("%v\n%s", err, out)
				}
				kills++
			}
			var want []string
			for i := range killedCalls {
				want = append(want, fmt.Sprintf("call-%06d text %d", i+1, i))
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %d results: %q", len(got), got)
			}
			t.Logf("%d kills, %d batches, %d files uploaded", kills, len(h.batches), h.count("POST /files"))
			if kills == 0 || len(h.batches) != 3 {
				t.Errorf("got %d batches after %d kills, want 3", len(h.batches), kills)
			}
		})
	}
}

func runKilledBatch(t *testing.T, state string) {
	b := newBatch(t, openaiClient(t, os.Getenv("OPCALL_TEST_URL")), openai.BatchOptions{State: state})
	for i := range killedCalls {
		params := ask(fmt.Sprint("text ", i))
		params["model"] = fmt.Sprint("model ", i%3)
		add(t, b, "", "createChatCompletion", params)
	}
	for result, err := range start(t, b).InOrder(t.Context()) {
		if err != nil || result.Err != nil {
			t.Fatal(err, result.Err)
		}
		fmt.Println("RESULT", result.CustomID, result.Response.Get("choices.0.message.content"))
	}
}
