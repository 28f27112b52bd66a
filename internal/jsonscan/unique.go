package jsonscan

import (
	"slices"
	"strings"
)

// CheckUnique is Check, and refuses an object that has a member twice. RFC 8259 §4 allows
// that and warns of it: parsers differ in which of the two they take, so that what was
// validated might not be what is used.
func CheckUnique(text string, maxDepth int) error {
	return check(text, checker{s: text, max: maxDepth, unique: true})
}

// few is how many names are compared one by one before they go into a map. Nearly all
// objects of a document have fewer, and cost no map; an object with n names costs n steps.
const few = 12

// names are the member names of one object, as they stand in the text unless
// that has an escape: names are equal by their characters, not by their spelling
// (RFC 8259 §8.3). The first few are in the list that all objects around a place share,
// from a mark on.
type names struct {
	mark int
	many map[string]struct{}
}

// add reports whether the name is new in its object. The name is a string as it stands in the
// text, with its quotes.
func (c *checker) add(n *names, name string) bool {
	if strings.IndexByte(name, '\\') >= 0 {
		name = String(name)
	} else {
		name = name[1 : len(name)-1]
	}
	if n.many != nil {
		before := len(n.many)
		n.many[name] = struct{}{}
		return len(n.many) > before
	}
	own := c.names[n.mark:]
	if slices.Contains(own, name) {
		return false
	}
	if c.names = append(c.names, name); len(own) == few {
		n.many = make(map[string]struct{}, 4*few)
		for _, have := range c.names[n.mark:] {
			n.many[have] = struct{}{}
		}
	}
	return true
}
