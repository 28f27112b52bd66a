package openai

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"path/filepath"
	"sync"
	"time"

	"github.com/opcall/opcall/client"
)

// UploadError reports an upload in parts that stopped on its way.
type UploadError struct {
	Name        string
	UploadID    string
	Part, Parts int    // the part that failed, from 1, or 0 where no part did, and how many there are
	Done        int    // parts that the server has
	State       string // path of the state by which Upload goes on; "" where the upload was cancelled
	Err         error
}

func (e *UploadError) Error() string {
	text := fmt.Sprintf("upload of %.120q stopped with %d of %d parts done", e.Name, e.Done, e.Parts)
	if e.Part > 0 {
		text += fmt.Sprintf(", at part %d", e.Part)
	}
	if e.State != "" {
		text += fmt.Sprintf(" (the same call goes on with the state %.200s)", e.State)
	}
	return text + ": " + e.Err.Error()
}

// Unwrap returns what stopped it.
func (e *UploadError) Unwrap() error { return e.Err }

// chunked is an upload in parts under way.
type chunked struct {
	client  *client.Client
	request UploadRequest
	options []client.CallOption
	source  *source
	limits  uploadLimits

	mu     sync.Mutex
	state  *uploadState
	err    error // the first
	failed int   // the part of err, from 1
}

// uploadParts uploads a file through the Uploads API, from where an earlier run stopped
// if the request has a State.
func (c *Client) uploadParts(ctx context.Context, req UploadRequest, src *source, limits uploadLimits, opts []client.CallOption) (*File, error) {
	u := &chunked{client: c.Client, request: req, options: opts, source: src, limits: limits}
	var err error
	if u.state, err = readUploadState(req.State); err != nil {
		return nil, err
	}
	if u.state != nil {
		if err := u.state.fits(src, &req); err != nil {
			return nil, err
		}
		if file, over, err := u.earlier(ctx); over || err != nil {
			return file, err
		}
	}
	if u.state == nil {
		if err := u.begin(ctx); err != nil {
			return nil, err
		}
	}
	checksum, err := u.send(ctx)
	if err == nil {
		var file *File
		if file, err = u.complete(ctx, checksum); err == nil {
			return file, u.state.remove()
		}
	}
	return nil, u.stop(ctx, err)
}

// earlier decides what becomes of an upload that has a state. One that has expired
// starts over, unless it was completed: then its file is the result.
func (u *chunked) earlier(ctx context.Context) (file *File, over bool, err error) {
	if u.state.Expires == 0 || time.Now().Unix() < u.state.Expires {
		return nil, false, nil
	}
	if u.state.done() == len(u.state.Parts) {
		if file, err = u.completed(ctx); err != nil || file != nil {
			return file, file != nil, errors.Join(err, u.state.remove())
		}
	}
	u.state = nil
	return nil, false, nil
}

// begin creates the upload.
func (u *chunked) begin(ctx context.Context) error {
	mediaType := mime.TypeByExtension(filepath.Ext(u.source.name))
	if mediaType == "" {
		mediaType = "application/octet-stream"
		if filepath.Ext(u.source.name) == ".jsonl" {
			mediaType = "text/jsonl"
		}
	}
	params := client.Params{"filename": u.source.name, "bytes": u.source.size, "mime_type": mediaType}
	u.request.fill(params)
	r, err := u.client.Call(ctx, "createUpload", params, u.options...)
	if err != nil {
		return err
	}
	if r.Get("id").String() == "" {
		return missing(r, "id", "an upload")
	}
	u.state = newUploadState(u.source, &u.request, u.limits.part)
	u.state.Upload, u.state.Created, u.state.Expires = r.Get("id").String(), r.Get("created_at").Int(), r.Get("expires_at").Int()
	return u.state.save()
}

// send uploads the parts that the server does not have, and returns the MD5 of the file.
// One goroutine reads the file in order, for the checksums, and hands out parts; as many
// as are under way at once read theirs again when they send them.
func (u *chunked) send(ctx context.Context) (checksum string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &progress{total: u.source.size, report: u.request.Progress}
	work := make(chan int)
	var all sync.WaitGroup
	workers := u.request.Parallel
	if workers == 0 {
		workers = parallel
	}
	for range min(workers, len(u.state.Parts)) {
		all.Go(func() {
			for i := range work {
				if err := u.sendPart(ctx, i, p); err != nil {
					u.fail(i+1, err)
					cancel()
				}
			}
		})
	}
	whole := md5.New()
	for i := range u.state.Parts {
		if err := u.hand(ctx, i, whole, work, p); err != nil {
			u.fail(i+1, err)
			cancel()
			break
		}
	}
	close(work)
	all.Wait()
	return hex.EncodeToString(whole.Sum(nil)), u.err
}

