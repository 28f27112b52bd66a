package mcp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// maxLine bounds a message on standard input, in bytes.
const maxLine = 4 << 20

// messages is standard input without the lines that are not messages: the SDK would end
// the conversation there. They are reported, and not repeated: whatever came in may be
// anything.
type messages struct {
	in    io.Reader
	lines *bufio.Reader
	log   io.Writer
	line  int    // number of the one that is being read
	rest  []byte // of a message that is being handed out
	open  *unanswered
}

func newMessages(in io.Reader, log io.Writer, open *unanswered) *messages {
	return &messages{in: in, lines: bufio.NewReader(in), log: log, open: open}
}

func (m *messages) Read(p []byte) (int, error) {
	for len(m.rest) == 0 {
		line, err := m.next()
		if err != nil {
			m.open.wait() // the SDK would drop what it has not answered
			return 0, err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		message, err := jsonrpc.DecodeMessage(line)
		if err != nil && !bytes.HasPrefix(bytes.TrimSpace(line), []byte("[{")) { // a list of messages, as older versions allow
			fmt.Fprintf(m.log, "line %d of standard input is not a message of JSON-RPC 2.0 (%d bytes); it is left out\n", m.line, len(line))
			continue
		}
		if request, ok := message.(*jsonrpc.Request); ok && request.IsCall() {
			m.open.add(1)
		}
		m.rest = line
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// next returns a line with its end, or what is left at the end of the input.
func (m *messages) next() ([]byte, error) {
	m.line++
	var line []byte
	for {
		part, err := m.lines.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return nil, fmt.Errorf("line %d of standard input has more than %d bytes", m.line, maxLine)
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && len(line) > 0:
			return append(line, '\n'), nil
		default:
			return line, err
		}
	}
}

// Close ends reading where the input can be closed.
func (m *messages) Close() error {
	m.open.giveUp()
	if c, ok := m.in.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// output is standard output, which the transport may close and the process does. It takes
// note of responses.
type output struct {
	io.Writer
	open *unanswered
}

func (o output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	for line := range bytes.Lines(p) {
		message, failure := jsonrpc.DecodeMessage(line)
		if _, ok := message.(*jsonrpc.Response); ok && failure == nil {
			o.open.add(-1)
		}
	}
	return n, err
}

func (output) Close() error { return nil }

// lastWait is how long requests may take that are under way at the end of the input: a
// client that closes it is leaving.
const lastWait = 5 * time.Second

// unanswered counts the requests that have no response yet.
type unanswered struct {
	mu    sync.Mutex
	count int
	none  chan struct{} // closed when the count is 0, or nobody waits any more
	over  bool
}

func newUnanswered() *unanswered { return &unanswered{none: make(chan struct{})} }

func (u *unanswered) add(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.count += n; u.count <= 0 && u.over {
		u.close()
	}
}

// wait waits until all requests are answered, and no more come.
func (u *unanswered) wait() {
	u.mu.Lock()
	u.over = true
	if u.count <= 0 {
		u.close()
	}
	u.mu.Unlock()
	timer := time.NewTimer(lastWait)
	defer timer.Stop()
	select {
	case <-u.none:
	case <-timer.C:
	}
}

// giveUp ends a wait.
func (u *unanswered) giveUp() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.close()
}

// close closes none, once. The caller holds mu.
func (u *unanswered) close() {
	select {
	case <-u.none:
	default:
		close(u.none)
	}
}
