package schema

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"iter"
	"os"
	"slices"
	"time"
)

// DefaultWatchInterval is how often Watch looks at a file where the caller does not
// say.
const DefaultWatchInterval = 5 * time.Second

// Update is what Watch saw.
type Update struct {
	// Document is the one to use: the new one or, beside an error, the one before; nil
	// as long as there has been none.
	Document *Document
	// Changes is how it differs from the one before; nil in the first update and beside
	// an error.
	Changes *Changes
	// Err says why what is in the file now is not used: an error of LoadFile or, where
	// the document opens but has errors, the errors that Verify and the compilation of
	// its schemas find.
	Err error
}

// Watch yields the document in a file, and then each other one that takes its place.
// It looks at the file every interval, DefaultWatchInterval where that is not
// positive, until the context ends or the caller leaves the loop.
//
// It polls, with Stat and, where that has changed, a hash of the content, so that it
// works on NFS and on mounted ConfigMaps, whose links are switched. A content counts
// once two reads in succession, an interval apart, are equal: a file that is being
// written is not half read. A file with the same content as before is not an update.
//
// A document that cannot be opened, or has errors that the one in use does not have,
// is yielded as an error beside the document in use, once; the loop goes on, and the
// next good content is an update. The same holds for a file that is gone or cannot be
// read. The first content is used even where Verify finds errors in it, as LoadFile
// does; WithVerification refuses it. Of a document in several files only the first is
// watched; the others are read when it changes.
//
// Each range starts over. Nothing of a document is kept once the next one has taken its
// place.
func Watch(ctx context.Context, path string, interval time.Duration, opts ...Option) iter.Seq[Update] {
	if interval <= 0 {
		interval = DefaultWatchInterval
	}
	return func(yield func(Update) bool) {
		if ctx == nil {
			yield(Update{Err: errors.New("watch: got a nil context, want context.Background() where nothing ends it")})
			return
		}
		w := watcher{path: path, opts: opts, maxSize: maxSizeOf(opts)}
		update, ok := w.first()
		for {
			if ok && !yield(update) {
				return
			}
			// A timer and no ticker: the interval begins when the caller asks for more, so that one who
			// is slow does not find a tick waiting.
			timer := time.NewTimer(interval)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
			}
			update, ok = w.look()
		}
	}
}

// watcher is the state of one loop. It remembers contents by their hash, so that it keeps
// one document and no text.
type watcher struct {
	path    string
	opts    []Option
	maxSize int64

	current *Document
	digest  [sha256.Size]byte // of the content that was used or refused last
	pending [sha256.Size]byte // of a content that has been read once
	waiting bool              // there is a pending content
	info    os.FileInfo       // of the file when its content was last read
	readAt  time.Time
	failure string // the last error of reading the file
}

// maxSizeOf returns the limit that the options set. The watcher reads files itself, and has to stop
// where Load would.
func maxSizeOf(opts []Option) int64 {
	l := loader{maxSize: DefaultMaxSize}
	for _, opt := range opts {
		opt(&l)
	}
	return l.maxSize
}

// first loads what is in the file, without waiting for a second read.
func (w *watcher) first() (Update, bool) {
	data, err := w.read()
	if err != nil {
		return w.failed(err)
	}
	w.digest = sha256.Sum256(data)
	doc, err := w.load(data)
	if err != nil {
		return Update{Err: err}, true
	}
	w.current = doc
	return Update{Document: doc}, true
}

// look reports what has happened since the last look; false for nothing. The order of
// its questions is that of their cost: Stat, a read with a hash, a load.
//
// A content is used when a second look finds it again. Between two looks a writer may
// have emptied the file and be filling it; half a YAML document is often a document.
func (w *watcher) look() (Update, bool) {
	info, err := os.Stat(w.path)
	if err == nil && !w.waiting && w.failure == "" && w.unchanged(info) {
		return Update{}, false
	}
	data, err := w.read()
	if err != nil {
		w.waiting = false
		return w.failed(err)
	}
	// The same failure is news when it comes again.
	w.failure = ""
	digest := sha256.Sum256(data)
	switch {
	case digest == w.digest:
		w.waiting = false
		return Update{}, false
	case !w.waiting || digest != w.pending:
		w.pending, w.waiting = digest, true
		return Update{}, false
	}
	// Before it is known whether it loads: a content that is refused is reported once.
	w.digest, w.waiting = digest, false
	doc, err := w.load(data)
	if err == nil {
		err = doc.newErrors(w.current)
	}
	if err != nil {
		return Update{Document: w.current, Err: err}, true
	}
	before := w.current
	w.current = doc
	if before == nil {
		return Update{Document: doc}, true
	}
	return Update{Document: doc, Changes: Diff(before, doc)}, true
}

