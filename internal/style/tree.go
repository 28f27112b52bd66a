package style

import (
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// A node collects the pairs of a parameter with brackets: name=v adds a text to the node, name[]=v an item,
// name[key]=v a member.
type node struct {
	raws    []string
	items   []*node
	names   []string // of members, in order
	members map[string]*node
}

// decodeNested reads the bracket convention and deepObject.
func (w *wire) decodeNested(pairs []pair, s *Shape) (_ []byte, found bool, err error) {
	root, base := new(node), w.base()
	for _, p := range pairs {
		suffix, ours := strings.CutPrefix(p.name, base)
		if !ours {
			continue
		}
		path, ours := bracketed(suffix)
		if !ours || len(path) == 0 && !w.Brackets {
			continue
		}
		if len(path) > maxDepth {
			return nil, false, w.tooDeep()
		}
		root.add(path, p.raw)
		found = true
	}
	if !found {
		return nil, false, nil
	}
	value, err := w.appendNode(nil, root, s)
	return value, err == nil, err
}

// bracketed takes [a][][b] apart: a, "", b.
func bracketed(suffix string) (path []string, ok bool) {
	for suffix != "" {
		end := strings.IndexByte(suffix, ']')
		if suffix[0] != '[' || end < 0 || strings.IndexByte(suffix[1:end], '[') >= 0 {
			return nil, false
		}
		path = append(path, suffix[1:end])
		suffix = suffix[end+1:]
	}
	return path, true
}

// add puts a text at the end of path. An item that is an object goes on until one of its members comes again.
func (n *node) add(path []string, raw string) {
	for ; len(path) > 0; path = path[1:] {
		if path[0] != "" {
			n = n.member(path[0])
			continue
		}
		rest := path[1:]
		if last := len(n.items) - 1; last < 0 || len(rest) == 0 || n.items[last].raws != nil || n.items[last].taken(rest) {
			n.items = append(n.items, new(node))
		}
		n = n.items[len(n.items)-1]
	}
	n.raws = append(n.raws, raw)
}

func (n *node) member(name string) *node {
	m := n.members[name]
	if m == nil {
		if n.members == nil {
			n.members = make(map[string]*node)
		}
		m = new(node)
		n.members[name] = m
		n.names = append(n.names, name)
	}
	return m
}

// taken reports whether there is a text at the end of path already. A path through an array never is: it has room.
func (n *node) taken(path []string) bool {
	for _, name := range path {
		if n = n.members[name]; n == nil {
			return false
		}
	}
	return n.raws != nil
}

func (w *wire) appendNode(dst []byte, n *node, s *Shape) (_ []byte, err error) {
	switch {
	case n.raws != nil && n.items == nil && n.names == nil:
		return w.appendRepeated(dst, n.raws, s)
	case n.raws == nil && n.names == nil:
		dst = append(dst, '[')
		for i, item := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = w.appendNode(dst, item, s.items()); err != nil {
				return nil, at(err, strconv.Itoa(i))
			}
		}
		return append(dst, ']'), nil
	case n.raws == nil && n.items == nil:
		dst = append(dst, '{')
		for i, name := range n.names {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(jsonscan.AppendString(dst, name), ':')
			shape, _ := s.property(name)
			if dst, err = w.appendNode(dst, n.members[name], shape); err != nil {
				return nil, at(err, name)
			}
		}
		return append(dst, '}'), nil
	}
	return nil, w.fail("got two of a single value, an array and an object under one name, want one", "")
}
