package accumulate

import (
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

// imageSum adds up the events of images that are generated or edited.
type imageSum struct {
	tree
	root     node
	complete bool // the images in root are
}

func (s *imageSum) add(name, event string) error {
	kind := eventType(name, event)
	switch {
	case kind == "":
		s.set(&s.root, event)
		s.complete = true
	case strings.HasSuffix(kind, ".partial_image"):
		if !s.complete {
			s.set(&s.root, "")
			s.addImage(event)
		}
	case strings.HasSuffix(kind, ".completed"):
		if !s.complete {
			s.set(&s.root, "")
			s.complete = true
		}
		s.addImage(event)
	}
	return nil
}

// addImage adds the image of an event, and what the event says of all images.
func (s *imageSum) addImage(event string) {
	var image *node
	for name, value := range jsonscan.Members(event) {
		switch name {
		case "b64_json", "url", "revised_prompt":
			if image == nil {
				image = s.push(s.member(&s.root, "data"))
			}
			s.set(s.member(image, name), value)
		case "created_at":
			s.set(s.member(&s.root, "created"), value)
		case "type", "partial_image_index":
		case "size", "quality", "background":
			if value != `"auto"` { // what was asked for, not what it became
				s.set(s.member(&s.root, name), value)
			}
		default:
			s.set(s.member(&s.root, name), value)
		}
	}
}

func (s *imageSum) final() *node {
	if !s.root.exists() {
		return nil
	}
	return &s.root
}
