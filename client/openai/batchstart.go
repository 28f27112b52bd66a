package openai

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
)

// batchState is how far the start of a Batch is.
type batchState struct {
	Kind    string       `json:"kind"` // batchKind
	Name    string       `json:"name"` // by which the server's batches are found again
	Started int64        `json:"started"`
	Files   []startState `json:"files"`
}

// startState is how far the start of one batch is.
type startState struct {
	SHA256 string `json:"sha256"`
	Sent   bool   `json:"sent"` // the upload has begun, and may be there
	File   string `json:"file,omitempty"`
	Asked  bool   `json:"asked"` // createBatch has been called, and may have succeeded
	Batch  string `json:"batch,omitempty"`
}

const (
	batchKind = "opcall batch 1"

	// batchName is the entry of a batch's metadata by which it is found again.
	batchName = "opcall"

	// clockSkew is how far the clocks of client and server may be apart, in seconds.
	clockSkew = 24 * 60 * 60
)

// Start uploads the calls and starts the batches, and returns them as a run. No more
// calls can be added afterwards. Start of a Batch without calls is an error.
//
// After an error Start can be called again: it goes on where it stopped. A request whose
// response was lost may have started a batch; that one is looked for among the batches of
// the server before another is started, so that no call is paid for twice, as far as the
// server lists what it has started. With BatchOptions.State the same holds after the end
// of the process. The run that comes with an error has the batches that were started.
func (b *Batch) Start(ctx context.Context, opts ...client.CallOption) (*BatchRun, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return nil, errors.New("batch: Start after Close")
	case b.added == 0:
		return nil, errors.New("batch: Start without calls")
	}
	if b.started == nil {
		if err := b.openState(); err != nil {
			return nil, err
		}
		b.started = &BatchRun{client: b.client, options: opts}
	}
	var done, total int64
	for _, f := range b.files {
		total += f.size
	}
	for i, f := range b.files {
		if i == len(b.started.jobs) {
			id, err := b.start(ctx, i, f, done, total, opts)
			if err != nil {
				return b.started, fmt.Errorf("batch: file %d of %d, %d calls: %w", i+1, len(b.files), len(f.places), err)
			}
			b.started.jobs = append(b.started.jobs, &batchJob{id: id, file: f})
		}
		done += f.size
	}
	return b.started, nil
}

// openState finishes the files, and finds out how far an earlier process came with them.
func (b *Batch) openState() error {
	if b.state != nil {
		return nil
	}
	s := &batchState{}
	found, err := readState(b.options.State, s)
	switch {
	case err != nil:
		return err
	case !found:
		s = &batchState{Kind: batchKind, Name: rand.Text(), Started: time.Now().Unix(), Files: make([]startState, len(b.files))}
	case s.Kind != batchKind || s.Name == "":
		return &StateError{Path: b.options.State, Reason: "it is not that of a batch; remove it, or give another path"}
	case len(s.Files) != len(b.files):
		return b.otherCalls()
	}
	for i, f := range b.files {
		if err := f.finish(); err != nil {
			return err
		}
		if sum := f.hash(); s.Files[i].SHA256 == "" {
			s.Files[i].SHA256 = sum
		} else if s.Files[i].SHA256 != sum {
			return b.otherCalls()
		}
	}
	if err := writeState(b.options.State, s); err != nil {
		return err
	}
	b.state = s
	return nil
}

func (b *Batch) otherCalls() error {
	return &StateError{Path: b.options.State, Reason: "it is that of other calls than these; remove it to start these as well, or give another path"}
}

func (b *Batch) save() error { return writeState(b.options.State, b.state) }

// start uploads one file and starts its batch, as far as that has not been done.
func (b *Batch) start(ctx context.Context, i int, f *batchFile, done, total int64, opts []client.CallOption) (string, error) {
	s := &b.state.Files[i]
	if s.Batch != "" {
		return s.Batch, nil
	}
	if s.File == "" {
		id, err := b.upload(ctx, i, f, done, total, opts)
		if err != nil {
			return "", err
		}
		s.File = id
		if err := b.save(); err != nil {
			return "", err
		}
	}
	id, err := b.create(ctx, i, f, opts)
	if err != nil {
		return "", err
	}
	s.Batch = id
	return id, b.save()
}

