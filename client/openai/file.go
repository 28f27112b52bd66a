package openai

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/internal/extension"
)

// Purpose is what a file is for.
type Purpose string

// The purposes of files that can be uploaded.
const (
	ForAssistants Purpose = "assistants"
	ForBatch      Purpose = "batch"
	ForEvals      Purpose = "evals"
	ForFineTuning Purpose = "fine-tune"
	ForUserData   Purpose = "user_data" // for input files of requests
	ForVision     Purpose = "vision"
)

// UploadRequest is a file to upload.
type UploadRequest struct {
	File    Media
	Name    string // of the file, with its extension; default: that of File
	Purpose Purpose

	// ExpiresAfter is when the server deletes the file, in whole seconds, from an hour
	// to 30 days; 0 leaves that to the server.
	ExpiresAfter time.Duration

	// Format says which of the formats of its purpose a JSONL file has: for fine-tuning
	// "chat", "preference", "completions" or "reinforcement". The default is the one that
	// the first line is closest to; reinforcement, whose lines may have members of one's
	// own, has to be said.
	Format string

	// State is the path of a small file by which an upload in parts goes on where it
	// stopped, after an error and after the end of the process: Upload with the same
	// State and the same file sends the parts that are missing. It is written after each
	// part and removed when the file is complete. Without it an upload that fails is
	// cancelled. One process at a time uses a State.
	State string

	// PartSize is how large the parts are, in bytes; 0 is as large as the API takes. A
	// file that is larger is uploaded in parts, at most 2,000, as is one that is too
	// large for a single request.
	PartSize int64

	// Parallel is how many parts are under way at once; 0 is 4.
	Parallel int

	// Progress is called with the bytes that have been read to be sent, and with those of
	// the whole file, by one goroutine at a time; parts of an earlier run count.
	Progress func(done, total int64)

	// Extra holds every other field of the request that begins the upload, by its name
	// in the API. Its entries override the fields above.
	Extra map[string]any
}

// File is a file that the server has.
type File struct{ *client.Response }

// ID is the file's ID, which requests name it by.
func (f *File) ID() string { return f.Get("id").String() }

// Name is the file's name.
func (f *File) Name() string { return f.Get("filename").String() }

// Size is the file's size in bytes.
func (f *File) Size() int64 { return f.Get("bytes").Int() }

// Purpose is what the file is for. Files that the API made have purposes of their own.
func (f *File) Purpose() Purpose { return Purpose(f.Get("purpose").String()) }

// Upload uploads a file: in one request, Call of createFile, or in parts through the
// Uploads API where it is larger than that takes or than PartSize (createUpload,
// addUploadPart, completeUpload). The limits are those of the document
// (x-opcall-upload). Of the file no more is in memory than is on its way; what can be
// read only once is copied to a temporary file first.
//
// Before anything is sent, the file is checked as CheckUpload does. A file that changes
// on the way is a *FileChangedError, and the server has no such file. An upload in parts
// that stops is an *UploadError, which says whether it can go on. A file that cannot be
// read is a *client.FileError.
//
// A request that is sent again may leave a second file behind, or parts that belong to
// none; the File is the one that is complete.
func (c *Client) Upload(ctx context.Context, req UploadRequest, opts ...client.CallOption) (*File, error) {
	src, err := req.open(ctx)
	if err != nil {
		return nil, err
	}
	defer src.close()
	limits, err := c.checkUpload(ctx, &req, src, opts)
	if err != nil {
		return nil, err
	}
	if limits.parts(src.size) {
		if n := (src.size-1)/limits.part + 1; n > maxParts {
			return nil, fmt.Errorf("Upload: got %d as PartSize, which makes %d parts of %d bytes; want at most %d parts", req.PartSize, n, src.size, maxParts)
		}
		return c.uploadParts(ctx, req, src, limits, opts)
	}
	return c.uploadWhole(ctx, req, src, opts)
}

// open opens the file and gives it its name.
func (r UploadRequest) open(ctx context.Context) (*source, error) {
	src, err := r.File.source(ctx)
	if err != nil {
		return nil, &client.FileError{Operation: "createFile", Field: "file", Name: cmp.Or(r.Name, r.File.path), Err: err}
	}
	src.name = cmp.Or(r.Name, src.name)
	return src, nil
}

