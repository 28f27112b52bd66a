// Package terminal has the streams of a command: what it reads, where its results
// and its messages go, and what the other end can show.
//
//	terminal.go   IO: the streams of a process, and what they are connected to
//	color.go      Painter: text in styles, where they can be shown
//	ask.go        questions to the person at the terminal
package terminal

import (
	"errors"
	"io"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/term"
)

// DefaultWidth is how wide lines are where nobody says.
const DefaultWidth = 80

// IO is the streams of one process. Results go to Out, all else to Err. Commands write
// to it and to nothing else, so that a test can read what they say. Only Confirm and
// ReadLine read from In beside the command itself.
type IO struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	// What the streams are. A test sets them to see what a terminal would be shown.
	InTerminal, OutTerminal, ErrTerminal bool

	Getenv func(string) string

	columns func() int // of Out; 0 when unknown
	reading chan typed // a line that somebody asked for and did not wait for
}

// System returns the streams of the process.
func System() *IO {
	return &IO{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Getenv:      os.Getenv,
		columns: func() int {
			width, _, err := term.GetSize(int(os.Stdout.Fd()))
			if err != nil {
				return 0
			}
			return width
		},
	}
}

// Width returns how many characters fit on a line of Out: those of the terminal, else
// what COLUMNS says, else DefaultWidth. It is at least 20.
func (t *IO) Width() int {
	width := 0
	if t.OutTerminal && t.columns != nil {
		width = t.columns()
	}
	if width <= 0 {
		width, _ = strconv.Atoi(t.Getenv("COLUMNS"))
	}
	if width <= 0 {
		width = DefaultWidth
	}
	return max(20, width)
}

// Live reports whether lines of Err can be written over, as progress bars are: it is a
// terminal that knows how.
func (t *IO) Live() bool { return t.ErrTerminal && t.Getenv("TERM") != "dumb" }

// IsClosedPipe reports that nobody reads what is written any more: `opcall ops | head -1`.
// It is not a failure of the command.
func IsClosedPipe(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}
