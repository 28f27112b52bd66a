// Package near finds the name that somebody meant: it ranks names by their
// distance from one that was not found.
package near

import (
	"cmp"
	"slices"
	"strings"
)

// Names returns up to n of the names that may be meant by want, closest first:
// those that a typing mistake could have turned into it, those that are made of
// the same words for the greater part, as max_output_tokens and maxTokens are,
// and those that it ends in. Names that are equally close keep their order.
func Names(want string, names []string, n int) []string {
	type scored struct {
		name string
		far  float64 // 0 for the same name, 1 for the last one that counts
	}
	var found []scored
	folded, words := Fold(want), split(want)
	limit := max(min(1, len(folded)-1), len(folded)/3) // of letters; one letter is no name to be mistaken
	for _, name := range names {
		other, far := Fold(name), 2.0
		if letters := distance(folded, other, limit); letters <= limit {
			far = float64(letters) / float64(max(1, limit))
		}
		if share := common(words, split(name)); share >= 0.5 {
			far = min(far, 1-share+0.1) // a typing mistake is likelier
		}
		if far > 1 && strings.HasSuffix(folded, other) && len(other) > 4 && 3*len(other) >= len(folded) {
			far = 1
		}
		if far <= 1 {
			found = append(found, scored{name, far})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(a.far, b.far) })
	var out []string
	for _, f := range found[:min(n, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// maxWords bounds the words of a name that are looked at.
const maxWords = 16

// split returns the words of a name in lower case, wherever its author drew the
// line: max_tokens, maxTokens, Max-Tokens.
func split(name string) []string {
	var words []string
	start := 0
	add := func(end int) {
		if end > start && len(words) < maxWords {
			words = append(words, strings.ToLower(name[start:end]))
		}
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-' || c == ' ' || c == '.' || c == '/' || c == ':':
			add(i)
			start = i + 1
		case 'A' <= c && c <= 'Z' && i > start && name[i-1] >= 'a' && name[i-1] <= 'z':
			add(i)
			start = i
		}
	}
	add(len(name))
	return words
}

// common returns the share of words that both have, of all that there are.
func common(a, b []string) float64 {
	both, rest := 0, slices.Clone(b)
	for _, word := range a {
		if i := slices.Index(rest, word); i >= 0 && len(word) > 2 {
			both++
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return float64(both) / float64(max(1, len(a)+len(b)-both))
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
	if len(a) > 128 || len(b) > 128 || abs(len(a)-len(b)) > limit {
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
