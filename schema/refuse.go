package schema

import "strings"

// unit is a part of the document that is refused as a whole: an operation, the rest of
// a path item, a webhook, a component. It is named by its pointer.
//
// Units are what callers ask for by name. A finer grain would let an operation with a
// broken response be called and then fail at the response; a coarser one would let one
// mistake in a description of hundreds of operations refuse them all.
type unit = Pointer

// unitOf returns the unit that a pointer leads into.
func unitOf(tokens []string) unit {
	n := min(1, len(tokens))
	switch {
	case len(tokens) >= 3 && tokens[0] == "components":
		n = 3
	case len(tokens) >= 2 && tokens[0] == "webhooks":
		n = 2
	case len(tokens) >= 2 && tokens[0] == "paths":
		n = 2
		if len(tokens) >= 3 && methods[tokens[2]] != "" {
			n = 3
		}
	}
	return pointerTo(tokens[:n])
}

// refuse finds what uses a part with an error, however far away: each such unit is
// refused for the first error that it leads to, so that its message names the place to
// mend and not the use of it.
//
// It is a search through the graph of references, backwards from the errors, and visits
// each unit once. An operation is also refused for its path item, whose parameters are
// its own.
func (d *Document) refuse() {
	users := make(map[unit][]unit) // by what they refer to
	d.walkReferences(func(ref string, at []string) {
		if place, err := d.closed().Resolve(ref, string(pointerTo(at))); err == nil {
			used := unitOf(Pointer(place.At).Tokens())
			users[used] = append(users[used], unitOf(at))
		}
	})
	d.refused = make(map[unit]*DocumentError)
	var queue []unit
	mark := func(u unit, docErr *DocumentError) {
		if d.refused[u] == nil {
			d.refused[u] = docErr
			queue = append(queue, u)
		}
	}
	for _, docErr := range d.errors {
		mark(unitOf(docErr.Pointer.Tokens()), docErr)
		for len(queue) > 0 {
			used := queue[0]
			queue = queue[1:]
			for _, user := range users[used] {
				mark(user, docErr)
			}
		}
	}
	for _, entry := range d.operations {
		at := entry.pointer()
		for _, u := range []unit{unitOf(at.Tokens()), unitOf(at.parent().Tokens())} {
			if docErr := d.refused[u]; docErr != nil && entry.refused == nil {
				entry.refused = docErr
			}
		}
	}
}

// refusedAt returns the error for which the part of the document at a pointer
// is refused.
func (d *Document) refusedAt(at Pointer) *DocumentError {
	if len(d.refused) == 0 {
		return nil
	}
	return d.refused[unitOf(at.Tokens())]
}

// isPasted reports whether a reference is one of a schema that was made for itself:
// into definitions of its own. Tools that make schemas of types write "#/$defs/Name",
// meaning the root of the schema; pasted into a document, the root is that of the
// document (RFC 3986 §4.4), which has no such member.
func isPasted(ref string) bool {
	return strings.HasPrefix(ref, "#/$defs/") || strings.HasPrefix(ref, "#/definitions/")
}

// pasted finds what a reference into definitions means that the document does not have
// at its root: those of the nearest schema around it that has them. It walks down to
// the reference once, keeps the texts on the way, and looks from the innermost
// outwards. The check notes a Repair for it.
func (d *Document) pasted(pointer, at Pointer) (string, Pointer, bool) {
	tokens := at.Tokens()
	texts := make([]string, 0, len(tokens)+1)
	text := d.text
	if kind, rest, ok := d.indexed(at); ok { // the way that is indexed is not a schema
		tokens, text = rest.Tokens(), kind
	}
	texts = append(texts, text)
	for _, token := range tokens {
		next, ok := d.wide.Child(text, token)
		if !ok {
			break
		}
		text = next
		texts = append(texts, text)
	}
	wanted := pointer.Tokens()
	for i := len(texts) - 1; i >= 0; i-- {
		found, ok := texts[i], true
		for _, token := range wanted {
			if found, ok = d.wide.Child(found, token); !ok {
				break
			}
		}
		if ok {
			around := at
			for range len(tokens) - i {
				around = around.parent()
			}
			return found, around + pointer, true
		}
	}
	return "", "", false
}

// nearestRef ends the message about a dangling reference. Of many, only the first
// ones look for the nearest name.
func (d *Document) nearestRef(pointer Pointer) string {
	if name, ok := wholeComponent(pointer); ok && d.dangling.Add(1) <= maxExplained {
		return didYouMean(nearest(name, d.schemas.Names(), 3))
	}
	return ""
}
