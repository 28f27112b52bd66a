package schema

import (
	"slices"
	"strconv"
)

// accounted is the set of an object's fields, or of an array's items by their
// index, that a schema and what it applies in place account for.
type accounted struct {
	names []string
	index map[string]bool // of names, once they are many
	all   bool

	instead *instead // of the fields that it does not account for
}

// instead is what is wrong with an object rather than that it has fields which
// the branch that it fits does not declare: the one mistake in another branch
// that declares them all.
type instead struct {
	union Pointer
	failure
}

func (a *accounted) add(name string) {
	if a != nil && !a.all {
		a.names = append(a.names, name)
	}
}

func (a *accounted) addItem(index int) {
	if a != nil && !a.all {
		a.names = append(a.names, strconv.Itoa(index))
	}
}

func (a *accounted) addAll() {
	if a != nil {
		a.all = true
	}
}

// has reports whether a field is accounted for. Nothing may be added later.
func (a *accounted) has(name string) bool {
	const few = 32
	if len(a.names) <= few {
		return slices.Contains(a.names, name)
	}
	if a.index == nil {
		a.index = make(map[string]bool, len(a.names))
		for _, name := range a.names {
			a.index[name] = true
		}
	}
	return a.index[name]
}

// wants reports whether of an instance there is a part that is not accounted
// for yet, and somebody who asks.
func (a *accounted) wants(v any) bool {
	if a == nil || a.all {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		known := accounted{names: a.names}
		for name := range v {
			if !known.has(name) {
				return true
			}
		}
	case []any:
		return len(v) > 0
	}
	return false
}

// since returns what has been added after a mark.
func (a *accounted) since(m accounted) (added accounted) {
	if a != nil {
		added.all, added.instead = a.all, a.instead
		added.names = slices.Clone(a.names[min(len(m.names), len(a.names)):])
	}
	return added
}

func (a *accounted) addThose(others accounted) {
	if a != nil {
		a.names = append(a.names, others.names...)
		a.all = a.all || others.all
		a.prefer(others.instead)
	}
}

// prefer keeps the first of several in the document.
func (a *accounted) prefer(other *instead) {
	if other != nil && (a.instead == nil || other.union < a.instead.union) {
		a.instead = other
	}
}

// mark and reset undo what a schema added that turned out not to be met.
func (a *accounted) mark() (m accounted) {
	if a != nil {
		m = *a
	}
	return m
}

func (a *accounted) reset(to accounted) {
	if a != nil {
		*a = to
	}
}
