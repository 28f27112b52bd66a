package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/opcall/opcall/client/clienttest"
)

// background is a command that runs while a story goes on.
type background struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr bytes.Buffer
	first  string // line of its output
}

// backgrounds are those of the running stories, by story and name.
var backgrounds sync.Map // of [2]any to *background

// starts runs a command in the background until it has written a line, which becomes a
// variable: "starts BASE opcall serve", and then "opcall call … --base-url $BASE".
func starts(ts *testscript.TestScript, _ bool, args []string) {
	b := begin(ts, args)
	var err error
	if b.first, err = b.stdout.ReadString('\n'); err != nil {
		b.cmd.Wait()
		ts.Fatalf("%s wrote no line: %s", strings.Join(args[1:], " "), b.stderr.String())
	}
	ts.Setenv(args[0], strings.TrimSpace(b.first))
}

// begins is starts for a command that writes nothing until it ends.
func begins(ts *testscript.TestScript, _ bool, args []string) { begin(ts, args) }

func begin(ts *testscript.TestScript, args []string) *background {
	if len(args) < 2 {
		ts.Fatalf("usage: starts NAME COMMAND…")
	}
	program, err := exec.LookPath(args[1])
	ts.Check(err)
	b := &background{cmd: exec.Command(program, args[2:]...)}
	b.cmd.Dir, b.cmd.Env, b.cmd.Stderr = ts.MkAbs("."), environ(ts), &b.stderr
	out, err := b.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(b.cmd.Start())
	ts.Defer(func() { b.cmd.Process.Kill() })
	b.stdout = bufio.NewReader(out)
	backgrounds.Store([2]any{ts, args[0]}, b)
	return b
}

// held are the requests that have no response until their story ends: by story and
// operation, a channel that is closed when the request has come.
var held sync.Map // of [2]any to chan struct{}

// hold lets the next request of an operation wait for the rest of its response until the
// story ends: "hold createFile".
func hold(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: hold OPERATION")
	}
	more, stop := io.Pipe()
	ts.Defer(func() { stop.Close() })
	body := &heldBody{came: make(chan struct{}), body: more}
	held.Store([2]any{ts, args[0]}, body.came)
	serverOf(ts).Respond(args[0], clienttest.Answer{Header: http.Header{"Content-Type": {"application/json"}}, Body: body})
}

// await waits until a request that hold waits for has come: "await createFile".
func await(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: await OPERATION")
	}
	came, ok := held.LoadAndDelete([2]any{ts, args[0]})
	if !ok {
		ts.Fatalf("nothing holds %s", args[0])
	}
	select {
	case <-came.(chan struct{}):
	case <-time.After(time.Minute):
		ts.Fatalf("%s was not sent", args[0])
	}
}

// heldBody is the body of a response that is held. It is read when the request has come.
type heldBody struct {
	came chan struct{}
	once sync.Once
	body io.Reader
}

func (h *heldBody) Read(p []byte) (int, error) {
	h.once.Do(func() { close(h.came) })
	return h.body.Read(p)
}

// stops interrupts a command that starts began, as Ctrl-C does, and compares its exit
// code: "stops BASE 0". What it wrote is the output for the commands that follow.
func stops(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: stops NAME CODE")
	}
	value, ok := backgrounds.LoadAndDelete([2]any{ts, args[0]})
	if !ok {
		ts.Fatalf("no command runs as %s", args[0])
	}
	b := value.(*background)
	ts.Check(b.cmd.Process.Signal(os.Interrupt))
	timer := time.AfterFunc(time.Minute, func() { b.cmd.Process.Kill() })
	rest, err := io.ReadAll(b.stdout)
	ts.Check(err)
	err = b.cmd.Wait()
	timer.Stop()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		ts.Fatalf("%v", err)
	}
	fmt.Fprint(ts.Stdout(), b.first, string(rest))
	fmt.Fprint(ts.Stderr(), b.stderr.String())
	if got := strconv.Itoa(b.cmd.ProcessState.ExitCode()); got != args[1] {
		ts.Fatalf("got exit code %s, want %s: %s", got, args[1], b.stderr.String())
	}
}

// fetch writes what is at a URL to standard output, the status first: "fetch GET URL". A
// third argument is a number of bytes that are sent as a file.
func fetch(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: fetch METHOD URL [BYTES]")
	}
	var body io.Reader
	contentType := ""
	if len(args) > 2 {
		n, err := strconv.ParseInt(args[2], 10, 64)
		ts.Check(err)
		head := "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nuser_data\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
		body = io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, n), strings.NewReader("\r\n--b--\r\n"))
		contentType = "multipart/form-data; boundary=b"
	}
	address, err := url.Parse(args[1])
	ts.Check(err)
	address.Path = path.Clean(address.Path) // $BASE/.. is the root
	req, err := http.NewRequest(args[0], address.String(), body)
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer sk-a-key-of-the-story")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	fmt.Fprintln(ts.Stdout(), resp.StatusCode)
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
}

// publish serves the folder of the story over HTTP until it ends: "publish SITE" sets the
// variable to its URL.
func publish(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: publish NAME")
	}
	site := httptest.NewServer(http.FileServer(http.Dir(ts.MkAbs("."))))
	ts.Defer(site.Close)
	ts.Setenv(args[0], site.URL)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