// uploadWhole sends the file in one request.
func (c *Client) uploadWhole(ctx context.Context, req UploadRequest, src *source, opts []client.CallOption) (*File, error) {
	p := &progress{total: src.size, report: req.Progress}
	params := client.Params{"file": client.File{Name: src.name, Body: src.part(0, src.size, p)}}
	req.fill(params)
	r, err := c.Call(ctx, "createFile", params, opts...)
	return fileOf(r, err)
}

// fill sets the fields that both ways of uploading have.
func (r UploadRequest) fill(params client.Params) {
	setText(params, "purpose", string(r.Purpose))
	if r.ExpiresAfter != 0 {
		params["expires_after"] = client.Params{"anchor": "created_at", "seconds": int64(r.ExpiresAfter / time.Second)}
	}
	maps.Copy(params, r.Extra)
}

func fileOf(r *client.Response, err error) (*File, error) {
	if r == nil {
		return nil, err
	}
	if err == nil && r.Get("id").String() == "" {
		err = missing(r, "id", "a file")
	}
	return &File{r}, err
}

// fileFrom makes a File of the object in another response.
func (c *Client) fileFrom(r *client.Response, object gjson.Result, opts []client.CallOption) (*File, error) {
	return fileOf(c.ReadResponse("retrieveFile", &http.Response{
		StatusCode: http.StatusOK, Header: r.Header(), Body: io.NopCloser(bytes.NewReader([]byte(object.Raw))),
	}, opts...))
}

// uploadLimits is what the document says of files of a purpose.
type uploadLimits struct {
	extension.PurposeRules
	whole, chunked int64 // the largest file in one request, and in parts; 0 for no limit
	part           int64 // how large parts are
	canPart        bool  // the document has the operations of uploads in parts
	splits         bool  // the caller says how large parts are
}

// maxParts bounds the parts of an upload: its state has all of them, and is written anew
// after each.
const maxParts = 2000

// defaultPart is how large parts are where the document sets no limit, in bytes.
const defaultPart = 64 << 20

// uploadLimits reads what the document says of the request.
func (c *Client) uploadLimits(req *UploadRequest) (uploadLimits, error) {
	doc := c.Document()
	op, err := doc.Operation("createFile")
	if err != nil {
		return uploadLimits{}, err
	}
	rules := extension.Uploads(op)
	l := uploadLimits{PurposeRules: rules.Purposes[string(req.Purpose)], whole: rules.Bytes, part: defaultPart, splits: req.PartSize > 0}
	create, missing := doc.Operation("createUpload")
	add, missingPart := doc.Operation("addUploadPart")
	if l.canPart = missing == nil && missingPart == nil; !l.canPart {
		return l, nil
	}
	l.chunked = extension.Uploads(create).Bytes
	l.part = cmp.Or(extension.Uploads(add).Bytes, defaultPart)
	switch {
	case req.PartSize < 0:
		return l, fmt.Errorf("Upload: got %d as PartSize, want 0 or more", req.PartSize)
	case req.Parallel < 0:
		return l, fmt.Errorf("Upload: got %d as Parallel, want 0 or more", req.Parallel)
	case req.PartSize > l.part:
		return l, fmt.Errorf("Upload: got %d as PartSize, want at most the %d bytes that a part may have", req.PartSize, l.part)
	}
	l.part = cmp.Or(req.PartSize, l.part)
	return l, nil
}

// parts reports whether a file of that size is uploaded in parts.
func (l uploadLimits) parts(size int64) bool {
	return l.canPart && (l.whole > 0 && size > l.whole || l.splits && size > l.part)
}

// most is the largest file that can be uploaded, 0 for no limit.
func (l uploadLimits) most() int64 {
	largest := l.whole
	if l.canPart && l.whole > 0 && l.chunked != 0 {
		largest = max(l.whole, l.chunked)
	} else if l.canPart && l.whole > 0 {
		largest = 0
	}
	if l.Bytes > 0 && (largest == 0 || l.Bytes < largest) {
		largest = l.Bytes
	}
	return largest
}
