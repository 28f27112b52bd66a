package paging

import "github.com/opcall/opcall/schema"

// Style is how a list comes in pages. Paths are names joined by dots, as
// schema.Value.Get takes them. It never changes.
type Style struct {
	Schema *schema.Schema // of the response; nil where the document has none

	Items    string // path of the list; "" where the response is the list
	Required bool   // a response without a list there is no page

	// What says how to go on.
	Next   []string // paths of what asks for the next page: a cursor, a number or a URL; the first that is there
	LastID string   // path of what names the last item; it says where the page ends, not that there are more
	Last   string   // path of that in the last item, where LastID is not there
	More   string   // path of a boolean: there are more
	End    string   // path of a boolean: there are no more
	Total  string   // path of the number of all items
	Pages  string   // path of the number of all pages

	// How it is sent.
	Send  string   // parameter, or field of the body as a name or JSON Pointer; "" where nothing takes it
	Count Counting // Send is counted by the client
	First int64    // what Send is in the first page, where it is counted and the caller sets nothing
}

// Counting says what a parameter counts.
type Counting int

// What a parameter counts.
const (
	NoCount    Counting = iota
	CountItems          // of the items before the page: an offset
	CountPages          // of pages
)

// ByLastItem reports whether a page goes on after its last item.
func (s *Style) ByLastItem() bool { return s.Last != "" || s.LastID != "" }

// NoList is why an operation is not a list.
type NoList struct{ Reason string }

func (e *NoList) Error() string { return e.Reason }