// hand reads a part for the checksums, and hands it out unless the server has it.
func (u *chunked) hand(ctx context.Context, i int, whole hash.Hash, work chan<- int, p *progress) error {
	from, size := u.state.span(i)
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(whole, sum), &untilDone{ctx, io.NewSectionReader(u.source, from, size)})
	switch changed := u.source.unchanged(); {
	case err != nil:
		return u.fileError(err)
	case changed != nil:
		return changed
	case n < size:
		return &FileChangedError{Name: u.source.name, Was: u.source.size, Is: from + n}
	}
	text := hex.EncodeToString(sum.Sum(nil))
	u.mu.Lock()
	part := &u.state.Parts[i]
	done, known := part.ID != "", part.SHA256
	part.SHA256 = text
	u.mu.Unlock()
	if done && known != text {
		return &FileChangedError{Name: u.source.name, Was: u.source.size, Is: u.source.size, State: u.state.path}
	}
	if done {
		p.add(size)
		return nil
	}
	select {
	case work <- i:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (u *chunked) fileError(err error) error {
	return &client.FileError{Operation: "addUploadPart", Field: "data", Name: u.source.name, Err: err}
}

// sendPart uploads one part and writes down that it is there.
func (u *chunked) sendPart(ctx context.Context, i int, p *progress) error {
	from, size := u.state.span(i)
	r, err := u.client.Call(ctx, "addUploadPart", client.Params{
		"upload_id": u.state.Upload,
		"data":      client.File{Name: u.source.name, MediaType: "application/octet-stream", Body: u.source.part(from, size, p)},
	}, u.options...)
	if err != nil {
		return err
	}
	id := r.Get("id").String()
	if id == "" {
		return missing(r, "id", "a part of an upload")
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.state.Parts[i].ID = id
	return u.state.save()
}

// fail keeps the first error. Those that the end of the others causes come later.
func (u *chunked) fail(part int, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil {
		u.err, u.failed = err, part
	}
}

// complete makes a file of the parts. An upload that was completed in an earlier run, or
// by a request whose response was lost, cannot be completed again: then its file is
// looked for.
func (u *chunked) complete(ctx context.Context, checksum string) (*File, error) {
	u.failed = 0
	r, err := u.client.Call(ctx, "completeUpload", client.Params{"upload_id": u.state.Upload, "part_ids": u.state.ids(), "md5": checksum}, u.options...)
	if err != nil {
		var refused *client.APIError
		if errors.As(err, &refused) && refused.StatusCode < 500 {
			if file, _ := u.completed(ctx); file != nil {
				return file, nil
			}
		}
		return nil, err
	}
	object := r.Get("file")
	if !object.IsObject() {
		return nil, missing(r, "file", "a completed upload")
	}
	return From(u.client).fileFrom(r, object, u.options)
}

// completed looks for the file that the upload has become, nil for none.
func (u *chunked) completed(ctx context.Context) (*File, error) {
	return From(u.client).findFile(ctx, wantedFile{
		name: u.state.Name, purpose: u.state.Purpose, size: u.state.Size, since: u.state.Created,
	}, u.options)
}

// cancelTime bounds how long cancelling an upload may take.
const cancelTime = 10 * time.Second

// stop ends an upload that failed. One that no State lets go on is cancelled, and so is
// one of a file that has changed.
func (u *chunked) stop(ctx context.Context, err error) error {
	stopped := &UploadError{
		Name: u.source.name, UploadID: u.state.Upload, Part: u.failed, Parts: len(u.state.Parts), Done: u.state.done(), State: u.state.path, Err: err,
	}
	var changed *FileChangedError
	if u.state.path != "" && (!errors.As(err, &changed) || changed.State != "") {
		return stopped
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), cancelTime)
	defer done()
	_, _ = u.client.Call(ctx, "cancelUpload", client.Params{"upload_id": u.state.Upload}, u.options...) // else it expires within an hour
	stopped.State = ""
	stopped.Err = errors.Join(err, u.state.remove())
	return stopped
}