// racy is how long after its last modification a file may change once more without a
// new time: the clocks of file systems are coarse.
const racy = 3 * time.Second

// unchanged reports whether Stat alone proves that the content is the one that was read:
// the same file, of the same size and time, read long enough after that time. Git calls a
// file racy for the same reason.
func (w *watcher) unchanged(info os.FileInfo) bool {
	return w.info != nil && os.SameFile(info, w.info) && info.Size() == w.info.Size() && info.ModTime().Equal(w.info.ModTime()) &&
		w.readAt.Sub(info.ModTime()) > racy
}

// read reads the file, and remembers what Stat said before.
func (w *watcher) read() ([]byte, error) {
	// Before the content: what is written between the two makes the next Stat differ. The other way
	// round that change would not be seen.
	info, err := os.Stat(w.path)
	if err == nil {
		w.info, w.readAt = info, time.Now()
	}
	return readFile(w.path, w.maxSize)
}

// failed reports an error of reading, once as long as it stays the same.
func (w *watcher) failed(err error) (Update, bool) {
	why := err.Error()
	var file *fs.PathError
	if errors.As(err, &file) {
		why = file.Err.Error() // the same, whether Stat or Open was the one to fail
	}
	if why == w.failure {
		return Update{}, false
	}
	w.failure = why
	return Update{Document: w.current, Err: err}, true
}

func (w *watcher) load(data []byte) (*Document, error) {
	return loadOf(w.path, data, w.opts)
}

// newErrors returns the errors of a document that another, nil for none, does not
// have: those of its structure, and those of schemas that do not compile. A program that
// lives with an error of its document should not be kept from the next one, which has it
// too; but what worked must go on working.
func (d *Document) newErrors(before *Document) error {
	if before == nil {
		return nil
	}
	found := d.allErrors()
	if len(found) == 0 {
		return nil
	}
	known := make(map[string]bool)
	for _, err := range before.allErrors() {
		// Without the line, which moves with every line that is added above.
		known[string(err.Pointer)+err.Reason] = true
	}
	var list []error
	for _, err := range found {
		if !known[string(err.Pointer)+err.Reason] && len(list) < maxExplained {
			list = append(list, err)
		}
	}
	return errors.Join(list...)
}

// allErrors returns what Verify finds, the operations that cannot be read, and the
// schemas that do not compile. It compiles the whole document.
func (d *Document) allErrors() []*DocumentError {
	list := d.Verify()
	add := func(err error) {
		var docErr *DocumentError
		if errors.As(err, &docErr) && !slices.ContainsFunc(list, func(other *DocumentError) bool {
			return other.Pointer == docErr.Pointer && other.Reason == docErr.Reason
		}) {
			list = append(list, docErr)
		}
	}
	d.Precompile()
	for name := range d.schemas.All() {
		// To validate anything compiles the schema. That null is invalid is not an error of the
		// document, and add passes it over.
		add(d.Validate(name, "null"))
	}
	for _, entry := range d.operations {
		op, err := entry.parsed()
		if err != nil {
			add(err)
			continue
		}
		for _, p := range op.Parameters {
			if p.Schema != nil {
				add(p.Schema.Validate("null"))
			}
		}
		if op.RequestBody != nil {
			for _, m := range op.RequestBody.Content {
				if m.Schema != nil {
					add(m.Schema.Validate("null"))
				}
			}
		}
		for _, r := range op.Responses {
			for _, m := range r.Content {
				if m.Schema != nil {
					add(m.Schema.Validate("null"))
				}
			}
		}
	}
	return list
}
