package openai_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

// TestBatchFilesThatStayAreAnError: results whose temporary files could not be removed
// end in an error, however they are ordered, and not where the loop was left before.
func TestBatchFilesThatStayAreAnError(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder with open files cannot be renamed there")
	}
	b := newBatch(t, newFileHost(t).client(t), openai.BatchOptions{})
	add(t, b, "a", "createChatCompletion", ask("A"))
	add(t, b, "b", "createEmbedding", client.Params{"model": "m", "input": "b"})
	run := start(t, b)
	for name, inOrder := range map[string]bool{"as they come": false, "in order": true} {
		for _, leaves := range []bool{false, true} {
			temporary := filepath.Join(t.TempDir(), "tmp")
			aside := temporary + "-aside"
			if err := os.Mkdir(temporary, 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("TMPDIR", temporary)
			results, failures := run.Results(t.Context()), 0
			if inOrder {
				results = run.InOrder(t.Context())
			}
			for result, err := range results {
				if err != nil {
					if failures++; result.BatchID == "" {
						t.Errorf("%s: got no batch with %v", name, err)
					}
					continue
				}
				if _, err := os.Stat(aside); err == nil {
					continue
				}
				if err := os.Rename(temporary, aside); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(temporary, nil, 0o600); err != nil { // no folder: nothing in it can be removed
					t.Fatal(err)
				}
				if leaves {
					break
				}
			}
			if want := map[bool]int{false: 1, true: 0}[leaves]; failures != want {
				t.Errorf("%s, left %t: got %d errors, want %d", name, leaves, failures, want)
			}
		}
	}
}
