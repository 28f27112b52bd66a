package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/opcall/opcall/client"
)

// part is what has come of a file, under a temporary name beside it, with the state by
// which another process goes on. Its state never says more than is on the disk.
type part struct {
	file  *os.File
	state downloadState
}

// downloadState is how far a download is.
type downloadState struct {
	Kind      string `json:"kind"` // downloadKind
	Operation string `json:"operation"`
	File      string `json:"file"`
	Params    string `json:"params"` // JSON
	Path      string `json:"path"`   // absolute
	Part      string `json:"part"`   // the name of the temporary file beside it
	Version   string `json:"version"`
	Total     int64  `json:"total"` // -1 where it is not known
	Done      int64  `json:"done"`  // bytes that are on the disk

	path string
}

const downloadKind = "opcall download 1"

// saveEvery is after how many bytes a state is written.
const saveEvery = 16 << 20

// isStrongTag reports whether a version is an entity tag that tells bytes apart.
func isStrongTag(version string) bool { return strings.HasPrefix(version, `"`) }

// downloadOn is DownloadFile with a state.
func (c *Client) downloadOn(ctx context.Context, path string, req DownloadRequest, opts []client.CallOption) (int64, error) {
	p, err := openPart(path, req)
	if err != nil {
		return 0, err
	}
	d := &download{
		client: c.Client, request: req, options: opts, out: p.file, file: p.file, path: path, part: p,
		done: p.state.Done, total: p.state.Total, version: p.state.Version,
	}
	_, err = d.run(ctx)
	if err != nil {
		return d.done, p.keep(d, err)
	}
	if err := p.finish(path); err != nil {
		return d.done, d.stopped(err)
	}
	return d.done, nil
}

// openPart returns what a state says has come of the file, or an empty part.
func openPart(path string, req DownloadRequest) (*part, error) {
	if path == "" {
		return nil, errors.New("got no path, want the name of a file")
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: got %s, want the name of a file", path, kindOfFile(info.Mode()))
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	operation, params := req.operation()
	given, err := json.Marshal(params)
	if err != nil {
		return nil, &StateError{Path: req.State, Reason: "the parameters of the download cannot be kept in it", Err: err}
	}
	fresh := downloadState{
		Kind: downloadKind, Operation: operation, File: req.File, Params: string(given), Path: absolute, Total: -1, path: req.State,
	}
	kept := downloadState{path: req.State}
	found, err := readState(req.State, &kept)
	if err != nil {
		return nil, err
	}
	if found {
		if err := kept.fits(&fresh); err != nil {
			return nil, err
		}
		if p := kept.open(); p != nil {
			return p, nil
		}
	}
	file, err := os.CreateTemp(filepath.Dir(absolute), partPrefix(absolute)+"*")
	if err != nil {
		return nil, err
	}
	fresh.Part = filepath.Base(file.Name())
	return &part{file: file, state: fresh}, nil
}

// partPrefix is what the name of a part begins with.
func partPrefix(path string) string { return "." + filepath.Base(path) + "-" }

// fits returns an error where a state is not that of the download.
func (s *downloadState) fits(want *downloadState) error {
	switch {
	case s.Kind != downloadKind || s.Done < 0 || s.Part != filepath.Base(s.Part) || !strings.HasPrefix(s.Part, partPrefix(s.Path)):
		return &StateError{Path: s.path, Reason: "it is not that of a download; remove it, or give another path"}
	case s.Operation != want.Operation || s.File != want.File || s.Params != want.Params || s.Path != want.Path:
		return &StateError{Path: s.path, Reason: fmt.Sprintf("it is that of %.80q to %.200q, got %.80q to %.200q; remove it, or give another path",
			s.File, s.Path, want.File, want.Path)}
	}
	return nil
}

// open opens the part of a state behind what is on the disk; nil where it is of no use.
func (s *downloadState) open() *part {
	name := filepath.Join(filepath.Dir(s.Path), s.Part)
	info, err := os.Lstat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err == nil && info.Size() >= s.Done && isStrongTag(s.Version) {
		err = file.Truncate(s.Done)
		if err == nil {
			_, err = file.Seek(s.Done, io.SeekStart)
		}
		if err == nil {
			return &part{file: file, state: *s}
		}
	}
	if file != nil {
		file.Close()
	}
	os.Remove(name) // a new one takes its place
	return nil
}

// begin takes note of the version that a whole response begins with.
func (p *part) begin(d *download) error {
	if p == nil {
		return nil
	}
	p.state.Version, p.state.Total, p.state.Done = d.version, d.total, 0
	if !isStrongTag(d.version) {
		p.state.Version = ""
		return removeState(p.state.path)
	}
	return writeState(p.state.path, &p.state)
}

// wrote takes note of what has been written, from time to time.
func (p *part) wrote(d *download) error {
	if p == nil || p.state.Version == "" || d.done-p.state.Done < saveEvery {
		return nil
	}
	return p.save(d.done)
}

// save writes the state, once the bytes are on the disk.
func (p *part) save(done int64) error {
	if err := p.file.Sync(); err != nil {
		return err
	}
	p.state.Done = done
	return writeState(p.state.path, &p.state)
}

// keep keeps the part of a download that failed, where another can go on with it, and
// returns the error. Where the disk is full, or the file is gone from the server, nothing
// is kept.
func (p *part) keep(d *download, failed error) error {
	var refused *client.APIError
	gone := errors.As(failed, &refused) && (refused.StatusCode == http.StatusNotFound || refused.StatusCode == http.StatusGone)
	if d.unwritten == nil && !gone && d.done > 0 && isStrongTag(d.version) {
		err := p.save(d.done)
		if err = errors.Join(err, p.file.Close()); err == nil {
			var stopped *DownloadError
			if errors.As(failed, &stopped) {
				stopped.State = p.state.path
			}
			return failed
		}
		failed = errors.Join(failed, err)
	}
	p.file.Close()
	os.Remove(p.file.Name())
	if err := removeState(p.state.path); err != nil {
		return errors.Join(failed, err)
	}
	return failed
}

// finish gives the part the name of the file.
func (p *part) finish(path string) error {
	err := errors.Join(p.file.Sync(), p.file.Chmod(0o644), p.file.Close())
	if err != nil {
		os.Remove(p.file.Name())
	} else {
		err = nameWhole(p.file.Name(), path)
	}
	return errors.Join(err, removeState(p.state.path))
}
