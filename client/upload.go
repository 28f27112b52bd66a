package client

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
)

// upload is a file that is streamed.
type upload struct {
	operation, field string
	File
	head   []byte       // read ahead of a file that cannot be rewound
	size   int64        // in all, -1 when unknown
	rewind func() error // nil when the file can be read once only
}

// FileError says that a file to upload cannot be read.
type FileError struct {
	Operation string // its ID
	Field     string // of the form
	Name      string // of the file
	Err       error
}

func (e *FileError) Error() string {
	return fmt.Sprintf("%s: %.80q: the file %.120q cannot be read: %s", named(e.Operation), e.Field, e.Name, oneLine(e.Err.Error(), maxMessage))
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// sniffLength is how much http.DetectContentType looks at.
const sniffLength = 512

// open measures the file and reads its beginning: a file that cannot be read is
// refused before anything is sent, and the media type may depend on it. declared
// is what the document says of the field.
func (u *upload) open(declared string) error {
	u.size, u.rewind = measure(u.Body)
	head := make([]byte, sniffLength)
	n, err := readHead(u.Body, head)
	if err == nil && u.rewind != nil {
		err = u.rewind() // the next field may be the same file
	}
	if err != nil {
		return u.fail(err)
	}
	head = head[:n]
	switch {
	case n < sniffLength:
		u.size = int64(n)
	case u.size < sniffLength: // a device: seekable, but of no size
		u.size = -1
	}
	if u.rewind == nil {
		u.head = head
	}
	if u.MediaType == "" && isSingleType(declared) {
		u.MediaType = declared
	}
	if u.MediaType == "" {
		u.MediaType = mime.TypeByExtension(filepath.Ext(u.Name))
	}
	if u.MediaType == "" {
		u.MediaType = http.DetectContentType(head)
	}
	return nil
}

// readHead fills head, or reads to the end. Unlike io.ReadFull it keeps an
// ErrUnexpectedEOF of the reader, which is not the end.
func readHead(r io.Reader, head []byte) (n int, err error) {
	for n < len(head) && err == nil {
		var more int
		more, err = readSome(r, head[n:])
		n += more
	}
	if err == io.EOF || n == len(head) {
		err = nil
	}
	return n, err
}

// measure returns how many bytes are left in r, -1 when that is unknown, and a
// function that goes back to where r stands now, nil when r cannot.
func measure(r io.Reader) (int64, func() error) {
	if buffer, ok := r.(*bytes.Buffer); ok {
		return int64(buffer.Len()), nil
	}
	seeker, ok := r.(io.Seeker)
	if !ok {
		return -1, nil
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return -1, nil
	}
	rewind := func() error {
		_, err := seeker.Seek(start, io.SeekStart)
		return err
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil || rewind() != nil {
		return -1, nil
	}
	return max(0, end-start), rewind
}

func (u *upload) fail(err error) error {
	return &FileError{Operation: u.operation, Field: u.field, Name: u.Name, Err: err}
}

// reader returns the file from its beginning. What a file has grown by in the
// meantime is left out: the length has been announced.
func (u *upload) reader() io.Reader {
	if u.size >= 0 {
		return io.LimitReader(&uploadReader{upload: u}, u.size)
	}
	return &uploadReader{upload: u}
}

// uploadReader reads a file, going back to where it began first.
type uploadReader struct {
	*upload
	begun bool
	sent  int // of the head
}

func (r *uploadReader) Read(p []byte) (n int, err error) {
	if !r.begun && r.rewind != nil {
		if err := r.rewind(); err != nil {
			return 0, r.fail(err)
		}
	}
	r.begun = true
	if r.sent < len(r.head) {
		n = copy(p, r.head[r.sent:])
		r.sent += n
		return n, nil
	}
	if n, err = r.Body.Read(p); err != nil && err != io.EOF {
		err = r.fail(err)
	}
	return n, err
}

// segment is a piece of a body: text, or a file.
type segment struct {
	text string
	file *upload
}

// encodeSegments sends segments one after the other: no file is held in memory,
// and no goroutine is needed.
func encodeSegments(contentType string, segments []segment) encoded {
	e := encoded{contentType: contentType, again: true}
	for _, s := range segments {
		switch {
		case s.file == nil:
			e.length += int64(len(s.text))
			continue
		case s.file.size < 0:
			e.length = -1 << 62 // unknown stays unknown
		default:
			e.length += s.file.size
		}
		e.again = e.again && s.file.rewind != nil
	}
	e.length = max(e.length, -1)
	shared := &replay{segments: segments}
	e.open = shared.open
	return e
}

// replay is the source of the bodies of one request. They read the same files,
// so that opening one ends the one before: a transport may still be reading it
// when the server has responded already (http.RoundTripper).
type replay struct {
	segments []segment
	mu       sync.Mutex
	current  *replayBody
}

// replayBody is one body. Close does not wait for a Read, which could hang.
type replayBody struct {
	replay *replay
	reader io.Reader
}

func (r *replay) open() (io.ReadCloser, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	readers := make([]io.Reader, len(r.segments))
	for i, segment := range r.segments {
		if segment.file == nil {
			readers[i] = strings.NewReader(segment.text)
			continue
		}
		if rewind := segment.file.rewind; rewind != nil {
			if err := rewind(); err != nil {
				return nil, segment.file.fail(err)
			}
		}
		readers[i] = segment.file.reader()
	}
	r.current = &replayBody{replay: r, reader: io.MultiReader(readers...)}
	return r.current, nil
}

func (b *replayBody) Read(p []byte) (int, error) {
	b.replay.mu.Lock()
	defer b.replay.mu.Unlock()
	if b.replay.current != b {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.reader.Read(p)
}

func (b *replayBody) Close() error { return nil }
