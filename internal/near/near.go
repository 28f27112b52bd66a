// Package near finds the name that somebody meant: it ranks names by their
// distance from one that was not found.
package near

import (
	"slices"
	"strings"
)

// Names returns up to n of the names that a typing mistake could have turned
// into want, closest first; names with the same distance keep their order.
func Names(want string, names []string, n int) []string {
	type scored struct {
		name string
		cost int
	}
	var found []scored
	folded := Fold(want)
	limit := max(1, len(folded)/3)
	for _, name := range names {
		other := Fold(name)
		cost := limit + 1
		switch {
		case other == folded:
			cost = 0
		case abs(len(other)-len(folded)) <= limit:
			cost = distance(folded, other, limit)
		}
		if cost > limit && len(folded) >= 4 && (strings.Contains(other, folded) || strings.Contains(folded, other) && len(other) >= 4) {
			cost = limit
		}
		if cost <= limit {
			found = append(found, scored{name, cost})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return a.cost - b.cost })
	var out []string
	for _, f := range found[:min(n, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// Fold drops what people get wrong in names without meaning another one: case,
// '-', '_' and spaces.
func Fold(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-' || c == '_' || c == ' ':
		case 'A' <= c && c <= 'Z':
			b.WriteByte(c + 'a' - 'A')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// distance is the optimal string alignment distance (insert, delete, replace,
// swap neighbours), or limit+1 where it is larger than that.
func distance(a, b string, limit int) int {
	if len(a) > 128 || len(b) > 128 {
		return limit + 1
	}
	before, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
			best = min(best, cur[j])
		}
		if best > limit {
			return limit + 1
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(b)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// Question ends a message with the names: "; did you mean a or b?". Without
// names it is empty.
func Question(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "; did you mean " + names[0] + "?"
	}
	return "; did you mean " + strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1] + "?"
}
