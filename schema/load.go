package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/yamltext"
	"github.com/opcall/opcall/schema/internal/bundle"
)

const (
	// DefaultMaxSize is the largest document that Load reads, in bytes.
	DefaultMaxSize = 64 << 20
)

// Option changes how a document is loaded.
type Option func(*loader)

// loader is what the options say, and what Load finds out on the way.
//
// One loader serves one Load. Options are functions on it, so that LoadFile can add what
// Load is to know without a second kind of parameters.
type loader struct {
	overlays []choice
	maxSize  int64
	trusted  bool
	index    []byte // of the text without overlays
	verified bool
	path     string
	source   source
	files    fs.FS  // in which relative references are followed; nil for none
	name     string // of the document in it
	cache    *cache
}

// WithOverlay patches the document with an OpenAPI Overlay 1.0 document (YAML
// or JSON) before anything reads it. Several overlays apply in order. An
// action that selects nothing in this document does nothing; Document.Unmatched
// lists it.
func WithOverlay(overlay []byte) Option {
	return WithOverlayIf(overlay, nil)
}

// WithOverlayIf is WithOverlay for a document of which want, called with the root of the
// document as it is without this overlay, reports true. A nil want is true.
//
// It serves overlays that belong to one API, or to one edition of its description: servers
// and version tell which it is.
func WithOverlayIf(overlay []byte, want func(Root) bool) Option {
	if want == nil {
		return func(l *loader) { l.overlays = append(l.overlays, choice{overlay: overlay}) }
	}
	if overlay == nil {
		overlay = []byte{} // no overlay, which is an error as it is without want
	}
	return WithOverlayFrom(func(root Root) []byte {
		if want(root) {
			return overlay
		}
		return nil
	})
}

// WithOverlayFrom is WithOverlay with what choose returns for the root of the document as it
// is without this overlay; nil leaves the document as it is. An overlay that few documents
// need is read or made where one needs it.
func WithOverlayFrom(choose func(Root) []byte) Option {
	return func(l *loader) { l.overlays = append(l.overlays, choice{choose: choose}) }
}

// choice is an overlay, or the function that chooses one when its turn comes.
type choice struct {
	overlay []byte
	choose  func(Root) []byte
}

// WithMaxSize sets the largest document that is read, in bytes, in place of
// DefaultMaxSize. It bounds the expansion of YAML aliases too.
func WithMaxSize(bytes int64) Option {
	return func(l *loader) { l.maxSize = bytes }
}

// WithoutChecks says that data is known to be a sound OpenAPI document in
// JSON, as embed.OpenAI() is: Load then reads nothing but an index of it. With
// other data, errors show when the part is first used.
//
// It does not switch off limits of size. It saves a reading of the whole text, which takes
// longer than the index.
func WithoutChecks() Option {
	return func(l *loader) { l.trusted = true }
}

// WithIndex gives Load what Document.Index returned for the same bytes at an earlier time, so
// that it finds the parts of the document without a scan of it. It has an effect beside
// WithoutChecks alone, and where the bytes are as many as they were: an index of another
// text of that length makes a wrong document, without an error. An overlay that is applied
// makes another text.
func WithIndex(index []byte) Option {
	return func(l *loader) { l.index = index }
}

// WithVerification makes Load refuse a document in which Verify finds anything;
// the error is the first that Verify lists.
func WithVerification() Option {
	return func(l *loader) { l.verified = true }
}

// Load opens an OpenAPI 3.0, 3.1 or 3.2 document in JSON or YAML. It checks syntax,
// structure and references, and indexes operations and components; schemas are compiled
// when they are first used. Of 3.2 it reads what 3.1 has; operations under members that
// are new in it are left out and reported by Repairs.
//
// An error in a part refuses that part and what uses it, not the document: see Verify.
// An error of Load is about the whole: the text is neither JSON nor YAML, is not a document of a
// version that is read, or is too large. It is a *DocumentError.
//
// Data may be UTF-8 or UTF-16, with a byte order mark or without. Load keeps it: the
// caller must not modify it afterwards. References to other files are refused, as
// there are none here: see LoadFile and LoadFS. Those to URLs are refused always, never
// fetched: a document from a stranger would choose what is read.
//
// With overlays, the text is read once more for each of them.
func Load(data []byte, opts ...Option) (*Document, error) {
	l := loader{maxSize: DefaultMaxSize}
	for _, opt := range opts {
		opt(&l)
	}
	doc, err := l.load(data)
	if err != nil {
		var docErr *DocumentError
		if !errors.As(err, &docErr) {
			docErr = &DocumentError{Reason: err.Error(), Err: err}
		}
		if docErr.Path == "" {
			docErr.Path = l.path
			if docErr.Line == 0 && !docErr.overlay {
				docErr.Path, docErr.Line = l.source.locate(docErr.Pointer)
			}
		}
		return nil, docErr
	}
	return doc, nil
}

func tooLarge(size, limit int64) string {
	return fmt.Sprintf("the document has %d bytes, more than the limit of %d; raise it with WithMaxSize", size, limit)
}

