package argument

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/opcall/opcall/schema"
)

// step is one part of a path: a name, an item by its index, or the item behind the last.
type step struct {
	name  string
	index int // of an item; next for the one behind the last
	item  bool
}

// next is the index of the item behind the last.
const next = -1

// maxIndex bounds an index: a list has no holes, so that nobody means a larger one.
const maxIndex = 1 << 16

// parsePath reads a.b.c, a[].b, a[2] and a[b], which is a.b. A backslash takes the special
// meaning from what follows it.
func parsePath(text string) ([]step, error) {
	var steps []step
	for rest := text; ; {
		name, bracket, after, err := cutName(rest)
		if err != nil {
			return nil, err
		}
		if name == "" && !(bracket && len(steps) > 0) {
			return nil, fmt.Errorf("got an empty name in %.80q", text)
		}
		if name != "" {
			steps = append(steps, step{name: name})
		}
		rest = after
		for bracket {
			inner, tail, ok := strings.Cut(rest, "]")
			if !ok {
				return nil, fmt.Errorf("%.80q has a bracket that is not closed; a name with a bracket in it is written \\[", text)
			}
			s, err := parseBracket(inner)
			if err != nil {
				return nil, err
			}
			steps = append(steps, s)
			rest, bracket = strings.CutPrefix(tail, "[")
		}
		if rest == "" {
			return steps, nil
		}
		dotted, ok := strings.CutPrefix(rest, ".")
		if !ok {
			return nil, fmt.Errorf("got %.40q behind a bracket in %.80q, want a dot or the end", rest, text)
		}
		rest = dotted
		if rest == "" {
			return nil, fmt.Errorf("%.80q ends in a dot; \\. stands for a dot in a name", text)
		}
	}
}

// cutName returns the name at the start of a text, and what follows: with bracket the text
// behind an opening one, else from the dot on.
func cutName(text string) (name string, bracket bool, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			if i++; i == len(text) {
				return "", false, "", fmt.Errorf("%.80q ends in a backslash", text)
			}
			b.WriteByte(text[i])
		case '[':
			return b.String(), true, text[i+1:], nil
		case '.':
			return b.String(), false, text[i:], nil
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), false, "", nil
}

func parseBracket(inner string) (step, error) {
	if inner == "" {
		return step{item: true, index: next}, nil
	}
	if n := len(inner); n >= 2 && (inner[0] == '"' || inner[0] == '\'') && inner[n-1] == inner[0] {
		return step{name: inner[1 : n-1]}, nil // quotes that the shell has left: a["b"] is a.b
	}
	index, err := strconv.Atoi(inner)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return step{}, fmt.Errorf("got index %.20s…, want 0 to %d", inner, maxIndex)
	case err != nil:
		return step{name: inner}, nil
	case index < 0 || index > maxIndex:
		return step{}, fmt.Errorf("got index %s, want 0 to %d", inner, maxIndex)
	}
	return step{item: true, index: index}, nil
}

// describePath is the path in the syntax of Document.Describe, which names no items.
func describePath(operation string, steps []step) string {
	var b strings.Builder
	b.WriteString(schema.EscapeName(operation))
	for _, s := range steps {
		if !s.item {
			b.WriteString("." + schema.EscapeName(s.name))
		}
	}
	return b.String()
}

// show writes steps as they are typed.
func show(steps []step) string {
	var b strings.Builder
	for i, s := range steps {
		switch {
		case s.item && s.index == next:
			b.WriteString("[]")
		case s.item:
			fmt.Fprintf(&b, "[%d]", s.index)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.name)
		}
	}
	return b.String()
}
