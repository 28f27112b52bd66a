package schema

import "slices"

// accounted is the set of an object's fields that a schema and what it applies
// in place account for.
type accounted struct {
	names []string
	index map[string]bool // of names, once they are many
	all   bool
}

func (a *accounted) add(name string) {
	if a != nil && !a.all {
		a.names = append(a.names, name)
	}
}

func (a *accounted) addAll() {
	if a != nil {
		a.all = true
	}
}

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

// since returns what has been added after a mark.
func (a *accounted) since(m accounted) (added accounted) {
	if a != nil {
		added.all = a.all
		added.names = slices.Clone(a.names[min(len(m.names), len(a.names)):])
	}
	return added
}

func (a *accounted) addThose(others accounted) {
	if a != nil {
		a.names = append(a.names, others.names...)
		a.all = a.all || others.all
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
