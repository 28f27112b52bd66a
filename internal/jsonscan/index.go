package jsonscan

import (
	"strconv"
	"sync"
	"unsafe"
)

// Index finds members and items by name, as a reference token of a JSON Pointer
// names them (RFC 6901 §4). What is large is walked once, when it is first asked
// for: n questions about it cost n steps, not n². It keeps the texts that it is
// given, which should be parts of one document. The zero Index is ready; it is
// safe for concurrent use.
type Index struct {
	// One lock for all texts, and held while a text is walked: two goroutines that ask for
	// the same large text would otherwise both walk it.
	mu      sync.Mutex
	members map[*byte]map[string]string // by where the object's text begins
	items   map[*byte][]string
}

// Large is the size, in bytes, from which an object or array is indexed. To walk a smaller
// one takes about as long as to look it up in a map, and most are asked for once.
const Large = 4 << 10

// Child returns the member or item of text that a token names; of members with
// one name, the first. The token is unescaped. Whether "0" is a name or an index is
// decided by what the text is, as RFC 6901 §4 has it, so that one function serves every
// step of a pointer.
func (x *Index) Child(text, token string) (string, bool) {
	if text == "" || text[0] == '[' {
		return x.item(text, token)
	}
	if len(text) < Large {
		return Member(text, token)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	// The address stands for the text: hashing it would cost a walk for each question. It is
	// not used again for another text, as the map keeps it alive.
	at := unsafe.StringData(text)
	members, ok := x.members[at]
	if !ok {
		members = make(map[string]string)
		for key, value := range Members(text) {
			if _, have := members[key]; !have {
				members[key] = value
			}
		}
		if x.members == nil {
			x.members = make(map[*byte]map[string]string)
		}
		x.members[at] = members
	}
	value, ok := members[token]
	return value, ok
}

// item returns the item of an array, of which the index holds all: to skip to the last of
// ten thousand again and again is what makes a document of references slow. Its number has
// one spelling, without a sign and leading zeros (RFC 6901 §4), which writing the number
// again finds out. The token "-", the item after the last one, names no value.
func (x *Index) item(text, token string) (string, bool) {
	n, err := strconv.Atoi(token)
	if err != nil || strconv.Itoa(n) != token || n < 0 {
		return "", false
	}
	if len(text) < Large {
		for i, item := range Items(text) {
			if i == n {
				return item, true
			}
		}
		return "", false
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	at := unsafe.StringData(text)
	items, ok := x.items[at]
	if !ok {
		for _, item := range Items(text) {
			items = append(items, item)
		}
		if x.items == nil {
			x.items = make(map[*byte][]string)
		}
		x.items[at] = items
	}
	if n >= len(items) {
		return "", false
	}
	return items[n], true
}
