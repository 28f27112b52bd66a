// Tests that run each example as a user would: as a program, without a key.

package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// outputs holds a part of what each example prints.
var outputs = map[string]string{
	"agent":            "Left: [thesis.txt]",
	"any-operation":    "What createEmbedding would send:",
	"azure":            "https://example.openai.azure.com/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21",
	"batch":            "Failed: 0",
	"bulk":             "3 good, 1 failed, 0 from an earlier run",
	"chat":             "Titan, the largest moon of Saturn.",
	"conversation":     "4 items,",
	"download":         " bytes of ",
	"embeddings":       "text-embedding-3-small: ",
	"errors":           `did you mean "temperature"?`,
	"fine-tune":        "Status: succeeded",
	"images":           "partial: false",
	"local-host":       "Response: ",
	"other-api":        "Path: /v1/places/Paris%2FOrly/days",
	"pages":            "Files: ",
	"overlay":          `new value "bike"`,
	"quickstart":       "Response: Titan",
	"realtime":         "It is sunny in Paris, at 18 °C.",
	"responses":        "message with 0 sources",
	"resume":           "Cut off after event",
	"speech":           "titan.mp3: ",
	"shadow":           "listOrders",
	"split-files":      "getBook GET /books/{id}",
	"stream-chat":      "Finished: stop",
	"stream-responses": "response.completed           completed",
	"structured":       "2 facts have begun to arrive",
	"swap":             `safe a58cf724 listOrders.state: new value "paid"`,
	"tool-stream":      "It is sunny in Paris, at 18 °C.",
	"tools":            "It is sunny in Paris, at 18 °C.",
	"transcribe":       "0s to 1.5s, speaker A: Titan is a moon.",
	"upload":           "Uploaded: ",
	"upload-large":     "Downloaded: 3400000 bytes",
	"validate":         "1 good, 3 bad",
	"wait":             "Status: completed",
	"webhook":          "forged: 401",
}

// TestExamplesRunWithoutAKey builds all examples of this module and runs them.
func TestExamplesRunWithoutAKey(t *testing.T) {
	if testing.Short() {
		t.Skip("links every example: run without -short")
	}
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", bin+string(filepath.Separator), "./...")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	programs, err := os.ReadDir(bin)
	if err != nil {
		t.Fatal(err)
	}
	if len(programs) != len(outputs) {
		t.Errorf("got %d examples, want the %d in the table", len(programs), len(outputs))
	}
	for _, program := range programs {
		name := strings.TrimSuffix(program.Name(), ".exe")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := exec.CommandContext(t.Context(), filepath.Join(bin, program.Name()))
			run.Dir = t.TempDir()
			run.Env = withoutSettings(os.Environ())
			out, err := run.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if want, known := outputs[name]; !known || !strings.Contains(string(out), want) {
				t.Errorf("got\n%s\nwant it to contain %q", out, want)
			}
		})
	}
}

// TestExamplesCanBeCopied: an example that imports an internal package does not
// compile in the module of a user.
func TestExamplesCanBeCopied(t *testing.T) {
	files, err := filepath.Glob("*/*.go")
	if err != nil || len(files) < len(outputs) {
		t.Fatalf("got %d files, error %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "/internal/") {
			t.Errorf("%s imports an internal package", file)
		}
	}
}

// withoutSettings drops the variables that change what an example does.
func withoutSettings(environment []string) (kept []string) {
	for _, entry := range environment {
		if !strings.HasPrefix(entry, "OPENAI_") && !strings.HasPrefix(entry, "OPCALL_") {
			kept = append(kept, entry)
		}
	}
	return kept
}
