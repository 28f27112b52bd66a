package validator

import "slices"

// set is a list in which each value is once, in the order in which they were added. Few
// values are compared one by one, as most objects have few fields; many are found
// through an index. The zero set is empty.
type set[T comparable] struct {
	list  []T
	index map[T]bool
}

func (s *set[T]) has(v T) bool {
	if s.index != nil {
		return s.index[v]
	}
	return slices.Contains(s.list, v)
}

// add reports whether v is new.
func (s *set[T]) add(v T) bool {
	const few = 24
	if s.has(v) {
		return false
	}
	s.list = append(s.list, v)
	switch {
	case s.index != nil:
		s.index[v] = true
	case len(s.list) > few:
		s.index = make(map[T]bool, 4*few)
		for _, v := range s.list {
			s.index[v] = true
		}
	}
	return true
}
