// Package order sorts lists of structs. The functions of package slices do that too, but
// the compiler makes all of them anew for each type of struct: 10 to 25 kB of code and
// tables per call of SortFunc or SortStableFunc. Here the types share one copy.
package order

import "slices"

// Sort sorts a list by compare, which returns a negative number where a comes first, a
// positive one where b does, else 0. What is equal stays in its order. A list of more than
// 16 takes a word of memory per item meanwhile.
func Sort[T any](list []T, compare func(a, b T) int) {
	var few [16]int
	from := places(few[:], len(list), func(a, b int) int { return compare(list[a], list[b]) })
	// What is sorted is where the items come from: they move along the cycles of that.
	for i := range from {
		if from[i] == i {
			continue
		}
		first, to := list[i], i
		for from[to] != i {
			list[to] = list[from[to]]
			to, from[to] = from[to], to
		}
		list[to], from[to] = first, to
	}
}

// places returns the places of n items in the order of compare, in few where they fit.
func places(few []int, n int, compare func(a, b int) int) []int {
	places := few
	if n > len(few) {
		places = make([]int, n)
	}
	places = places[:n]
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int {
		if by := compare(a, b); by != 0 {
			return by
		}
		return a - b
	})
	return places
}
