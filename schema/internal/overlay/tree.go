package overlay

import (
	"github.com/opcall/opcall/internal/jsonscan"
)

// node is a JSON value. It is text until it is opened; what an action puts in is text
// again. A document of megabytes is changed in a few places, so that opening what paths
// lead through, and copying the rest as it stands, is most of the speed and keeps the
// author's numbers, escapes and order of members.
type node struct {
	text   string
	opened bool
	keys   []string // of an object that has been opened, beside kids
	kids   []*node
	gone   bool // removed; it is cut off at the end of its action
}

// work is what is left of a budget. Steps are charged in units of about one node: what
// reads text charges a part of its length, so that a filter over long strings costs
// what it takes. A spent budget ends loops early, with results that are wrong; apply
// then refuses the whole overlay, so that nobody sees them.
type work struct{ left int }

// spend pays for n steps and reports whether there was enough left.
// It goes on counting below zero, so that a later look at the budget finds it spent.
func (w *work) spend(n int) bool {
	w.left -= n
	return w.left >= 0
}

func (n *node) isObject() bool { return n.text[0] == '{' }
func (n *node) isArray() bool  { return n.text[0] == '[' }

// open makes the members or items of n nodes, once. It returns none for a scalar, and
// none where the budget does not suffice.
func (n *node) open(w *work) []*node {
	if n.opened || !n.isObject() && !n.isArray() {
		return n.kids
	}
	// Reading is charged by length too: an object of one member may be a megabyte.
	if !w.spend(1 + len(n.text)/64) {
		return nil
	}
	n.opened = true
	if n.isObject() {
		for key, value := range jsonscan.Members(n.text) {
			n.keys = append(n.keys, key)
			n.kids = append(n.kids, &node{text: value})
		}
	} else {
		for _, item := range jsonscan.Items(n.text) {
			n.kids = append(n.kids, &node{text: item})
		}
	}
	return n.kids
}

// member returns the member of an object. The search is linear: an object of a document
// rarely has more than a dozen members, and the large ones, such as paths, are searched
// once for each action.
func (n *node) member(key string, w *work) *node {
	if !n.isObject() {
		return nil
	}
	kids := n.open(w)
	// Comparing names is cheaper than making nodes.
	w.spend(1 + len(kids)/16)
	for i, have := range n.keys {
		// There may be fewer nodes than names when the budget was spent in between.
		if have == key && i < len(kids) {
			return kids[i]
		}
	}
	return nil
}

// append writes n as JSON.
// The members of an opened object are written without white space; what was not opened
// keeps its own.
func (n *node) append(dst []byte) []byte {
	if !n.opened {
		return append(dst, n.text...)
	}
	dst = append(dst, n.text[0])
	for i, kid := range n.kids {
		if i > 0 {
			dst = append(dst, ',')
		}
		if n.isObject() {
			dst = append(jsonscan.AppendString(dst, n.keys[i]), ':')
		}
		dst = kid.append(dst)
	}
	return append(dst, n.text[0]+2) // '{' + 2 is '}', '[' + 2 is ']'
}

// replace makes n another value. The node stays where it is in its parent, and keeps
// its mark: an action may update and remove.
func (n *node) replace(text string) {
	*n = node{text: text, gone: n.gone}
}

// prune cuts off what is gone below n. Nodes are marked while an action runs and cut
// off at its end, so that the indexes of the items that the action still has to visit
// do not move under it.
func (n *node) prune(w *work) {
	if !n.opened || !w.spend(1+len(n.kids)) {
		return
	}
	kept := 0
	for i, kid := range n.kids {
		// What is below it goes with it.
		if kid.gone {
			continue
		}
		kid.prune(w)
		n.kids[kept] = kid
		if n.isObject() {
			n.keys[kept] = n.keys[i]
		}
		kept++
	}
	// In place: the node is not shared, and its order is that of the document.
	n.kids = n.kids[:kept]
	if n.isObject() {
		n.keys = n.keys[:kept]
	}
}

// item returns an item of an array; an index below 0 counts from the end (RFC 9535
// §2.3.3.2). An index beyond either end selects nothing.
func (n *node) item(index int, w *work) *node {
	if !n.isArray() {
		return nil
	}
	kids := n.open(w)
	if index < 0 {
		index += len(kids)
	}
	if index < 0 || index >= len(kids) {
		return nil
	}
	return kids[index]
}
