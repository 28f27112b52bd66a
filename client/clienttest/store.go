package clienttest

import (
	"slices"
	"strings"
	"sync"

	"github.com/opcall/opcall/client/internal/extension"
)

// What is kept, at most; what was made first is forgotten first.
const (
	maxObjects = 100_000
	maxStored  = 256 << 20 // bytes of objects and files
	maxFile    = 8 << 20   // bytes of one file, without WithMaxFile
)

// object is one that was made. Its members change under the lock of the store.
type object struct {
	id      string
	text    string   // JSON, as it is when nothing is left to wait for
	states  []string // what it is before, see extension.State
	looks   int      // how often it was looked at, which moves it through its states
	deleted bool

	file     []byte // its content
	fileSize int64  // as received: more than len(file) where that is too long to keep
	fileType string

	named  bool      // by the request, not by the server
	role   role      // of the operation that made it
	output Output    // what a model said in it
	ran    sync.Once // serves the requests of its file, see extension.Runs
	ended  bool      // by an action
	within *collection
	with   []*object // were made with it, and get ready with it
}

func (o *object) size() int { return len(o.text) + len(o.file) + len(o.id) + objectOverhead }

const objectOverhead = 400 // bytes of an object without texts, and of what leads to it

// now returns the object as it is at the moment.
func (o *object) now() (text, change string) {
	if o.looks < len(o.states) {
		return o.text, o.states[o.looks]
	}
	return o.text, ""
}

// step takes the object one state further.
func (o *object) step() {
	if o.looks < len(o.states) {
		o.looks++
	}
}

// collection holds the objects of one path, oldest first.
type collection struct {
	path    string
	objects []*object
	byID    map[string]*object
	numbers int // that objects have got, of all times
}

// store is what a server keeps. All of it is behind its lock.
type store struct {
	sync.Mutex
	collections map[string]*collection // by path: "/threads/thread_1/messages"
	order       []*object              // oldest first, those that were forgotten before their turn too
	count       int
	bytes       int
}

func newStore() *store { return &store{collections: make(map[string]*collection)} }

// get returns an object, a deleted one too; nil where nobody made it.
func (st *store) get(path, id string) *object {
	if c := st.collections[path]; c != nil {
		return c.byID[id]
	}
	return nil
}

// live returns the objects of a collection that are not deleted, oldest first.
func (st *store) live(path string) []*object {
	if c := st.collections[path]; c != nil {
		return slices.DeleteFunc(slices.Clone(c.objects), func(o *object) bool { return o.deleted })
	}
	return nil
}

// collection returns the one of a path, which is made where it is not there.
func (st *store) collection(path string) *collection {
	c := st.collections[path]
	if c == nil {
		c = &collection{path: path, byID: make(map[string]*object)}
		st.collections[path] = c
	}
	return c
}

// number returns the next number of an object in a collection, from 1 on.
func (st *store) number(path string) int {
	c := st.collection(path)
	c.numbers++
	return c.numbers
}

// put keeps an object, in place of one with its ID, and forgets what is over the limits.
func (st *store) put(path string, o *object) {
	c := st.collection(path)
	if old := c.byID[o.id]; old != nil {
		st.forget(old)
		if st.collections[path] == nil {
			st.collections[path] = c
		}
	}
	o.within = c
	c.objects = append(c.objects, o)
	c.byID[o.id] = o
	st.order = append(st.order, o)
	st.count++
	st.bytes += o.size()
	for (st.count > maxObjects || st.bytes > maxStored) && st.count > 1 {
		oldest := st.order[0]
		st.order = st.order[1:]
		st.forget(oldest)
	}
	if len(st.order) > 2*st.count+1000 { // most of them have been forgotten
		st.order = slices.DeleteFunc(st.order, func(o *object) bool { return o.within == nil })
	}
}

// set replaces the text of an object.
func (st *store) set(o *object, text string) {
	if o.within == nil {
		return
	}
	st.bytes += len(text) - len(o.text)
	o.text = text
}

// forget takes an object out, as if nobody had made it.
func (st *store) forget(o *object) {
	c := o.within
	if c == nil {
		return
	}
	o.within = nil
	st.count--
	st.bytes -= o.size()
	delete(c.byID, o.id)
	switch i := slices.Index(c.objects, o); {
	case i == 0: // the oldest, which is forgotten most often: nothing is moved
		c.objects[0] = nil
		c.objects = c.objects[1:]
	case i > 0:
		c.objects = slices.Delete(c.objects, i, i+1)
	}
	if len(c.objects) == 0 {
		delete(st.collections, c.path)
	}
}

// remove deletes an object with all that belongs to it. That it was there is kept.
func (st *store) remove(path string, o *object) {
	st.bytes -= len(o.text) + len(o.file)
	o.deleted, o.text, o.file, o.states, o.with = true, "", nil, nil, nil
	below := path + "/" + o.id + "/"
	for p, c := range st.collections {
		if strings.HasPrefix(p, below) {
			for _, child := range slices.Clone(c.objects) {
				st.forget(child)
			}
		}
	}
}

// reset forgets everything.
func (st *store) reset() {
	st.Lock()
	defer st.Unlock()
	for _, c := range st.collections {
		for _, o := range c.objects {
			o.within = nil
		}
	}
	st.collections, st.order, st.count, st.bytes = make(map[string]*collection), nil, 0, 0
}

// keeps reports whether a request wants what it makes to be kept.
func keeps(state *extension.State, req *Request) bool {
	for _, field := range state.If {
		if req.given(field.Name) != field.JSON {
			return false
		}
	}
	for _, field := range state.Unless {
		if req.given(field.Name) == field.JSON {
			return false
		}
	}
	return true
}
