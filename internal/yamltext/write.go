package yamltext

import (
	"fmt"

	"github.com/opcall/opcall/internal/jsonscan"
)

// MaxGrowth bounds what aliases and merge keys make of a text: JSON of so many
// times its size, beside a first 64 KiB.
const MaxGrowth = 16

// Text is a YAML text in JSON.
type Text struct {
	JSON  string
	Lines Lines // of the values in JSON
}

// JSON reads a YAML text of one document, as JSON of at most limit bytes. Aliases are expanded and merge
// keys (<<) merged. The error is an *Error: for text that is not YAML or has a second document, a key
// that appears twice or is not a scalar, a number that JSON does not have, nesting
// beyond MaxDepth, and what is beyond MaxDensity or MaxGrowth.
func JSON(data []byte, limit int) (Text, error) {
	nodes, err := parse(data)
	if err != nil {
		return Text{}, err
	}
	w := &writer{nodes: nodes, limit: min(limit, MaxGrowth*len(data)+64<<10), dst: make([]byte, 0, len(data)+len(data)/8)}
	if err := w.value(0, 0); err != nil {
		return Text{}, err
	}
	return Text{JSON: jsonscan.Alias(w.dst), Lines: w.lines}, nil // nobody writes to it any more
}

// writer writes nodes as JSON.
type writer struct {
	nodes []node
	dst   []byte
	lines Lines
	limit int // of bytes, and of visited nodes
	steps int
}

func (w *writer) fail(n *node, format string, args ...any) error {
	return &Error{Line: int(n.line), Column: int(n.column), Reason: fmt.Sprintf(format, args...)}
}

// spend counts a visited node.
func (w *writer) spend(n *node) error {
	w.steps++
	if w.steps > w.limit || len(w.dst) > w.limit {
		return w.fail(n, "the document grows past %d bytes as its aliases are expanded", w.limit)
	}
	return nil
}

func (w *writer) value(at int32, depth int) error {
	n := &w.nodes[at]
	if err := w.spend(n); err != nil {
		return err
	}
	if depth > MaxDepth {
		return w.fail(n, "nested more than %d deep", MaxDepth)
	}
	if n.kind == aliasKind {
		target := &w.nodes[n.first]
		if target.open {
			return w.fail(n, "the alias stands inside of what it names")
		}
		return w.value(n.first, depth)
	}
	if n.line > 0 {
		w.lines.mark(len(w.dst), int(n.line))
	}
	switch n.kind {
	case documentKind:
		if n.count == 0 {
			w.dst = append(w.dst, "null"...)
			return nil
		}
		return w.value(n.first, depth)
	case sequenceKind:
		n.open = true
		w.dst = append(w.dst, '[')
		for i := range n.count {
			if i > 0 {
				w.dst = append(w.dst, ',')
			}
			if err := w.value(n.first+i, depth+1); err != nil {
				return err
			}
		}
		w.dst = append(w.dst, ']')
		n.open = false
		return nil
	case mappingKind:
		n.open = true
		w.dst = append(w.dst, '{')
		m := members{writer: w, depth: depth + 1, size: int(n.count / 2)}
		if err := m.own(n, true); err != nil {
			return err
		}
		w.dst = append(w.dst, '}')
		n.open = false
		return nil
	}
	return w.scalar(n)
}

// members writes the members of one mapping.
type members struct {
	*writer
	depth int
	size  int      // keys of the mapping itself
	few   []string // keys written, as long as they are few
	many  map[string]bool
}

// written reports whether a key has been written before, and notes it.
func (m *members) written(key string) bool {
	if m.many != nil {
		if m.many[key] {
			return true
		}
		m.many[key] = true
		return false
	}
	for _, have := range m.few {
		if have == key {
			return true
		}
	}
	if m.few = append(m.few, key); len(m.few) > 8 {
		m.many = make(map[string]bool, max(32, m.size))
		for _, have := range m.few {
			m.many[have] = true
		}
	}
	return false
}

// own writes the members of n, then those that it merges: the mapping's own
// win, then the earlier ones (the type repository's "merge" tag). In the first
// mapping a key that appears twice is an error.
func (m *members) own(n *node, first bool) error {
	merges := false
	for i := int32(0); i+1 < n.count; i += 2 {
		key, value := &m.nodes[n.first+i], n.first+i+1
		if err := m.spend(key); err != nil {
			return err
		}
		if isMerge(key) {
			merges = true
			continue
		}
		if key.kind == aliasKind {
			key = &m.nodes[key.first]
		}
		if key.kind != scalarKind {
			return m.fail(key, "got a key that is not a scalar")
		}
		if m.written(key.value) {
			if first {
				return m.fail(key, "key %.80q appears twice in one mapping", key.value)
			}
			continue
		}
		if m.dst[len(m.dst)-1] != '{' {
			m.dst = append(m.dst, ',')
		}
		m.lines.mark(len(m.dst), int(key.line))
		m.dst = jsonscan.AppendString(m.dst, key.value)
		m.dst = append(m.dst, ':')
		if err := m.value(value, m.depth); err != nil {
			return err
		}
	}
	for i := int32(0); merges && i+1 < n.count; i += 2 {
		if key := &m.nodes[n.first+i]; isMerge(key) {
			if err := m.merge(n.first+i+1, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// merge writes the members of what a merge key names: a mapping, or a sequence
// of them.
func (m *members) merge(at int32, listed bool) error {
	n := &m.nodes[at]
	if err := m.spend(n); err != nil {
		return err
	}
	if n.kind == aliasKind {
		n = &m.nodes[n.first]
	}
	if n.open {
		return m.fail(n, "a merge key (<<) names the mapping that it stands in")
	}
	n.open = true
	defer func() { n.open = false }()
	switch {
	case n.kind == mappingKind:
		return m.own(n, false)
	case n.kind == sequenceKind && listed:
		for i := range n.count {
			if err := m.merge(n.first+i, false); err != nil {
				return err
			}
		}
		return nil
	}
	return m.fail(n, "a merge key (<<) takes a mapping or a sequence of mappings")
}

func isMerge(key *node) bool {
	return key.kind == scalarKind && key.value == "<<" && key.plain && (key.tag == "" || shortTag(key.tag) == "merge")
}
