package main

import (
	"flag"
	"os"
	"os/exec"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write recording.txt as it is now")

// recordingPath is the terminal recording, as text.
const recordingPath = "recording.txt"

// transcript runs what a recording of a terminal shows, and compares what comes of it:
// "transcript". A line "$ COMMAND" is run by sh, the lines below are what it prints, on
// either stream, up to the next empty line in front of a "$". Lines with # are remarks.
func transcript(ts *testscript.TestScript, _ bool, _ []string) {
	want, err := os.ReadFile(repository + recordingPath)
	ts.Check(err)
	var got strings.Builder
	for line := range strings.Lines(string(want)) {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			if strings.HasPrefix(line, "#") {
				got.WriteString(line + "\n")
			}
			continue
		}
		cmd := exec.Command("sh", "-c", strings.TrimSpace(command))
		cmd.Dir, cmd.Env = ts.MkAbs("."), environ(ts)
		out, _ := cmd.CombinedOutput() // what fails says so in the recording
		got.WriteString(line + string(out) + "\n")
	}
	text := strings.TrimSpace(got.String()) + "\n"
	if *update {
		ts.Check(os.WriteFile(repository+recordingPath, []byte(text), 0o644))
		return
	}
	if text != string(want) {
		ts.Fatalf("recording.txt is not what happens; got:\n%s\n(go test ./cmd/opcall -run Stories/recording -update writes it)", text)
	}
}
