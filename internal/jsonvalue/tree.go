package jsonvalue

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/opcall/opcall/internal/jsonscan"
)

// Tree is a JSON text with an index of its values: what kind each is and where in
// the text. Nothing is decoded before it is asked for, so that a text costs 12
// bytes per value and no allocation once the pool is warm.
//
// A Tree is read by any number of goroutines until Release returns it to the
// pool. Strings that it returns may share the memory of the text.
type Tree struct {
	Text   string
	values []value
	names  map[Ref]string // member names that contain escapes, decoded

	members []Ref // of the objects that are being read
}

// Ref is a value of a Tree, or the name of a member: the values of a text in the
// order in which they begin, 0 the whole. An array is followed by its items, an
// object by its members, each a name and then a value.
// So a value and all in it are the numbers from Ref to Past, and the first part of v is v+1.
type Ref int32

// value is one entry of the index.
// Twelve bytes for all kinds. Scalars have an end in the text, arrays and objects one in the
// index, where the walk needs it; the end of their text is found by skipping, which only
// messages and Raw do.
type value struct {
	at   uint32 // offset of the first byte
	past uint32 // offset past a scalar; of an array or object the Ref past its parts
	hash uint16 // of a member's name, see HashName
	kind Kinds
	flag uint8
}

// escaped marks a string that contains a backslash.
// Strings without one share the memory of the text when they are asked for.
const escaped = 1

// maxPooled bounds the values that a Tree keeps memory for in the pool.
const maxPooled = 1 << 15

var trees = sync.Pool{New: func() any { return &Tree{values: make([]value, 0, 64)} }}

// Release ends the use of a Tree and returns its memory to the pool.
// Nothing that the tree has returned may be used by then but strings, which belong to the
// text.
func (t *Tree) Release() {
	// A pool that keeps what is large would hold the memory of the largest instance for each
	// processor.
	if cap(t.values) > maxPooled || cap(t.members) > maxPooled {
		return
	}
	t.Text, t.values, t.names, t.members = "", t.values[:0], nil, t.members[:0]
	trees.Put(t)
}

// Kind returns the kind of a value, of a number Integer or Fraction.
func (t *Tree) Kind(r Ref) Kinds { return t.values[r].kind }

// Past returns the Ref past a value and its parts: the next item or member name,
// or the end of the array or object around it.
// With it the parts of a value are walked without recursion: part = Past(part), for items,
// and for members from name to name.
func (t *Tree) Past(r Ref) Ref {
	v := &t.values[r]
	// A scalar is one entry.
	if v.kind&(Array|Object) != 0 {
		return Ref(v.past)
	}
	return r + 1
}

// Hash returns HashName of a member's name.
func (t *Tree) Hash(name Ref) uint16 { return t.values[name].hash }

// Offset returns where in the text a value begins.
func (t *Tree) Offset(r Ref) int { return int(t.values[r].at) }

// Raw returns the text of a value.
// It is the text as it was sent, white space and escapes included.
func (t *Tree) Raw(r Ref) string {
	v := &t.values[r]
	if v.kind&(Array|Object) != 0 {
		return t.Text[v.at:jsonscan.Skip(t.Text, int(v.at))]
	}
	return t.Text[v.at:v.past]
}

// String returns the characters of a string or of a member's name, "" for other
// values. A string without escapes shares the memory of the text.
func (t *Tree) String(r Ref) string {
	v := &t.values[r]
	switch {
	case v.kind != String:
		return ""
	case v.flag&escaped == 0:
		return t.Text[v.at+1 : v.past-1]
	}
	// A name, decoded when it was read; other strings are decoded each time.
	if name, ok := t.names[r]; ok {
		return name
	}
	return jsonscan.String(t.Text[v.at:v.past])
}

// is reports whether a member's name is a text whose HashName is hash.
// Names that differ have different hashes but for one in 65,536, so that most comparisons end
// there.
func (t *Tree) is(name Ref, text string, hash uint16) bool {
	return t.values[name].hash == hash && t.String(name) == text
}

// Find returns the value of an object's member.
func (t *Tree) Find(object Ref, name string) (Ref, bool) {
	return t.FindHashed(object, name, HashName(name))
}

// FindHashed is Find for a name whose HashName the caller knows.
// It walks the members, which for the few that objects have takes less than to look up a map
// and far less than to make one.
func (t *Tree) FindHashed(object Ref, name string, hash uint16) (Ref, bool) {
	if t.values[object].kind != Object {
		return 0, false
	}
	// From name to name: past the value that follows each.
	for r, end := object+1, t.Past(object); r < end; r = t.Past(r + 1) {
		if t.is(r, name, hash) {
			return r + 1, true
		}
	}
	return 0, false
}

