package client

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/opcall/opcall/internal/jsonscan"
)

// JournalError is a journal that cannot be used: its file cannot be read or written,
// another run has it, it is that of another job, or a line of it is damaged.
type JournalError struct {
	Path   string
	Line   int // from 1; 0 where it is not about a line
	Reason string
	Err    error // the cause, when there is one
}

func (e *JournalError) Error() string {
	text := "journal " + oneLine(e.Path, maxMessage)
	if e.Line > 0 {
		text += ", line " + strconv.Itoa(e.Line)
	}
	text += ": " + e.Reason
	if e.Err != nil {
		text += ": " + oneLine(e.Err.Error(), maxMessage)
	}
	return text
}

// Unwrap returns the cause.
func (e *JournalError) Unwrap() error { return e.Err }

// errLocked is why a file cannot be locked that another process has.
var errLocked = errors.New("it is locked")

// flushEvery is how often the journal is flushed to the disk.
const flushEvery = time.Second

// journal is the file of EachJournal. It is safe for concurrent use.
//
// Its lines are JSON objects, of which the first member says what they are, see
// journalline.go. A line is written by one call of the system, and no other is written
// after one that failed.
type journal struct {
	path string
	file *os.File             // locked
	past map[idHash]*pastCall // of earlier runs; not changed after opening

	mu     sync.Mutex
	size   int64 // of the whole lines
	dirty  bool  // something was written since the last flush
	failed error

	done    chan struct{} // ends the goroutine that flushes
	flusher sync.WaitGroup
}

// pastCall is what earlier runs recorded of a call.
type pastCall struct {
	state  callState
	resend bool // it is sent again all the same
	digest uint64
	offset int64 // of the line with the response, or the reason why there is none
	length int
}

type callState uint8

const (
	callBegun    callState = iota // it may have been sent
	callLost                      // it was sent, and there was no response
	callAnswered                  // there is a response
	callRefused                   // the response is an error
)

// journalHeader is the first line of the journal of a run. It is the fingerprint of the
// job.
func journalHeader(s *eachSettings) string {
	line := append([]byte(headerStart), `"job":`...)
	line = jsonscan.AppendString(line, s.job)
	line = append(line, `,"shard":`...)
	line = jsonscan.AppendString(line, s.shard.String())
	return string(append(line, '}'))
}

// headerStart begins the first line of every journal.
const headerStart = `{"opcall_journal":1,`

// openJournal opens the journal of a run, or makes it.
func openJournal(s *eachSettings) (*journal, error) {
	j := &journal{path: s.journal, past: make(map[idHash]*pastCall), done: make(chan struct{})}
	var err error
	if j.file, err = openLocked(s.journal); err != nil {
		if errors.Is(err, errLocked) {
			return nil, &JournalError{Path: s.journal, Reason: "another run has it, in this process or another one"}
		}
		return nil, j.fail("it cannot be opened", err)
	}
	if err := j.load(journalHeader(s)); err != nil {
		closeLocked(j.file)
		return nil, err
	}
	for _, past := range j.past {
		switch past.state {
		case callBegun, callLost:
			past.resend = s.resendInDoubt
		case callRefused:
			past.resend = s.resendFailed
		}
	}
	j.flusher.Go(j.flush)
	return j, nil
}

// load reads the lines of the journal, removes the last one where it was cut off, and
// writes the first one where there is none.
func (j *journal) load(header string) error {
	if info, err := j.file.Stat(); err != nil {
		return j.fail("it cannot be read", err)
	} else if !info.Mode().IsRegular() {
		return j.fail("it is not a regular file", nil)
	}
	cutOff, err := j.read(header)
	if err != nil {
		return err
	}
	if cutOff {
		if err := j.file.Truncate(j.size); err != nil {
			return j.fail("its last line is cut off and cannot be removed", err)
		}
	}
	if j.size > 0 {
		return nil
	}
	return j.append([]byte(header + "\n"))
}

// checkHeader compares the first line with that of this run.
func (j *journal) checkHeader(line, want string) error {
	if line == want {
		return nil
	}
	wrong := func(format string, args ...any) error {
		return &JournalError{Path: j.path, Line: 1, Reason: fmt.Sprintf(format, args...)}
	}
	if !strings.HasPrefix(line, headerStart) || jsonscan.Check(line, maxDepth) != nil {
		return wrong("got no journal of this version of opcall, want one or a file that does not exist")
	}
	got, asked := jsonscan.ReadObject(line), jsonscan.ReadObject(want)
	for _, name := range [...]string{"job", "shard"} {
		was, _ := got.Get(name)
		is, _ := asked.Get(name)
		if was != is {
			return wrong("it is that of %s %s, want %s: each has a journal of its own", name, oneLine(cmp.Or(was, `""`), maxName), oneLine(is, maxName))
		}
	}
	return wrong("got members that no journal of this version has")
}

