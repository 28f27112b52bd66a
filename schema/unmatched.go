package schema

import "fmt"

// UnmatchedAction is an action of an overlay that selects nothing in the document, and so
// does nothing: the document is not the one that the overlay was written for, or its
// target has a mistake.
type UnmatchedAction struct {
	Overlay int     // one of WithOverlay: its index among all overlays of the options, from 0
	Action  Pointer // in the overlay: "/actions/3"
	Target  string  // JSONPath
}

func (a UnmatchedAction) String() string {
	return fmt.Sprintf("overlay %d: %s: its target %.200q selects nothing", a.Overlay, a.Action, a.Target)
}
