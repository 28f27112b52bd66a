package overlay

import (
	"strconv"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/jsonscan"
)

// evaluation evaluates queries over one tree. Filters may query from the root again for
// each node; all of it is charged to the one budget.
//
// One is made for each action, as an action sees what the ones before it have changed.
type evaluation struct {
	root *node
	*work
}

// nodes returns what a query selects, in order, duplicates included (RFC 9535 §2.1.2).
// Each segment makes a list of nodes of the list before it. When the budget is spent,
// it stops early.
//
// Duplicates are left in because count() counts them (§2.4.5). An action drops them, see
// distinct.
func (e *evaluation) nodes(p *path, current *node) []*node {
	// A query within a filter may begin at either (§2.1).
	list := []*node{e.root}
	if p.current {
		list[0] = current
	}
	for _, s := range p.segments {
		var next []*node
		for _, n := range list {
			if s.descendant {
				next = e.descend(next, s.selectors, n, 0)
			} else {
				next = e.selected(next, s.selectors, n)
			}
			if !e.spend(1) {
				return nil
			}
		}
		list = next
	}
	return list
}

// maxDepth is how deep a descendant segment goes. No document that is loaded is
// nested deeper.
// An overlay may nest values in each other, action by action; so the depth has to be bounded
// here, and not only when a document is read.
const maxDepth = 2000

// descend selects from n and from all that is below it (§2.5.2), parents before their
// children. This opens the whole of the tree below n.
//
// The order of siblings is that of the document. The standard fixes it for arrays and leaves
// it open for objects, so that this is one of those that it allows.
func (e *evaluation) descend(dst []*node, selectors []selector, n *node, depth int) []*node {
	// As if the budget were spent: the overlay is refused, and the stack stays small.
	if depth > maxDepth {
		e.left = -1
		return dst
	}
	dst = e.selected(dst, selectors, n)
	for _, kid := range n.open(e.work) {
		if !e.spend(1) {
			return dst
		}
		dst = e.descend(dst, selectors, kid, depth+1)
	}
	return dst
}

// selected appends what the selectors of a segment select from one node, selector by
// selector (§2.5.1.2): what two of them select comes twice. A selector for which n is
// of the wrong type selects nothing, and is not an error.
func (e *evaluation) selected(dst []*node, selectors []selector, n *node) []*node {
	for i := range selectors {
		s := &selectors[i]
		switch s.kind {
		case nameSelector:
			if found := n.member(s.name, e.work); found != nil {
				dst = append(dst, found)
			}
		case indexSelector:
			if found := n.item(s.index, e.work); found != nil {
				dst = append(dst, found)
			}
		case wildcardSelector:
			kids := n.open(e.work)
			// As many steps as nodes, or "$[*,*,*,…]" would make long lists for nothing.
			if e.spend(len(kids)) {
				dst = append(dst, kids...)
			}
		case sliceSelector:
			dst = e.slice(dst, s.slice, n)
		case filterSelector:
			for _, kid := range n.open(e.work) {
				if !e.spend(1) {
					return dst
				}
				if s.filter.holds(e, kid) {
					dst = append(dst, kid)
				}
			}
		}
	}
	return dst
}

// slice selects as §2.3.4.2.2 says: bounds below 0 count from the end, those out of
// range are moved to the ends, and a negative step walks backwards from the start to
// the end.
func (e *evaluation) slice(dst []*node, parts [3]*int, n *node) []*node {
	if !n.isArray() {
		return dst
	}
	kids := n.open(e.work)
	if !e.spend(len(kids)) {
		return dst
	}
	size, step := len(kids), 1
	if parts[2] != nil {
		step = *parts[2]
	}
	// Bounds are not limited to the array here, since each direction has limits of its
	// own.
	bound := func(part *int, absent int) int {
		if part == nil {
			return absent
		}
		i := *part
		if i < 0 {
			i += size
		}
		return i
	}
	switch {
	case step > 0:
		// The end is exclusive, in either direction.
		end := min(bound(parts[1], size), size)
		for i := max(bound(parts[0], 0), 0); i < end; i += step {
			dst = append(dst, kids[i])
		}
	case step < 0:
		end := max(bound(parts[1], -1), -1)
		for i := min(bound(parts[0], size-1), size-1); i > end; i += step {
			dst = append(dst, kids[i])
		}
	}
	return dst
}

