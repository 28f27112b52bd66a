package accumulate

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// responseSum adds up the events of the Responses API.
type responseSum struct {
	tree
	root node // a Response
	last int  // the output index of the latest event that had one
}

// growth says what events named response.NAME.delta append to, and what those
// named response.NAME.added and response.NAME.done replace.
type growth struct {
	item  string // type of the output item
	part  string // type of its part
	path  string // from the item on; of a name in _index the number is in the event
	whole string // the member that replaces; that which is appended is delta
}

var growths = map[string]growth{
	"output_item":                     {whole: "item"},
	"content_part":                    {"message", "", "content/content_index", "part"},
	"output_text":                     {"message", "output_text", "content/content_index/text", "text"},
	"output_text.annotation":          {"message", "output_text", "content/content_index/annotations/annotation_index", "annotation"},
	"refusal":                         {"message", "refusal", "content/content_index/refusal", "refusal"},
	"reasoning_text":                  {"reasoning", "reasoning_text", "content/content_index/text", "text"},
	"reasoning_summary_part":          {"reasoning", "", "summary/summary_index", "part"},
	"reasoning_summary_text":          {"reasoning", "summary_text", "summary/summary_index/text", "text"},
	"function_call_arguments":         {"function_call", "", "arguments", "arguments"},
	"mcp_call_arguments":              {"mcp_call", "", "arguments", "arguments"},
	"custom_tool_call_input":          {"custom_tool_call", "", "input", "input"},
	"code_interpreter_call_code":      {"code_interpreter_call", "", "code", "code"},
	"apply_patch_call_operation_diff": {"apply_patch_call", "", "operation/diff", "diff"},
	"shell_call_command":              {"shell_call", "", "action/commands/command_index", "command"},
	"shell_call_output_content":       {"shell_call_output", "", "output/command_index", ""},
}

// textLogprobs is where the log probabilities stand that come with deltas of
// output_text.
var textLogprobs = growth{"message", "output_text", "content/content_index/logprobs", "logprobs"}

// responseEvent are the members of an event.
type responseEvent []struct{ name, value string }

// get returns the text of a member, "" where there is none.
func (e responseEvent) get(name string) string {
	for _, member := range e {
		if member.name == name {
			return member.value
		}
	}
	return ""
}

func (s *responseSum) add(name, text string) error {
	var buffer [16]struct{ name, value string }
	event := responseEvent(buffer[:0])
	for name, value := range jsonscan.Members(text) {
		event = append(event, struct{ name, value string }{name, value})
	}
	if kind := inside(event.get("type")); kind != "" {
		name = kind
	}
	switch response := event.get("response"); {
	case name == "response.created" && strings.HasPrefix(response, "{"):
		s.set(&s.root, response)
		s.last = 0
		return nil
	case strings.HasPrefix(response, "{"):
		s.replace(response)
		return nil
	case inside(event.get("object")) == "response":
		s.replace(text)
		return nil
	}
	name, ok := strings.CutPrefix(name, "response.")
	dot := strings.LastIndexByte(name, '.')
	if !ok || dot < 0 {
		return nil
	}
	stem, change := name[:dot], name[dot+1:]
	g, grows := growths[stem]
	switch change {
	case "delta":
		if grows {
			return s.grow(g, stem, event)
		}
	case "added", "done":
		if grows {
			return s.put(g, stem, event)
		}
	case "partial_image":
		at, err := s.at(growth{item: stem, path: "result"}, event)
		if err != nil {
			return err
		}
		s.latest(at, event.get("partial_image_b64"))
	case "in_progress", "searching", "interpreting", "generating", "completed", "failed":
		if !strings.HasSuffix(stem, "_call") { // the state of something that has none in its item
			return nil
		}
		at, err := s.at(growth{item: stem, path: "status"}, event)
		if err != nil {
			return err
		}
		s.set(at, `"`+change+`"`)
	}
	return nil
}

// replace takes over a whole response. Output that has been added up stays where
// the response has none: it is in progress, or its server never repeats output.
func (s *responseSum) replace(response string) {
	output := s.root.child("output")
	told, _ := jsonscan.Member(response, "output")
	if output == nil || output.items == nil || output.saysNothing() || !saysNothing(told) {
		s.set(&s.root, response)
		return
	}
	stays := *output
	*output = node{} // so that it does not go with the rest
	s.set(&s.root, response)
	*s.member(&s.root, "output") = stays
	s.end(s.root.child("output"))
}

