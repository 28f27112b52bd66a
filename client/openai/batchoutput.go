package openai

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"iter"
	"math"
	"net/http"
	"os"
	"path/filepath"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// batchOutput is what came of a batch: its files, on the disk, and where in them the
// result of each call is.
type batchOutput struct {
	client    *client.Client
	options   []client.CallOption
	job       *batchJob
	batch     *client.Response // in its final state
	operation string           // ID of what the calls are for
	dir       string           // of temporary files
	calls     string           // path of the calls, "" where they are not known
	files     []*outputFile
	seeds     [2]maphash.Seed
	index     map[batchKey]lineAt
	strays    []lineAt // lines that no call has asked for
	failed    error    // of results, which ended early
}

// outputFile is a file of results.
type outputFile struct {
	id   string
	file *os.File
}

// lineAt is where a line is.
type lineAt struct {
	from   int64
	length int32
	number int32 // from 1
	file   uint8
	again  bool // its custom_id stands in an earlier line
	taken  bool
}

// open waits for a batch and downloads its results.
func (r *BatchRun) open(ctx context.Context, job *batchJob, opts []client.CallOption) (o *batchOutput, err error) {
	batch, err := r.wait(ctx, job, opts)
	if err != nil {
		return nil, err
	}
	o = &batchOutput{
		client: r.client, options: r.with(opts), job: job, batch: batch, index: make(map[batchKey]lineAt),
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.close())
		}
	}()
	if o.operation, err = operationOf(r.client.Document(), batch.Get("endpoint").String()); err != nil {
		return o, fmt.Errorf("%s of %.80q: %w", batch.Operation().ID, job.id, err)
	}
	if o.dir, err = os.MkdirTemp("", "opcall-results-*"); err != nil {
		return o, err
	}
	if err := o.findCalls(ctx); err != nil {
		return o, err
	}
	for _, member := range [...]string{"output_file_id", "error_file_id"} {
		if id := batch.Get(member).String(); id != "" {
			if err := o.download(ctx, id); err != nil {
				return o, err
			}
		}
	}
	return o, nil
}

// operationOf returns the ID of the operation that an endpoint of batches names.
func operationOf(doc *schema.Document, endpoint string) (string, error) {
	for _, base := range bases(doc) {
		if path, ok := cutBase(endpoint, base); ok {
			if op, _, ok := doc.Match(http.MethodPost, path); ok {
				return op.ID, nil
			}
		}
	}
	return "", fmt.Errorf("the document has no operation for its endpoint %.100q", endpoint)
}

func cutBase(path, base string) (string, bool) {
	if len(path) <= len(base) || path[:len(base)] != base || path[len(base)] != '/' {
		return "", false
	}
	return path[len(base):], true
}

