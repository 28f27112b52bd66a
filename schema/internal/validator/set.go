package validator

import "slices"

// set is a list in which each value is once, in the order in which they were added. Few
// values are compared one by one, as most objects have few fields; many are found
// through an index. The zero set is empty.
type set[T comparable] struct {
	list  []T
	index map[T]int32 // in list
}

// position returns the index of a value in the list, -1 when it is not there. The index is
// of 32 bits, as a set has no more values than a document or an instance has names.
func (s *set[T]) position(v T) int {
	if s.index == nil {
		return slices.Index(s.list, v)
	}
	if i, ok := s.index[v]; ok {
		return int(i)
	}
	return -1
}

// has reports whether v was added.
func (s *set[T]) has(v T) bool { return s.position(v) >= 0 }

// add reports whether v is new.
func (s *set[T]) add(v T) bool {
	// Comparing short strings is faster than hashing one up to about this many. Above it
	// the index keeps an instance with n different names from costing n² comparisons.
	const few = 24
	if s.has(v) {
		return false
	}
	s.list = append(s.list, v)
	switch {
	case s.index != nil:
		s.index[v] = int32(len(s.list) - 1)
	case len(s.list) > few:
		s.index = make(map[T]int32, 4*few)
		for i, v := range s.list {
			s.index[v] = int32(i)
		}
	}
	return true
}

func (s *set[T]) addAll(list []T) {
	for _, v := range list {
		s.add(v)
	}
}
