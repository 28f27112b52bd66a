package openai_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

const killedParts = 20

func killedUpload(path, state string) openai.UploadRequest {
	return openai.UploadRequest{File: openai.Path(path), Purpose: openai.ForAssistants, PartSize: 1000, Parallel: 3, State: state}
}

// TestUploadSurvivesKilledProcesses kills the process that uploads at seeded places, until
// one comes to the end: the server then has the file once, and no part was sent again that
// was written down.
func TestUploadSurvivesKilledProcesses(t *testing.T) {
	if path := os.Getenv("OPCALL_TEST_UPLOAD"); path != "" {
		if _, err := openaiClient(t, os.Getenv("OPCALL_TEST_URL")).Upload(t.Context(), killedUpload(path, path+".state")); err != nil {
			t.Fatal(err)
		}
		return
	}
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			most := 4 // processes that are killed
			if testing.Short() {
				if most = 2; seed > 0 {
					t.Skip("starts three processes: run without -short")
				}
			}
			random := rand.New(rand.NewPCG(seed, 12))
			content := lettersOf(killedParts*1000 - 17)
			path := writeFile(t, "a.bin", content)
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
			kills := 0
			for {
				cmd, out := againAs(t, "TestUploadSurvivesKilledProcesses", "OPCALL_TEST_UPLOAD="+path, "OPCALL_TEST_URL="+h.URL)
				mu.Lock()
				running, left = cmd, 2+random.IntN(9)
				if kills == most {
					left = 1 << 30
				}
				err := cmd.Start()
				mu.Unlock()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Wait(); err == nil {
					break
				} else if cmd.ProcessState.Exited() {
					t.Fatalf("%v\n%s", err, out)
				}
				kills++
			}
			if got := h.onlyFile(); !bytes.Equal(got.Content, content) {
				t.Errorf("got %d bytes, want %d", len(got.Content), len(content))
			}
			parts, begun := h.count("POST /uploads/{id}/parts"), h.count("POST /uploads")
			t.Logf("%d kills, %d uploads begun, %d requests for %d parts", kills, begun, parts, killedParts)
			if kills == 0 || parts > killedParts*begun+3*kills {
				t.Errorf("got %d requests for %d parts in %d uploads after %d kills", parts, killedParts, begun, kills)
			}
			if _, err := os.Stat(path + ".state"); !os.IsNotExist(err) {
				t.Errorf("the state is still there: %v", err)
			}
		})
	}
}

// TestUploadSurvivesAServerThatFails lets a seeded share of all requests fail, in every
// way, and calls again until the file is there: once, and whole.
func TestUploadSurvivesAServerThatFails(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			if testing.Short() && seed > 1 {
				t.Skip("two seeds are enough for -short")
			}
			random := rand.New(rand.NewPCG(seed, 34))
			content := lettersOf(killedParts*1000 - 17)
			h := newFileHost(t)
			failed := 0
			h.faults = func(string, int) fault {
				if random.IntN(4) > 0 {
					return noFault
				}
				failed++
				return [...]fault{refuse, dropRequest, dropReply}[random.IntN(3)]
			}
			req := killedUpload(writeFile(t, "a.bin", content), filepath.Join(t.TempDir(), "state"))
			c := h.client(t, client.WithMaxRetries(0))
			calls := 1
			for ; ; calls++ {
				file, err := c.Upload(t.Context(), req)
				if err == nil {
					if file.Size() != int64(len(content)) {
						t.Errorf("got %d bytes", file.Size())
					}
					break
				}
				if calls == 200 {
					t.Fatal(err)
				}
			}
			if got := h.onlyFile(); !bytes.Equal(got.Content, content) {
				t.Errorf("got %d bytes, want %d", len(got.Content), len(content))
			}
			t.Logf("%d requests failed, %d calls", failed, calls)
			if failed == 0 {
				t.Error("no request failed")
			}
		})
	}
}
