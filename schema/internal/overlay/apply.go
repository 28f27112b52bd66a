package overlay

import (
	"fmt"
	"strings"

	"github.com/opcall/opcall/internal/jsonscan"
)

const (
	// MaxWork is how many nodes may be visited per byte of the document and the
	// overlay, beside a first million. An action whose path names its members visits a
	// handful; "$..x" visits every node once, of which there is one in ten bytes or so.
	// What exceeds the budget is a filter that searches the document for each node.
	MaxWork = 16

	// MaxGrowth bounds the result: so many times the size of the document and the
	// overlay, beside a first MiB. An update is copied to every node that its target
	// selects, and what is copied can be selected by the next action: n actions would
	// otherwise make 2^n copies.
	MaxGrowth = 16
)

// Error says which action cannot be applied. Its Reason quotes the overlay's own paths,
// cut; it never quotes the document.
type Error struct {
	Action int    // from 0, -1 for the overlay itself
	Field  string // "target", "update", "copy"
	Reason string
}

func (e *Error) Error() string {
	if e.Action < 0 {
		return "the overlay " + e.Reason
	}
	return fmt.Sprintf("action %d of the overlay: %s", e.Action, e.Reason)
}

// Overlay is a document that changes others (OpenAPI Overlay 1.0 §4.4.1). It is safe
// for concurrent use. Its info and extends are not read: what it applies to is the
// caller's decision.
//
// What is read once is kept parsed, since an application may apply one overlay to several
// documents: the built-in errata are one.
type Overlay struct {
	actions []action
	size    int
}

// action is one change (§4.4.3). Its path is parsed with the overlay, so that a mistake
// is reported also where an action before it would have failed.
type action struct {
	target string
	path   *path
	update string // JSON text, "" when there is none
	remove bool
}

// Parse reads an overlay in well-formed JSON. The error is an *Error. Unknown members
// are left out of account, as the specification allows extensions.
//
// All actions are read before any is applied, so that an overlay with a mistake at its end
// changes nothing.
func Parse(text string) (*Overlay, error) {
	o := &Overlay{size: len(text)}
	version, actions := "", ""
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "overlay":
			version = strings.Trim(value, `"`)
		case "actions":
			actions = value
		}
	}
	// An overlay without actions would do nothing, and say nothing: most likely it is
	// another document, given by mistake.
	if version == "" || !strings.HasPrefix(actions, "[") || jsonscan.Space(actions, 1) == len(actions)-1 {
		return nil, &Error{Action: -1, Reason: "has no version or no actions; want an OpenAPI Overlay 1.0 document"}
	}
	// 1.1 differs in what parseAction refuses.
	if !strings.HasPrefix(version, "1.") {
		return nil, &Error{Action: -1, Reason: fmt.Sprintf("has version %.20q, want 1.0", version)}
	}
	for i, item := range jsonscan.Items(actions) {
		a, err := parseAction(item)
		if err != nil {
			err.Action = i
			return nil, err
		}
		o.actions = append(o.actions, a)
	}
	return o, nil
}

// parseAction refuses what it cannot do in full: copy, of Overlay 1.1, would otherwise
// be an action without effect, and a remove that is not a boolean one with the wrong
// effect.
func parseAction(text string) (a action, overlayErr *Error) {
	if !strings.HasPrefix(text, "{") {
		return a, &Error{Reason: "got something other than an object"}
	}
	for key, value := range jsonscan.Members(text) {
		switch key {
		case "target":
			a.target = jsonscan.String(value)
		case "update":
			a.update = value
		case "remove":
			if value != "true" && value != "false" {
				return a, &Error{Field: "remove", Reason: fmt.Sprintf("got remove: %.40s, want true or false", value)}
			}
			a.remove = value == "true"
		case "copy":
			return a, &Error{Field: "copy", Reason: "it copies, which is Overlay 1.1; want update and remove"}
		}
	}
	if a.target == "" {
		return a, &Error{Field: "target", Reason: "it has no target; want a JSONPath (RFC 9535) such as $.info"}
	}
	var err error
	if a.path, err = parsePath(a.target); err != nil {
		return a, &Error{Field: "target", Reason: fmt.Sprintf("its target %.80q is not a JSONPath (RFC 9535): %v", a.target, err)}
	}
	return a, nil
}

