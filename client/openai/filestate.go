package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// StateError reports a state, of an upload, a download or a batch, that cannot be used.
type StateError struct {
	Path   string
	Reason string
	Err    error // the cause, when there is one
}

func (e *StateError) Error() string {
	text := fmt.Sprintf("state %.200s: %s", e.Path, e.Reason)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *StateError) Unwrap() error { return e.Err }

// maxState bounds the size of a state, in bytes.
const maxState = 64 << 20

// readState reads a state into v. It reports false where there is none.
func readState(path string, v any) (bool, error) {
	if path == "" {
		return false, nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, &StateError{Path: path, Reason: "it cannot be read", Err: err}
	case !info.Mode().IsRegular() || info.Size() > maxState:
		return false, &StateError{Path: path, Reason: "it is not what Upload, DownloadFile or Batch has written; give another path"}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return false, &StateError{Path: path, Reason: "it cannot be read", Err: err}
	}
	if err := json.Unmarshal(text, v); err != nil {
		return false, &StateError{Path: path, Reason: "it is not what Upload, DownloadFile or Batch has written; remove it, or give another path", Err: err}
	}
	return true, nil
}

// writeState replaces a state, so that a reader sees the old one or the new one.
func writeState(path string, v any) error {
	if path == "" {
		return nil
	}
	text, err := json.Marshal(v)
	if err == nil {
		_, err = replaceFile(path, func(w io.Writer) (int64, error) {
			n, err := w.Write(append(text, '\n'))
			return int64(n), err
		})
	}
	if err != nil {
		return &StateError{Path: path, Reason: "it cannot be written", Err: err}
	}
	return nil
}

// removeState removes a state, which may be gone.
func removeState(path string) error {
	if path == "" {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &StateError{Path: path, Reason: "it cannot be removed", Err: err}
	}
	return nil
}

// uploadState is how far an upload in parts is.
type uploadState struct {
	Kind     string      `json:"kind"` // uploadKind
	Upload   string      `json:"upload"`
	Created  int64       `json:"created"`
	Expires  int64       `json:"expires"`
	Name     string      `json:"name"`
	Purpose  Purpose     `json:"purpose"`
	Size     int64       `json:"size"`
	Modified time.Time   `json:"modified,omitzero"`
	PartSize int64       `json:"part_size"`
	Parts    []partState `json:"parts"`

	path string // "" where none is kept
}

// partState is a part: the server has it if there is an ID.
type partState struct {
	ID     string `json:"id"`
	SHA256 string `json:"sha256"`
}

const uploadKind = "opcall upload 1"

func newUploadState(src *source, req *UploadRequest, part int64) *uploadState {
	return &uploadState{
		Kind: uploadKind, Name: src.name, Purpose: req.Purpose, Size: src.size, Modified: src.modified, PartSize: part,
		Parts: make([]partState, (src.size+part-1)/part), path: req.State,
	}
}

// readUploadState reads a state, nil where there is none.
func readUploadState(path string) (*uploadState, error) {
	s := &uploadState{}
	found, err := readState(path, s)
	if !found || err != nil {
		return nil, err
	}
	s.path = path
	if s.Kind != uploadKind || s.Upload == "" || s.PartSize < 1 || int64(len(s.Parts)) != (s.Size+s.PartSize-1)/s.PartSize {
		return nil, &StateError{Path: path, Reason: "it is not that of an upload; remove it, or give another path"}
	}
	return s, nil
}

// fits returns an error where the state is not that of the file.
func (s *uploadState) fits(src *source, req *UploadRequest) error {
	switch {
	case s.Name != src.name || s.Purpose != req.Purpose:
		return &StateError{Path: s.path, Reason: fmt.Sprintf(
			"it is that of %.120q for %.40q, got %.120q for %.40q; remove it, or give another path", s.Name, string(s.Purpose), src.name, string(req.Purpose))}
	case s.Size != src.size || !s.Modified.Equal(src.modified):
		return &FileChangedError{Name: src.name, Was: s.Size, Is: src.size, Modified: src.modified, State: s.path}
	}
	return nil
}

// span returns where a part is in the file.
func (s *uploadState) span(i int) (from, size int64) {
	from = int64(i) * s.PartSize
	return from, min(s.PartSize, s.Size-from)
}

func (s *uploadState) done() (n int) {
	for _, part := range s.Parts {
		if part.ID != "" {
			n++
		}
	}
	return n
}

func (s *uploadState) ids() []string {
	ids := make([]string, len(s.Parts))
	for i, part := range s.Parts {
		ids[i] = part.ID
	}
	return ids
}

func (s *uploadState) save() error   { return writeState(s.path, s) }
func (s *uploadState) remove() error { return removeState(s.path) }

// wantedFile is a file that may be on the server.
type wantedFile struct {
	name    string
	purpose Purpose
	size    int64
	since   int64 // it is not older, in Unix seconds by the server's clock
	own     bool  // nobody else uses the name, so that several are copies of one
}

// findFile looks for a file on the server, nil for none. Several that are alike are an
// error, unless the name is one's own: it cannot be said which it is.
func (c *Client) findFile(ctx context.Context, want wantedFile, opts []client.CallOption) (*File, error) {
	var found *File
	params := client.Params{"purpose": string(want.purpose), "order": "desc", "limit": 100}
	err := c.eachListed(ctx, "listFiles", params, want.since, opts, func(r *client.Response, item gjson.Result) (bool, error) {
		if item.Get("filename").String() != want.name || item.Get("bytes").Int() != want.size {
			return true, nil
		}
		if found != nil && want.own {
			return false, nil
		}
		if found != nil {
			return false, fmt.Errorf("got two files %.120q of %d bytes, %.80s and %.80s, want one", want.name, want.size, found.ID(), item.Get("id"))
		}
		var err error
		found, err = c.fileFrom(r, item, opts)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// eachListed calls f with the items of a list, newest first, until it returns false or
// they are older than since.
func (c *Client) eachListed(ctx context.Context, operation string, params client.Params, since int64, opts []client.CallOption, f func(*client.Response, gjson.Result) (bool, error)) error {
	seen := make(map[string]bool) // a list that goes in a circle ends
	for {
		r, err := c.Call(ctx, operation, params, opts...)
		if err != nil {
			return err
		}
		last := ""
		for _, item := range r.Get("data").Array() {
			last = item.Get("id").String()
			if item.Get("created_at").Int() < since {
				return nil
			}
			if more, err := f(r, item); err != nil || !more {
				return err
			}
		}
		if !r.Get("has_more").Bool() || last == "" || seen[last] {
			return nil
		}
		seen[last] = true
		params["after"] = last
	}
}
