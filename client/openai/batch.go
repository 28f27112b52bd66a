package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/client/internal/inbound"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

// BatchOptions says how a Batch is made. The zero value is good.
type BatchOptions struct {
	// Window is the time that the server has, "24h" by default.
	Window string

	// Metadata of the batches, at most 15 entries. One more, "opcall", tells them from
	// others.
	Metadata map[string]string

	// OutputExpiresAfter is when the server deletes the files of results, in whole
	// seconds; 0 leaves that to the server.
	OutputExpiresAfter time.Duration

	// Dir is where the calls are kept until they are uploaded, in a folder that Close
	// removes; "" is the folder of the system for temporary files.
	Dir string

	// State is the path of a small file by which Start goes on where it stopped, after an
	// error and after the end of the process: a program that adds the same calls again
	// starts what had not been started, and gets the batches that had. One process at a
	// time uses a State. It stays until it is removed: as long as it is there, the same
	// calls are the same batches, whose results can be read again.
	State string

	// Progress is called by Start with the bytes of all calls that have been uploaded.
	Progress func(done, total int64)
}

// Batch collects calls for the Batch API, which carries them out within a day at half
// the price. Each is validated when it is added.
//
//	b, err := c.NewBatch(openai.BatchOptions{})
//	defer b.Close()
//	err = b.Add("question-1", "createChatCompletion", params)
//	run, err := b.Start(ctx)
//	for result, err := range run.Results(ctx) { … }
//
// Calls stand in files on the disk, not in memory, one for each endpoint and model, split
// at the API's limits (x-opcall-batch of the document). A Batch is safe for concurrent
// use; calls are in the order in which they were added.
type Batch struct {
	client  *client.Client
	options BatchOptions
	limits  extension.BatchLimits
	dir     string

	mu      sync.Mutex
	seeds   [2]maphash.Seed
	seen    map[batchKey]struct{} // hashes of custom_ids
	files   []*batchFile          // all, in order
	open    map[string]*batchFile // the last of its kind, by batchFile.kind
	added   int
	started *BatchRun // by the first Start
	state   *batchState
	closed  bool
}

// batchKey stands for a custom_id: 128 bits of a seeded hash, so that the memory does
// not depend on how long IDs are, and none can be made to collide.
type batchKey [2]uint64

func keyOf(seeds *[2]maphash.Seed, id string) batchKey {
	return batchKey{maphash.String(seeds[0], id), maphash.String(seeds[1], id)}
}

// CallError reports a call that cannot be in a batch.
type CallError struct {
	CustomID  string
	Operation string // as it was given
	Err       error  // a *schema.ValidationError for what is wrong with params
}

func (e *CallError) Error() string {
	return fmt.Sprintf("batch: call %.80q of %.80s: %s", e.CustomID, e.Operation, e.Err)
}

// Unwrap returns why.
func (e *CallError) Unwrap() error { return e.Err }

// ErrDuplicateID is the cause of a *CallError for a custom_id that another call has.
var ErrDuplicateID = errors.New("another call of the batch has this custom_id; give each one of its own")

// NewBatch makes a Batch without calls. The error is that of making its folder, of
// options that createBatch would refuse, or of a document without batches.
func (c *Client) NewBatch(options BatchOptions) (*Batch, error) {
	op, err := c.Document().Operation("createBatch")
	if err != nil {
		return nil, err
	}
	b := &Batch{
		client: c.Client, options: options, limits: extension.Batches(op), seen: make(map[batchKey]struct{}), open: make(map[string]*batchFile),
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
	}
	if err := b.checkOptions(op); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp(options.Dir, "opcall-batch-*"); err != nil {
		return nil, err
	}
	return b, nil
}

// checkOptions validates what Start will ask for, before calls are collected for it.
func (b *Batch) checkOptions(op *schema.Operation) error {
	if _, taken := b.options.Metadata[batchName]; taken {
		return fmt.Errorf("batch: got %q in Metadata, which Batch sets itself; want another name", batchName)
	}
	if len(b.options.Metadata) > 15 {
		return fmt.Errorf("batch: got %d entries in Metadata, want at most 15", len(b.options.Metadata))
	}
	endpoint := "/"
	if accepted := endpoints(op.Document()); len(accepted) > 0 {
		endpoint = accepted[0]
	}
	return b.client.Validate(op.ID, b.params("name", "file", endpoint))
}

// endpoints returns what the document says that batches take, nil where it does not.
func endpoints(doc *schema.Document) []string {
	list, ok := doc.Lookup("/components/schemas/CreateBatchRequest/properties/endpoint/enum")
	if !ok {
		return nil
	}
	return jsonscan.Strings(list)
}

// Add adds a call of an operation, whose params and options are those of Call, under a
// custom_id: its result comes under that name. Without one, "", it gets a name by its
// number, "call-000001" for the first, the same each time the same calls are added.
//
// The call is validated as Call would. What is wrong is a *CallError that wraps the error
// of Call; a custom_id that the batch has already is one that matches ErrDuplicateID.
// Operations that batches do not take, and params that ask for an event stream, are
// errors, too. A call that is refused leaves no trace.
func (b *Batch) Add(customID, operationID string, params any, opts ...client.CallOption) error {
	call, err := b.prepare(operationID, params, opts)
	b.mu.Lock()
	defer b.mu.Unlock()
	id := customID
	if id == "" {
		id = fmt.Sprintf("call-%06d", b.added+1)
	}
	if err == nil {
		err = b.put(id, call)
	}
	if err != nil {
		return &CallError{CustomID: id, Operation: operationID, Err: err}
	}
	return nil
}

