package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/internal/near"
	"github.com/opcall/opcall/schema/internal/validator"
)

// Misspelling is a name in a path that neither the value has nor the document
// declares.
type Misspelling struct {
	Pointer Pointer  // to the object that has no such member, from where the path begins
	Name    string   // as it is in the path
	Nearest []string // members with a similar name, closest first
	Index   bool     // the value at Pointer is an array, so that Name had to be an index
}

// String is one line: the place, and the nearest name. Names are quoted, as they are
// the caller's or the server's.
func (m Misspelling) String() string {
	place := shownPlace(m.Pointer)
	if m.Index {
		return place + ": got " + quoted(m.Name) + " for an item of an array, want an index"
	}
	return place + ": no member " + quoted(m.Name) + " is declared" + near.Question(quotedAll(m.Nearest))
}

// Misspelling returns the first name in a path of Get that can lead nowhere: the
// object has no such member, and its schema declares members but not this one; or
// it is not an index where an array is. It is the zero Misspelling, whose Name is "", for
// a path that leads to a value, that may do so in another value of the same schema,
// or that leads to a place of which the document says nothing.
func (v Value) Misspelling(path string) Misspelling { return v.without(path).misspelling() }

// misspelling is Misspelling for a value that does not exist. It follows the path
// again, from the value that Get was called on, because a Value that exists keeps
// nothing of the way to it.
func (v Value) misspelling() Misspelling {
	at := Value{whole: v.whole, text: v.whole, node: v.node}
	var pointer Pointer
	for rest, more := v.missing, v.whole != "" && v.missing != ""; more; {
		var name string
		name, rest, more = cutPath(rest)
		next, ok := at.step(name)
		if !ok {
			return at.excluded(pointer, name)
		}
		pointer, at = pointer.Append(name), next
	}
	return Misspelling{}
}

// excluded returns what is wrong with the name of a member that a value does not have.
// A name is only called wrong where the schema leaves no doubt: a declared member that
// this value lacks is optional, an open object may have any, and an index past the end
// may be there in another response. Members that came undeclared are offered as near
// names too: the server sends them, whatever the document says.
func (v Value) excluded(at Pointer, name string) Misspelling {
	switch v.Kind() {
	case KindArray:
		if _, err := strconv.ParseUint(name, 10, 31); err != nil {
			return Misspelling{Pointer: at, Name: name, Index: true}
		}
	case KindObject:
		declared, open := v.node.Declared()
		if open || len(declared) == 0 || slices.Contains(declared, name) {
			break
		}
		for key := range jsonscan.Members(v.text) {
			if !slices.Contains(declared, key) {
				declared = append(declared, strings.Clone(key))
			}
		}
		return Misspelling{Pointer: at, Name: name, Nearest: validator.Nearest(name, declared)}
	}
	return Misspelling{}
}
