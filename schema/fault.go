package schema

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/opcall/opcall/internal/jsonscan"
)

// DocumentError tells what is wrong with an OpenAPI document or an overlay, and
// where.
type DocumentError struct {
	Path    string  // file, when it was loaded from one
	Line    int     // from 1; 0 when unknown
	Column  int     // from 1; 0 when unknown
	Pointer Pointer // "" for the whole document
	Reason  string  // what was got, what was wanted, what helps
	Err     error   // the cause, when there is one
}

func (e *DocumentError) Error() string {
	var b strings.Builder
	b.WriteString("openapi document")
	if e.Path != "" {
		b.WriteString(" " + e.Path)
	}
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line))
		if e.Column > 0 {
			b.WriteString(":" + strconv.Itoa(e.Column))
		}
	}
	b.WriteString(": ")
	if e.Pointer != "" {
		b.WriteString(string(e.Pointer) + ": ")
	}
	b.WriteString(e.Reason)
	if e.Err != nil && !strings.Contains(e.Reason, e.Err.Error()) {
		var syntax *jsonscan.SyntaxError
		if !errors.As(e.Err, &syntax) {
			fmt.Fprintf(&b, ": %v", e.Err)
		}
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *DocumentError) Unwrap() error { return e.Err }

// Line returns the line, from 1, on which the value at pointer stands in the
// text that was loaded, or 0 when an overlay put it there. It is meant for
// messages: the first line of a YAML document takes parsing it again, whose
// result is kept.
func (d *Document) Line(pointer Pointer) int { return d.source.line(pointer) }

func (s source) line(pointer Pointer) int {
	if s.yaml == nil {
		text, ok := pointer.lookup(s.text)
		if !ok {
			return 0
		}
		// lookup returns a part of the text it was given.
		return jsonscan.At(s.text, offsetIn(s.text, text), "").Line
	}
	node := s.yaml()
	for _, token := range pointer.Tokens() {
		if node != nil && node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		if node == nil {
			return 0
		}
		var next *yaml.Node
		switch node.Kind {
		case yaml.MappingNode:
			next = mappingValue(node, token)
		case yaml.SequenceNode:
			if i, ok := arrayIndex(token); ok && i < len(node.Content) {
				next = node.Content[i]
			}
		}
		node = next
	}
	if node == nil {
		return 0
	}
	return node.Line
}

// parsedAgain returns the root mapping of a YAML text that has been parsed
// before, for its lines: overlays have changed the first result.
func parsedAgain(text string) func() *yaml.Node {
	return sync.OnceValue(func() *yaml.Node {
		var root yaml.Node
		if yaml.Unmarshal([]byte(text), &root) != nil || len(root.Content) == 0 {
			return nil
		}
		return root.Content[0]
	})
}
