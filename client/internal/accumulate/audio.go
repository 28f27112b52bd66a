package accumulate

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// transcriptionSum adds up the events of a transcription.
type transcriptionSum struct {
	tree
	root     node
	segments node
	end      string // of the last segment, a number
}

func (s *transcriptionSum) add(name, event string) error {
	switch eventType(name, event) {
	case "":
		s.set(&s.root, event)
		s.set(&s.segments, "")
	case "transcript.text.delta":
		if delta, ok := jsonscan.Member(event, "delta"); ok {
			s.extend(s.member(&s.root, "text"), delta)
		}
		if logprobs, _ := jsonscan.Member(event, "logprobs"); !saysNothing(logprobs) {
			return s.merge(s.member(&s.root, "logprobs"), "", logprobs, false)
		}
	case "transcript.text.segment":
		s.set(s.push(&s.segments), event)
		end, _ := jsonscan.Member(event, "end")
		s.end = strings.Clone(end)
	case "transcript.text.done":
		for name, value := range jsonscan.Members(event) {
			if name != "type" {
				s.set(s.member(&s.root, name), value)
			}
		}
	}
	return nil
}

func (s *transcriptionSum) final() *node {
	switch {
	case s.segments.exists():
		return s.diarized()
	case s.root.exists():
		return &s.root
	}
	return nil
}

// diarized is the transcription with its segments. Three of its members are in
// no event.
func (s *transcriptionSum) diarized() *node {
	duration := &node{raw: s.end}
	if usage := s.root.child("usage"); usage != nil && usage.child("seconds") != nil {
		duration = usage.child("seconds")
	}
	text := s.root.child("text")
	if text == nil {
		text = &node{raw: `""`}
	}
	object := &members{}
	object.add("task", &node{raw: `"transcribe"`})
	object.add("duration", duration)
	object.add("text", text)
	object.add("segments", &s.segments)
	if told := s.root.members; told != nil {
		for i, name := range told.names {
			if object.find(name) == nil {
				object.add(name, told.nodes[i])
			}
		}
	}
	return &node{members: object}
}

// speechSum adds up the events of speech.
type speechSum struct {
	tree
	root node
}

func (s *speechSum) add(name, event string) error {
	for member, value := range jsonscan.Members(event) {
		switch {
		case member == "type":
		case member == "audio" && eventType(name, event) == "speech.audio.delta":
			s.extendBase64(s.member(&s.root, member), value)
		default:
			s.latest(s.member(&s.root, member), value)
		}
	}
	return nil
}

func (s *speechSum) final() *node {
	if !s.root.exists() {
		return nil
	}
	return &s.root
}
