package openai_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
)

var timeZero time.Time

// openaiClient returns a client of a host that another process serves.
func openaiClient(tb testing.TB, url string) *openai.Client {
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return newClient(tb, client.WithBaseURL(url), client.WithAPIKey("k"), client.WithMaxRetries(0), client.WithHTTPClient(&http.Client{Transport: transport}))
}

// againAs returns a command that runs a test in a process of its own, with variables by
// which it knows that it is there.
func againAs(tb testing.TB, test string, variables ...string) (*exec.Cmd, *bytes.Buffer) {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), os.Args[0], "-test.run=^"+test+"$", "-test.count=1", "-test.v")
	// A process that is killed leaves its temporary files, which the test removes.
	cmd.Env = append(append(os.Environ(), "TMPDIR="+tb.TempDir()), variables...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// runAgain runs the current test in a process of its own, which must succeed.
func runAgain(tb testing.TB, variables ...string) {
	tb.Helper()
	cmd, out := againAs(tb, tb.Name(), variables...)
	if err := cmd.Run(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
}
