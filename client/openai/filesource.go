package openai

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// FileChangedError reports a file that is not what it was when its upload began: it
// grew, shrank or was written to.
type FileChangedError struct {
	Name     string
	Was, Is  int64     // its size in bytes
	Modified time.Time // when it was written to since then; zero where that is not known
	State    string    // path of the state of an earlier upload that it no longer fits; "" without one
}

func (e *FileChangedError) Error() string {
	text := fmt.Sprintf("the file %.120q has changed since its upload began", e.Name)
	if e.Was != e.Is {
		text += fmt.Sprintf(": it has %d bytes and had %d", e.Is, e.Was)
	}
	if e.State != "" {
		text += fmt.Sprintf("; remove %.200s to start over", e.State)
	}
	return text
}

// source is a file that can be read more than once, from anywhere in it.
type source struct {
	io.ReaderAt
	name     string // "" where it has none
	size     int64  // of what is uploaded, in bytes
	modified time.Time
	whole    int64                       // size of the file on the disk
	stat     func() (fs.FileInfo, error) // nil where nothing can change it
	close    func()
}

// source opens a file for reading. What can be read only once is copied to a temporary
// file, which close removes.
func (m Media) source(ctx context.Context) (*source, error) {
	file, closer, err := m.open()
	if err != nil {
		return nil, err
	}
	s := &source{name: file.Name, close: closer}
	if named, ok := file.Body.(interface{ Name() string }); s.name == "" && ok {
		s.name = filepath.Base(named.Name())
	}
	if at, ok := file.Body.(io.ReaderAt); ok && s.measure(at, file.Body) {
		return s, nil
	}
	defer closer() // it is read here, to its end
	copied, err := spool(ctx, file.Body)
	if err != nil {
		return nil, err
	}
	copied.name = s.name
	return copied, nil
}

// measure takes the part of a file from where its reader stands to its end. It reports
// false where the file has no ends.
func (s *source) measure(at io.ReaderAt, r io.Reader) bool {
	var start int64
	switch seeker, ok := r.(io.Seeker); {
	case ok:
		var err error
		if start, err = seeker.Seek(0, io.SeekCurrent); err != nil {
			return false
		}
		if s.whole, err = seeker.Seek(0, io.SeekEnd); err != nil {
			return false
		}
		if _, err = seeker.Seek(start, io.SeekStart); err != nil {
			return false
		}
	default:
		return false
	}
	s.size = max(0, s.whole-start)
	s.ReaderAt = io.NewSectionReader(at, start, s.size)
	if file, ok := r.(fs.File); ok {
		info, err := file.Stat()
		if err != nil || !info.Mode().IsRegular() {
			return false
		}
		s.whole, s.modified, s.stat = info.Size(), info.ModTime(), file.Stat
		s.ReaderAt = io.NewSectionReader(at, start, s.size)
	}
	return true
}

// spool copies what can be read once to a temporary file.
func spool(ctx context.Context, r io.Reader) (*source, error) {
	file, err := os.CreateTemp("", "opcall-upload-*")
	if err != nil {
		return nil, err
	}
	remove := func() {
		file.Close()
		os.Remove(file.Name())
	}
	size, err := io.Copy(file, &untilDone{ctx, r})
	if err != nil {
		remove()
		return nil, err
	}
	return &source{ReaderAt: file, size: size, whole: size, close: remove}, nil
}

// untilDone is a reader that fails when a context ends.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (r *untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, cmp.Or(context.Cause(r.ctx), err)
	}
	return r.Reader.Read(p)
}

// unchanged returns a *FileChangedError where the file is not what it was.
func (s *source) unchanged() error {
	if s.stat == nil {
		return nil
	}
	info, err := s.stat()
	if err != nil {
		return err
	}
	if info.Size() == s.whole && info.ModTime().Equal(s.modified) {
		return nil
	}
	return &FileChangedError{Name: s.name, Was: s.whole, Is: info.Size(), Modified: info.ModTime()}
}

// part returns a reader of some of the file, that reports how far it is read.
func (s *source) part(from, size int64, p *progress) *partReader {
	return &partReader{source: s, section: io.NewSectionReader(s, from, size), size: size, progress: p}
}

// partReader reads a part of a file. Its last bytes come only if the file has not
// changed until then: no server takes a request that lacks them.
type partReader struct {
	source   *source
	section  *io.SectionReader
	at, size int64
	furthest int64
	progress *progress
}

func (r *partReader) Read(p []byte) (int, error) {
	n, err := r.section.Read(p)
	r.at += int64(n)
	if r.at >= r.size || err != nil {
		if changed := r.source.unchanged(); changed != nil {
			return 0, changed
		}
	}
	if err == io.EOF && r.at < r.size {
		return 0, &FileChangedError{Name: r.source.name, Was: r.source.size, Is: r.source.size - r.size + r.at}
	}
	if r.at > r.furthest {
		r.progress.add(r.at - r.furthest)
		r.furthest = r.at
	}
	return n, err
}

// Seek goes to another place, as a request does that is sent again.
func (r *partReader) Seek(offset int64, whence int) (int64, error) {
	at, err := r.section.Seek(offset, whence)
	if err == nil {
		r.at = at
	}
	return at, err
}

// progress reports how much of something has been done, by one goroutine at a time.
type progress struct {
	mu          sync.Mutex
	done, total int64
	report      func(done, total int64) // nil for nobody
}

func (p *progress) add(n int64) {
	if p == nil || p.report == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	p.report(p.done, p.total)
}
