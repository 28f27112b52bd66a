package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/cmd/opcall/internal/root"
	"github.com/opcall/opcall/schema"
)

func TestMain(m *testing.M) {
	testscript.Main(noLeaks{m}, map[string]func(){"opcall": func() { os.Exit(root.Main()) }})
}

// noLeaks are tests that fail where goroutines are left behind.
type noLeaks struct{ tests testscript.TestingM }

func (n noLeaks) Run() int {
	code := n.tests.Run()
	http.DefaultClient.CloseIdleConnections() // fetch has some
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	return code
}

// repository is the folder of this package, whatever folder a story runs in.
var repository = func() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir + string(os.PathSeparator)
}()

// TestStoriesPlayAsWritten runs each story of testdata/script: what a person types, and what
// comes of it. Beside the commands of testscript they have those of Cmds below.
func TestStoriesPlayAsWritten(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// Nothing of the machine: no key, no config file, no cache.
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, "cache"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"server":     startServer,
			"respond":    respond,
			"slow":       slow,
			"tool":       tool,
			"transcript": transcript,
			"sent":       sent,
			"code":       code,
			"terminal":   atTerminal,
			"starts":     starts,
			"begins":     begins,
			"stops":      stops,
			"hold":       hold,
			"await":      await,
			"fetch":      fetch,
			"publish":    publish,
		},
	})
}

// servers are those of the running stories.
var servers sync.Map // of *testscript.TestScript to *clienttest.Server

func serverOf(ts *testscript.TestScript) *clienttest.Server {
	server, ok := servers.Load(ts)
	if !ok {
		ts.Fatalf("the story has no server: begin it with \"server\"")
	}
	return server.(*clienttest.Server)
}

// startServer starts the test server of a story and points the environment at it:
// "server", or "server openapi.yaml" for another document. It stops when the story ends.
func startServer(ts *testscript.TestScript, _ bool, args []string) {
	var opts []clienttest.Option
	if len(args) > 0 {
		doc, err := schema.LoadFile(ts.MkAbs(args[0]))
		ts.Check(err)
		opts = append(opts, clienttest.WithDocument(doc))
	}
	server, err := clienttest.Start(opts...)
	ts.Check(err)
	ts.Defer(server.Close)
	servers.Store(ts, server)
	ts.Defer(func() { servers.Delete(ts) })
	ts.Setenv("SERVER", server.URL())
	address, err := url.Parse(server.URL())
	ts.Check(err)
	ts.Setenv("PORT", address.Port())
	if len(args) == 0 {
		ts.Setenv("OPENAI_BASE_URL", server.URL())
		ts.Setenv("OPENAI_API_KEY", clienttest.Key)
		ts.Setenv("OPENAI_ADMIN_KEY", clienttest.Key)
	}
}

// respond says what an operation gets from now on: "respond createFile 429 body.json", with
// a file of the story or "-" for the server's own error. Further pairs are for the requests
// after that. "respond createFile cut 100" breaks the connection after 100 bytes,
// "respond createFile stall 1h" lets the client wait,
// "respond createFile say TEXT" has a model say a text; "respond createFile" goes back to the
// server's own responses.
func respond(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 && len(args) < 3 {
		ts.Fatalf("usage: respond OPERATION (STATUS FILE|- | cut BYTES | stall TIME | say TEXT)…")
	}
	server := serverOf(ts)
	if _, err := server.Document().Operation(args[0]); err != nil {
		ts.Fatalf("%v", err)
	}
	var answers []clienttest.Answer
	for rest := args[1:]; len(rest) >= 2; rest = rest[2:] {
		answers = append(answers, answer(ts, rest[0], rest[1]))
	}
	server.Respond(args[0], answers...)
}

func answer(ts *testscript.TestScript, kind, value string) clienttest.Answer {
	switch kind {
	case "cut":
		n, err := strconv.ParseInt(value, 10, 64)
		ts.Check(err)
		return clienttest.Answer{Fail: clienttest.CutBody(n)}
	case "stall":
		wait, err := time.ParseDuration(value)
		ts.Check(err)
		return clienttest.Answer{Delay: wait}
	case "say":
		return clienttest.Answer{Output: clienttest.Say(value)}
	}
	status, err := strconv.Atoi(kind)
	ts.Check(err)
	a := clienttest.Answer{Status: status}
	if value == "-" {
		return a
	}
	a.Body = []byte(ts.ReadFile(value))
	if media := mediaTypes[filepath.Ext(value)]; media != "" {
		a.Header = http.Header{"Content-Type": {media}}
	}
	return a
}

// slow makes createResponse stream a word, "Wait", and then nothing: "slow createResponse".
func slow(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: slow OPERATION")
	}
	more, stop := io.Pipe()
	ts.Defer(func() { stop.Close() })
	event := `data: {"type":"response.created","sequence_number":0,"response":{}}` + "\n\n" +
		`data: {"type":"response.output_text.delta","sequence_number":1,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"Wait","logprobs":[]}` + "\n\n"
	serverOf(ts).Respond(args[0], clienttest.Answer{
		Header: http.Header{"Content-Type": {"text/event-stream"}},
		Body:   io.MultiReader(strings.NewReader(event), more),
	})
}

// tool has a model call a tool and then say that it is done: "tool createResponse NAME
// ARGUMENTS".
func tool(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: tool OPERATION NAME ARGUMENTS")
	}
	serverOf(ts).Respond(args[0], clienttest.Answer{Output: clienttest.CallTool(args[1], args[2])}, clienttest.Answer{Output: clienttest.Say("Done.")})
}

var mediaTypes = map[string]string{
	".json": "application/json", ".sse": "text/event-stream", ".html": "text/html",
	".bin": "application/octet-stream", ".jsonl": "application/jsonl",
}

// sent writes a request that the server received to standard output: the latest for an
// operation, "sent createFile", its method, path, query and body; or "sent createFile
// PATH", a part of the body by its gjson path. "! sent createFile" says that there was none.
func sent(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: sent OPERATION [PATH]")
	}
	r := serverOf(ts).LastRequest(args[0])
	if neg {
		if r != nil {
			ts.Fatalf("%s was sent: %s", args[0], r.Body)
		}
		return
	}
	if r == nil {
		ts.Fatalf("%s was not sent", args[0])
	}
	if len(args) > 1 {
		fmt.Fprintln(ts.Stdout(), r.Get(args[1]).Raw)
		return
	}
	fmt.Fprintf(ts.Stdout(), "%s %s?%s\n%s\n", r.Method, r.Path, r.Query, r.Body)
}

// code runs a command and compares its exit code: "code 2 opcall call …".
func code(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: code NUMBER COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exited, ok := err.(*exec.ExitError); ok {
		got = exited.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("got exit code %d, want %s", got, want)
	}
}

// environ is the environment of a story.
func environ(ts *testscript.TestScript) []string {
	env := []string{"TERM=xterm-256color"}
	for _, name := range []string{
		"PATH", "HOME", "WORK", "TMPDIR", "GOCOVERDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "NO_COLOR", "FORCE_COLOR", "COLUMNS",
		"DBUS_SESSION_BUS_ADDRESS", "OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_BASE_URL", "OPCALL_SPEC", "OPCALL_CONFIG", "OPCALL_PROFILE", "OPCALL_STATE", "SERVER",
	} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}
