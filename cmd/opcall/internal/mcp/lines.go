package mcp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"

	"github.com/opcall/opcall/cmd/opcall/internal/mcpserver"
)

// maxLine bounds a message on standard input, in bytes.
const maxLine = 4 << 20

// messages is standard input without what is not a message: the SDK would end the
// conversation there. That is reported, and not repeated: whatever came in may be anything.
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
		if len(line) > 0 {
			m.rest = append(m.take(line), '\n')
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// take returns what the SDK gets of a line, which is nothing where it would end the
// conversation.
func (m *messages) take(line []byte) []byte {
	switch {
	case !utf8.Valid(line):
		m.leaveOut("is not UTF-8", len(line))
	case !json.Valid(line):
		m.leaveOut("is not a message of JSON-RPC 2.0", len(line))
	case line[0] == '[':
		return m.takeList(line)
	default:
		if request, ok := m.message(line); ok {
			m.note(request)
			return line
		}
	}
	return nil
}

// takeList takes the messages of a list out of it, to be answered one by one. Protocol
// versions since 2025-06-18 have no lists, and the SDK ends the conversation at one; in
// those of older versions it never answers where a notification is among the messages.
func (m *messages) takeList(line []byte) []byte {
	var list []json.RawMessage
	if err := json.Unmarshal(line, &list); err != nil || len(list) == 0 {
		m.leaveOut("is not a message of JSON-RPC 2.0", len(line))
		return nil
	}
	var taken [][]byte
	for _, text := range list {
		if request, ok := m.message(text); ok {
			m.note(request)
			taken = append(taken, text)
		}
	}
	return bytes.Join(taken, []byte("\n"))
}

// message decodes a message; the request is nil for a response.
func (m *messages) message(text []byte) (request *jsonrpc.Request, ok bool) {
	message, err := jsonrpc.DecodeMessage(text)
	if err != nil {
		m.leaveOut("is not a message of JSON-RPC 2.0", len(text))
		return nil, false
	}
	if err := mcpserver.CheckMessage(text); err != nil {
		m.leaveOut(err.Error(), len(text))
		return nil, false
	}
	request, _ = message.(*jsonrpc.Request)
	return request, true
}

// note counts a request that wants a response.
func (m *messages) note(request *jsonrpc.Request) {
	if request != nil && request.IsCall() {
		m.open.add(1)
	}
}

// leaveOut reports a message, or a line, that the SDK does not get.
func (m *messages) leaveOut(why string, size int) {
	fmt.Fprintf(m.log, "line %d of standard input %s (%d bytes); it is left out\n", m.line, why, size)
}

// next returns a line, or what is left at the end of the input, without space around it;
// nothing for one that is too long.
func (m *messages) next() ([]byte, error) {
	m.line++
	var line []byte
	size := 0
	for {
		part, err := m.lines.ReadSlice('\n')
		if size += len(part); size <= maxLine {
			line = append(line, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && (err != io.EOF || size == 0) {
			return nil, err
		}
		if size > maxLine {
			m.leaveOut(fmt.Sprintf("has more than %d bytes", maxLine), size)
			return nil, nil
		}
		return bytes.TrimSpace(line), nil
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
