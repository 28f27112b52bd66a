package schema

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/order"
)

// WithCache keeps the document in a folder in the form in which it opens at once: as
// checked JSON, overlays applied. The next Load of the same bytes, with the same
// overlays, by the same version of this library reads that in place of YAML, overlays
// and checks.
//
// Only documents without errors are kept, and none that consist of several files or whose
// overlays have actions that Unmatched lists. Errors that are found later, when a schema is
// used, have no line then. Processes may share a folder. An entry that is damaged or of
// another kind is ignored and written again; a folder that cannot be read or written is not
// an error: the document is loaded without it. The folder is made where it is missing, for
// its owner alone; of its entries the 64 last written are kept. Whoever can write to it
// decides what is loaded. The folder "" keeps nothing.
//
// The functions of WithOverlayIf and WithOverlayFrom are asked on every Load: an overlay that
// is not applied has no part in the key.
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
	cacheFormat  = "opcall document 2"
	cacheSuffix  = ".opcall"
	cacheEntries = 64
)

// cache is a folder of entries, each named by a hash of what it was made of. There is no
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
	for _, digest := range digests(data) {
		h.Write(digest[:])
	}
	return cacheKey(h.Sum(nil))
}

// digests hashes data in pieces, side by side: to hash a document takes as long as all else
// that a document from the cache costs. All pieces but the last have the same length, so that
// no two texts have the same pieces.
func digests(data []byte) []cacheKey {
	const size = 512 << 10
	list := make([]cacheKey, (len(data)+size-1)/size)
	var hashing sync.WaitGroup
	for i := range list {
		hash := func() { list[i] = sha256.Sum256(data[i*size : min((i+1)*size, len(data))]) }
		if i == len(list)-1 {
			hash() // here, while the others are hashed
		} else {
			hashing.Go(hash)
		}
	}
	hashing.Wait()
	return list
}

// write keeps an entry. Other processes see it whole or not at all.
// A write that fails is given up in silence, as the document is in memory already; the next
// Load tries again.
func (c *cache) write(key cacheKey, e cacheEntry) {
	if os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(c.dir, "new-*")
	if err != nil {
		return
	}
	defer os.Remove(file.Name()) // of no effect once it has been renamed
	_, err = file.Write(e.head(key))
	if err == nil {
		_, err = file.WriteString(e.text)
	}
	if closed := file.Close(); err != nil || closed != nil {
		return
	}
	if os.Rename(file.Name(), c.path(key)) == nil {
		c.prune()
	}
}

// Half of the hash is enough for a name; the entry has all of it.
func (c *cache) path(key cacheKey) string {
	return filepath.Join(c.dir, hex.EncodeToString(key[:16])+cacheSuffix)
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
	order.Sort(entries, func(a, b os.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	for _, old := range entries[min(cacheEntries, len(entries)):] {
		os.Remove(filepath.Join(c.dir, old.Name()))
	}
}