// load takes the steps in their order, the cheap ones first: size, text, overlays, index,
// checks. Every overlay makes a text of its own, since the next
// one, and the condition of WithOverlayIf, see what the one before has changed.
// Verification comes last: what an overlay mends is not an error.
func (l *loader) load(data []byte) (*Document, error) {
	if int64(len(data)) > l.maxSize {
		return nil, &DocumentError{Reason: tooLarge(int64(len(data)), l.maxSize)}
	}
	stages := l.begin(data)
	doc, err := l.staged(stages, data)
	checked := stages.checked()
	if err == nil && !l.trusted && !checked {
		doc.checked.Do(func() { doc.check(true) })
	}
	if stages.found && (err != nil || len(doc.errors) > 0) {
		// The document has errors, or an entry of the cache misled: read what was given.
		l.cache = nil // for the lines of the errors
		return l.load(data)
	}
	if err != nil {
		return nil, err
	}
	if len(doc.errors) == 0 && len(doc.unmatched) == 0 && len(l.source.parts) == 0 {
		if checked {
			doc.checked.Do(func() {})
		}
		stages.keep()
	}
	if l.verified {
		if docErrs := doc.Verify(); len(docErrs) > 0 {
			return nil, docErrs[0]
		}
	}
	return doc, nil
}

// staged makes the text of the document, and an index of it.
func (l *loader) staged(stages *stages, data []byte) (*Document, error) {
	l.source = source{path: l.path}
	at := stages.first(func() (string, error) {
		text, err := l.json(data)
		if err == nil && l.files != nil && bundle.IsNeeded(text) {
			return l.bundled(text)
		}
		return text, err
	})
	if l.trusted {
		at.index = l.index
	}
	var unmatched []UnmatchedAction
	for i, c := range l.overlays {
		overlay := c.overlay
		if c.choose != nil {
			root, err := at.top()
			if err != nil {
				return nil, err
			}
			if overlay = c.choose(root); overlay == nil {
				continue
			}
		}
		before := at
		at = before.next(overlay, func() (string, error) {
			if _, err := before.top(); err != nil { // what is not a document of ours is not overlaid
				return "", err
			}
			text, err := before.text()
			if err != nil {
				return "", err
			}
			text, nothing, err := l.overlaid(text, overlay)
			for _, a := range nothing {
				if c.choose == nil {
					unmatched = append(unmatched, UnmatchedAction{i, Pointer(fmt.Sprintf("/actions/%d", a.Action)), a.Target})
				}
			}
			return text, err
		})
	}
	if _, err := at.text(); err != nil { // which finds the source
		return nil, err
	}
	doc, err := at.document(l.source)
	if err != nil {
		return nil, err
	}
	doc.unmatched = unmatched
	return doc, nil
}

// json returns data as JSON in UTF-8. Unless it is trusted, its syntax, its nesting and
// the names of its members are checked here, once: every reader behind it takes a
// well-formed text for granted. A name that appears twice in an object is refused, as
// parsers differ in which of the values they take (RFC 8259 §4). What does not begin
// with a brace is taken for YAML; its error says that it is neither.
func (l *loader) json(data []byte) (string, error) {
	data, err := utf8Text(data)
	if err != nil {
		return "", err
	}
	text := jsonscan.Alias(data) // the caller has promised not to modify it
	start := jsonscan.Space(text, 0)
	l.source = source{text: text, path: l.path, file: l.path != ""}
	switch {
	case start == len(text):
		return "", &DocumentError{Reason: "the document is empty; want OpenAPI 3.0, 3.1 or 3.2 in JSON or YAML"}
	case text[start] != '{':
		return l.yaml(data)
	case l.trusted:
		return text, nil
	}
	if err := jsonscan.CheckUnique(text, maxDepth); err != nil {
		if ext := filepath.Ext(l.path); ext == ".yaml" || ext == ".yml" { // a flow mapping of YAML
			return l.yaml(data)
		}
		return "", jsonError(err, "the document is not JSON")
	}
	return text, nil
}

// The limit bounds what aliases expand to: ten lines of YAML can name gigabytes.
func (l *loader) yaml(data []byte) (string, error) {
	converted, err := yamltext.JSON(data, int(min(l.maxSize, math.MaxInt)))
	if err != nil {
		return "", yamlError(err, "the document is neither JSON nor YAML")
	}
	l.source.text, l.source.lines = converted.JSON, converted.Lines
	return converted.JSON, nil
}

// jsonError places the error in the text that the user wrote. yamlError does the same;
// what its parser says may quote the document, and is escaped and cut.
func jsonError(err error, what string) *DocumentError {
	var syntax *jsonscan.SyntaxError
	errors.As(err, &syntax)
	return &DocumentError{Line: syntax.Line, Column: syntax.Column, Reason: what + ": " + syntax.Reason, Err: err}
}

func yamlError(err error, what string) *DocumentError {
	var yamlErr *yamltext.Error
	errors.As(err, &yamlErr)
	return &DocumentError{Line: yamlErr.Line, Column: yamlErr.Column, Reason: what + ": " + shown(yamlErr.Reason, 200)}
}
