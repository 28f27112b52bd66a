package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// maxWait bounds one step at a terminal. It is there so that a story that waits for a text
// that never comes fails; nothing is measured by it.
const maxWait = 30 * time.Second

// atTerminal runs a command whose standard streams are a terminal: "terminal 2 steps opcall
// …", with the exit code that is wanted and a file of steps. A step "> TEXT" waits until
// the terminal shows the text, "< TEXT" types it and the return key, "< ^C" and "< ^D" those
// keys. What the terminal showed is the standard output for the commands that follow, with
// LF as line end.
func atTerminal(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 3 {
		ts.Fatalf("usage: terminal CODE STEPS COMMAND…")
	}
	screen, err := openTerminal()
	ts.Check(err)
	defer screen.close()
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	cmd := exec.Command(path, args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = environ(ts)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = screen.inner, screen.inner, screen.inner
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	ts.Check(cmd.Start())
	screen.inner.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer cmd.Process.Kill()

	from := 0
	for step := range strings.Lines(ts.ReadFile(args[1])) {
		kind, text, _ := strings.Cut(strings.TrimSuffix(step, "\n"), " ")
		switch kind {
		case "":
		case "<":
			screen.typeText(text)
		case ">":
			if from, err = screen.await(from, text); err != nil {
				ts.Fatalf("%v", err)
			}
		default:
			ts.Fatalf("step %q: want one that begins with < or >", step)
		}
	}
	var exited *exec.ExitError
	select {
	case err = <-ended:
	case <-time.After(maxWait):
		ts.Fatalf("the command has not ended; the terminal shows:\n%s", screen.text())
	}
	if err != nil && !errors.As(err, &exited) {
		ts.Fatalf("%v", err)
	}
	<-screen.read
	fmt.Fprint(ts.Stdout(), screen.text())
	if got := strconv.Itoa(cmd.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("got exit code %s, want %s; the terminal shows:\n%s", got, args[0], screen.text())
	}
}

// screen is a pseudo terminal, and what it has shown.
type screen struct {
	outer, inner *os.File

	read chan struct{} // closed when all is read
	mu   sync.Mutex
	more *sync.Cond
	out  bytes.Buffer
}

func openTerminal() (*screen, error) {
	outer, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	fd := int(outer.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 72})
	}
	if err != nil {
		return nil, err
	}
	inner, err := os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	s := &screen{outer: outer, inner: inner, read: make(chan struct{})}
	s.more = sync.NewCond(&s.mu)
	go s.follow()
	return s, nil
}

// follow reads until the command, and with it the terminal, is gone.
func (s *screen) follow() {
	defer s.more.Broadcast()
	defer close(s.read)
	buf := make([]byte, 4096)
	for {
		n, err := s.outer.Read(buf)
		s.mu.Lock()
		s.out.Write(buf[:n])
		s.more.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) close() {
	s.inner.Close()
	s.outer.Close()
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ReplaceAll(s.out.String(), "\r\n", "\n")
}

var keys = map[string]string{"^C": "\x03", "^D": "\x04"}

func (s *screen) typeText(text string) {
	key, ok := keys[text]
	if !ok {
		key = text + "\n"
	}
	io.WriteString(s.outer, key)
}

// await waits until the screen shows a text behind from, and returns where it ends.
func (s *screen) await(from int, text string) (int, error) {
	late := time.AfterFunc(maxWait, s.more.Broadcast)
	defer late.Stop()
	until := time.Now().Add(maxWait)
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if i := strings.Index(s.out.String()[from:], text); i >= 0 {
			return from + i + len(text), nil
		}
		select {
		case <-s.read:
			return 0, fmt.Errorf("the command ended without showing %q; the terminal shows:\n%s", text, s.out.String())
		default:
		}
		if time.Now().After(until) {
			return 0, fmt.Errorf("waited for %q; the terminal shows:\n%s", text, s.out.String())
		}
		s.more.Wait()
	}
}

func TestTerminalOfStoriesHas72Columns(t *testing.T) {
	s, err := openTerminal()
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if size, err := unix.IoctlGetWinsize(int(s.inner.Fd()), unix.TIOCGWINSZ); err != nil || size.Col != 72 {
		t.Errorf("got a terminal of size %v (%v), want 72 columns", size, err)
	}
}
