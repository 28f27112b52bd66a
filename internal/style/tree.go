package style

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// A Tree is the value that names with brackets make together: name=v adds a leaf, name[]=v an item, name[key]=v a member.
// A leaf is what stands on the wire for one name: an escaped text of a query, a part of a multipart body. The zero Tree
// is empty.
type Tree[L any] struct {
	leaves  []L
	items   []*Tree[L]
	names   []string // of members, in order
	members map[string]*Tree[L]
}

// SplitBrackets takes [a][][b] apart: a, "", b. It reports false for any other text. A name that goes on within brackets
// has none of its own, so that the pieces are never ambiguous.
func SplitBrackets(suffix string) (path []string, ok bool) {
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

// Add puts a leaf at the end of a path, in which "" is an item and anything else a member. Nothing on the wire says where
// an item that is an object ends: it goes on until one of its members comes again.
func (t *Tree[L]) Add(path []string, leaf L) {
	for ; len(path) > 0; path = path[1:] {
		if path[0] != "" {
			t = t.member(path[0])
			continue
		}
		rest := path[1:]
		if last := len(t.items) - 1; last < 0 || t.items[last].leaves != nil || t.items[last].taken(rest) {
			t.items = append(t.items, new(Tree[L]))
		}
		t = t.items[len(t.items)-1]
	}
	t.leaves = append(t.leaves, leaf)
}

func (t *Tree[L]) member(name string) *Tree[L] {
	m := t.members[name]
	if m == nil {
		if t.members == nil {
			t.members = make(map[string]*Tree[L])
		}
		m = new(Tree[L])
		t.members[name] = m
		t.names = append(t.names, name)
	}
	return m
}

// taken reports whether there is something at the end of path already. A path through an array never is: it has room.
func (t *Tree[L]) taken(path []string) bool {
	for _, name := range path {
		if name == "" {
			return false
		}
		if t = t.members[name]; t == nil {
			return false
		}
	}
	return t.leaves != nil || t.items != nil || t.names != nil
}

// A Join writes a [Tree] as JSON.
type Join[L any] struct {
	// Leaves writes what one name was given, one leaf or more: a scalar, or an array where the shape has one.
	Leaves func(dst []byte, leaves []L, s *Shape) ([]byte, error)

	// Indices makes the members 0, 1, … of what can only be an array its items, in the order of their numbers:
	// a[0]=v&a[1]=w. The numbers need not be complete, so that no gap makes a long array.
	Indices bool
}

// Append writes the tree to dst. The shape may be nil. A name that has two of leaves, items and members is an [*Error]
// without a Param. Errors of Leaves are returned as they are, those that are an [*Error] with the place in the value.
func (j Join[L]) Append(dst []byte, t *Tree[L], s *Shape) ([]byte, error) {
	switch {
	case t.leaves != nil && t.items == nil && t.names == nil:
		return j.Leaves(dst, t.leaves, s)
	case t.leaves == nil && t.names == nil:
		return j.appendItems(dst, t.items, s)
	case t.leaves != nil || t.items != nil:
		return nil, &Error{Reason: "got two of a single value, an array and an object under one name, want one"}
	case j.Indices && t.indexed(s):
		return j.appendItems(dst, t.byIndex(), s)
	}
	dst = append(dst, '{')
	for i, name := range t.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsonscan.AppendString(dst, name), ':')
		shape, _ := s.property(name)
		var err error
		if dst, err = j.Append(dst, t.members[name], shape); err != nil {
			return nil, at(err, name)
		}
	}
	return append(dst, '}'), nil
}

func (j Join[L]) appendItems(dst []byte, items []*Tree[L], s *Shape) (_ []byte, err error) {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = j.Append(dst, item, s.items()); err != nil {
			return nil, at(err, strconv.Itoa(i))
		}
	}
	return append(dst, ']'), nil
}

// indexed reports whether the members can only be the items of an array.
func (t *Tree[L]) indexed(s *Shape) bool {
	return s.has(jsonvalue.Array) && !s.has(jsonvalue.Object) &&
		!slices.ContainsFunc(t.names, func(name string) bool { return index(name) < 0 })
}

func (t *Tree[L]) byIndex() []*Tree[L] {
	names := slices.SortedStableFunc(slices.Values(t.names), func(a, b string) int { return index(a) - index(b) })
	items := make([]*Tree[L], len(names))
	for i, name := range names {
		items[i] = t.members[name]
	}
	return items
}

// index reads an index, -1 where there is none.
func index(name string) int {
	if i, err := strconv.Atoi(name); err == nil && i >= 0 {
		return i
	}
	return -1
}

// decodeNested reads the bracket convention and deepObject. In deepObject, a[0]=v is an item where the shape has an array
// and no object, for many a program writes arrays so; in the bracket convention it is a member "0".
func (w *wire) decodeNested(pairs []pair, s *Shape) (_ []byte, found bool, err error) {
	root, base := new(Tree[string]), w.base()
	for _, p := range pairs {
		suffix, ours := strings.CutPrefix(p.name, base)
		if !ours {
			continue
		}
		path, ours := SplitBrackets(suffix)
		if !ours {
			continue
		}
		if len(path) > maxDepth {
			return nil, false, w.tooDeep()
		}
		root.Add(path, p.raw)
		found = true
	}
	if !found {
		return nil, false, nil
	}
	value, err := Join[string]{Leaves: w.appendRepeated, Indices: !w.Brackets}.Append(nil, root, s)
	var e *Error
	if errors.As(err, &e) && e.Param == "" {
		e.Param, e.In, e.Style = w.Name, w.In, w.label()
	}
	return value, err == nil, err
}
