package validator

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/jsonvalue"
)

// choiceSet is the values of enum or const (JSON Schema 2020-12 Validation §6.1.2,
// §6.1.3). Most are a few strings, for which comparing is faster than hashing; a set
// with many uses a map.
// The values are compared as JSON values and not as text (Core §4.2.2): "\u0061" is "a",
// and 1.0 is 1. So strings are kept unescaped, and the others as trees, which the tree of
// the instance is compared with directly.
type choiceSet struct {
	strings map[string]struct{} // where they are many
	few     []string
	others  []*jsonvalue.Tree
}

// newChoiceSet reads the values. One that no instance can equal is left out: a
// number beyond the limits of instances, say.
func newChoiceSet(list string) *choiceSet {
	// Up to six strings of usual length are compared in less time than one is hashed.
	const few = 6
	c := &choiceSet{}
	// A comma inside of a string makes the estimate too large, which does no harm.
	c.few = make([]string, 0, min(strings.Count(list, ",")+1, 1<<10))
	for _, text := range jsonscan.Items(list) {
		if isPlainString(text) {
			c.few = append(c.few, text[1:len(text)-1])
		} else if tree, err := jsonvalue.Parse(text); err != nil {
			continue
		} else if tree.Kind(0) == jsonvalue.String {
			c.few = append(c.few, jsonscan.String(text))
			// A string needs no tree. The others keep theirs for as long as the document.
			tree.Release()
		} else {
			c.others = append(c.others, tree)
		}
	}
	if len(c.few) > few {
		c.strings = make(map[string]struct{}, len(c.few))
		for _, s := range c.few {
			c.strings[s] = struct{}{}
		}
		c.few = nil
	}
	return c
}

// isPlainString reports whether the text of a value is a string of ASCII without an
// escape, as nearly all values of real documents are. It needs no reading: the value is
// what stands between the quotes.
func isPlainString(text string) bool {
	if len(text) < 2 || text[0] != '"' {
		return false
	}
	for i := 1; i < len(text)-1; i++ {
		if c := text[i]; c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

// has reports whether an instance is one of the values: equal as JSON, so that 1.0 is 1
// and the order of members does not matter (Core §4.2.2).
// An enum of an API has a handful of strings. One with thousands is found through the map;
// only values that are not strings are compared one by one.
func (c *choiceSet) has(t *jsonvalue.Tree, v jsonvalue.Ref) bool {
	if t.Kind(v) == jsonvalue.String {
		s := t.String(v)
		for _, one := range c.few {
			if one == s {
				return true
			}
		}
		_, ok := c.strings[s]
		return ok
	}
	// EqualRefs looks at the kinds first, so most values cost a comparison of bytes.
	for _, other := range c.others {
		if t.EqualRefs(v, other, 0) {
			return true
		}
	}
	return false
}