// Len returns the number of items or members.
// The members are counted, as few callers ask: a count in each entry would make all of them
// larger.
func (t *Tree) Len(r Ref) int {
	n := 0
	for part, end := r+1, t.Past(r); part < end; n++ {
		// The name of the member.
		if t.values[r].kind == Object {
			part++
		}
		part = t.Past(part)
	}
	return n
}

// Size returns the number of values within one, itself and names included.
func (t *Tree) Size(r Ref) int { return int(t.Past(r) - r) }

// Item returns an item of an array by its index.
func (t *Tree) Item(array Ref, index int) (Ref, bool) {
	if t.values[array].kind != Array {
		return 0, false
	}
	for r, end := array+1, t.Past(array); r < end; r = t.Past(r) {
		if index == 0 {
			return r, true
		}
		index--
	}
	return 0, false
}

// Names returns the names of an object's members in the order of the text.
func (t *Tree) Names(object Ref) []string {
	n := t.Len(object)
	return t.AppendNames(make([]string, 0, n), object, n)
}

// AppendNames appends Names to a list, up to a limit.
func (t *Tree) AppendNames(names []string, object Ref, limit int) []string {
	if t.values[object].kind != Object {
		return names
	}
	for r, end := object+1, t.Past(object); r < end && limit > 0; r = t.Past(r + 1) {
		names = append(names, t.String(r))
		limit--
	}
	return names
}

// Decode returns a value as encoding/json decodes it with UseNumber.
// It is for jsonschema, which validates decoded values. Numbers keep their text.
func (t *Tree) Decode(r Ref) any {
	switch t.Kind(r) {
	case Null:
		return nil
	case Boolean:
		return t.Text[t.values[r].at] == 't'
	case String:
		return t.String(r)
	case Array:
		list := make([]any, 0, t.Len(r))
		for item, end := r+1, t.Past(r); item < end; item = t.Past(item) {
			list = append(list, t.Decode(item))
		}
		return list
	case Object:
		object := make(map[string]any, t.Len(r))
		for name, end := r+1, t.Past(r); name < end; name = t.Past(name + 1) {
			object[t.String(name)] = t.Decode(name + 1)
		}
		return object
	}
	return json.Number(t.Raw(r))
}

// Shallow returns the index of a value and of the members of an object, without
// what is within those: arrays, and objects among the members, look empty. The
// text is well formed, as jsonscan.Check reports it; a name may be there twice.
// It is enough to choose the branch of a union by its tag, in the time that it takes to skip
// over the text.
func Shallow(text string) *Tree {
	t := trees.Get().(*Tree)
	t.Text = text
	t.addShallow(text, 0)
	if t.values[0].kind == Object {
		// Members are skipped from name to value to name, whatever is within the values.
		for i := jsonscan.Space(text, 1); i < len(text) && text[i] == '"'; {
			end := jsonscan.Skip(text, i)
			t.addShallow(text[i:end], i)
			name := Ref(len(t.values) - 1)
			t.values[name].hash = HashName(t.String(name))
			i = jsonscan.Space(text, jsonscan.Space(text, end)+1)
			end = jsonscan.Skip(text, i)
			t.addShallow(text[i:end], i)
			i = jsonscan.Space(text, jsonscan.Space(text, end)+1)
		}
		t.values[0].past = uint32(len(t.values))
	}
	return t
}

func (t *Tree) addShallow(text string, at int) {
	v := value{at: uint32(at), past: uint32(at + len(text)), kind: KindOfText(text)}
	switch {
	case v.kind&(Array|Object) != 0:
		v.past = uint32(len(t.values) + 1)
	case v.kind == String && strings.IndexByte(text, '\\') >= 0:
		v.flag = escaped
	}
	t.values = append(t.values, v)
}

// HashName returns a hash of a member's name: equal names have equal hashes. It
// looks at the length and at both ends, where names of an API differ, and is no
// protection from names that are made to collide.
func HashName(name string) uint16 {
	var a, b uint64
	switch n := len(name); {
	// Both ends, which overlap in names of up to 16 bytes, are all of the name.
	case n >= 8:
		a, b = word(name, 0), word(name, n-8)
	case n >= 4:
		a, b = halfWord(name, 0), halfWord(name, n-4)
	case n > 0:
		a = uint64(name[0]) | uint64(name[n/2])<<8 | uint64(name[n-1])<<16
	}
	// Two multiplications by odd constants with many bits, and the upper bits of the result:
	// they depend on all bits that went in.
	h := (a ^ uint64(len(name))) * 0x9e3779b97f4a7c15
	h = (h ^ h>>29 ^ b) * 0xbf58476d1ce4e5b9
	return uint16(h >> 48)
}

func halfWord(s string, i int) uint64 {
	s = s[i : i+4]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}

// word returns the eight bytes from s[i] on, the first in the lowest byte.
func word(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