// The alternatives are tried in order, and those behind the first that is true cost
// nothing.
func (list anyOf) holds(e *evaluation, current *node) bool {
	for _, inner := range list {
		if inner.holds(e, current) {
			return true
		}
	}
	return false
}

// An empty list would be true; where the parser makes one it has an error.
func (list allOf) holds(e *evaluation, current *node) bool {
	for _, inner := range list {
		if !inner.holds(e, current) {
			return false
		}
	}
	return true
}

func (n not) holds(e *evaluation, current *node) bool { return !n.inner.holds(e, current) }

// All of the query is evaluated: to stop at its first node would save little, as most
// tests are of one member.
// A member whose value is null or false exists.
func (x existence) holds(e *evaluation, current *node) bool {
	return len(e.nodes(x.query, current)) > 0
}

// A pattern that is not a literal is compiled for each node, which is charged by its size.
// What is not a string matches nothing.
//
// match is about the whole of a text, search about any part of it; compilePattern has made
// the one of the other.
func (m matches) holds(e *evaluation, current *node) bool {
	text, ok := e.value(m.call.arguments[0], current)
	if !ok || text[0] != '"' {
		return false
	}
	// Compiled with the path where the pattern is a literal.
	pattern := m.call.pattern
	if pattern == nil {
		source, ok := e.value(m.call.arguments[1], current)
		if !ok || source[0] != '"' {
			return false
		}
		pattern = compilePattern(jsonscan.String(source), m.call.name == "match")
		// Compiling costs some steps for each instruction of the program.
		if pattern != nil && !e.spend(8*pattern.size) {
			return false
		}
	}
	// Go's regular expressions take time of at most this product, without backtracking.
	return pattern != nil && e.spend(1+len(text)*pattern.size/16) && pattern.re.MatchString(jsonscan.String(text))
}

// value returns the JSON text of an operand; there is none where a query selects
// nothing or a function returns Nothing (§2.4.1). The length of a string is its
// characters, that of an object or array the number of its parts, and other values have
// none (§2.4.4).
//
// A comparison with Nothing is not an error: see comparison.holds for what it is equal to.
func (e *evaluation) value(o operand, current *node) (string, bool) {
	switch {
	case o.literal != "":
		return o.literal, true
	case o.query != nil:
		list := e.nodes(o.query, current)
		if len(list) == 0 {
			return "", false
		}
		return e.text(list[0]), true
	}
	switch o.call.name {
	case "count":
		return strconv.Itoa(len(e.nodes(o.call.arguments[0].query, current))), true
	case "value":
		list := e.nodes(o.call.arguments[0].query, current)
		// value() of several nodes is Nothing, and no error (§2.4.8).
		if len(list) != 1 {
			return "", false
		}
		return e.text(list[0]), true
	}
	text, ok := e.value(o.call.arguments[0], current)
	if !ok || !e.spend(1+len(text)/16) {
		return "", false
	}
	n := 0
	switch text[0] {
	case '"':
		n = utf8.RuneCountInString(jsonscan.String(text))
	case '{':
		for range jsonscan.Members(text) {
			n++
		}
	case '[':
		for range jsonscan.Items(text) {
			n++
		}
	default:
		return "", false
	}
	return strconv.Itoa(n), true
}

// text returns a node's JSON, which earlier actions may have changed. What was opened
// is written anew for each comparison, and charged: a filter that compares large values
// which other filters have opened pays for them.
func (e *evaluation) text(n *node) string {
	if !n.opened {
		return n.text
	}
	text := n.append(nil)
	e.spend(len(text) / 16)
	return string(text)
}