// findCalls finds the calls of the batch: on the disk where the Batch has them still,
// else on the server. One that is gone from both is not an error.
func (o *batchOutput) findCalls(ctx context.Context) error {
	if f := o.job.file; f != nil {
		if _, err := os.Stat(f.path); err == nil {
			o.calls = f.path
			return nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	path := filepath.Join(o.dir, "calls.jsonl")
	file, err := o.fetch(ctx, o.batch.Get("input_file_id").String(), path)
	var refused *client.APIError
	switch {
	case errors.As(err, &refused) && (refused.StatusCode == http.StatusNotFound || refused.StatusCode == http.StatusGone):
		return nil
	case err != nil:
		return err
	}
	o.calls = path
	return file.Close()
}

// fetch downloads a file to a path, and returns it open at its end. It need not outlive
// a crash, so that nothing waits for the disk as DownloadFile does.
func (o *batchOutput) fetch(ctx context.Context, id, path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	d := &download{client: o.client, request: DownloadRequest{File: id}, options: o.options, out: file, file: file, path: path, total: -1}
	if _, err := d.run(ctx); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// download fetches a file of results and finds its lines.
func (o *batchOutput) download(ctx context.Context, id string) error {
	file, err := o.fetch(ctx, id, filepath.Join(o.dir, fmt.Sprintf("%d.jsonl", len(o.files))))
	if err != nil {
		return err
	}
	o.files = append(o.files, &outputFile{id: id, file: file})
	lines := newLines(io.NewSectionReader(file, 0, math.MaxInt64))
	for {
		text, at, err := lines.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		at.file = uint8(len(o.files) - 1)
		o.note(text, at)
	}
}

// note puts a line into the index. Lines without a custom_id, and those of one that has
// been seen, are strays.
func (o *batchOutput) note(text []byte, at lineAt) {
	id := idOf(text)
	key := keyOf(&o.seeds, id)
	_, again := o.index[key]
	switch {
	case id == "" || again:
		at.again = again
		o.strays = append(o.strays, at)
	default:
		o.index[key] = at
	}
}

// idOf returns the custom_id of a line, "" where it has none.
func idOf(text []byte) string {
	if jsonscan.Check(jsonscan.Alias(text), maxFirstLine) != nil {
		return ""
	}
	if id := gjson.GetBytes(text, "custom_id"); id.Type == gjson.String {
		return id.String()
	}
	return ""
}

// results yields what came of each call, with the place of the call in its Batch, in the
// order of the calls; what belongs to no call comes last. What ends it early is in failed.
func (o *batchOutput) results() iter.Seq2[int, BatchResult] {
	return func(yield func(int, BatchResult) bool) {
		o.failed = nil
		if o.calls == "" {
			o.inOrderOfOutput(yield)
			return
		}
		calls, err := os.Open(o.calls)
		if err != nil {
			o.failed = err
			return
		}
		defer calls.Close()
		lines := newLines(calls)
		for n := 0; ; n++ {
			text, at, err := lines.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				o.failed = err
				return
			}
			place := n
			if f := o.job.file; f != nil && n < len(f.places) {
				place = int(f.places[n])
			}
			result, err := o.resultOf(idOf(text), int(at.number))
			if err != nil {
				o.failed = err
				return
			}
			if !yield(place, result) {
				return
			}
		}
		o.yieldStrays(yield)
	}
}

// inOrderOfOutput yields every line of the files.
func (o *batchOutput) inOrderOfOutput(yield func(int, BatchResult) bool) {
	for i, file := range o.files {
		lines := newLines(io.NewSectionReader(file.file, 0, math.MaxInt64))
		for {
			text, at, err := lines.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				o.failed = err
				return
			}
			at.file = uint8(i)
			if !yield(math.MaxInt, o.read(string(text), at)) {
				return
			}
		}
	}
}

// resultOf returns what came of a call.
func (o *batchOutput) resultOf(id string, line int) (BatchResult, error) {
	key := keyOf(&o.seeds, id)
	at, ok := o.index[key]
	if !ok {
		return BatchResult{CustomID: id, BatchID: o.job.id, Operation: o.operation, Err: o.withoutResult(id, line)}, nil
	}
	if !at.taken {
		at.taken = true
		o.index[key] = at
	}
	text, err := o.text(at)
	if err != nil {
		return BatchResult{}, err
	}
	return o.read(text, at), nil
}

// text reads a line again.
func (o *batchOutput) text(at lineAt) (string, error) {
	text := make([]byte, at.length)
	if _, err := o.files[at.file].file.ReadAt(text, at.from); err != nil {
		return "", err
	}
	return jsonscan.Alias(text), nil
}

// yieldStrays yields the lines that no call has asked for.
func (o *batchOutput) yieldStrays(yield func(int, BatchResult) bool) {
	strays := o.strays
	for _, at := range o.index {
		if !at.taken {
			strays = append(strays, at)
		}
	}
	sortLines(strays)
	for _, at := range strays {
		text, err := o.text(at)
		if err != nil {
			o.failed = err
			return
		}
		if !yield(math.MaxInt, o.stray(text, at)) {
			return
		}
	}
}

// close removes the files.
func (o *batchOutput) close() error {
	var errs []error
	for _, f := range o.files {
		errs = append(errs, f.file.Close())
	}
	o.files = nil
	if o.dir != "" {
		errs = append(errs, os.RemoveAll(o.dir))
	}
	return errors.Join(append(errs, o.failed)...)
}

// lines cuts a file into lines that are not empty.
type lines struct {
	r      *bufio.Reader
	at     int64
	number int32
	buf    []byte
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// next returns a line, which is good until the one after it, and where it is. The error is
// io.EOF behind the last.
func (l *lines) next() ([]byte, lineAt, error) {
	for {
		from := l.at
		l.buf = l.buf[:0]
		l.number++
		for {
			part, err := l.r.ReadSlice('\n')
			l.at += int64(len(part))
			if l.buf = append(l.buf, part...); len(l.buf) > schema.MaxLine {
				return nil, lineAt{}, &schema.LineError{Number: int(l.number), Reason: fmt.Sprintf("got more than %d bytes, which is the limit of a line", schema.MaxLine)}
			}
			if err == bufio.ErrBufferFull {
				continue
			}
			if err != nil && (err != io.EOF || len(l.buf) == 0) {
				return nil, lineAt{}, err
			}
			break
		}
		text := bytes.TrimRight(l.buf, " \t\r\n")
		if l.number == 1 {
			marked := len(text)
			text = jsonscan.TrimMark(text)
			from += int64(marked - len(text))
		}
		if len(text) > 0 {
			return text, lineAt{from: from, length: int32(len(text)), number: l.number}, nil
		}
	}
}
