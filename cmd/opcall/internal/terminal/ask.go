package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ErrNoAnswer is what a question gets where nobody can be asked: the input or the
// messages are not a terminal, or the input ended.
var ErrNoAnswer = errors.New("no terminal to ask at")

// CanAsk reports whether there is somebody to ask.
func (t *IO) CanAsk() bool { return t.InTerminal && t.ErrTerminal }

// Confirm asks a question that yes or no answers, and takes anything but yes as no. The
// error is ErrNoAnswer, that of reading, or that of the context.
func (t *IO) Confirm(ctx context.Context, question string) (bool, error) {
	if !t.CanAsk() {
		return false, ErrNoAnswer
	}
	answer, err := t.ReadLine(ctx, question+" [y/N] ")
	if err != nil {
		return false, err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}

// ReadLine writes a prompt to Err, where that is a terminal, and returns the next line
// of In without its end. At the end of the input the error is io.EOF; where the context
// ends it is that of the context, and the next ReadLine gets the line that is typed next.
func (t *IO) ReadLine(ctx context.Context, prompt string) (string, error) {
	if t.ErrTerminal {
		fmt.Fprint(t.Err, prompt)
	}
	// A read of a terminal cannot be given up: it goes on, and whoever asks next waits for
	// it.
	if t.reading == nil {
		reading := make(chan typed, 1)
		t.reading = reading
		go func() {
			line, err := readLine(t.In)
			reading <- typed{line, err}
		}()
	}
	select {
	case r := <-t.reading:
		t.reading = nil
		return r.line, r.err
	case <-ctx.Done():
		if t.ErrTerminal {
			fmt.Fprintln(t.Err)
		}
		return "", ctx.Err()
	}
}

// typed is a line that was read.
type typed struct {
	line string
	err  error
}

// ReadSecret reads a line that a terminal does not show. The prompt comes when the terminal
// has stopped showing what is typed, so that nothing is shown that is typed at once. At the
// end of the input, which is Ctrl-C, too, the error is io.EOF.
func (t *IO) ReadSecret(prompt string) (string, error) {
	file, ok := t.In.(*os.File)
	if !ok || !t.InTerminal {
		return readLine(t.In)
	}
	before, err := term.MakeRaw(int(file.Fd()))
	if err != nil {
		return "", err
	}
	defer term.Restore(int(file.Fd()), before)
	return term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{file, t.Err}, "").ReadPassword(prompt)
}

// maxTyped is the longest line that is read, in bytes.
const maxTyped = 1 << 20

// readLine reads a line without reading ahead of it, so that what follows is there for
// whoever reads next.
func readLine(r io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for len(line) < maxTyped {
		n, err := r.Read(b[:])
		if n == 1 {
			if b[0] == '\n' {
				return strings.TrimSuffix(string(line), "\r"), nil
			}
			line = append(line, b[0])
		}
		if err != nil {
			if errors.Is(err, io.EOF) && len(line) > 0 {
				return string(line), nil
			}
			return "", err
		}
	}
	return "", fmt.Errorf("got a line of more than %d bytes", maxTyped)
}