// name is that of a file and its batch, on the server.
func (b *Batch) name(i int) string { return fmt.Sprintf("%s-%d", b.state.Name, i+1) }

// upload uploads a file, unless it is there. The lines are valid, so they are not
// validated again.
func (b *Batch) upload(ctx context.Context, i int, f *batchFile, done, total int64, opts []client.CallOption) (string, error) {
	s := &b.state.Files[i]
	name := "batch-" + b.name(i) + ".jsonl"
	if s.Sent {
		found, err := From(b.client).findFile(ctx, wantedFile{name: name, purpose: ForBatch, size: f.size, since: b.state.Started - clockSkew, own: true}, opts)
		if err != nil {
			return "", err
		}
		if found != nil {
			return found.ID(), nil
		}
	}
	s.Sent = true
	if err := b.save(); err != nil {
		return "", err
	}
	req := UploadRequest{File: Path(f.path), Name: name, Purpose: ForBatch}
	if report := b.options.Progress; report != nil {
		req.Progress = func(n, _ int64) { report(done+n, total) }
	}
	src, err := req.open(ctx)
	if err != nil {
		return "", err
	}
	defer src.close()
	file, err := From(b.client).uploadWhole(ctx, req, src, opts)
	if err != nil {
		return "", err
	}
	return file.ID(), nil
}

// startTries is how often a batch is asked for, as long as the server says that it was
// not started.
const startTries = 3

// create starts a batch, once. The request is not sent again as others are: whether it
// was carried out is found out first.
func (b *Batch) create(ctx context.Context, i int, f *batchFile, opts []client.CallOption) (string, error) {
	s := &b.state.Files[i]
	once := append(append([]client.CallOption{}, opts...), client.WithMaxRetries(0))
	for tries := 1; ; tries++ {
		if s.Asked {
			if id, err := b.find(ctx, i, opts); err != nil || id != "" {
				return id, err
			}
		}
		s.Asked = true
		if err := b.save(); err != nil {
			return "", err
		}
		r, err := b.client.Call(ctx, "createBatch", b.params(b.name(i), s.File, f.endpoint), once...)
		if err == nil {
			id := r.Get("id").String()
			if id == "" {
				return "", missing(r, "id", "a batch")
			}
			return id, nil
		}
		pause, again := mayStart(err)
		if !again || tries == startTries {
			return "", err
		}
		if err := sleep(ctx, pause); err != nil {
			return "", err
		}
	}
}

// longestStartPause bounds how long Start waits because a server asks it to.
const longestStartPause = time.Minute

// mayStart reports whether a request that failed may succeed, and after which pause.
func mayStart(err error) (time.Duration, bool) {
	var refused *client.APIError
	var broken *client.ConnectionError
	switch {
	case errors.As(err, &refused):
		return refused.RetryAfter, refused.Retryable() && refused.RetryAfter <= longestStartPause
	case errors.As(err, &broken):
		return 0, !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return 0, false
}

// params are those of createBatch, for a file of calls to an endpoint.
func (b *Batch) params(name, file, endpoint string) client.Params {
	metadata := maps.Clone(b.options.Metadata)
	if metadata == nil {
		metadata = make(map[string]string)
	}
	metadata[batchName] = name
	window := b.options.Window
	if window == "" {
		window = b.limits.Window
	}
	p := client.Params{"input_file_id": file, "endpoint": endpoint, "metadata": metadata}
	setText(p, "completion_window", window)
	if after := b.options.OutputExpiresAfter; after != 0 {
		p["output_expires_after"] = client.Params{"anchor": "created_at", "seconds": int64(after / time.Second)}
	}
	return p
}

// find looks for a batch that may have been started, "" for none.
func (b *Batch) find(ctx context.Context, i int, opts []client.CallOption) (id string, err error) {
	since := b.state.Started - clockSkew
	err = From(b.client).eachListed(ctx, "listBatches", client.Params{"limit": 100}, since, opts, func(_ *client.Response, item gjson.Result) (bool, error) {
		if item.Get("metadata."+batchName).String() == b.name(i) {
			id = item.Get("id").String()
		}
		return id == "", nil
	})
	return id, err
}
