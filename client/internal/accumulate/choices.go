package accumulate

import (
	"strconv"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// choicesSum adds up the chunks of chat completions and of completions.
type choicesSum struct {
	tree
	isChat bool
	root   node
	calls  map[callKey]*node
	tried  map[*node]int // length of a call's arguments when they were last found to be incomplete
	pieces map[int]bool  // the choices of which a delta has come
}

// callKey is what a delta of a tool call says of the call that it belongs to: the
// index or, without one, the ID. Saying neither, it belongs to the call of the
// delta before it.
type callKey struct {
	choice int
	index  int // noIndex: none
	id     string
}

const noIndex = -1

func (s *choicesSum) add(_, chunk string) error {
	if !isChunk(chunk) {
		return nil
	}
	for name, value := range jsonscan.Members(chunk) {
		switch name {
		case "choices":
			choices := s.member(&s.root, name)
			s.openArray(choices)
			for i, choice := range jsonscan.Items(value) {
				if err := s.addChoice(choices, i, choice); err != nil {
					return err
				}
			}
		case "object":
			if s.isChat && value == `"chat.completion.chunk"` {
				value = `"chat.completion"`
			}
			s.latest(s.member(&s.root, name), value)
		case "obfuscation": // pads the chunk to hide the length of its text
		case "usage", "error":
			if value != "null" { // in a chunk null says that another one has it
				s.latest(s.member(&s.root, name), value)
			}
		default:
			s.latest(s.member(&s.root, name), value)
		}
	}
	return nil
}

// isChunk reports whether an event is a chunk, which heartbeats and other events of a
// host's own are not.
func isChunk(event string) bool {
	for name := range jsonscan.Members(event) {
		switch name {
		case "id", "object", "choices", "created", "model", "usage", "error":
			return true
		}
	}
	return false
}

// addChoice adds a choice of a chunk, in which it stands at a position.
func (s *choicesSum) addChoice(choices *node, position int, choice string) error {
	index, indexed, err := indexIn(choice, "index")
	if err != nil {
		return err
	}
	if !indexed {
		index = position
	}
	n := s.item(choices, index)
	s.openObject(n)
	if !indexed {
		s.set(s.member(n, "index"), strconv.Itoa(index))
	}
	delta, _ := jsonscan.Member(choice, "delta")
	for name, value := range jsonscan.Members(choice) {
		switch name {
		case "delta":
			if strings.HasPrefix(value, "{") {
				s.noteDelta(index)
			}
			err = s.addMessage(s.member(n, "message"), index, value)
		case "message":
			if strings.HasPrefix(delta, "{") {
				continue // some hosts repeat the whole message so far beside each delta
			}
			err = s.addWhole(s.member(n, "message"), index, value, choice)
		case "text":
			s.extend(s.member(n, name), value)
		case "logprobs":
			err = s.merge(s.member(n, name), name, value, false)
		default:
			s.latest(s.member(n, name), value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addMessage adds a delta of a choice's message, or the message.
func (s *choicesSum) addMessage(message *node, choice int, delta string) error {
	s.openObject(message)
	for name, value := range jsonscan.Members(delta) {
		var err error
		switch {
		case name == "tool_calls" && value[0] == '[':
			calls := s.member(message, name)
			for i, call := range jsonscan.Items(value) {
				if err = s.addCall(calls, choice, call, i > 0); err != nil {
					break
				}
			}
		case name == "tool_calls": // null: none
		case name == "content" && s.addPart(s.member(message, name), value):
		case name == "audio" && value[0] == '{':
			err = s.addAudio(s.member(message, name), value)
		default:
			err = s.merge(s.member(message, name), name, value, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// addPart adds content to content of the other kind, and reports whether that was so:
// some hosts begin with a list of parts and go on with strings. The strings become parts.
func (s *choicesSum) addPart(content *node, delta string) bool {
	list := content.items != nil || strings.HasPrefix(content.raw, "[")
	text := content.text != nil || strings.HasPrefix(content.raw, `"`)
	switch {
	case content.saysNothing():
		return false
	case saysNothing(delta):
		return true
	case list && delta[0] == '"':
		s.addText(content, delta)
		return true
	case text && delta[0] == '[':
		before := string(content.appendTo(nil))
		s.set(content, "[]")
		s.addText(content, before)
	}
	return false
}

// addText adds a string to a list of parts: to the last one if that is a text.
func (s *choicesSum) addText(content *node, text string) {
	s.openArray(content)
	if end := content.items.end; end > 0 {
		if last := content.items.find(end - 1); last != nil && last.peek("type") == "text" && last.child("text") != nil {
			s.extend(s.member(last, "text"), text)
			return
		}
	}
	s.set(s.push(content), `{"type":"text","text":`+text+`}`)
}

func (s *choicesSum) addAudio(audio *node, delta string) error {
	s.openObject(audio)
	for name, value := range jsonscan.Members(delta) {
		if name == "data" {
			s.extendBase64(s.member(audio, name), value)
		} else if err := s.merge(s.member(audio, name), name, value, false); err != nil {
			return err
		}
	}
	return nil
}

// addCall adds a delta of a call. It is a sibling where another precedes it in the same
// chunk.
func (s *choicesSum) addCall(calls *node, choice int, delta string, sibling bool) error {
	n, err := s.call(calls, choice, delta, sibling)
	if err != nil {
		return err
	}
	return s.mergeItem(n, delta, true)
}

// call finds the tool call that a delta belongs to, or begins one.
func (s *choicesSum) call(calls *node, choice int, delta string, sibling bool) (*node, error) {
	index, indexed, err := indexIn(delta, "index")
	if err != nil {
		return nil, err
	}
	s.openArray(calls)
	// The call is remembered twice: under what the delta says of it, and as the one that a
	// delta goes to which says nothing.
	last := callKey{choice: choice, index: noIndex}
	key := last
	if indexed {
		key.index = index
	} else {
		id, _ := jsonscan.Member(delta, "id")
		key.id = inside(id)
	}
	n := s.calls[key]
	// A call of a whole message has a place in the list and was never remembered.
	if n == nil && indexed {
		n = calls.items.find(index)
	}
	switch {
	case n != nil && !s.begins(n, delta, sibling && !indexed):
	case n == nil && indexed:
		n = s.item(calls, index)
	default:
		n = s.push(calls)
	}
	s.remember(key, n)
	s.remember(last, n)
	return n, nil
}

func (s *choicesSum) remember(key callKey, n *node) {
	switch have, ok := s.calls[key]; {
	case have == n:
		return
	case !ok:
		key.id = strings.Clone(key.id)
		s.kept += nodeCost + len(key.id)
	}
	if s.calls == nil {
		s.calls = make(map[callKey]*node)
	}
	s.calls[key] = n
}

// begins reports whether a delta that leads to a call begins another one: it has
// another ID and names a function, though the call has both. Some servers give
// all calls the index 0; others change the ID in every delta, but name the
// function once; others have no IDs, and name a function again when the arguments
// of the call before are complete, or where it has none. Two calls of one chunk that
// have neither ID nor index are two.
func (s *choicesSum) begins(n *node, delta string, sibling bool) bool {
	id, _ := jsonscan.Member(delta, "id")
	d := &node{raw: delta}
	if functionName(d) == "" || functionName(n) == "" {
		return false
	}
	if have := n.peek("id"); inside(id) != "" && have != "" {
		return have != inside(id)
	}
	f := d.child("function")
	switch {
	case f == nil || inside(id) != "":
		return false
	case sibling:
		return true
	case f.peek("arguments") == "":
		return f.child("arguments") != nil && hasNoArguments(n) && functionName(d) != functionName(n)
	}
	return s.isWhole(n)
}

// hasNoArguments reports whether a call has arguments that are the empty text, as calls
// of functions without parameters have, and all calls at first.
func hasNoArguments(call *node) bool {
	f := call.child("function")
	return f != nil && f.child("arguments") != nil && f.peek("arguments") == ""
}

// isWhole reports whether the arguments of a call are an object that is complete.
// What was found incomplete is looked at again only at twice its length, so that
// pieces cost no more than their text.
func (s *choicesSum) isWhole(call *node) bool {
	f := call.child("function")
	if f == nil {
		return false
	}
	arguments := f.peek("arguments")
	if len(arguments) < 2*s.tried[call] {
		return false
	}
	text := jsonscan.String(`"` + arguments + `"`)
	if strings.HasPrefix(text, "{") && jsonscan.Check(text, maxArguments) == nil {
		return true
	}
	if s.tried == nil {
		s.tried = make(map[*node]int)
	}
	if _, ok := s.tried[call]; !ok {
		s.kept += nodeCost
	}
	s.tried[call] = len(arguments)
	return false
}

// maxArguments is how deep the arguments of a call may be nested to be told apart
// from those of the next.
const maxArguments = 1000

func functionName(call *node) string {
	for _, kind := range [...]string{"function", "custom"} {
		if f := call.child(kind); f != nil && f.peek("name") != "" {
			return f.peek("name")
		}
	}
	return ""
}

// final fills in what chunks may leave out and the complete object has.
func (s *choicesSum) final() *node {
	if !s.root.exists() {
		return nil
	}
	choices := s.root.child("choices")
	if choices == nil {
		choices = &node{}
	}
	return s.root.with("choices", choices.mapItems(s.completeChoice))
}

func (s *choicesSum) completeChoice(choice *node) *node {
	if s.isChat {
		message := choice.child("message")
		if message == nil {
			message = &node{}
		}
		choice = choice.with("message", completeMessage(message))
	} else {
		choice = choice.withDefault("text", `""`)
	}
	return choice.withDefault("logprobs", "null").withDefault("finish_reason", "null")
}

func completeMessage(message *node) *node {
	if calls := message.child("tool_calls"); calls != nil && calls.items != nil {
		message = message.with("tool_calls", calls.mapItems(func(call *node) *node {
			if call.child("function") == nil {
				return call
			}
			return call.withDefault("type", `"function"`)
		}))
	}
	return message.withDefault("role", `"assistant"`).withDefault("content", "null").withDefault("refusal", "null")
}
