package schema

import (
	"encoding/binary"

	"github.com/opcall/opcall/internal/jsonscan"
)

// stages follows a document through its overlays in a cache. The zero stages, without
// one, finds nothing and keeps nothing.
//
// There is a stage for the text as it was loaded and one behind each overlay. Several are
// kept because they differ in what they cost: a program that changes one overlay, the last,
// still finds the document that it begins with.
type stages struct {
	cache *cache
	limit int64
	list  []*stage
	found bool // something came from the cache, so that no line of it is known
}

// stage is the document as it is there. Its text is read or made when it is asked for: where
// the text behind the last overlay is in the cache, nobody asks for those before it.
type stage struct {
	all      *stages
	key      cacheKey
	makeText func() (string, error)
	index    []byte // of WithIndex; nil where there is none

	root  *Root // nil until it is known
	entry *cacheEntry
	fresh bool // the entry was made
}

// begin starts with the document as it was loaded. The key is that of its bytes, so that a
// file that has changed is another document, whatever its name and time say. A document that
// is opened WithoutChecks stays out of the cache: nothing has looked for errors in it, and
// another program would take it for one without any.
func (l *loader) begin(data []byte) *stages {
	if l.cache == nil || l.trusted {
		return &stages{}
	}
	return &stages{cache: l.cache, limit: l.maxSize, list: []*stage{{key: l.cache.key(data)}}}
}

// first returns the stage of the document as it was loaded.
func (s *stages) first(makeText func() (string, error)) *stage {
	if s.cache == nil {
		return &stage{all: s, makeText: makeText}
	}
	first := s.list[0]
	first.all, first.makeText = s, makeText
	return first
}

// next returns the stage that an overlay makes of this one. Its key is made of both, without
// either being read: a chain of overlays is looked up from its end.
func (s *stage) next(overlay []byte, makeText func() (string, error)) *stage {
	next := &stage{all: s.all, makeText: makeText}
	if s.all.cache != nil {
		next.key = s.all.cache.next(s.key, overlay)
		s.all.list = append(s.all.list, next)
	}
	return next
}

// text returns the text of the stage. A fresh one is not written yet: only the last stage
// shows whether the document has errors.
//
// makeText asks the stage before for its text, and so on down to the first that is in the cache: no
// more overlays are applied than have to be.
func (s *stage) text() (string, error) {
	if s.entry != nil {
		return s.entry.text, nil
	}
	if s.all.cache != nil {
		if e, ok := s.all.cache.read(s.key, s.all.limit); ok {
			s.entry, s.all.found = &e, true
			return e.text, nil
		}
	}
	text, err := s.makeText()
	if err != nil {
		return "", err
	}
	s.entry, s.fresh = &cacheEntry{text: text}, true
	return text, nil
}

// top returns the root of the stage, of a text that is not in the cache as well.
func (s *stage) top() (Root, error) {
	if s.root != nil {
		return *s.root, nil
	}
	if s.all.cache != nil && s.entry == nil {
		if root, ok := s.all.cache.readRoot(s.key, s.all.limit); ok {
			s.root, s.all.found = &root, true
			return root, nil
		}
	}
	text, err := s.text()
	if err != nil {
		return Root{}, err
	}
	root, err := newRoot(text)
	if err != nil {
		return Root{}, err
	}
	s.root = &root
	return root, nil
}

// document indexes the text of the stage. The steps that indexing takes are kept with it, so
// that the next program does not look for the ends of values again.
func (s *stage) document(source source) (*Document, error) {
	text, err := s.text()
	if err != nil {
		return nil, err
	}
	if s.all.cache == nil {
		return newDocument(text, source, s.steps(text))
	}
	steps := jsonscan.RecordedSteps(s.entry.steps)
	doc, err := newDocument(text, source, steps)
	if err != nil {
		return nil, err
	}
	// keep needs the root: from here it has it without reading the text again.
	s.root, s.entry.steps = &doc.top, steps.Bytes()
	return doc, nil
}

// steps returns those of WithIndex, nil where they are of another text.
func (s *stage) steps(text string) *jsonscan.Steps {
	// The index begins with the size of its text, and nothing else of the text is compared. See
	// WithIndex for what that leaves to the caller.
	size, n := binary.Uvarint(s.index)
	if n <= 0 || size != uint64(len(text)) || n == len(s.index) {
		return nil
	}
	return jsonscan.RecordedSteps(s.index[n:])
}

// checked reports whether the last stage came from the cache and needs no checks: only a
// document without errors is marked so, see keep.
func (s *stages) checked() bool {
	last := s.last()
	return last != nil && last.entry != nil && last.entry.checked
}

// last returns the stage behind all overlays, nil without a cache.
func (s *stages) last() *stage {
	if len(s.list) == 0 {
		return nil
	}
	return s.list[len(s.list)-1]
}

// keep writes the stages that were made, the last as that of a document without errors.
//
// It is called for a document without errors only. Errors have lines, which a text from the
// cache does not have, so that a document with errors is read anew each time.
func (s *stages) keep() {
	last := s.last()
	for _, stage := range s.list {
		// A stage that was read is written again for one reason: it is the last one now and
		// has been checked, while an overlay followed it before.
		if stage.entry == nil || !stage.fresh && (stage != last || stage.entry.checked) {
			continue
		}
		// Where no overlay has a condition nobody has asked for the root yet. It is kept all
		// the same: the next program may have one, and reads the root without the text.
		if root, err := stage.top(); err == nil {
			stage.entry.root, stage.entry.checked = root, stage == last
			s.cache.write(stage.key, *stage.entry)
		}
	}
}