// end ends the items whose end no event has reported, once the response has ended.
func (s *responseSum) end(output *node) {
	status := `"incomplete"`
	switch s.root.peek("status") {
	case "completed":
		status = `"completed"`
	case "incomplete", "failed", "cancelled":
	default:
		return
	}
	for _, item := range output.items.all() {
		if item.peek("status") == "in_progress" {
			s.set(s.member(item, "status"), status)
		}
	}
}

// grow appends the delta of an event.
func (s *responseSum) grow(g growth, stem string, event responseEvent) error {
	delta := event.get("delta")
	if delta == "" {
		return nil
	}
	at, err := s.at(g, event)
	if err != nil {
		return err
	}
	name := ""
	if g.path == argumentsName {
		name = argumentsName
	}
	if err := s.merge(at, name, delta, false); err != nil {
		return err
	}
	if logprobs := event.get("logprobs"); stem == "output_text" && !saysNothing(logprobs) {
		if at, err = s.at(textLogprobs, event); err != nil {
			return err
		}
		return s.merge(at, "", logprobs, false)
	}
	return nil
}

// put replaces what an event has whole.
func (s *responseSum) put(g growth, stem string, event responseEvent) error {
	if stem == "shell_call_output_content" {
		return s.putShellOutput(g, event)
	}
	whole := event.get(g.whole)
	if whole == "" {
		return nil
	}
	at, err := s.at(g, event)
	if err != nil {
		return err
	}
	s.set(at, whole)
	if logprobs := event.get("logprobs"); stem == "output_text" && !saysNothing(logprobs) {
		if at, err = s.at(textLogprobs, event); err != nil {
			return err
		}
		s.set(at, logprobs)
	}
	if name := event.get("name"); stem == "function_call_arguments" && name != "" {
		if at, err = s.at(growth{item: g.item, path: "name"}, event); err != nil {
			return err
		}
		s.first(at, name)
	}
	return nil
}

// putShellOutput replaces the output of one command, which the event has in a
// list.
func (s *responseSum) putShellOutput(g growth, event responseEvent) error {
	output, err := s.at(growth{item: g.item, path: "output"}, event)
	if err != nil {
		return err
	}
	first, _, err := parseIndex("command_index", event.get("command_index"))
	if err != nil {
		return err
	}
	for i, content := range jsonscan.Items(event.get("output")) {
		s.set(s.item(output, first+i), content)
	}
	return nil
}

// at returns what an event changes. Items and parts that no event has had
// before are begun as far as their types are known: the stream was joined late.
//
// An item is found by its index alone: some servers send another item_id with
// every event.
func (s *responseSum) at(g growth, event responseEvent) (*node, error) {
	index, ok, err := parseIndex("output_index", event.get("output_index"))
	if err != nil {
		return nil, err
	}
	if !ok { // a host without indexes sends one item after the other
		index = s.last
	}
	s.last = index
	at := s.item(s.member(&s.root, "output"), index)
	if g.path == "" {
		return at, nil
	}
	if !at.exists() {
		s.begin(at, g, event)
	}
	for name := range strings.SplitSeq(g.path, "/") {
		if !strings.HasSuffix(name, "_index") {
			at = s.member(at, name)
			continue
		}
		i, _, err := parseIndex(name, event.get(name)) // without one it is the first
		if err != nil {
			return nil, err
		}
		at = s.item(at, i)
		if !at.exists() && g.part != "" && name != "annotation_index" {
			s.set(at, `{"type":"`+g.part+`"}`)
		}
	}
	return at, nil
}

// begin sets an item to what is known of it from an event inside it.
func (s *responseSum) begin(item *node, g growth, event responseEvent) {
	kind := g.item
	if part := event.get("part"); part != "" && (&node{raw: part}).peek("type") == "reasoning_text" {
		kind = "reasoning"
	}
	s.set(s.member(item, "type"), `"`+kind+`"`)
	if id := event.get("item_id"); id != "" {
		s.set(s.member(item, "id"), id)
	}
	switch kind {
	case "message":
		s.set(s.member(item, "role"), `"assistant"`)
		s.set(s.member(item, "status"), `"in_progress"`)
	case "reasoning":
		s.set(s.member(item, "summary"), "[]")
	}
}

func (s *responseSum) final() *node {
	if !s.root.exists() {
		return nil
	}
	if s.root.members == nil {
		return &s.root // as it was sent
	}
	return s.root.withDefault("object", `"response"`).withDefault("status", `"in_progress"`)
}
