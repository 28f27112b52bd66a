package schema

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
)

// WithCache keeps the document in a folder in the form in which it opens at once: as
// checked JSON, overlays applied. The next Load of the same bytes, with the same
// overlays, by the same version of this library reads that in place of YAML, overlays
// and checks.
//
// Only documents without errors are kept, and none that consist of several files or whose
// overlays have actions that Unmatched lists. Errors
// that are found later, when a schema is used, have no line then. Processes may share a
// folder. An entry that is damaged or of another kind is ignored and written anew; a
// folder that cannot be read or written is no error: the document is loaded without
// it. The folder is made where it is missing, for its owner alone; of its entries the 64
// last written are kept. Whoever can write to it decides what is loaded. The folder "" is
// none.
//
// Conditions of WithOverlayIf are asked on every Load: an overlay that is not applied has no
// part in the key.
func WithCache(dir string) Option {
	return func(l *loader) {
		if l.cache = nil; dir != "" {
			l.cache = &cache{dir: dir}
		}
	}
}

// The format is a part of every entry and of every key. When it changes, entries of the old
// one are no longer found, and pruned with time.
const (
	cacheFormat  = "opcall document 1"
	cacheSuffix  = ".opcall"
	cacheEntries = 64
)

// cache is a folder of texts, each named by a hash of what it was made of. There is no
// index and no lock: an entry is written under another name and renamed, which is atomic,
// and two processes that make the same entry make the same bytes.
type cache struct{ dir string }

type cacheKey [sha256.Size]byte

// builtBy is the version of this library, as the program was built: another one may read
// a document in another way. A program that is built in the working copy of the library
// has none, and shares its entries with others like it.
var builtBy = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == "github.com/opcall/opcall" {
			return m.Version + m.Sum
		}
	}
	return ""
})

// key hashes a document. That of each further stage depends on the one before, so that
// the same overlays in another order are another document.
func (c *cache) key(data []byte) cacheKey {
	return c.next(sha256.Sum256([]byte(cacheFormat+"\x00"+builtBy())), data)
}

func (c *cache) next(key cacheKey, data []byte) cacheKey {
	h := sha256.New()
	h.Write(key[:])
	h.Write(data)
	return cacheKey(h.Sum(nil))
}

// Half of the hash is enough for a name; the entry has all of it.
func (c *cache) path(key cacheKey) string {
	return filepath.Join(c.dir, hex.EncodeToString(key[:16])+cacheSuffix)
}

// header is what an entry begins with: what it is, the whole key, whether a document of
// this text has been checked and has no errors, and a checksum.
//
// The checksum finds what a full disk or a crash has left, and no forgery: whoever can
// write to the folder can write a checksum too.
func header(key cacheKey, checked bool, text []byte) []byte {
	head := append([]byte(cacheFormat+"\n"), key[:]...)
	state := byte('i') // one before an overlay
	if checked {
		state = 'c'
	}
	head = append(head, state)
	return binary.BigEndian.AppendUint32(head, crc32.Update(crc32.Checksum(head, castagnoli()), castagnoli(), text))
}

// castagnoli is made when it is first used: most programs have no cache.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// read returns the text of a key, and whether it needs no checks.
//
// Anything that does not match is as if it were not there, without an error; so is an entry
// that is larger than this Load allows.
func (c *cache) read(key cacheKey, limit int64) (text string, checked, ok bool) {
	size := len(header(key, false, nil))
	data, err := readFile(c.path(key), limit+int64(size))
	if err != nil || len(data) < size {
		return "", false, false
	}
	checked = data[size-5] == 'c'
	if !bytes.Equal(data[:size], header(key, checked, data[size:])) {
		return "", false, false
	}
	return jsonscan.Alias(data[size:]), checked, true
}

// write keeps a text. Other processes see the entry whole or not at all.
// A write that fails is given up in silence, as the document is in memory already; the next
// Load tries again.
func (c *cache) write(key cacheKey, checked bool, text string) {
	if os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(c.dir, "new-*")
	if err != nil {
		return
	}
	defer os.Remove(file.Name()) // of no effect once it has been renamed
	_, err = file.Write(header(key, checked, []byte(text)))
	if err == nil {
		_, err = file.WriteString(text)
	}
	if closed := file.Close(); err != nil || closed != nil {
		return
	}
	if os.Rename(file.Name(), c.path(key)) == nil {
		c.prune()
	}
}

// prune removes the entries that were written first, where there are too many. Another
// process that is about to read one of them loads its document without the cache.
func (c *cache) prune() {
	list, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var entries []os.FileInfo
	for _, entry := range list {
		if info, err := entry.Info(); err == nil && strings.HasSuffix(entry.Name(), cacheSuffix) {
			entries = append(entries, info)
		}
	}
	slices.SortFunc(entries, func(a, b os.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	for _, old := range entries[min(cacheEntries, len(entries)):] {
		os.Remove(filepath.Join(c.dir, old.Name()))
	}
}

// stages follows a document through its overlays in a cache. The zero stages, without
// one, finds nothing and keeps nothing.
//
// There is a stage for the text as it was loaded and one behind each overlay. Several are
// kept because they differ in what they cost: a program that changes one overlay, the last,
// still finds the document that it begins with.
type stages struct {
	cache   *cache
	limit   int64
	key     cacheKey
	last    string
	checked bool // the last text needs no checks
	found   bool // a text came from the cache, so that no line of it is known
	fresh   []stage
}

type stage struct {
	key  cacheKey
	text string
}

func (l *loader) stages(data []byte) *stages {
	if l.cache == nil || l.trusted {
		return &stages{}
	}
	return &stages{cache: l.cache, limit: l.maxSize, key: l.cache.key(data)}
}

// text returns the text of the stage, or what makes it. A fresh text is not written yet:
// only the last stage shows whether the document has errors.
func (s *stages) text(makeText func() (string, error)) (string, error) {
	if s.cache == nil {
		return makeText()
	}
	if text, checked, ok := s.cache.read(s.key, s.limit); ok {
		s.last, s.checked, s.found = text, checked, true
		return text, nil
	}
	text, err := makeText()
	if err == nil {
		s.last, s.checked = text, false
		s.fresh = append(s.fresh, stage{s.key, text})
	}
	return text, err
}

// next goes on to the stage that an overlay makes.
func (s *stages) next(overlay []byte) {
	if s.cache != nil {
		s.key = s.cache.next(s.key, overlay)
	}
}

// keep writes the stages that were not found, the last as that of a document without
// errors.
//
// It is called for a document without errors only. Errors have lines, which a text from the
// cache does not have, so that a document with errors is read anew each time.
func (s *stages) keep() {
	if s.cache == nil || s.checked {
		return
	}
	for _, stage := range s.fresh {
		if stage.key != s.key {
			s.cache.write(stage.key, false, stage.text)
		}
	}
	s.cache.write(s.key, true, s.last)
}