// find returns what earlier runs recorded of a call.
func (j *journal) find(id idHash) (*pastCall, bool) {
	past, ok := j.past[id]
	return past, ok
}

// append writes a line. After an error the journal is as it was, and takes no more.
func (j *journal) append(line []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	if _, err := j.file.WriteAt(line, j.size); err != nil {
		j.failed = j.fail("it cannot be written", errors.Join(err, j.file.Truncate(j.size)))
		return j.failed
	}
	j.size += int64(len(line))
	j.dirty = true
	return nil
}

// flush writes to the disk what the system has taken, until the journal is closed.
func (j *journal) flush() {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			j.sync()
		case <-j.done:
			return
		}
	}
}

func (j *journal) sync() {
	j.mu.Lock()
	dirty := j.dirty
	j.dirty = false
	j.mu.Unlock()
	if !dirty {
		return
	}
	if err := j.file.Sync(); err != nil {
		j.mu.Lock()
		j.failed = cmp.Or(j.failed, error(j.fail("it cannot be flushed to the disk", err)))
		j.mu.Unlock()
	}
}

// close flushes the journal and gives it up. The error is the first one that there was.
func (j *journal) close() error {
	close(j.done)
	j.flusher.Wait()
	j.sync()
	err := closeLocked(j.file)
	if j.failed == nil && err != nil {
		j.failed = j.fail("it cannot be closed", err)
	}
	return j.failed
}

func (j *journal) fail(reason string, err error) *JournalError {
	var path *os.PathError
	if errors.As(err, &path) { // the path has been named
		err = path.Err
	}
	return &JournalError{Path: j.path, Reason: reason, Err: err}
}

// read reads all lines, and reports whether the last one is cut off.
func (j *journal) read(header string) (cutOff bool, err error) {
	lines := newLineReader(j.file)
	for number := 1; ; number++ {
		line, whole, err := lines.next()
		switch {
		case err != nil:
			return false, j.fail("it cannot be read", err)
		case len(line) == 0 && !whole:
			return false, nil
		case number == 1 && !whole && !beginsHeader(string(line)):
			return false, &JournalError{Path: j.path, Line: 1, Reason: "got no journal, want one or a file that does not exist"}
		case !whole:
			return true, nil
		case number == 1:
			if err := j.checkHeader(string(line), header); err != nil {
				return false, err
			}
		default:
			if reason := j.take(line, j.size); reason != "" {
				return false, &JournalError{Path: j.path, Line: number, Reason: reason}
			}
		}
		j.size += int64(len(line)) + 1
	}
}

// beginsHeader reports whether a text is a first line that was cut off.
func beginsHeader(text string) bool {
	return strings.HasPrefix(headerStart, text) || strings.HasPrefix(text, headerStart)
}

// take takes in a line, which begins at an offset. The reason is why it cannot be one.
func (j *journal) take(line []byte, offset int64) (reason string) {
	text := jsonscan.Alias(line) // nothing of it is kept
	if err := jsonscan.Check(text, maxDepth+1); err != nil {
		return "it is damaged: " + err.Error()
	}
	if !bytes.HasPrefix(line, []byte("{")) {
		return "got " + jsonscan.TypeName(text) + ", want an object"
	}
	read := readLine(text)
	past := j.past[read.hash]
	switch read.kind {
	case lineBegun:
		j.past[read.hash] = &pastCall{digest: read.digest}
		return ""
	case lineReleased, lineLost, lineAnswered:
		if past == nil {
			return "it is about a call that no line before it began"
		}
	default:
		return "got a line of a kind that no journal of this version has"
	}
	switch read.kind {
	case lineReleased:
		delete(j.past, read.hash)
		return ""
	case lineLost:
		past.state = callLost
	case lineAnswered:
		if read.status < 100 || read.status > 999 {
			return "it is damaged: got no status"
		}
		if past.state = callAnswered; read.status < 200 || read.status > 299 {
			past.state = callRefused
		}
	}
	past.offset, past.length = offset, len(line)
	return ""
}
