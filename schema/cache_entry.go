package schema

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"os"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
)

// cacheEntry is what a cache keeps of a document as it is between two overlays or behind the last
// one.
//
// The root stands before all else, so that a condition of WithOverlayIf is asked without the
// rest. The steps save most of the pass that indexes the text; an entry that was never
// indexed has none.
type cacheEntry struct {
	root    Root
	steps   []byte
	text    string
	checked bool // a document of this text has been checked and has no errors
}

// An entry begins with the format, a new line, the key, the state, the sizes of root and steps,
// and two checksums: one of steps and text, and one of the root and all that stands before it.
// The second one comes last and covers the first, so that whoever reads the root alone
// knows that it is whole.
//
// Checksums find what a full disk or a crash has left, and no forgery: whoever can
// write to the folder can write a checksum too.
const (
	stateAt     = len(cacheFormat) + 1 + len(cacheKey{})
	rootSizeAt  = stateAt + 1
	stepsSizeAt = rootSizeAt + 4
	bodySumAt   = stepsSizeAt + 4
	headSumAt   = bodySumAt + 4
	headSize    = headSumAt + 4
)

// castagnoli is made when it is first used: most programs have no cache.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// sum is the checksum of several pieces that follow one another.
func sum(pieces ...[]byte) uint32 {
	var crc uint32
	for _, piece := range pieces {
		crc = crc32.Update(crc, castagnoli(), piece)
	}
	return crc
}

// head is the entry but for its text.
func (e cacheEntry) head(key cacheKey) []byte {
	root := e.root.pack()
	head := append([]byte(cacheFormat+"\n"), key[:]...)
	state := byte('i') // one before an overlay
	if e.checked {
		state = 'c'
	}
	head = append(head, state)
	head = binary.BigEndian.AppendUint32(head, uint32(len(root)))
	head = binary.BigEndian.AppendUint32(head, uint32(len(e.steps)))
	head = binary.BigEndian.AppendUint32(head, sum(e.steps, []byte(e.text)))
	head = binary.BigEndian.AppendUint32(head, sum(head, root))
	return append(append(head, root...), e.steps...)
}

// readRoot returns the root of an entry, and nothing else of it.
func (c *cache) readRoot(key cacheKey, limit int64) (Root, bool) {
	file, err := os.Open(c.path(key))
	if err != nil {
		return Root{}, false
	}
	defer file.Close()
	head := make([]byte, headSize, headSize+8192)
	if _, err := io.ReadFull(file, head); err != nil {
		return Root{}, false
	}
	size := int(binary.BigEndian.Uint32(head[rootSizeAt:]))
	if int64(size) > limit {
		return Root{}, false
	}
	data := append(head, make([]byte, size)...)
	if _, err := io.ReadFull(file, data[headSize:]); err != nil {
		return Root{}, false
	}
	return rootIn(key, data)
}

// rootIn reads the root of an entry, of which data has all but the steps and the text.
func rootIn(key cacheKey, data []byte) (Root, bool) {
	start := cacheFormat + "\n" + string(key[:])
	if !strings.HasPrefix(jsonscan.Alias(data), start) || binary.BigEndian.Uint32(data[headSumAt:]) != sum(data[:headSumAt], data[headSize:]) {
		return Root{}, false
	}
	root, err := unpackRoot(jsonscan.Alias(data[headSize:]))
	return root, err == nil
}

// read returns the entry of a key.
//
// Anything that does not match is as if it were not there, without an error; so is an entry
// that is larger than this Load allows. The root is not read again.
func (c *cache) read(key cacheKey, limit int64) (cacheEntry, bool) {
	data, err := readFile(c.path(key), 3*min(limit, math.MaxInt64/4)+int64(headSize)) // root and steps are no larger than a text
	if err != nil || len(data) < headSize {
		return cacheEntry{}, false
	}
	rootSize, stepsSize := int(binary.BigEndian.Uint32(data[rootSizeAt:])), int(binary.BigEndian.Uint32(data[stepsSizeAt:]))
	if rootSize > len(data)-headSize || stepsSize > len(data)-headSize-rootSize {
		return cacheEntry{}, false
	}
	root, body := data[:headSize+rootSize], data[headSize+rootSize:]
	if _, ok := rootIn(key, root); !ok || binary.BigEndian.Uint32(data[bodySumAt:]) != sum(body) {
		return cacheEntry{}, false
	}
	e := cacheEntry{steps: body[:stepsSize], text: jsonscan.Alias(body[stepsSize:]), checked: data[stateAt] == 'c'}
	return e, int64(len(e.text)) <= limit
}
