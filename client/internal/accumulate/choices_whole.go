package accumulate

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// noteDelta records that a choice comes by deltas.
func (s *choicesSum) noteDelta(choice int) {
	if s.pieces[choice] {
		return
	}
	if s.pieces == nil {
		s.pieces = make(map[int]bool)
	}
	s.pieces[choice] = true
	s.kept += nodeCost
}

// addWhole adds a message that stands in place of a delta. Some hosts send the whole
// message at the end, or in each chunk the message so far; others send a piece under
// this name. It is the message so far if it begins with what came before: then it
// replaces that.
func (s *choicesSum) addWhole(message *node, index int, whole, choice string) error {
	if !strings.HasPrefix(whole, "{") || !s.repeats(message, index, whole, choice) {
		return s.addMessage(message, index, whole)
	}
	for name, value := range jsonscan.Members(whole) {
		if name == "tool_calls" && !saysNothing(value) {
			for key := range s.calls {
				if key.choice == index {
					delete(s.calls, key) // they are no longer part of the message
				}
			}
		}
		s.latest(s.member(message, name), value)
	}
	return nil
}

// repeats reports whether a message begins with what came of it before. The very same
// text may also be a piece that comes twice: it is not where the pieces are deltas, nor
// at the end.
func (s *choicesSum) repeats(message *node, index int, whole, choice string) bool {
	told, again := message.peek("content"), (&node{raw: whole}).peek("content")
	if told == "" {
		return isSameCall(firstItem(message.child("tool_calls")), firstItem((&node{raw: whole}).child("tool_calls")))
	}
	told, again = jsonscan.String(`"`+told+`"`), jsonscan.String(`"`+again+`"`)
	if told == again {
		return s.pieces[index] || (&node{raw: choice}).peek("finish_reason") != ""
	}
	return strings.HasPrefix(again, told)
}

// isSameCall reports whether two nodes are calls of the same function with one ID, or
// without.
func isSameCall(a, b *node) bool {
	return a != nil && b != nil && functionName(a) != "" && functionName(a) == functionName(b) && a.peek("id") == b.peek("id")
}

// firstItem returns the first item of an array, nil where there is none.
func firstItem(n *node) *node {
	switch {
	case n == nil:
	case n.items != nil:
		return n.items.find(0)
	default:
		for _, raw := range jsonscan.Items(n.raw) {
			return &node{raw: raw}
		}
	}
	return nil
}
