package accumulate

import (
	"maps"
	"slices"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// node is a JSON value that grows. It is the text that it was set to, byte for
// byte, until something is added inside it; then it is open: a string that is
// appended to, members in the order of their arrival, or items by their index.
//
// A string grows by what stands between the quotes, its escapes as they came:
// nothing is decoded, and a character whose two \u escapes come in two pieces is
// whole again.
//
// The zero node has no value yet.
type node struct {
	raw     string
	text    []byte
	members *members
	items   *items

	arguments bool // text is arguments, of which the last beginning counts
}

// members are those of an open object.
type members struct {
	names []string
	nodes []*node
	index map[string]int // by name, once there are many
}

// items are those of an open array: without gaps from 0 in dense, beyond the
// first gap in sparse. So an index costs no more than the item that stands there.
type items struct {
	dense  []*node
	sparse map[int]*node
	end    int // after the highest index
}

// manyMembers is the number of members from which names are looked up in a map.
const manyMembers = 16

func (m *members) find(name string) *node {
	if m.index != nil {
		if i, ok := m.index[name]; ok {
			return m.nodes[i]
		}
		return nil
	}
	for i, have := range m.names {
		if have == name {
			return m.nodes[i]
		}
	}
	return nil
}

func (m *members) add(name string, n *node) {
	m.names, m.nodes = append(m.names, name), append(m.nodes, n)
	switch {
	case m.index != nil:
		m.index[name] = len(m.names) - 1
	case len(m.names) == manyMembers:
		m.index = make(map[string]int)
		for i, have := range m.names {
			m.index[have] = i
		}
	}
}

func (l *items) find(i int) *node {
	if i < len(l.dense) {
		return l.dense[i]
	}
	return l.sparse[i]
}

// put adds an item at an index that has none.
func (l *items) put(i int, n *node) {
	if i == len(l.dense) {
		l.dense = append(l.dense, n)
	} else {
		if l.sparse == nil {
			l.sparse = make(map[int]*node)
		}
		l.sparse[i] = n
	}
	l.end = max(l.end, i+1)
}

// all returns the items in the order of their indexes.
func (l *items) all() []*node {
	if len(l.sparse) == 0 {
		return l.dense
	}
	list := slices.Clone(l.dense)
	for _, i := range slices.Sorted(maps.Keys(l.sparse)) {
		list = append(list, l.sparse[i])
	}
	return list
}

// exists reports whether there is a value.
func (n *node) exists() bool { return n.raw != "" || n.open() }

func (n *node) open() bool { return n.text != nil || n.members != nil || n.items != nil }

// saysNothing reports whether the value is absent, null or empty.
func (n *node) saysNothing() bool {
	switch {
	case n.text != nil:
		return len(n.text) == 0
	case n.members != nil:
		return len(n.members.nodes) == 0
	case n.items != nil:
		return n.items.end == 0
	}
	return saysNothing(n.raw)
}

// saysNothing is that of a text: one that does not replace another.
func saysNothing(raw string) bool {
	switch raw {
	case "", "null", `""`, "{}", "[]":
		return true
	}
	return false
}

// peek returns a string that is a member of the object, escapes as they came,
// without opening anything; "" where there is none.
func (n *node) peek(name string) string {
	member := n.child(name)
	if member == nil {
		return ""
	}
	if member.text != nil {
		return string(member.written())
	}
	return inside(member.raw)
}

// child returns a member of an object, nil where there is none. It opens
// nothing: what it returns of a value that is not open is only for reading.
func (n *node) child(name string) *node {
	if n.members != nil {
		return n.members.find(name)
	}
	if raw, ok := jsonscan.Member(n.raw, name); ok {
		return &node{raw: raw}
	}
	return nil
}

// inside returns what stands between the quotes of a string, "" for any other
// value.
func inside(raw string) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	return raw[1 : len(raw)-1]
}

// appendTo appends the JSON text of the value.
func (n *node) appendTo(b []byte) []byte {
	switch {
	case n.text != nil:
		b = append(b, '"')
		b = append(b, n.written()...)
		return append(b, '"')
	case n.members != nil:
		b = append(b, '{')
		for i, name := range n.members.names {
			if i > 0 {
				b = append(b, ',')
			}
			b = jsonscan.AppendString(b, name)
			b = append(b, ':')
			b = n.members.nodes[i].appendTo(b)
		}
		return append(b, '}')
	case n.items != nil:
		b = append(b, '[')
		for i, item := range n.items.all() {
			if i > 0 {
				b = append(b, ',')
			}
			b = item.appendTo(b)
		}
		return append(b, ']')
	case n.raw == "":
		return append(b, "null"...)
	}
	return append(b, n.raw...)
}

// written is the text as the value has it.
func (n *node) written() []byte {
	if n.arguments {
		return restarted(n.text)
	}
	return n.text
}

