package accumulate

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// runSum adds up the events of a run of an assistant. An event is recognized by the
// object that it has: the run, a step or a message in its latest state, or a
// delta of one of the latter.
type runSum struct {
	tree
	run    node
	others map[string]*node // by ID
	ids    []string         // in the order of arrival
}

func (s *runSum) add(_, event string) error {
	object, _ := jsonscan.Member(event, "object")
	if object == "" { // name and data together
		if data, ok := jsonscan.Member(event, "data"); ok && data[0] == '{' {
			event = data
			object, _ = jsonscan.Member(event, "object")
		}
	}
	kind := inside(object)
	if kind == "thread.run" {
		s.set(&s.run, event)
		return nil
	}
	id, _ := jsonscan.Member(event, "id")
	if id = jsonscan.String(id); id == "" || !strings.HasPrefix(kind, "thread") {
		return nil
	}
	kind, isDelta := strings.CutSuffix(kind, ".delta")
	n := s.other(id)
	if !isDelta {
		s.set(n, event)
		return nil
	}
	delta, _ := jsonscan.Member(event, "delta")
	if !strings.HasPrefix(delta, "{") {
		return nil
	}
	if !n.exists() { // the stream was joined late
		encoded, _ := jsonscan.Member(event, "id")
		s.set(s.member(n, "id"), encoded)
		s.set(s.member(n, "object"), `"`+kind+`"`)
	}
	return s.merge(n, "", delta, true)
}

// other returns the step, message or thread with an ID.
func (s *runSum) other(id string) *node {
	if have, ok := s.others[id]; ok {
		return have
	}
	id = strings.Clone(id)
	n := &node{}
	if s.others == nil {
		s.others = make(map[string]*node)
	}
	s.others[id] = n
	s.ids = append(s.ids, id)
	s.kept += nodeCost + len(id)
	return n
}

func (s *runSum) final() *node {
	if !s.run.exists() {
		return nil
	}
	return &s.run
}