// Apply returns a document, well-formed JSON, as the overlay changes it. The actions
// apply in order, each to what the ones before have made (§4.4.1). An action whose
// target selects nothing does nothing (§4.4.3) and is listed; one that selects a node twice changes
// it once. The error is an *Error, and there is no document then: an overlay applies
// whole or not at all.
func (o *Overlay) Apply(document string) (text string, unmatched []Unmatched, err error) {
	// The overlay counts as well: a small document with a large overlay has work to do.
	size := len(document) + o.size
	tree := &tree{root: &node{text: document}, work: work{left: MaxWork*size + 1<<20}, size: len(document), limit: MaxGrowth*size + 1<<20}
	for i, a := range o.actions {
		selected, err := tree.apply(a)
		if err != nil {
			err.Action = i
			return "", nil, err
		}
		if selected == 0 {
			unmatched = append(unmatched, Unmatched{Action: i, Target: a.target})
		}
	}
	return string(tree.root.append(make([]byte, 0, tree.size))), unmatched, nil
}

// Unmatched is an action whose target selects nothing.
type Unmatched struct {
	Action int // from 0
	Target string
}

// tree is a document that is being changed. Its size is an upper bound: what is
// replaced or removed is not subtracted, as its text may be a part of another.
//
// That bound is enough for its purpose, which is to stop growth and not to measure it.
type tree struct {
	root  *node
	work  work
	size  int // of its text, at most
	limit int // of size
}

// apply selects first and changes then, so that what an action adds is not selected by
// the same action.
//
// A selected node may stand within another selected one. Both are changed, the outer one
// first where the path finds it first; what is replaced above keeps no change below.
func (t *tree) apply(a action) (selected int, overlayErr *Error) {
	e := &evaluation{root: t.root, work: &t.work}
	targets := distinct(e.nodes(a.path, t.root))
	for _, target := range targets {
		// An action with both updates first, and the update goes with what is removed.
		if a.update != "" && t.work.left >= 0 {
			t.merge(target, a.update)
		}
		// Within the loop: one action may multiply the document by the number of its
		// targets.
		if t.size > t.limit {
			return 0, &Error{Field: "update", Reason: fmt.Sprintf("with it, the document grows to more than %d times its size", MaxGrowth)}
		}
		target.gone = a.remove
	}
	if a.remove && len(targets) > 0 {
		// There is no document without its root, and the next action would have none to
		// select.
		if t.root.gone {
			return 0, &Error{Field: "target", Reason: "it removes the whole document"}
		}
		t.root.prune(&t.work)
	}
	// Last, as each step of the action may have spent what was left.
	if t.work.left < 0 {
		return 0, &Error{Field: "target", Reason: fmt.Sprintf("its target %.80q visits more than %d nodes per byte of the document, with the actions before it", a.target, MaxWork)}
	}
	return len(targets), nil
}

// distinct drops repeats: a query may select one node several times (RFC 9535 §2.1.2),
// as $['a','a'] and most uses of ".." do.
func distinct(list []*node) []*node {
	if len(list) < 2 {
		return list
	}
	seen := make(map[*node]bool, len(list))
	// The list is this action's own.
	kept := list[:0]
	for _, n := range list {
		if !seen[n] {
			seen[n] = true
			kept = append(kept, n)
		}
	}
	return kept
}

// merge puts update into target: objects member by member, arrays by appending,
// anything else by replacing (§4.4.3). To append is also what happens to a value that
// is not an array, which the specification leaves open. An object that gets something other
// than an object is replaced.
//
// The recursion follows the update, whose nesting was checked when it was read, and not the
// document.
func (t *tree) merge(target *node, update string) {
	switch {
	case target.isObject() && update[0] == '{':
		kids := target.open(&t.work)
		places := make(map[string]*node, len(kids))
		// The map costs one step per member, whether the update has many or one.
		t.work.spend(len(kids))
		for i, key := range target.keys {
			places[key] = kids[i]
		}
		for key, value := range jsonscan.Members(update) {
			if !t.work.spend(1) {
				return
			}
			if old := places[key]; old != nil {
				t.merge(old, value)
				continue
			}
			added := &node{text: value}
			places[key] = added
			target.keys, target.kids = append(target.keys, key), append(target.kids, added)
			// Quotes, colon and comma: an upper bound as long as names need few
			// escapes.
			t.size += len(key) + len(value) + 4
		}
	// An item of the update is an item of the target; a whole array is not nested in
	// it.
	case target.isArray():
		target.open(&t.work)
		if update[0] != '[' {
			update = "[" + update + "]"
		}
		for _, item := range jsonscan.Items(update) {
			if !t.work.spend(1) {
				return
			}
			target.kids = append(target.kids, &node{text: item})
			t.size += len(item) + 1
		}
	// Scalars, and an object for something that is not an object.
	default:
		t.size += len(update)
		target.replace(update)
	}
}