// cost is what the value keeps in memory, about, in bytes.
func (n *node) cost() int {
	cost := len(n.raw) + len(n.text)
	if n.members != nil {
		for i, name := range n.members.names {
			cost += nodeCost + len(name) + n.members.nodes[i].cost()
		}
	}
	if n.items != nil {
		for _, item := range n.items.dense {
			cost += nodeCost + item.cost()
		}
		for _, item := range n.items.sparse {
			cost += nodeCost + item.cost()
		}
	}
	return cost
}

// nodeCost is what a member or item keeps besides its value, about.
const nodeCost = 96

// with returns the object with a member of that value, in the place of the one
// that it has or at the end. n stays as it is.
func (n *node) with(name string, value *node) *node {
	changed := &members{}
	add := func(have string, v *node) {
		if have == name {
			v = value
		}
		changed.add(have, v)
	}
	if n.members == nil {
		for have, raw := range jsonscan.Members(n.raw) {
			add(have, &node{raw: raw})
		}
	} else {
		for i, have := range n.members.names {
			add(have, n.members.nodes[i])
		}
	}
	if changed.find(name) == nil {
		changed.add(name, value)
	}
	return &node{members: changed}
}

// withDefault is with for an object that lacks the member, or has it empty where
// the default is not.
func (n *node) withDefault(name, raw string) *node {
	if have := n.child(name); have == nil || have.saysNothing() && !saysNothing(raw) {
		return n.with(name, &node{raw: raw})
	}
	return n
}

// mapItems returns the array with each item changed by f. n stays as it is.
func (n *node) mapItems(f func(*node) *node) *node {
	changed := &items{}
	if n.items != nil {
		for i, item := range n.items.all() {
			changed.put(i, f(item))
		}
	}
	return &node{items: changed}
}

// tree changes nodes and counts what they keep. Texts that it is given are only
// borrowed: it copies what it keeps.
type tree struct {
	kept int // bytes, about
}

// size is what is kept, in bytes.
func (t *tree) size() int { return t.kept }

// set replaces the value.
func (t *tree) set(n *node, raw string) {
	if n.raw == raw && !n.open() {
		return
	}
	t.kept += len(raw) - n.cost()
	*n = node{raw: strings.Clone(raw)}
}

// latest replaces the value by one that says something. One that does not is
// taken only where there is none.
func (t *tree) latest(n *node, raw string) {
	if !n.exists() || !saysNothing(raw) {
		t.set(n, raw)
	}
}

// first takes the value where there is none yet that says something.
func (t *tree) first(n *node, raw string) {
	if n.saysNothing() {
		t.latest(n, raw)
	}
}

// extend appends a piece, a JSON string, to a string. Where there is no value, or
// null, the piece is its beginning; anything else is replaced.
func (t *tree) extend(n *node, piece string) {
	switch more := inside(piece); {
	case len(piece) < 2 || piece[0] != '"':
		t.latest(n, piece)
	case n.raw == "null", n.raw == `""`, !n.exists():
		t.set(n, piece)
	case n.text == nil && n.raw[:min(1, len(n.raw))] != `"`:
		t.latest(n, piece)
	case more != "":
		if n.text == nil {
			*n = node{text: []byte(inside(n.raw))}
		}
		n.text = append(n.text, more...)
		t.kept += len(more)
	}
}

// openObject makes the value an object that can be added to; one that is not an
// object becomes an empty one.
func (t *tree) openObject(n *node) {
	if n.members != nil {
		return
	}
	opened := &members{}
	for name, raw := range jsonscan.Members(n.raw) {
		if have := opened.find(name); have != nil {
			have.raw = strings.Clone(raw) // of two, the latter, as in encoding/json
			continue
		}
		opened.add(strings.Clone(name), &node{raw: strings.Clone(raw)})
	}
	t.become(n, node{members: opened})
}

// openArray is openObject for arrays.
func (t *tree) openArray(n *node) {
	if n.items != nil {
		return
	}
	opened := &items{}
	for i, raw := range jsonscan.Items(n.raw) {
		opened.put(i, &node{raw: strings.Clone(raw)})
	}
	t.become(n, node{items: opened})
}

func (t *tree) become(n *node, other node) {
	t.kept -= n.cost()
	*n = other
	t.kept += n.cost()
}

// member returns a member of the object, which it opens: the one that is there,
// else a new one without a value.
func (t *tree) member(n *node, name string) *node {
	t.openObject(n)
	if have := n.members.find(name); have != nil {
		return have
	}
	added := &node{}
	n.members.add(strings.Clone(name), added)
	t.kept += nodeCost + len(name)
	return added
}

// item returns the item at an index of the array, which it opens: the one that
// is there, else a new one without a value.
func (t *tree) item(n *node, i int) *node {
	t.openArray(n)
	if have := n.items.find(i); have != nil {
		return have
	}
	added := &node{}
	n.items.put(i, added)
	t.kept += nodeCost
	return added
}

// push returns a new item at the end of the array.
func (t *tree) push(n *node) *node {
	t.openArray(n)
	return t.item(n, n.items.end)
}
