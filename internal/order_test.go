package internal_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/opcall/opcall/internal/order"
)

type entry struct{ key, place int }

func TestEqualItemsStayInTheirOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 70 {
		got := make([]entry, n)
		for i := range got {
			got[i] = entry{random.IntN(5), i}
		}
		want := slices.Clone(got)
		byKey := func(a, b entry) int { return cmp.Compare(a.key, b.key) }
		order.Sort(got, byKey)
		slices.SortStableFunc(want, byKey)
		if !slices.Equal(got, want) {
			t.Errorf("%d entries: got %v, want %v", n, got, want)
		}
	}
}

func TestShortListsAreSortedInPlace(t *testing.T) {
	list := []entry{{3, 0}, {1, 1}, {2, 2}}
	allocs := testing.AllocsPerRun(10, func() {
		list[0], list[2] = list[2], list[0]
		order.Sort(list, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	})
	if allocs != 0 {
		t.Errorf("got %v allocations for three entries, want none", allocs)
	}
}
