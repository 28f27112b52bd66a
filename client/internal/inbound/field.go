package inbound

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/opcall/opcall/internal/jsonvalue"
	"github.com/opcall/opcall/internal/style"
)

// formField is one field of a multipart body: a text that the schema gives a
// type, JSON, or the name of a file.
type formField struct {
	name string
	kind fieldKind
	text string
}

type fieldKind int

const (
	textField fieldKind = iota
	jsonField
	fileField
)

// joinFields makes a JSON object of the fields of a form: those of one name are
// an array, and with brackets a[] is an item, a[k] a member, a[0] the item at
// that place. The shape says what is a number, and where one item is an array.
func joinFields(fields []formField, shape *style.Shape, brackets bool) (json.RawMessage, error) {
	if len(fields) == 0 {
		return json.RawMessage("{}"), nil
	}
	root := &node{}
	for _, f := range fields {
		path := []string{f.name}
		if base, rest, ok := bracketed(f.name); ok && brackets && !declared(shape, f.name) {
			path = append([]string{base}, rest...)
		}
		if len(path) > maxLevels {
			return nil, fmt.Errorf("field %.80q is nested more than %d levels deep", f.name, maxLevels)
		}
		root.add(path, f)
	}
	return root.append(nil, shape)
}

func declared(shape *style.Shape, name string) bool {
	return shape != nil && shape.Properties[name] != nil
}

// bracketed takes a[][k] apart: a, and "", k. It reports false where there are
// no brackets, or none that match.
func bracketed(name string) (base string, path []string, ok bool) {
	open := strings.IndexByte(name, '[')
	if open < 1 {
		return name, nil, false
	}
	base, rest := name[:open], name[open:]
	for rest != "" {
		end := strings.IndexByte(rest, ']')
		if rest[0] != '[' || end < 0 {
			return name, nil, false
		}
		path = append(path, rest[1:end])
		rest = rest[end+1:]
	}
	return base, path, true
}

// node is a value that fields make together: texts, items or members.
type node struct {
	fields  []formField
	items   []*node
	names   []string // of the members, in order
	members map[string]*node
}

// add puts a field at the end of a path; "" is an item. A member that comes
// again begins the next item.
func (n *node) add(path []string, f formField) {
	for i, name := range path {
		if name != "" {
			n = n.member(name)
			continue
		}
		if last := len(n.items) - 1; last < 0 || n.items[last].full(path[i+1:]) {
			n.items = append(n.items, &node{})
		}
		n = n.items[len(n.items)-1]
	}
	n.fields = append(n.fields, f)
}

func (n *node) member(name string) *node {
	m := n.members[name]
	if m == nil {
		if n.members == nil {
			n.members = make(map[string]*node)
		}
		m = &node{}
		n.members[name] = m
		n.names = append(n.names, name)
	}
	return m
}

// full reports whether an item has something at the end of a path already. The
// path into an array never is.
func (n *node) full(path []string) bool {
	for _, name := range path {
		if name == "" {
			return false
		}
		if n = n.members[name]; n == nil {
			return false
		}
	}
	return n.fields != nil || n.items != nil || n.names != nil
}

// append writes the node as JSON.
func (n *node) append(dst []byte, shape *style.Shape) ([]byte, error) {
	kinds := 0
	for _, there := range []bool{n.fields != nil, n.items != nil, n.names != nil} {
		if there {
			kinds++
		}
	}
	switch {
	case kinds > 1:
		return nil, fmt.Errorf("a field has two of a value, items and members, want one")
	case n.items != nil:
		return appendItems(dst, n.items, shape)
	case n.names != nil && n.indexed(shape):
		slices.SortFunc(n.names, func(a, b string) int { return index(a) - index(b) })
		var items []*node
		for _, name := range n.names {
			items = append(items, n.members[name])
		}
		return appendItems(dst, items, shape)
	case n.names != nil:
		object := newObject()
		for _, name := range n.names {
			value, err := n.members[name].append(nil, memberShape(shape, name))
			if err != nil {
				return nil, err
			}
			object.add(name, string(value))
		}
		return append(dst, object.text()...), nil
	}
	return n.appendFields(dst, shape)
}

// appendFields writes the fields of one name: a value, or an array where there
// are several or the shape allows nothing else.
func (n *node) appendFields(dst []byte, shape *style.Shape) ([]byte, error) {
	one := n.fields[0]
	isArray := shape != nil && shape.Type&jsonvalue.Array != 0
	isJSONArray := one.kind == jsonField && strings.HasPrefix(strings.TrimSpace(one.text), "[")
	if len(n.fields) == 1 && (!isArray || isJSONArray || shape.Type&^(jsonvalue.Array|jsonvalue.Null) != 0) {
		return one.append(dst, shape)
	}
	var items []*node
	for _, f := range n.fields {
		items = append(items, &node{fields: []formField{f}})
	}
	return appendItems(dst, items, shape)
}

func appendItems(dst []byte, items []*node, shape *style.Shape) (_ []byte, err error) {
	var inner *style.Shape
	if shape != nil {
		inner = shape.Items
	}
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = item.append(dst, inner); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// indexed reports whether the members are the items of an array, by their
// places.
func (n *node) indexed(shape *style.Shape) bool {
	if shape == nil || shape.Type&jsonvalue.Array == 0 || shape.Type&jsonvalue.Object != 0 {
		return false
	}
	return !slices.ContainsFunc(n.names, func(name string) bool { return index(name) < 0 })
}

func index(name string) int {
	if i, err := strconv.Atoi(name); err == nil && i >= 0 {
		return i
	}
	return -1
}

func memberShape(shape *style.Shape, name string) *style.Shape {
	if shape == nil {
		return nil
	}
	if s, ok := shape.Properties[name]; ok {
		return s
	}
	return shape.Additional
}

// append writes a field as the JSON value that the shape makes of it.
func (f formField) append(dst []byte, shape *style.Shape) ([]byte, error) {
	switch {
	case f.kind == jsonField:
		if !json.Valid([]byte(f.text)) {
			return nil, fmt.Errorf("field %.80q is not the JSON that its content type says", f.name)
		}
		return append(dst, f.text...), nil
	case !utf8.ValidString(f.text):
		return nil, fmt.Errorf("field %.80q is not valid UTF-8", f.name)
	case f.kind == textField && shape != nil && shape.Type != 0 && shape.Type&jsonvalue.String == 0 && fits(f.text, shape.Type):
		return append(dst, f.text...), nil
	}
	text, err := json.Marshal(f.text)
	return append(dst, text...), err
}

// fits reports whether text is a scalar of one of the types.
func fits(text string, types jsonvalue.Kinds) bool {
	switch {
	case text == "null":
		return types&jsonvalue.Null != 0
	case text == "true" || text == "false":
		return types&jsonvalue.Boolean != 0
	}
	return types.Has(jsonvalue.Number) && json.Valid([]byte(text)) && jsonvalue.KindOfText(text).Has(jsonvalue.Number)
}

// object writes a JSON object member by member.
type object struct{ buf []byte }

func newObject() *object { return &object{buf: []byte{'{'}} }

func (o *object) add(name, value string) {
	if len(o.buf) > 1 {
		o.buf = append(o.buf, ',')
	}
	key, _ := json.Marshal(name) // a string always encodes
	o.buf = append(append(append(o.buf, key...), ':'), value...)
}

func (o *object) text() json.RawMessage { return append(o.buf, '}') }