// batchCall is a call as the line of a file has it.
type batchCall struct {
	operation *schema.Operation
	path      string // of the server: "/v1/embeddings"
	body      json.RawMessage
	inputs    int    // that count towards the limit of the path
	kind      string // what it shares with the other calls of its file
}

// prepare validates a call and writes its body.
func (b *Batch) prepare(operationID string, params any, opts []client.CallOption) (*batchCall, error) {
	bound, err := b.client.Bind(operationID, params, opts...)
	if err != nil {
		return nil, err
	}
	call := &batchCall{operation: bound.Operation}
	if call.path, err = batchPath(bound.Operation); err != nil {
		return nil, err
	}
	if err := bound.Validate(); err != nil {
		return nil, err
	}
	if call.body, err = bound.JSON(); err != nil {
		return nil, err
	}
	if bytes.ContainsAny(call.body, "\r\n") { // JSON that the caller wrote
		var line bytes.Buffer
		if err := json.Compact(&line, call.body); err != nil {
			return nil, err
		}
		call.body = line.Bytes()
	}
	text := jsonscan.Alias(call.body)
	call.kind = call.path
	for _, name := range b.limits.Alike {
		value, _ := jsonscan.Member(text, name)
		call.kind += "\n" + value
	}
	if inputs, ok := b.limits.Inputs[call.path]; ok {
		call.inputs = 1
		if list, _ := jsonscan.Member(text, inputs.Field); strings.HasPrefix(list, "[") && !isNumbers(list) {
			call.inputs = len(jsonscan.List(list))
		}
	}
	return call, nil
}

// isNumbers reports whether a list is one input, as tokens.
func isNumbers(list string) bool {
	for _, item := range jsonscan.Items(list) {
		return item[0] == '-' || item[0] >= '0' && item[0] <= '9'
	}
	return false
}

// batchPath returns the path by which batches name an operation, with that of the
// document's server. Where the document lists what batches take, it has to be there.
func batchPath(op *schema.Operation) (string, error) {
	doc := op.Document()
	accepted := endpoints(doc)
	for _, base := range bases(doc) {
		path := base + op.Path
		if op.Method == http.MethodPost && !strings.Contains(path, "{") && (accepted == nil || slices.Contains(accepted, path)) {
			return path, nil
		}
	}
	if accepted == nil {
		return "", errors.New("batches take operations of POST whose path has no parameters")
	}
	return "", fmt.Errorf("batches do not take %s %s; they take %s", op.Method, op.Path, strings.Join(accepted, ", "))
}

// bases returns the paths of the document's servers: "/v1".
func bases(doc *schema.Document) (paths []string) {
	for _, server := range doc.Servers() {
		paths = append(paths, inbound.Base(server.URL))
	}
	if paths == nil {
		paths = []string{""}
	}
	return paths
}

// put writes a call to the file of its kind.
func (b *Batch) put(id string, call *batchCall) error {
	switch {
	case b.closed:
		return errors.New("the batch is closed")
	case b.started != nil:
		return errors.New("the batch has been started; make another")
	case !utf8.ValidString(id): // JSON would make another ID of it
		return errors.New("the custom_id is not UTF-8, so that its result could not be found")
	}
	key := keyOf(&b.seeds, id)
	if _, taken := b.seen[key]; taken {
		return ErrDuplicateID
	}
	line := call.line(id)
	if b.limits.Bytes > 0 && int64(len(line)) > b.limits.Bytes {
		return fmt.Errorf("it has %d bytes, want at most the %d that a batch takes", len(line), b.limits.Bytes)
	}
	most := b.limits.Inputs[call.path].Items
	if most > 0 && call.inputs > most {
		return fmt.Errorf("it has %d inputs, want at most the %d that a batch takes", call.inputs, most)
	}
	f := b.open[call.kind]
	if f != nil && f.full(b.limits, most, len(line), call.inputs) {
		if err := f.finish(); err != nil {
			return err
		}
		f = nil
	}
	if f == nil {
		var err error
		if f, err = newBatchFile(b.dir, len(b.files), call); err != nil {
			return err
		}
		b.open[call.kind], b.files = f, append(b.files, f)
	}
	if err := f.write(line, call.inputs, b.added); err != nil {
		return err
	}
	b.seen[key] = struct{}{}
	b.added++
	return nil
}

// line writes the call as a line of a batch file.
func (c *batchCall) line(id string) []byte {
	line := make([]byte, 0, len(c.body)+len(id)+len(c.path)+64)
	line = jsonscan.AppendString(append(line, `{"custom_id":`...), id)
	line = jsonscan.AppendString(append(line, `,"method":"POST","url":`...), c.path)
	line = append(append(line, `,"body":`...), c.body...)
	return append(line, '}', '\n')
}

// Len is how many calls there are.
func (b *Batch) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.added
}

// Close removes the calls from the disk. Batches that have been started go on.
func (b *Batch) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	var errs []error
	for _, f := range b.files {
		errs = append(errs, f.abandon())
	}
	return errors.Join(append(errs, os.RemoveAll(b.dir))...)
}
